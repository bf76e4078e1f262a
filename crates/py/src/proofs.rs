//! Offline verification.

use crate::{errors::raise, transactions::hash};
use pyo3::prelude::*;
use serde_json::{Value, json};
use xl_light::{Checkpoint, Fact, Strength, Verified, verify};
use xl_node::documents;
use xl_primitives::{Genesis, SignedTx, decode};

#[pyfunction]
#[pyo3(signature = (proof, genesis = None, checkpoint_height = 0, checkpoint_hash = None))]
pub fn verify_proof(
    py: Python<'_>,
    proof: &[u8],
    genesis: Option<&[u8]>,
    checkpoint_height: u64,
    checkpoint_hash: Option<&[u8]>,
) -> PyResult<String> {
    py.detach(|| {
        let genesis: Option<Genesis> = match genesis.unwrap_or_default() {
            [] => None,
            bytes => Some(decode(bytes, "genesis").map_err(|error| raise("InvalidGenesis", "", &error, false))?),
        };
        let checkpoint = match checkpoint_hash.unwrap_or_default() {
            [] => None,
            bytes => Some(Checkpoint { height: checkpoint_height, digest: hash(bytes)? }),
        };
        let verified = verify(proof, genesis.as_ref(), checkpoint);
        let verified = verified.map_err(|refused| raise("ProofRefused", refused.code(), &refused, false))?;
        Ok(document(&verified).to_string())
    })
}

fn document(verified: &Verified) -> Value {
    let fact = match (&verified.fact, &verified.receipt) {
        (Fact::State { key, value, .. }, _) => json!({
            "kind": if value.is_some() { "state" } else { "absence" },
            "key": hex::encode(&**key),
            "value": value.as_ref().map(|value| hex::encode(&**value)),
        }),
        (Fact::Receipt { transaction, receipt_proof, .. }, receipt) => {
            let tx = decode::<SignedTx>(transaction, "transaction").map(|tx| documents::transaction(&tx));
            json!({
                "kind": "receipt",
                "index": receipt_proof.index,
                "transaction": tx.unwrap_or(Value::Null),
                "receipt": receipt.as_ref().map(documents::receipt),
            })
        }
    };
    json!({
        "chain_id": verified.chain_id.to_string(),
        "height": verified.header.height,
        "block_hash": verified.digest.to_string(),
        "time_ms": verified.header.time_ms,
        "state_root": verified.header.state_root.to_string(),
        "validator_set": verified.validator_set,
        "validators": verified.validators,
        "signers": verified.signers,
        "strength": match verified.strength {
            Strength::Unanchored => "unanchored",
            Strength::ValidatorSet => "validator-set",
            Strength::Checkpoint => "checkpoint",
        },
        "fact": fact,
    })
}
