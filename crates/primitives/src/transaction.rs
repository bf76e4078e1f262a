//! A transaction: one call, signed by one key of one account (spec `02-transaction`).

use crate::{
    AccountId, Bounded, ContractId, DecodeError, Hash, Text, decode, encode,
    tag::{self, SIGN_TRANSACTION},
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::Arc;
use xl_crypto::{PublicKey, SecretKey, Signature, Verifier};

/// Largest signed transaction in bytes: a contract of 256 KiB with its interface fits.
pub const TX_BYTES_MAX: usize = 512 * 1024;
/// Largest argument string in bytes.
pub const ARGUMENT_BYTES_MAX: usize = TX_BYTES_MAX - 1024;

/// A method of a contract and its encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Call {
    /// Whose code runs.
    pub contract: ContractId,
    /// Which entry.
    pub method: Text<64>,
    /// Borsh of the argument tuple, in order.
    pub arguments: Bounded<ARGUMENT_BYTES_MAX>,
}

/// What is signed: everything but key and signature.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TxBody {
    /// Format of this structure: 1.
    pub format: u8,
    /// The chain it is meant for.
    pub chain_id: Hash,
    /// Who acts.
    pub sender: AccountId,
    /// What shall be done.
    pub call: Call,
    /// Most gas it may use.
    pub gas_limit: u64,
    /// Last header time, in UTC milliseconds, at which it may be included.
    pub valid_until_ms: u64,
    /// Chosen by the sender, so that two equal calls are two transactions.
    pub salt: [u8; 16],
}

/// A body with the key and signature that vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedTx {
    /// What shall be done.
    pub body: TxBody,
    /// A key of the sender's account.
    pub key: PublicKey,
    /// Signature over [`TxBody::signing_bytes`].
    pub signature: Signature,
}

/// Why a transaction cannot be right in any state of the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TxError {
    /// Not a canonical transaction.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A format that this node does not know.
    #[error("transaction format {format} is unknown, this node knows 1")]
    UnknownFormat {
        /// The format byte.
        format: u8,
    },
    /// Made for another chain.
    #[error("the transaction is for chain {got}, this is {expected}")]
    WrongChain {
        /// Chain id in the transaction.
        got: Hash,
        /// This chain.
        expected: Hash,
    },
    /// The signature does not verify under the key it carries.
    #[error("the signature does not verify under key {key:?}")]
    BadSignature {
        /// The key in the transaction.
        key: PublicKey,
    },
}

impl TxError {
    /// Stable code of the error catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Decode(DecodeError::Malformed { .. }) => "XL-TX-MALFORMED",
            Self::Decode(DecodeError::Oversized { .. }) => "XL-TX-OVERSIZED",
            Self::UnknownFormat { .. } => "XL-TX-FORMAT",
            Self::WrongChain { .. } => "XL-TX-WRONG-CHAIN",
            Self::BadSignature { .. } => "XL-TX-BAD-SIGNATURE",
        }
    }
}

impl TxBody {
    /// Identity of the transaction: SM3(tag, chain id, body). Another signature over the same body is the same
    /// transaction.
    #[must_use]
    pub fn id(&self) -> Hash {
        Hash::tagged(tag::TRANSACTION, &[&self.chain_id.0, &encode(self)])
    }

    /// Signs the body.
    #[must_use]
    pub fn sign(self, key: &SecretKey) -> SignedTx {
        let signature = key.sign(&signing_bytes(&self.id()));
        SignedTx { body: self, key: key.public_key(), signature }
    }
}

/// What a sender signs: a tag, then the transaction's identity.
#[must_use]
pub fn signing_bytes(id: &Hash) -> [u8; 48] {
    let mut bytes = [0; 48];
    bytes[..16].copy_from_slice(SIGN_TRANSACTION);
    bytes[16..].copy_from_slice(&id.0);
    bytes
}

/// A transaction whose context-free rules hold (protocol 13a): it decodes, is for this chain, and its signature verifies.
/// Checked once per node; cheap to share.
#[derive(Clone, Debug)]
pub struct CheckedTx(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    tx: SignedTx,
    id: Hash,
    bytes: Vec<u8>,
}

impl Checked {
    /// Everything but the signature.
    fn read(bytes: Vec<u8>, chain_id: &Hash) -> Result<Self, TxError> {
        if bytes.len() > TX_BYTES_MAX {
            return Err(DecodeError::Oversized { what: "transaction", size: bytes.len(), limit: TX_BYTES_MAX }.into());
        }
        let tx: SignedTx = decode(&bytes, "transaction")?;
        if tx.body.format != 1 {
            return Err(TxError::UnknownFormat { format: tx.body.format });
        }
        if tx.body.chain_id != *chain_id {
            return Err(TxError::WrongChain { got: tx.body.chain_id, expected: *chain_id });
        }
        Ok(Self { id: tx.body.id(), tx, bytes })
    }
}

