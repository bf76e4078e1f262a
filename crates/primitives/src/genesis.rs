//! Genesis: who owns the chain, before its first block (spec `05-genesis`). The chain id is its digest.

use crate::{
    AccountId, Hash, List, Text,
    account::{NODES_MAX, Node, NodeKind, Role},
    encode,
    id::{OrganisationId, is_name},
    tag,
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use xl_crypto::PublicKey;

/// Rules of the chain that only a vote may change (protocol 12, 14). All bounds are checked by every voter.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChainParameters {
    /// How far `valid_until_ms` may lie ahead of header time, in milliseconds.
    pub lifetime_ms_max: u64,
    /// Largest body of a block in bytes.
    pub block_bytes_max: u32,
    /// Most transactions of a block.
    pub block_count_max: u32,
    /// Largest sum of gas limits of a block.
    pub block_gas_max: u64,
    /// Largest share of one organisation in a block's count and gas, in parts per thousand.
    pub organisation_share_permille: u32,
    /// Blocks of an epoch.
    pub epoch_blocks: u64,
    /// How long a view waits for its leader, in milliseconds.
    pub leader_timeout_ms: u32,
    /// An idle chain makes one block after this many milliseconds.
    pub heartbeat_ms: u64,
}

impl Default for ChainParameters {
    fn default() -> Self {
        Self {
            lifetime_ms_max: 120_000,
            block_bytes_max: 4 * 1024 * 1024,
            block_count_max: 4_000,
            block_gas_max: 4_000_000_000,
            organisation_share_permille: 800,
            epoch_blocks: 1_000_000,
            leader_timeout_ms: 2_000,
            heartbeat_ms: 300_000,
        }
    }
}

/// A founding organisation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GenesisOrganisation {
    /// Identifier.
    pub id: OrganisationId,
    /// Name for people.
    pub name: Text<128>,
}

/// A founding account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GenesisAccount {
    /// Its organisation.
    pub organisation: OrganisationId,
    /// First key; the account id follows from it.
    pub key: PublicKey,
    /// Roles from the start.
    pub roles: List<Role, 16>,
}

impl GenesisAccount {
    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        AccountId::derive(&self.organisation, &self.key)
    }
}

/// A share of organisations: at least `numerator / denominator` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Threshold {
    /// Parts needed.
    pub numerator: u16,
    /// Parts in all.
    pub denominator: u16,
}

/// The founding act.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    /// Format of this structure: 1.
    pub format: u8,
    /// Name of the network for people.
    pub name: Text<128>,
    /// When it was made, UTC milliseconds; the first block is later.
    pub time_ms: u64,
    /// Rules.
    pub parameters: ChainParameters,
    /// Members.
    pub organisations: List<GenesisOrganisation, 256>,
    /// Their accounts; each organisation has at least one with the role `admin`.
    pub accounts: List<GenesisAccount, 1024>,
    /// Their nodes; those of kind `application` are the first validators.
    pub nodes: List<Node, NODES_MAX>,
    /// Organisations that must agree to a proposal of governance.
    pub governance: Threshold,
    /// Organisations that must sign a recovery certificate (protocol 20).
    pub recovery: Threshold,
}

/// Why a genesis cannot found a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// A format that this node does not know.
    #[error("genesis format {format} is unknown, this node knows 1")]
    UnknownFormat {
        /// The format byte.
        format: u8,
    },
    /// A name is empty, repeated or has other letters than a-z, 0-9 and hyphen.
    #[error("{what} name {name:?} is invalid or stands twice")]
    Name {
        /// Organisation or node.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something refers to an organisation that is not there.
    #[error("organisation {name:?} is not listed")]
    UnknownOrganisation {
        /// The name.
        name: String,
    },
    /// An organisation without an administrator would be owned by nobody.
    #[error("organisation {name:?} has no account with the role admin")]
    Unowned {
        /// The organisation.
        name: String,
    },
    /// A key is no point of the curve or stands twice.
    #[error("key {key:?} is no SM2 point or stands twice")]
    Key {
        /// The key.
        key: PublicKey,
    },
    /// Fewer than one validator.
    #[error("no node of kind application: nobody could make a block")]
    NoValidators,
    /// A threshold of nobody, or of more than all.
    #[error("threshold {numerator}/{denominator} is not above one half and at most one")]
    Threshold {
        /// Parts needed.
        numerator: u16,
        /// Parts in all.
        denominator: u16,
    },
    /// A chain parameter outside what the protocol allows.
    #[error("chain parameter {parameter} is out of range")]
    Parameter {
        /// Name of the field.
        parameter: &'static str,
    },
}

