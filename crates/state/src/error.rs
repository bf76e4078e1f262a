//! What can go wrong with the state.

use crate::store::{StoreError, Table};
use crate::{KEY_BYTES_MAX, VALUE_BYTES_MAX};

/// Why the state could not do what was asked.
///
/// Everything except [`StateError::Pruned`], [`StateError::Future`], [`StateError::KeyTooLong`] and
/// [`StateError::ValueTooLong`] is a fault of the node or of its caller, never a result of the chain (protocol rule 18).
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The records do not fit together.
    #[error("the state is damaged ({what})")]
    Damaged {
        /// How it was noticed.
        what: StateDamage,
    },
    /// The height is committed with another block: halt (protocol rule 5).
    #[error("height {height} is already committed with another block")]
    Conflict {
        /// Height of the block.
        height: u64,
    },
    /// The block does not follow the last committed one.
    #[error("height {expected} is next, not {height}")]
    Gap {
        /// The height that can be committed.
        expected: u64,
        /// The height that was to be committed.
        height: u64,
    },
    /// The height lies below the first block of this store.
    #[error("height {height} is below the first one, {first}")]
    BeforeStart {
        /// Height of the block.
        height: u64,
        /// First height in the store.
        first: u64,
    },
    /// The diff was prepared on another state than the committed one.
    #[error("the diff does not stand on the committed state")]
    WrongParent,
    /// The ancestors do not join the committed state, or each other; retry with the present ones.
    #[error("the ancestors do not join the committed state")]
    NotAncestors,
    /// A key longer than protocol rule 16 allows.
    #[error("a key of {length} bytes, at most {KEY_BYTES_MAX} are possible")]
    KeyTooLong {
        /// Length in bytes.
        length: usize,
    },
    /// A value longer than protocol rule 16 allows.
    #[error("a value of {length} bytes, at most {VALUE_BYTES_MAX} are possible")]
    ValueTooLong {
        /// Length in bytes.
        length: usize,
    },
    /// A caller's record aims at a table of the state itself.
    #[error("table {} is the state's own", table.name())]
    ReservedTable {
        /// The table.
        table: Table,
    },
    /// The store was written by a newer program.
    #[error("the store has format {found}, this program knows up to {known}")]
    NewerFormat {
        /// Format of the store.
        found: u32,
        /// Newest format known here.
        known: u32,
    },
    /// The store belongs to another installation.
    #[error("the store belongs to another installation")]
    OtherInstallation,
    /// A commit failed earlier, so its effect is unknown until the state is opened again.
    #[error("an earlier commit failed; the state must be opened again")]
    Faulted,
    /// The history no longer reaches back to that height.
    #[error("history begins at height {oldest}")]
    Pruned {
        /// Oldest height that can be asked for.
        oldest: u64,
    },
    /// The height is not committed yet.
    #[error("height {height} is not committed yet")]
    Future {
        /// Height that was asked for.
        height: u64,
    },
}

/// How damage of the state was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateDamage {
    /// A record of leaves is missing, altered or of another time.
    Bucket,
    /// The tree above the leaves does not have the recorded root.
    Root,
    /// A long value is missing or altered.
    Value,
    /// A record about the state itself is missing or altered.
    Meta,
    /// A record of the history is altered.
    History,
}

impl std::fmt::Display for StateDamage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bucket => "a record of leaves is missing or altered",
            Self::Root => "the records do not have the recorded root",
            Self::Value => "a long value is missing or altered",
            Self::Meta => "a record about the state is missing or altered",
            Self::History => "a record of the history is altered",
        })
    }
}

impl StateError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Damaged { .. } => "XL-STATE-F1",
            Self::Conflict { .. } => "XL-STATE-F2",
            Self::Gap { .. } => "XL-STATE-M1",
            Self::BeforeStart { .. } => "XL-STATE-M2",
            Self::WrongParent => "XL-STATE-M3",
            Self::NotAncestors => "XL-STATE-M4",
            Self::KeyTooLong { .. } => "XL-STATE-M5",
            Self::ValueTooLong { .. } => "XL-STATE-M6",
            Self::ReservedTable { .. } => "XL-STATE-M7",
            Self::NewerFormat { .. } => "XL-STATE-F3",
            Self::OtherInstallation => "XL-STATE-F4",
            Self::Faulted => "XL-STATE-F5",
            Self::Pruned { .. } => "XL-STATE-R1",
            Self::Future { .. } => "XL-STATE-R2",
        }
    }

    /// Whether the same call can succeed later without anyone acting.
    #[must_use]
    pub const fn retry(&self) -> bool {
        matches!(self, Self::Future { .. } | Self::NotAncestors)
    }

    pub(crate) const fn damaged(what: StateDamage) -> Self {
        Self::Damaged { what }
    }
}
