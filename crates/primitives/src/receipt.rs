//! What a transaction did (spec `04-receipt`). Receipts hold canonical codes only, never text of the engine.

use crate::{Bounded, ContractId, Hash, List, Text};
use borsh::{BorshDeserialize, BorshSerialize};

/// Most events of one transaction.
pub const EVENTS_MAX: usize = 64;
/// Largest data of one event in bytes.
pub const EVENT_BYTES_MAX: usize = 4096;
/// Largest output of one call in bytes.
pub const OUTPUT_BYTES_MAX: usize = 65_536;

/// Something that a contract reported.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// Who reports.
    pub contract: ContractId,
    /// Name in the contract's interface.
    pub name: Text<64>,
    /// Borsh of the event's fields, in the order of the interface.
    pub data: Bounded<EVENT_BYTES_MAX>,
}

/// One step of the call path, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Frame {
    /// Whose code ran.
    pub contract: ContractId,
    /// Which method.
    pub method: Text<64>,
}

/// Why a transaction had no effect but its gas.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Failure {
    /// Stable code: a contract's own error name, or `XL-...` of the platform.
    pub code: Text<64>,
    /// Line of the contract's source that refused; 0 where there is none.
    pub line: u32,
    /// How the call got there.
    pub path: List<Frame, 16>,
    /// Facts the contract gave, by its interface.
    pub detail: Bounded<256>,
}

/// The result of one included transaction.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Status {
    /// It took effect and returned this.
    Success {
        /// Borsh of the returned value.
        output: Bounded<OUTPUT_BYTES_MAX>,
    },
    /// It had no effect but its gas.
    Failed(Failure),
}

/// Result of one transaction in a block; its place in the block is its place in the receipt list.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// Which transaction.
    pub tx_id: Hash,
    /// Gas it used, at most its limit.
    pub gas_used: u64,
    /// What became of it.
    pub status: Status,
    /// What contracts reported; empty when it failed.
    pub events: List<Event, EVENTS_MAX>,
}
