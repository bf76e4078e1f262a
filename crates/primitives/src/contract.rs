//! Records of the `contracts` system contract: the registry of code, its versions, and what auditors say of it.

use crate::{AccountId, ContractId, Hash, List, Text, id::OrganisationId};
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
/// Most state fields of a layout.
pub const FIELDS_MAX: usize = 256;
/// Most codes that one account keeps staged.
pub const STAGED_MAX: u32 = 8;
/// Most auditors of one code.
pub const AUDITS_MAX: usize = 16;

/// Name of a state field.
pub type FieldName = Text<64>;
/// How each state field is kept, by the digest of its type.
pub type Layout = List<LayoutField, FIELDS_MAX>;
/// Fields of the old layout that an upgrade's `migrate` answers for.
pub type Migrated = List<FieldName, FIELDS_MAX>;

/// One state field of a layout.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LayoutField {
    /// Its name.
    pub field: FieldName,
    /// SM3 of its type, written out in full.
    pub digest: Hash,
}

/// What may be done with a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ContractStatus {
    /// Everything.
    Active,
    /// Views answer, transactions are refused.
    Frozen,
    /// Nothing, for ever; state and history stay provable.
    Destroyed,
}

impl ContractStatus {
    /// The word used in JSON and console.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Destroyed => "destroyed",
        }
    }
}

/// Which machine runs a contract's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum CodeMachine {
    /// WebAssembly (spec XL-VM).
    Wasm,
    /// The Ethereum virtual machine, for Solidity (spec XL-EVM).
    Evm,
}

impl CodeMachine {
    /// Its name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Evm => "evm",
        }
    }
}

/// Named events of one EVM contract.
pub const EVENT_NAMES_MAX: usize = 256;
/// What the logs of an EVM contract are called: the first topic and the event's name.
pub type EventNames = List<(Hash, Text<64>), EVENT_NAMES_MAX>;

/// A deployed contract as it is now.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ContractRecord {
    /// Name, unique on the chain for ever.
    pub name: Text<32>,
    /// Who deployed it.
    pub owner: AccountId,
    /// The owner's organisation then.
    pub organisation: OrganisationId,
    /// What may be done with it.
    pub status: ContractStatus,
    /// Number of the version that runs, from 1.
    pub version: u32,
    /// What runs its code.
    pub machine: CodeMachine,
    /// Digest of the code that runs: as submitted, or what a Solidity constructor returned.
    pub code_hash: Hash,
    /// Length of the code in bytes.
    pub code_bytes: u32,
    /// SM3 of the interface description.
    pub interface_hash: Hash,
    /// Length of the interface description in bytes.
    pub interface_bytes: u32,
    /// Instrumenter that prepared it, or rules of the EVM; nodes keep all versions in use.
    pub instrumenter_version: u32,
    /// Gas schedule it runs under; of the EVM its rules again.
    pub gas_schedule_version: u32,
    /// Height of deployment.
    pub deployed_height: u64,
    /// Height of the last change of version or status.
    pub changed_height: u64,
}

/// One version of a contract; none is ever changed or removed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VersionRecord {
    /// Digest of the code.
    pub code_hash: Hash,
    /// Length of the code in bytes.
    pub code_bytes: u32,
    /// SM3 of the interface description, which is kept with every version.
    pub interface_hash: Hash,
    /// Length of the interface description in bytes.
    pub interface_bytes: u32,
    /// From which height on it ran.
    pub height: u64,
    /// Whose transaction brought it in.
    pub by: AccountId,
    /// The proposal that it carried out, where it was voted on.
    pub proposal: Option<u32>,
    /// The audit that satisfied the chain's policy, where it demanded one.
    pub audit: Option<AuditReference>,
}

/// Code that waits for a deployment or an upgrade.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StagedCode {
    /// Who staged it; it may remove it.
    pub owner: AccountId,
    /// The owner's organisation then.
    pub organisation: OrganisationId,
    /// Length of the code in bytes.
    pub code_bytes: u32,
    /// SM3 of the interface description.
    pub interface_hash: Hash,
    /// Length of the interface description in bytes.
    pub interface_bytes: u32,
    /// What belongs to it on the machine that it is for.
    pub form: StagedForm,
    /// When.
    pub height: u64,
}

