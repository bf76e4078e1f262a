//! The proof file: one fact of the chain with all that is needed to verify it offline (protocol 24, spec `09-proof-file`).

use crate::finality::{FinalityError, FinalityProof};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::{PublicKey, Verifier};
use xl_primitives::{
    Bounded, CheckedTx, DecodeError, Genesis, Hash, Header, List, Receipt, TxError,
    account::validators_hash,
    decode, encode,
    genesis::GenesisError,
    merkle::InclusionProof,
    receipt::{EVENT_BYTES_MAX, EVENTS_MAX, OUTPUT_BYTES_MAX},
    state_proof::{ProofError, StateProof},
    tag::PROOF_FILE,
    transaction::TX_BYTES_MAX,
};

/// Largest proof file in bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;
/// Largest genesis in bytes.
pub const GENESIS_BYTES_MAX: usize = 1 << 20;
const RECEIPT_BYTES_MAX: usize = OUTPUT_BYTES_MAX + EVENTS_MAX * (EVENT_BYTES_MAX + 256) + 4096;

/// One change of the validator set: the last header of an epoch, final under the old set, names the new one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transition {
    /// Finality of the boundary header under the set before it.
    pub finality: FinalityProof,
    /// The set after it, in ascending order.
    pub validators: List<PublicKey, 256>,
}

/// What is claimed of the final block.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Fact {
    /// A state key has this value, or none, after the block.
    State {
        /// Full state key: contract id, then key.
        key: Bounded<276>,
        /// Its value; `None` when absent.
        value: Option<Bounded<65_535>>,
        /// Proof against the header's state root.
        proof: StateProof,
    },
    /// A transaction stands in the block with this receipt.
    Receipt {
        /// The signed transaction.
        transaction: Bounded<TX_BYTES_MAX>,
        /// Encoded receipt.
        receipt: Bounded<RECEIPT_BYTES_MAX>,
        /// Place under the header's transaction root.
        transaction_proof: InclusionProof,
        /// Place under the header's receipts root.
        receipt_proof: InclusionProof,
    },
}

/// Everything between genesis and the fact.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProofFile {
    /// [`PROOF_FILE`].
    pub magic: [u8; 16],
    /// The genesis that founds the chain, whose digest is the chain id.
    pub genesis: Bounded<GENESIS_BYTES_MAX>,
    /// Changes of the validator set, oldest first.
    pub transitions: List<Transition, 1024>,
    /// Finality of the fact's header under the last set.
    pub finality: FinalityProof,
    /// What is claimed.
    pub fact: Fact,
}

impl ProofFile {
    /// A file for `fact` on the chain that `genesis` founds.
    #[must_use]
    pub fn new(genesis: &Genesis, transitions: List<Transition, 1024>, finality: FinalityProof, fact: Fact) -> Self {
        let genesis = Bounded::new(encode(genesis)).unwrap_or_default();
        Self { magic: *PROOF_FILE, genesis, transitions, finality, fact }
    }
}

/// A block that the verifier knows from elsewhere to be on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its height.
    pub height: u64,
    /// Its digest.
    pub digest: Hash,
}

/// What a successful verification rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Final under the validators of the genesis inside the file itself. Whoever made the file chose that genesis, so its
    /// digest has to be compared with one known from elsewhere.
    Unanchored,
    /// Final under the named validator set that genesis leads to. Retired keys of that set could sign a rival history.
    ValidatorSet,
    /// Besides, the block is the one at, or shown to lead to, a checkpoint known from elsewhere.
    Checkpoint,
}

/// What is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Digest of the genesis that it starts from.
    pub chain_id: Hash,
    /// The block under which the fact holds.
    pub header: Header,
    /// Its digest.
    pub digest: Hash,
    /// Index of the validator set: 0 is genesis's.
    pub validator_set: usize,
    /// Size of the set.
    pub validators: usize,
    /// How many of them signed.
    pub signers: usize,
    /// What it rests on.
    pub strength: Strength,
    /// The fact, checked.
    pub fact: Fact,
    /// The receipt, where the fact is one.
    pub receipt: Option<Receipt>,
}

