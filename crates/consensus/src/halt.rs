//! Halting for good: this node disagrees with a quorum or with its own past (protocol 1 and 5). Nobody may vote on from
//! there, so the halt is written to the store and survives restarts until an operator repairs the node.

use borsh::{BorshDeserialize, BorshSerialize};
use commonware_utils::channel::watch;
use std::sync::Arc;
use xl_primitives::{Hash, decode, encode};
use xl_state::{Batch, Store, StoreError, Table};

const KEY: &[u8] = b"consensus/halt";

/// Why a node stopped for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, thiserror::Error)]
pub enum Cause {
    /// A quorum voted for a block whose roots differ here.
    #[error("a notarised or final block gives other roots on this node")]
    RootMismatch,
    /// A final block breaks a rule here.
    #[error("a final block is invalid on this node")]
    InvalidFinalBlock,
    /// The store could not be read or written, or holds another block at the height.
    #[error("the store failed or contradicts a final block")]
    Store,
    /// The engine gave blocks out of order, or without what they rest on.
    #[error("a final block does not follow the last committed one")]
    OutOfOrder,
}

/// Where and why a node stopped for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Halt {
    /// Height of the block in question.
    pub height: u64,
    /// The block in question.
    pub digest: Hash,
    /// What was wrong.
    pub cause: Cause,
}

/// Raises and announces a halt.
pub(crate) struct Halts<S> {
    store: Arc<S>,
    current: watch::Sender<Option<Halt>>,
}

impl<S: Store> Halts<S> {
    /// Reads the halt of an earlier run, if there is one.
    pub(crate) fn open(store: Arc<S>) -> Result<Result<Self, Halt>, StoreError> {
        let earlier = store.get(Table::Node, KEY)?.and_then(|bytes| decode(&bytes, "halt").ok());
        Ok(earlier.map_or_else(|| Ok(Self { store, current: watch::Sender::new(None) }), Err))
    }

    /// Stops this node. The first cause stands.
    pub(crate) fn raise(&self, halt: Halt, detail: &dyn std::error::Error) {
        let first = self.current.send_if_modified(|current| match current {
            Some(_) => false,
            None => {
                *current = Some(halt);
                true
            }
        });
        if !first {
            return;
        }
        let Halt { height, digest, cause } = halt;
        tracing::error!(height, ?digest, %cause, %detail, "consensus.halt");
        // A failed store is found again by the next start, a disagreement must be remembered.
        if cause != Cause::Store {
            let mut batch = Batch::new();
            batch.put(Table::Node, KEY, encode(&halt));
            if let Err(error) = self.store.write(batch, true) {
                tracing::error!(%error, "consensus.halt.unwritten");
            }
        }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Halt>> {
        self.current.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Halt, Halts};
    use std::sync::Arc;
    use xl_primitives::Hash;
    use xl_state::MemoryStore;

    fn halt(height: u64, cause: Cause) -> Halt {
        Halt { height, digest: Hash([1; 32]), cause }
    }

    #[test]
    fn a_disagreement_is_remembered_and_the_first_cause_stands() {
        let store = Arc::new(MemoryStore::new());
        let halts = Halts::open(Arc::clone(&store)).unwrap().ok().unwrap();
        let first = halt(7, Cause::RootMismatch);
        halts.raise(first, &first.cause);
        halts.raise(halt(8, Cause::OutOfOrder), &first.cause);
        assert_eq!(*halts.subscribe().borrow(), Some(first));
        store.crash();
        assert_eq!(Halts::open(Arc::new(store.reopen())).unwrap().err(), Some(first));
    }

    #[test]
    fn a_failed_store_stops_this_run_only() {
        let store = Arc::new(MemoryStore::new());
        let halts = Halts::open(Arc::clone(&store)).unwrap().ok().unwrap();
        halts.raise(halt(7, Cause::Store), &Cause::Store);
        assert!(halts.subscribe().borrow().is_some());
        assert!(Halts::open(store).unwrap().is_ok());
    }
}
