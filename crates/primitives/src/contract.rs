//! Records of the `contracts` system contract: the registry of code.

use crate::{AccountId, ContractId, Hash, Text, id::OrganisationId};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::LazyLock;

/// Name under which the registry is called.
pub const CONTRACTS: &str = "system:contracts";
/// Largest code in bytes.
pub const CODE_BYTES_MAX: usize = 256 * 1024;
/// Largest interface description in bytes.
pub const INTERFACE_BYTES_MAX: usize = 192 * 1024;
/// Code and interfaces are kept in pieces that fit a state value.
pub const PIECE_BYTES: usize = 60_000;

/// A deployed contract.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ContractRecord {
    /// Name, unique on the chain.
    pub name: Text<32>,
    /// Who deployed it.
    pub owner: AccountId,
    /// The owner's organisation then.
    pub organisation: OrganisationId,
    /// Digest of the code as submitted.
    pub code_hash: Hash,
    /// Length of the code in bytes.
    pub code_bytes: u32,
    /// SM3 of the interface description.
    pub interface_hash: Hash,
    /// Length of the interface description in bytes.
    pub interface_bytes: u32,
    /// Instrumenter that prepared it; nodes keep all versions in use.
    pub instrumenter_version: u32,
    /// Gas schedule it runs under.
    pub gas_schedule_version: u32,
    /// Height of deployment.
    pub deployed_height: u64,
}

/// Address of the contract of code.
#[must_use]
pub fn address() -> ContractId {
    static ADDRESS: LazyLock<ContractId> = LazyLock::new(|| ContractId::derive(CONTRACTS));
    *ADDRESS
}

/// Full state key of a contract's record.
#[must_use]
pub fn record_key(id: &ContractId) -> Vec<u8> {
    [&address().0[..], b"c/", &id.0].concat()
}

/// Full state key of the number of contracts, a u32.
#[must_use]
pub fn count_key() -> Vec<u8> {
    [&address().0[..], b"#"].concat()
}

/// Full state key of the id of the contract that was deployed as number `index`.
#[must_use]
pub fn index_key(index: u32) -> Vec<u8> {
    [&address().0[..], b"#/", &index.to_be_bytes()].concat()
}

/// Full state key of one piece of code (`b'x'`) or interface (`b'i'`) of a contract.
#[must_use]
pub fn piece_key(id: &ContractId, kind: u8, piece: u16) -> Vec<u8> {
    [&address().0[..], &[kind, b'/'], &id.0, &piece.to_be_bytes()].concat()
}