/// Why a proof file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    /// The bytes are not a proof file.
    #[error("this is not a proof file: {0}")]
    Decode(#[from] DecodeError),
    /// The file opens with other bytes than a proof file does.
    #[error("this is not a proof file of a format known here")]
    Magic,
    /// Made for another chain.
    #[error("the proof is for chain {got}; this genesis founds chain {expected}")]
    OtherChain {
        /// Chain in the file.
        got: Hash,
        /// Chain of the genesis.
        expected: Hash,
    },
    /// The genesis in the file could not found a chain.
    #[error("the genesis in the file founds no chain: {0}")]
    Genesis(#[from] GenesisError),
    /// The header is not shown to be final.
    #[error("finality is not shown: {0}")]
    Finality(#[from] FinalityError),
    /// The validator set in the file is not the one that the boundary header names.
    #[error("validator set {index} is not the one that the chain changed to")]
    Transition {
        /// Index of the set.
        index: usize,
    },
    /// The state proof does not fit the header's state root.
    #[error("the state proof does not fit the block: {0}")]
    State(#[from] ProofError),
    /// The transaction or receipt does not stand in the block.
    #[error("the {what} does not stand in the block at the place that is claimed")]
    Inclusion {
        /// `transaction` or `receipt`.
        what: &'static str,
    },
    /// The transaction in the file is not a valid one.
    #[error("the transaction is not valid: {0}")]
    Transaction(#[from] TxError),
    /// Transaction and receipt are of different transactions.
    #[error("the receipt belongs to another transaction")]
    OtherTransaction,
    /// The checkpoint names another block at that height, or lies outside what the file shows.
    #[error("the checkpoint at height {height} is not on the history that the file shows")]
    Checkpoint {
        /// Its height.
        height: u64,
    },
}

impl ProofRefused {
    /// Stable code of the error catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Decode(_) | Self::Magic => "XL-PROOF-MALFORMED",
            Self::OtherChain { .. } | Self::Genesis(_) => "XL-PROOF-CHAIN",
            Self::Finality(_) => "XL-PROOF-FINALITY",
            Self::Transition { .. } => "XL-PROOF-TRANSITION",
            Self::State(_) => "XL-PROOF-STATE",
            Self::Inclusion { .. } => "XL-PROOF-INCLUSION",
            Self::Transaction(_) => "XL-PROOF-TRANSACTION",
            Self::OtherTransaction => "XL-PROOF-RECEIPT",
            Self::Checkpoint { .. } => "XL-PROOF-CHECKPOINT",
        }
    }
}

/// Verifies a proof file against a genesis and a checkpoint where they are known.
///
/// # Errors
/// [`ProofRefused`] says what does not hold.
pub fn verify(
    file: &[u8],
    genesis: Option<&Genesis>,
    checkpoint: Option<Checkpoint>,
) -> Result<Verified, ProofRefused> {
    if file.len() > FILE_BYTES_MAX {
        return Err(DecodeError::Oversized { what: "proof file", size: file.len(), limit: FILE_BYTES_MAX }.into());
    }
    if !file.starts_with(PROOF_FILE) {
        return Err(ProofRefused::Magic);
    }
    let file: ProofFile = decode(file, "proof file")?;
    let founding: Genesis = decode(&file.genesis, "genesis")?;
    let chain_id = founding.chain_id();
    if let Some(expected) = genesis.map(Genesis::chain_id).filter(|expected| *expected != chain_id) {
        return Err(ProofRefused::OtherChain { got: chain_id, expected });
    }
    founding.validate()?;
    let verifier = Verifier::default();
    let mut validators = founding.validators();
    for (position, transition) in file.transitions.iter().enumerate() {
        let boundary = transition.finality.verify(&chain_id, &validators, &verifier)?;
        let ascending = transition.validators.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || boundary.next_validators_hash != validators_hash(&transition.validators) {
            return Err(ProofRefused::Transition { index: position + 1 });
        }
        validators = transition.validators.to_vec();
    }
    let header = file.finality.verify(&chain_id, &validators, &verifier)?.clone();
    let receipt = check_fact(&file.fact, &header, &chain_id, &verifier)?;
    let strength = match checkpoint {
        None if genesis.is_none() => Strength::Unanchored,
        None => Strength::ValidatorSet,
        Some(Checkpoint { height, digest }) => {
            let shown = file.finality.path.iter().any(|h| h.height == height && h.digest() == digest);
            if !shown {
                return Err(ProofRefused::Checkpoint { height });
            }
            Strength::Checkpoint
        }
    };
    Ok(Verified {
        chain_id,
        digest: header.digest(),
        header,
        validator_set: file.transitions.len(),
        validators: validators.len(),
        signers: file.finality.certificate.signers.len(),
        strength,
        fact: file.fact,
        receipt,
    })
}

fn check_fact(
    fact: &Fact,
    header: &Header,
    chain_id: &Hash,
    verifier: &Verifier,
) -> Result<Option<Receipt>, ProofRefused> {
    match fact {
        Fact::State { key, value, proof } => {
            proof.verify(&header.state_root.0, key, value.as_deref())?;
            Ok(None)
        }
        Fact::Receipt { transaction, receipt, transaction_proof, receipt_proof } => {
            if !transaction_proof.verifies(&header.tx_root, transaction) {
                return Err(ProofRefused::Inclusion { what: "transaction" });
            }
            if receipt_proof.index != transaction_proof.index || !receipt_proof.verifies(&header.receipts_root, receipt)
            {
                return Err(ProofRefused::Inclusion { what: "receipt" });
            }
            let tx = CheckedTx::check(transaction.to_vec(), chain_id, verifier)?;
            let receipt: Receipt = decode(receipt, "receipt")?;
            if receipt.tx_id != tx.id() {
                return Err(ProofRefused::OtherTransaction);
            }
            Ok(Some(receipt))
        }
    }
}

/// Canonical bytes of a proof file.
#[must_use]
pub fn to_bytes(file: &ProofFile) -> Vec<u8> {
    encode(file)
}

#[cfg(test)]
mod tests;
