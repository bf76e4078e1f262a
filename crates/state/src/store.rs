//! What the state needs from a database: five calls over named tables, atomic batches, snapshots.
//!
//! [`FjallStore`] keeps a node's data; [`MemoryStore`] is the simulator's, with crashes that lose what was not synced.

mod batch;
mod fjall;
mod memory;

use std::ops::ControlFlow;

pub use batch::{Batch, Op};
pub use fjall::{Budget, FjallStore};
pub use memory::{Fault, MemoryStore};

/// Every table of a node. A table is an ordered map of byte strings.
///
/// The state owns those up to [`Table::Meta`]; the others belong to its callers and are written with a commit, so that
/// a block and everything about it become durable together (protocol rule 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Leaves of the tree, a few to a record, by path prefix.
    Buckets,
    /// Hash, size and check word of every record of [`Table::Buckets`].
    TreeTop,
    /// Values too long for a bucket, by path.
    Values,
    /// (path, height) -> value before that height.
    History,
    /// height -> paths written there.
    HistoryLog,
    /// height -> block digest and state root.
    Commits,
    /// Format version, installation id, oldest height of the history.
    Meta,
    /// Blocks.
    Blocks,
    /// Block headers.
    Headers,
    /// Receipts with their events.
    Receipts,
    /// Transactions by id.
    TxIndex,
    /// Other look-ups: events, accounts, digests.
    Index,
    /// Notarisations and finalisations.
    Certificates,
    /// Conflicting votes.
    Evidence,
    /// Small records of the node itself.
    Node,
}

impl Table {
    /// All tables, in order.
    pub const ALL: [Self; 15] = [
        Self::Buckets,
        Self::TreeTop,
        Self::Values,
        Self::History,
        Self::HistoryLog,
        Self::Commits,
        Self::Meta,
        Self::Blocks,
        Self::Headers,
        Self::Receipts,
        Self::TxIndex,
        Self::Index,
        Self::Certificates,
        Self::Evidence,
        Self::Node,
    ];

    /// Name on disk and in errors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buckets => "buckets",
            Self::TreeTop => "tree_top",
            Self::Values => "values",
            Self::History => "history",
            Self::HistoryLog => "history_log",
            Self::Commits => "commits",
            Self::Meta => "meta",
            Self::Blocks => "blocks",
            Self::Headers => "headers",
            Self::Receipts => "receipts",
            Self::TxIndex => "tx_index",
            Self::Index => "index",
            Self::Certificates => "certificates",
            Self::Evidence => "evidence",
            Self::Node => "node",
        }
    }

    /// Whether only the state itself may write here.
    #[must_use]
    pub const fn reserved(self) -> bool {
        matches!(
            self,
            Self::Buckets
                | Self::TreeTop
                | Self::Values
                | Self::History
                | Self::HistoryLog
                | Self::Commits
                | Self::Meta
        )
    }
}

/// Why a store could not read or write. None is a result of the chain: the node stops (protocol rule 18).
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused; for a write its effect is unknown until the store is opened again.
    #[error("the store failed to {action}")]
    Io {
        /// What was being done.
        action: Action,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The files hold something else than what was written.
    #[error("the store is damaged ({what})")]
    Damaged {
        /// How it was noticed.
        what: Damage,
    },
    /// Another process has the store open.
    #[error("the store is in use by another process")]
    Locked,
    /// An earlier write failed, so nothing is written until the store is opened again.
    #[error("the store refuses writes after a failed one")]
    Poisoned,
    /// An empty key, one longer than [`KEY_MAX`] bytes, or the single byte `0xFF`, which stores keep for themselves.
    #[error("a key of {length} bytes is not possible here")]
    BadKey {
        /// Length in bytes.
        length: usize,
    },
    /// The process that used this handle has crashed (memory store).
    #[error("the handle belongs to a crashed process")]
    Crashed,
}

/// Longest key of any table, in bytes.
pub const KEY_MAX: usize = 1024;

/// A key of a store's own in every table, never seen by readers.
const RESERVED_KEY: &[u8] = &[0xFF];

/// What a store was doing when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opening the files.
    Open,
    /// Reading.
    Read,
    /// Writing or syncing.
    Write,
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// How damage was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The engine's own checks failed.
    Engine,
    /// Batches that had been synced are gone: the last one is known, `found` is the last that is there.
    LostWrites {
        /// Number of the last batch known to have been synced.
        synced: u64,
        /// Number of the last batch in the database.
        found: u64,
    },
    /// A table does not hold the last batch that touched it.
    Table {
        /// The table.
        table: Table,
    },
    /// A batch in the middle is missing.
    MissingWrite {
        /// Number of the batch.
        batch: u64,
    },
    /// The file with the number of the last synced batch is unreadable.
    Mark,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine => write!(f, "a check of the engine failed"),
            Self::LostWrites { synced, found } => write!(f, "batch {synced} was synced, {found} is the last one left"),
            Self::MissingWrite { batch } => write!(f, "batch {batch} is missing"),
            Self::Table { table } => write!(f, "table {} has lost its last writes", table.name()),
            Self::Mark => write!(f, "the mark of the last synced batch is unreadable"),
        }
    }
}

impl StoreError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "XL-STORE-F1",
            Self::Damaged { .. } => "XL-STORE-F2",
            Self::Locked => "XL-STORE-F3",
            Self::Poisoned => "XL-STORE-F4",
            Self::BadKey { .. } => "XL-STORE-M1",
            Self::Crashed => "XL-STORE-F5",
        }
    }
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Called with each key and value of a scan; `Break` ends it.
pub type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Reading: of the latest writes for a store, of one moment for a snapshot.
pub trait Reader: Send + Sync {
    /// Value of `key`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot read or is damaged.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// First entry with `from <= key < until`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot read or is damaged.
    fn first(&self, table: Table, from: &[u8], until: &[u8]) -> Result<Option<Pair>, StoreError> {
        let mut found = None;
        self.scan(table, from, &mut |key, value| {
            if key < until {
                found = Some((key.to_vec(), value.to_vec()));
            }
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    /// Visits the entries with `from <= key` in the order of keys.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot read or is damaged; entries before the damage have been visited.
    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError>;
}

/// A durable ordered store.
pub trait Store: Reader {
    /// Applies `batch` as a whole or not at all, over all its tables. With `sync` it and all earlier batches are
    /// durable on return; without, a crash loses it together with every later batch.
    ///
    /// # Errors
    /// [`StoreError`]; whether the batch is there is known after opening the store again.
    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError>;

    /// A view that later writes do not change.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot read.
    fn snapshot(&self) -> Result<Box<dyn Reader>, StoreError>;
}

#[cfg(test)]
mod tests;