impl Genesis {
    /// Digest of the genesis bytes: the chain id.
    #[must_use]
    pub fn chain_id(&self) -> Hash {
        Hash::tagged(tag::CHAIN, &[&encode(self)])
    }

    /// Keys of the first validators in ascending order.
    #[must_use]
    pub fn validators(&self) -> Vec<PublicKey> {
        let mut keys: Vec<PublicKey> =
            self.nodes.iter().filter(|node| node.kind == NodeKind::Application).map(|node| node.key).collect();
        keys.sort_unstable();
        keys
    }

    /// Checks that the chain would be owned and could run.
    ///
    /// # Errors
    /// [`GenesisError`] names the first rule that is broken.
    pub fn validate(&self) -> Result<(), GenesisError> {
        if self.format != 1 {
            return Err(GenesisError::UnknownFormat { format: self.format });
        }
        let mut organisations = BTreeSet::new();
        for organisation in self.organisations.iter() {
            if !is_name(&organisation.id) || !organisations.insert(&*organisation.id) {
                return Err(GenesisError::Name { what: "organisation", name: organisation.id.to_string() });
            }
        }
        let listed = |name: &str| match organisations.contains(name) {
            true => Ok(()),
            false => Err(GenesisError::UnknownOrganisation { name: name.to_owned() }),
        };
        let mut keys = BTreeSet::new();
        let mut fresh = |key: &PublicKey| match key.validate().is_ok() && keys.insert(*key) {
            true => Ok(()),
            false => Err(GenesisError::Key { key: *key }),
        };
        for account in self.accounts.iter() {
            listed(&account.organisation)?;
            fresh(&account.key)?;
        }
        let mut names = BTreeSet::new();
        for node in self.nodes.iter() {
            listed(&node.organisation)?;
            fresh(&node.key)?;
            if !is_name(&node.name) || !names.insert(&*node.name) {
                return Err(GenesisError::Name { what: "node", name: node.name.to_string() });
            }
        }
        for organisation in &organisations {
            let owned = |account: &GenesisAccount| {
                &*account.organisation == *organisation
                    && account.roles.iter().any(|role| &**role == crate::account::ADMIN)
            };
            if !self.accounts.iter().any(owned) {
                return Err(GenesisError::Unowned { name: (*organisation).to_owned() });
            }
        }
        if self.validators().is_empty() {
            return Err(GenesisError::NoValidators);
        }
        for threshold in [self.governance, self.recovery] {
            let Threshold { numerator, denominator } = threshold;
            if numerator > denominator || u32::from(numerator) * 2 <= u32::from(denominator) {
                return Err(GenesisError::Threshold { numerator, denominator });
            }
        }
        self.parameters.validate()
    }
}

impl ChainParameters {
    /// Checks each bound against what the formats and the engine can carry.
    ///
    /// # Errors
    /// [`GenesisError::Parameter`] names the field.
    pub fn validate(&self) -> Result<(), GenesisError> {
        let rules = [
            ("lifetime_ms_max", (1_000..=3_600_000).contains(&self.lifetime_ms_max)),
            ("block_bytes_max", (1_000_000..=7_000_000).contains(&self.block_bytes_max)),
            ("block_count_max", (1..=20_000).contains(&self.block_count_max)),
            ("block_gas_max", (100_000_000..=100_000_000_000).contains(&self.block_gas_max)),
            ("organisation_share_permille", (1..=1_000).contains(&self.organisation_share_permille)),
            ("epoch_blocks", self.epoch_blocks >= 4),
            ("leader_timeout_ms", (200..=60_000).contains(&self.leader_timeout_ms)),
            ("heartbeat_ms", (1_000..=3_600_000).contains(&self.heartbeat_ms)),
        ];
        match rules.iter().find(|(_, holds)| !holds) {
            Some((parameter, _)) => Err(GenesisError::Parameter { parameter }),
            None => Ok(()),
        }
    }
}
