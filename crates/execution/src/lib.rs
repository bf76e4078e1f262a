//! Block → calls → receipts, events, write set; the tree of pending blocks; the durable commit (spec `03-block`, `04-receipt`).
//!
//! ```text
//! check ─▶ admissible ─▶ (pool) ─▶ propose ─┐
//!                                  verify ──┴─▶ pending block { diff, receipts } ─▶ commit ─▶ one durable write
//! ```
//! [`Chain`] is the one owner of committed state and of what is executed over it. Execution is a pure function of the
//! parent's state and the block: no clock, no floats, nothing that depends on the order of a hash map.

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

mod chain;
mod error;
mod evm;
mod executor;
mod genesis;
mod overlay;
mod pending;
mod query;
mod records;
mod run;
mod system;
mod window;

pub use chain::{Chain, Committed, Proposed, Round};
pub use error::{ExecuteError, Fault, InvalidBlock, Refused};
pub use query::{CallReport, QueryError, UpgradeCode, UpgradeReport};
pub use records::{StoredBlock, TxPlace};
pub use run::{PROTOCOL_VERSION, intrinsic_gas};
