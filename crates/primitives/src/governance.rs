//! Records of the `governance` system contract: the rules for contracts, and proposals with their votes.

use crate::{
    AccountId, ContractId, Hash, List, Text,
    account::Role,
    contract::Migrated,
    genesis::Threshold,
    id::{OrganisationId, is_name},
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::LazyLock;

/// Name under which governance is called.
pub const GOVERNANCE: &str = "system:governance";
/// How long a proposal may stay open, in milliseconds: 90 days.
pub const PROPOSAL_LIFE_MS_MAX: u64 = 90 * 24 * 3_600_000;
/// Role of auditors where the policy names no other.
pub const AUDITOR: &str = "auditor";

/// Who may deploy contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Deployers {
    /// Developers and administrators.
    Developers,
    /// Administrators.
    Administrators,
    /// Nobody alone: staged code is deployed by vote.
    Governance,
}

/// Who may upgrade a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Upgraders {
    /// Its owner, and governance.
    Owner,
    /// Governance.
    Governance,
}

/// The chain's rules for contracts; only a vote changes them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ContractPolicy {
    /// Who may deploy.
    pub deploy: Deployers,
    /// Who may upgrade.
    pub upgrade: Upgraders,
    /// True when code needs a fresh positive audit before it runs.
    pub audit_required: bool,
    /// True when the auditor must be of another organisation than the contract's owner.
    pub audit_independent: bool,
    /// Role of those whose audits count.
    pub auditor: Role,
}

impl Default for ContractPolicy {
    /// The rules at height 0: who may write contracts may deploy them, and nobody changes one that others rely on alone.
    fn default() -> Self {
        Self {
            deploy: Deployers::Developers,
            upgrade: Upgraders::Governance,
            audit_required: false,
            audit_independent: false,
            auditor: Text::new(AUDITOR).unwrap_or_default(),
        }
    }
}

/// What a proposal does when it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// Changes the rules for contracts.
    SetContractPolicy {
        /// The new rules.
        policy: ContractPolicy,
    },
    /// Deploys staged code; who staged it is the owner.
    DeployContract {
        /// Name on the chain.
        name: Text<32>,
        /// The staged code.
        code_hash: Hash,
    },
    /// Brings staged code in as the next version.
    UpgradeContract {
        /// Which contract.
        name: Text<32>,
        /// The version that it was proposed against.
        version: u32,
        /// The staged code.
        code_hash: Hash,
        /// Fields that its `migrate` answers for.
        migrated: Migrated,
    },
    /// Refuses transactions of a contract.
    FreezeContract {
        /// Which contract.
        name: Text<32>,
        /// The version that it was proposed against.
        version: u32,
    },
    /// Takes transactions of a frozen contract again.
    UnfreezeContract {
        /// Which contract.
        name: Text<32>,
        /// The version that it was proposed against.
        version: u32,
    },
    /// Ends a contract for ever.
    DestroyContract {
        /// Which contract.
        name: Text<32>,
        /// The version that it was proposed against.
        version: u32,
    },
}

impl Action {
    /// The word used in JSON, events and console.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SetContractPolicy { .. } => "policy",
            Self::DeployContract { .. } => "deploy",
            Self::UpgradeContract { .. } => "upgrade",
            Self::FreezeContract { .. } => "freeze",
            Self::UnfreezeContract { .. } => "unfreeze",
            Self::DestroyContract { .. } => "destroy",
        }
    }

    /// The contract that it is about.
    #[must_use]
    pub const fn contract(&self) -> Option<&Text<32>> {
        match self {
            Self::SetContractPolicy { .. } => None,
            Self::DeployContract { name, .. }
            | Self::UpgradeContract { name, .. }
            | Self::FreezeContract { name, .. }
            | Self::UnfreezeContract { name, .. }
            | Self::DestroyContract { name, .. } => Some(name),
        }
    }

    /// The version of the contract that it was proposed against.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        match self {
            Self::SetContractPolicy { .. } | Self::DeployContract { .. } => None,
            Self::UpgradeContract { version, .. }
            | Self::FreezeContract { version, .. }
            | Self::UnfreezeContract { version, .. }
            | Self::DestroyContract { version, .. } => Some(*version),
        }
    }

    /// The staged code that it brings in.
    #[must_use]
    pub const fn code_hash(&self) -> Option<&Hash> {
        match self {
            Self::DeployContract { code_hash, .. } | Self::UpgradeContract { code_hash, .. } => Some(code_hash),
            _ => None,
        }
    }
}

impl ContractPolicy {
    /// True when the role that it names can be granted.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        is_name(&self.auditor)
    }
}

/// An organisation's vote.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ballot {
    /// Whose vote.
    pub organisation: OrganisationId,
    /// The administrator who cast it.
    pub by: AccountId,
    /// For or against.
    pub yes: bool,
    /// When.
    pub height: u64,
}

/// How far a proposal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProposalStatus {
    /// It takes votes until its time has passed.
    Open,
    /// Carried out by the deciding vote.
    Enacted {
        /// Height of that vote.
        height: u64,
    },
    /// Too many organisations are against it.
    Rejected {
        /// Height of the vote that decided so.
        height: u64,
    },
}

impl ProposalStatus {
    /// The word used in JSON and console.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Enacted { .. } => "enacted",
            Self::Rejected { .. } => "rejected",
        }
    }
}

/// Something that organisations vote on.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// What it does.
    pub action: Action,
    /// Why, for people.
    pub title: Text<256>,
    /// Who proposed it.
    pub proposer: AccountId,
    /// The proposer's organisation then.
    pub organisation: OrganisationId,
    /// When.
    pub height: u64,
    /// Header time then, UTC milliseconds.
    pub time_ms: u64,
    /// Last header time at which it takes votes, UTC milliseconds.
    pub valid_until_ms: u64,
    /// SM3 of the record of the staged code as it was proposed: other code or another interface is another proposal.
    pub staged: Option<Hash>,
    /// Votes, oldest first; one for each organisation at most.
    pub votes: List<Ballot, 256>,
    /// How far it has come.
    pub status: ProposalStatus,
}

impl Threshold {
    /// How many of `organisations` it takes: the least number that is at least the share.
    ///
    /// ```
    /// # use xl_primitives::genesis::Threshold;
    /// let two_thirds = Threshold { numerator: 2, denominator: 3 };
    /// assert_eq!([1, 2, 3, 4, 7].map(|n| two_thirds.of(n)), [1, 2, 2, 3, 5]);
    /// ```
    #[must_use]
    pub fn of(&self, organisations: usize) -> usize {
        (organisations * usize::from(self.numerator)).div_ceil(usize::from(self.denominator).max(1))
    }
}

/// Address of the contract of governance.
#[must_use]
pub fn address() -> ContractId {
    static ADDRESS: LazyLock<ContractId> = LazyLock::new(|| ContractId::derive(GOVERNANCE));
    *ADDRESS
}

/// Full state key of the rules for contracts.
#[must_use]
pub fn policy_key() -> Vec<u8> {
    [&address().0[..], b"p"].concat()
}

/// Full state key of the share of organisations that a proposal needs.
#[must_use]
pub fn threshold_key() -> Vec<u8> {
    [&address().0[..], b"t"].concat()
}

/// Full state key of the number of proposals, a u32.
#[must_use]
pub fn count_key() -> Vec<u8> {
    [&address().0[..], b"#"].concat()
}

/// Full state key of proposal number `id`, from 1.
#[must_use]
pub fn proposal_key(id: u32) -> Vec<u8> {
    [&address().0[..], b"#/", &id.to_be_bytes()].concat()
}
