//! The world state: an authenticated map of keys to values, its history, and the store beneath (decision D6).
//!
//! ```text
//! prepare(ancestors, writes) ─► Diff ─► commit(height, digest, diff, extra) ─► one durable batch of the store
//!                                └ root                                        └ a new View for readers
//! ```
//! The root is defined by [`proof`], not by how leaves are kept: leaves lie in *buckets*, a few to a record, ordered by
//! path; above them a tree of hashes is held in memory. That tree is immutable, so uncommitted blocks share most of it
//! with their parents, and a reader holds the tree of one height together with a snapshot of the store: commits neither
//! wait for readers nor disturb them.

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

mod bucket;
mod cache;
mod check;
mod diff;
mod error;
mod history;
mod meta;
mod state;
mod store;
mod tree;
mod view;

/// Proofs under a state root; defined in `xl-primitives`, so that a light client needs no store.
pub use xl_primitives::state_proof as proof;

pub use diff::Diff;
pub use error::{StateDamage, StateError};
pub use meta::{DigestAndRoot, Head};
pub use proof::{EMPTY_ROOT, ProofError, StateProof as Proof};
pub use state::{CommitOutcome, State};
pub use store::{
    Action, Batch, Budget, Damage, Fault, FjallStore, KEY_MAX as STORE_KEY_MAX, MemoryStore, Op, Pair, Reader, Store,
    StoreError, Table, Visit,
};
pub use view::View;

/// A state key: contract id (20 bytes), then at most 256 bytes (protocol rule 16).
pub type Key = Vec<u8>;

/// Longest state key in bytes.
pub const KEY_BYTES_MAX: usize = 20 + 256;

/// Longest value in bytes.
pub const VALUE_BYTES_MAX: usize = 65_535;
