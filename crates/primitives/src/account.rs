//! Records of the `accounts` system contract: organisations, accounts, roles and keys are state from block 0.

use crate::{AccountId, ContractId, Hash, List, Text, encode, id::OrganisationId, tag};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::LazyLock;
use xl_crypto::PublicKey;

/// Name under which the contract of identities is called.
pub const ACCOUNTS: &str = "system:accounts";
/// Role of an organisation's administrators: they admit, suspend and re-key the accounts of their organisation.
pub const ADMIN: &str = "admin";
/// Role of those who may deploy contracts.
pub const DEVELOPER: &str = "developer";
/// Most roles of an account.
pub const ROLES_MAX: usize = 16;
/// Most keys that an account ever had.
pub const KEYS_MAX: usize = 32;

/// A role's name.
pub type Role = Text<32>;

/// Address of the contract of identities.
#[must_use]
pub fn address() -> ContractId {
    static ADDRESS: LazyLock<ContractId> = LazyLock::new(|| ContractId::derive(ACCOUNTS));
    *ADDRESS
}

/// Where the record of an account stands: full state key.
#[must_use]
pub fn account_key(id: &AccountId) -> Vec<u8> {
    [&address().0[..], b"a/", &id.0].concat()
}

/// Where the record of an organisation stands: full state key.
#[must_use]
pub fn organisation_key(id: &str) -> Vec<u8> {
    [&address().0[..], b"o/", id.as_bytes()].concat()
}

/// Where the account of a key stands: full state key. A key belongs to one account, also after it is revoked.
#[must_use]
pub fn key_key(key: &PublicKey) -> Vec<u8> {
    [&address().0[..], b"k/", key.as_bytes()].concat()
}

/// Where the list of organisations stands: full state key.
#[must_use]
pub fn organisations_key() -> Vec<u8> {
    [&address().0[..], b"o"].concat()
}

/// Where the number of accounts stands, a u32: full state key.
#[must_use]
pub fn count_key() -> Vec<u8> {
    [&address().0[..], b"#"].concat()
}

/// Where the id of the account that was admitted as number `index` stands: full state key.
#[must_use]
pub fn index_key(index: u32) -> Vec<u8> {
    [&address().0[..], b"#/", &index.to_be_bytes()].concat()
}

/// Where the validator set stands: full state key.
#[must_use]
pub fn validators_key() -> Vec<u8> {
    [&address().0[..], b"v"].concat()
}

/// Where the admitted nodes stand: full state key.
#[must_use]
pub fn nodes_key() -> Vec<u8> {
    [&address().0[..], b"n"].concat()
}

/// Where the chain parameters stand: full state key.
#[must_use]
pub fn parameters_key() -> Vec<u8> {
    [&address().0[..], b"p"].concat()
}

/// A key of an account, kept after revocation so that old signatures stay explainable.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeyRecord {
    /// The SM2 key.
    pub key: PublicKey,
    /// Height at which it was added.
    pub added_height: u64,
    /// Height at which it was revoked.
    pub revoked_height: Option<u64>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// The organisation that admitted it.
    pub organisation: OrganisationId,
    /// What it may do in its organisation's name.
    pub roles: List<Role, ROLES_MAX>,
    /// Keys, oldest first.
    pub keys: List<KeyRecord, KEYS_MAX>,
    /// True while it may not act.
    pub suspended: bool,
    /// Height at which it was admitted.
    pub admitted_height: u64,
}

impl Account {
    /// True when `role` was granted.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| &**held == role)
    }

    /// The record of `key`, revoked or not.
    #[must_use]
    pub fn key(&self, key: &PublicKey) -> Option<&KeyRecord> {
        self.keys.iter().find(|record| record.key == *key)
    }
}

/// An organisation, member of the consortium.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Organisation {
    /// Name for people.
    pub name: Text<128>,
    /// Accounts with the role `admin`; never empty.
    pub admins: List<AccountId, 16>,
}

/// What a node is admitted as (design section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum NodeKind {
    /// Follows without a vote and serves users.
    Access,
    /// Orders and executes this application chain.
    Application,
}

impl NodeKind {
    /// The word used in configuration, JSON and console.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Application => "application",
        }
    }
}

/// An admitted node.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Node {
    /// Unique name.
    pub name: Text<32>,
    /// Owner.
    pub organisation: OrganisationId,
    /// Rights.
    pub kind: NodeKind,
    /// Identity key; for a validator also the consensus key.
    pub key: PublicKey,
}

/// Most nodes of a chain.
pub const NODES_MAX: usize = 256;

/// Digest of a validator set: its keys in ascending order.
#[must_use]
pub fn validators_hash(validators: &[PublicKey]) -> Hash {
    let mut sorted = validators.to_vec();
    sorted.sort_unstable();
    Hash::tagged(tag::VALIDATORS, &[&encode(&sorted)])
}
