//! Block and header (spec `03-block`). The digest covers the header; `tx_root` binds the body to it.

use crate::{Bounded, Hash, List, decode, encode, merkle, tag, transaction::TX_BYTES_MAX};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::PublicKey;

/// Most transactions that any chain may put into a block.
pub const BLOCK_COUNT_MAX: usize = 20_000;
/// Largest encoded block on any chain, in bytes.
pub const BLOCK_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What a validator votes for (protocol 4): it has executed the block and reproduced these roots.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// Format of this structure: 1.
    pub format: u8,
    /// Digest of genesis.
    pub chain_id: Hash,
    /// Rules under which the block was executed.
    pub protocol_version: u32,
    /// Distance from genesis, whose height is 0.
    pub height: u64,
    /// Validator-set period.
    pub epoch: u64,
    /// View of the epoch in which it was proposed.
    pub view: u64,
    /// View of the parent.
    pub parent_view: u64,
    /// Who proposed it.
    pub leader: PublicKey,
    /// Digest of the parent's header.
    pub parent: Hash,
    /// Proposer's time in UTC milliseconds, later than the parent's.
    pub time_ms: u64,
    /// Root over the signed transactions.
    pub tx_root: Hash,
    /// State after this block.
    pub state_root: Hash,
    /// Root over the receipts.
    pub receipts_root: Hash,
    /// Sum over the receipts.
    pub gas_used: u64,
    /// Digest of the validator set of this epoch.
    pub validators_hash: Hash,
    /// Digest of the set of the next epoch.
    pub next_validators_hash: Hash,
}

impl Header {
    /// Digest of the block.
    #[must_use]
    pub fn digest(&self) -> Hash {
        Hash::tagged(tag::HEADER, &[&encode(self)])
    }
}

/// A header and the signed transactions it commits to.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// What is voted for.
    pub header: Header,
    /// Signed transactions as bytes, in execution order.
    pub transactions: List<Bounded<TX_BYTES_MAX>, BLOCK_COUNT_MAX>,
}

impl Block {
    /// Digest of the block.
    #[must_use]
    pub fn digest(&self) -> Hash {
        self.header.digest()
    }

    /// True when the body is the one the header commits to.
    #[must_use]
    pub fn body_matches(&self) -> bool {
        transactions_root(&self.transactions) == self.header.tx_root
    }

    /// Decodes a block of at most [`BLOCK_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`crate::DecodeError`] when it is oversized or not canonical.
    pub fn decode(bytes: &[u8]) -> Result<Self, crate::DecodeError> {
        if bytes.len() > BLOCK_BYTES_MAX {
            return Err(crate::DecodeError::Oversized { what: "block", size: bytes.len(), limit: BLOCK_BYTES_MAX });
        }
        decode(bytes, "block")
    }
}

/// Root over signed transactions.
#[must_use]
pub fn transactions_root<T: std::ops::Deref<Target = [u8]>>(transactions: &[T]) -> Hash {
    let items: Vec<&[u8]> = transactions.iter().map(|tx| &**tx).collect();
    merkle::root(&items)
}