impl CheckedTx {
    /// Checks `bytes` against the context-free rules.
    ///
    /// # Errors
    /// [`TxError`] says which rule is broken.
    pub fn check(bytes: Vec<u8>, chain_id: &Hash, verifier: &Verifier) -> Result<Self, TxError> {
        let read = Checked::read(bytes, chain_id)?;
        let verdict = verifier.verify(&read.tx.key, &signing_bytes(&read.id), &read.tx.signature);
        match verdict {
            Ok(()) => Ok(Self(Arc::new(read))),
            Err(_) => Err(TxError::BadSignature { key: read.tx.key }),
        }
    }

    /// [`Self::check`] for many, in order; their signatures are verified together, which is cheaper.
    #[must_use]
    pub fn check_many(all: Vec<Vec<u8>>, chain_id: &Hash, verifier: &Verifier) -> Vec<Result<Self, TxError>> {
        let read: Vec<_> = all.into_iter().map(|bytes| Checked::read(bytes, chain_id)).collect();
        let messages: Vec<_> = read.iter().flatten().map(|checked| signing_bytes(&checked.id)).collect();
        let signed = read.iter().flatten().zip(&messages);
        let signatures: Vec<_> = signed.map(|(c, message)| (&c.tx.key, &message[..], &c.tx.signature)).collect();
        let mut verdicts = verifier.verify_many(&signatures).into_iter();
        let judge = |checked: Result<Checked, TxError>| {
            let checked = checked?;
            match verdicts.next() {
                Some(Ok(())) => Ok(Self(Arc::new(checked))),
                Some(Err(_)) | None => Err(TxError::BadSignature { key: checked.tx.key }),
            }
        };
        read.into_iter().map(judge).collect()
    }

    /// Identity.
    #[must_use]
    pub fn id(&self) -> Hash {
        self.0.id
    }
    /// The signed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }
    /// The key it is signed with.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.0.tx.key
    }
    /// What shall be done.
    #[must_use]
    pub fn body(&self) -> &TxBody {
        &self.0.tx.body
    }
}

impl PartialEq for CheckedTx {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}
impl Eq for CheckedTx {}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(chain: u8) -> TxBody {
        TxBody {
            format: 1,
            chain_id: Hash([chain; 32]),
            sender: AccountId([7; 20]),
            call: Call {
                contract: ContractId::derive("points"),
                method: Text::new("transfer").unwrap(),
                arguments: Bounded::new([1, 2, 3]).unwrap(),
            },
            gas_limit: 1_000_000,
            valid_until_ms: 1_800_000_000_000,
            salt: [9; 16],
        }
    }

    fn secret() -> SecretKey {
        SecretKey::from_slice(&[3; 32]).unwrap()
    }

    #[test]
    fn a_signed_transaction_passes_and_keeps_its_identity_under_another_key() {
        let verifier = Verifier::default();
        let one = CheckedTx::check(encode(&body(1).sign(&secret())), &Hash([1; 32]), &verifier).unwrap();
        let other_key = SecretKey::from_slice(&[4; 32]).unwrap();
        let two = CheckedTx::check(encode(&body(1).sign(&other_key)), &Hash([1; 32]), &verifier).unwrap();
        assert_eq!(one.id(), two.id());
        assert_ne!(one, two);
    }

    #[test]
    fn many_are_judged_as_one_by_one() {
        let verifier = Verifier::default();
        let chain = Hash([1; 32]);
        let mut tampered = body(1).sign(&secret());
        tampered.body.gas_limit += 1;
        let all = vec![encode(&body(1).sign(&secret())), vec![1], encode(&tampered), encode(&body(2).sign(&secret()))];
        let one_by_one: Vec<_> = all.iter().map(|tx| CheckedTx::check(tx.clone(), &chain, &verifier)).collect();
        assert_eq!(CheckedTx::check_many(all, &chain, &verifier), one_by_one);
    }

    #[test]
    fn each_broken_rule_has_its_error() {
        let verifier = Verifier::default();
        let chain = Hash([1; 32]);
        let code = |bytes: Vec<u8>| CheckedTx::check(bytes, &chain, &verifier).unwrap_err().code();
        let good = encode(&body(1).sign(&secret()));
        assert_eq!(code(encode(&body(2).sign(&secret()))), "XL-TX-WRONG-CHAIN");
        assert_eq!(code(good[..good.len() - 1].to_vec()), "XL-TX-MALFORMED");
        assert_eq!(code([good.clone(), vec![0]].concat()), "XL-TX-MALFORMED");
        assert_eq!(code(vec![0; TX_BYTES_MAX + 1]), "XL-TX-OVERSIZED");
        let mut format = body(1);
        format.format = 2;
        assert_eq!(code(encode(&format.sign(&secret()))), "XL-TX-FORMAT");
        let mut tampered = body(1).sign(&secret());
        tampered.body.gas_limit += 1;
        assert_eq!(code(encode(&tampered)), "XL-TX-BAD-SIGNATURE");
    }
}
