//! Why a node does not start or cannot answer.

use std::{io, path::PathBuf};
use xl_consensus::{StartError, SubmitError};
use xl_execution::{Fault, QueryError};
use xl_primitives::{DecodeError, Hash, genesis::GenesisError, id::InvalidId};
use xl_state::{StateError, StoreError};

/// A node's own failures; what it refuses to others is [`SubmitError`] and [`crate::reads::ReadRefused`].
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The configuration is not one.
    #[error("configuration: {0}")]
    Configuration(#[from] serde_json::Error),
    /// A field of the configuration holds something else than it should.
    #[error("configuration field {field} is not valid")]
    Field {
        /// Name of the field.
        field: &'static str,
    },
    /// The genesis does not decode.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The genesis founds no chain.
    #[error("genesis: {0}")]
    Genesis(#[from] GenesisError),
    /// Nobody admitted this node's key.
    #[error("key {key} is not the key of a node of chain {chain_id}")]
    Stranger {
        /// The node's key in hex.
        key: String,
        /// The chain.
        chain_id: Hash,
    },
    /// Another process runs the node.
    #[error("folder {folder:?} is in use by another process")]
    FolderInUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder cannot be used.
    #[error("folder {folder:?}: {source}")]
    Folder {
        /// The data folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The chain could not be opened or read.
    #[error(transparent)]
    Chain(#[from] Fault),
    /// The store could not be opened or read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// Consensus did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The node's threads ended before it had started.
    #[error("the node's threads ended: {reason}")]
    Ended {
        /// Why, as far as known.
        reason: String,
    },
    /// This kind of node does not do that.
    #[error("a node of kind {kind} does not serve users")]
    NotServing {
        /// Its kind.
        kind: &'static str,
    },
    /// A transaction was turned away.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// A query found no answer.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A text is not an identifier.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// No certificate reaches the block yet.
    #[error("height {height} has no finality certificate here yet")]
    NotProvable {
        /// The height.
        height: u64,
    },
}

impl NodeError {
    /// True when the database is damaged and has to be restored or fetched again.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        let store = |error: &StoreError| matches!(error, StoreError::Damaged { .. });
        let state = |error: &StateError| match error {
            StateError::Damaged { .. } => true,
            StateError::Store(error) => store(error),
            _ => false,
        };
        match self {
            Self::Store(error) | Self::Start(StartError::Store(error)) => store(error),
            Self::State(error) => state(error),
            Self::Chain(fault) | Self::Start(StartError::Chain(fault)) => match fault {
                Fault::State(error) => state(error),
                Fault::Store(error) => store(error),
                Fault::Record { .. } | Fault::Missing { .. } => true,
                _ => false,
            },
            Self::Start(StartError::LostCommits { .. }) => true,
            _ => false,
        }
    }
}