/// What belongs to staged code on the machine that it is for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum StagedForm {
    /// Of WebAssembly.
    Wasm {
        /// How its state fields are kept.
        layout: Layout,
    },
    /// Creation code of the EVM; its constructor's encoded arguments are kept behind it.
    Evm {
        /// SM3 of the arguments: who votes decides on them too.
        arguments_hash: Hash,
        /// Length of the arguments in bytes.
        arguments_bytes: u32,
        /// What its logs are called.
        events: EventNames,
    },
}

impl StagedCode {
    /// The machine that it is for.
    #[must_use]
    pub const fn machine(&self) -> CodeMachine {
        match self.form {
            StagedForm::Wasm { .. } => CodeMachine::Wasm,
            StagedForm::Evm { .. } => CodeMachine::Evm,
        }
    }

    /// Bytes kept under its code: the code, and what stands behind it.
    #[must_use]
    pub const fn kept_bytes(&self) -> u32 {
        match self.form {
            StagedForm::Wasm { .. } => self.code_bytes,
            StagedForm::Evm { arguments_bytes, .. } => self.code_bytes + arguments_bytes,
        }
    }
}

/// Names an audit.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AuditReference {
    /// Who audited.
    pub auditor: AccountId,
    /// SM3 of the report.
    pub report_hash: Hash,
}

/// What an auditor found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Verdict {
    /// It may run.
    Positive,
    /// It must not.
    Negative,
}

impl Verdict {
    /// The word used in JSON and console.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Negative => "negative",
        }
    }
}

/// What one auditor says of one code; its newest word replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AuditRecord {
    /// Who audited.
    pub auditor: AccountId,
    /// The auditor's organisation then.
    pub organisation: OrganisationId,
    /// SM3 of the report.
    pub report_hash: Hash,
    /// What was found.
    pub verdict: Verdict,
    /// With what, and in which version.
    pub tool: Text<64>,
    /// Until when it counts, UTC milliseconds.
    pub valid_until_ms: u64,
    /// When it was recorded.
    pub height: u64,
}

/// What all auditors say of one code.
pub type Audits = List<AuditRecord, AUDITS_MAX>;

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

/// Full state key of the layout of the version that runs.
#[must_use]
pub fn layout_key(id: &ContractId) -> Vec<u8> {
    [&address().0[..], b"l/", &id.0].concat()
}

/// Full state key of the record of one version.
#[must_use]
pub fn version_key(id: &ContractId, version: u32) -> Vec<u8> {
    [&address().0[..], b"v/", &id.0, &version.to_be_bytes()].concat()
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

/// Full state key of an EVM contract's [`EventNames`].
#[must_use]
pub fn event_names_key(id: &ContractId) -> Vec<u8> {
    [&address().0[..], b"e/", &id.0].concat()
}

/// Full state key of one piece of code (`b'x'`) or interface (`b'i'`) of a version of a contract.
#[must_use]
pub fn piece_key(id: &ContractId, kind: u8, version: u32, piece: u16) -> Vec<u8> {
    [&address().0[..], &[kind, b'/'], &id.0, &version.to_be_bytes(), &piece.to_be_bytes()].concat()
}

/// Full state key of the record of staged code.
#[must_use]
pub fn staged_key(code_hash: &Hash) -> Vec<u8> {
    [&address().0[..], b"s/", &code_hash.0].concat()
}

/// Full state key of one piece of staged code and what stands behind it (`b'y'`), or of its interface (`b'j'`).
#[must_use]
pub fn staged_piece_key(code_hash: &Hash, kind: u8, piece: u16) -> Vec<u8> {
    [&address().0[..], &[kind, b'/'], &code_hash.0, &piece.to_be_bytes()].concat()
}

/// Full state key of how many codes an account keeps staged, a u32.
#[must_use]
pub fn staged_count_key(owner: &AccountId) -> Vec<u8> {
    [&address().0[..], b"n/", &owner.0].concat()
}

/// Full state key of what auditors say of a code.
#[must_use]
pub fn audits_key(code_hash: &Hash) -> Vec<u8> {
    [&address().0[..], b"a/", &code_hash.0].concat()
}
