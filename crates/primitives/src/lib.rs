//! Identifiers, transaction, block, receipt, event and their one canonical codec (spec `02-transaction`, `03-block`).
//!
//! ```text
//! Call ─ TxBody ─ SignedTx ─┐
//!                           ├─ Block { Header, transactions } ─ digest
//!        Receipt ─ Event ───┘        └ tx_root, receipts_root, state_root
//! ```
//! Everything is Borsh with bounded lengths, no maps, sets or floats; [`codec::decode`] consumes all bytes and refuses
//! whatever does not encode back to the same bytes.

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

pub mod account;
pub mod block;
pub mod codec;
pub mod contract;
pub mod genesis;
pub mod governance;
pub mod id;
pub mod merkle;
pub mod receipt;
pub mod state_proof;
pub mod tag;
pub mod transaction;

pub use block::{Block, Header};
pub use codec::{Bounded, DecodeError, List, Text, decode, encode};
pub use genesis::{ChainParameters, Genesis};
pub use id::{AccountId, ContractId, Hash};
pub use receipt::{Event, Failure, Receipt, Status};
pub use transaction::{Call, CheckedTx, SignedTx, TxBody, TxError};
pub use xl_crypto::{PublicKey, Signature};
