//! The pool that the gateway fills, the gossip spreads and the proposer reads.

use commonware_utils::channel::{mpsc, watch};
use parking_lot::Mutex;
use std::sync::Arc;
use xl_execution::{Chain, Fault, Refused};
use xl_mempool::{Budget, Limits, Pool, PoolError};
use xl_primitives::{CheckedTx, Hash, TxError};
use xl_state::Store;

/// Transactions that wait to be sent to the validators; beyond it they are only re-sent later.
const OUTBOX_COUNT_MAX: usize = 16_384;

/// Why a transaction was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It cannot be right in any state of the chain.
    #[error(transparent)]
    Invalid(#[from] TxError),
    /// It is not right in the state of the last committed block.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The pool has no room for it.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// This node cannot tell.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A pool with the chain that judges what may enter. Clones share it.
pub struct SharedPool<S: Store> {
    inner: Arc<Inner<S>>,
}

struct Inner<S: Store> {
    chain: Chain<S>,
    pool: Mutex<Pool>,
    /// Counts admissions, so that a leader that waits for work wakes at once.
    admitted: watch::Sender<u64>,
    outbox: mpsc::Sender<CheckedTx>,
    /// Taken by the gossip when consensus starts.
    outgoing: Mutex<Option<mpsc::Receiver<CheckedTx>>>,
}

impl<S: Store> Clone for SharedPool<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S: Store + 'static> SharedPool<S> {
    /// An empty pool over `chain`.
    #[must_use]
    pub fn new(chain: Chain<S>, limits: Limits) -> Self {
        let (outbox, outgoing) = mpsc::channel(OUTBOX_COUNT_MAX);
        let inner = Inner {
            chain,
            pool: Mutex::new(Pool::new(limits)),
            admitted: watch::Sender::new(0),
            outbox,
            outgoing: Mutex::new(Some(outgoing)),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Takes in a client's transaction and sends it to all validators. Submitting it again is no error.
    ///
    /// # Errors
    /// [`SubmitError`]: the transaction has no effect.
    pub fn submit(&self, bytes: Vec<u8>, now_ms: u64) -> Result<Hash, SubmitError> {
        let tx = self.inner.chain.check(bytes)?;
        self.submit_checked(tx, now_ms)
    }

    /// [`Self::submit`] for a transaction whose signature is already checked.
    ///
    /// # Errors
    /// [`SubmitError`]: the transaction has no effect.
    pub fn submit_checked(&self, tx: CheckedTx, now_ms: u64) -> Result<Hash, SubmitError> {
        let id = tx.id();
        if self.admit(tx.clone(), now_ms)? {
            // A full outbox loses nothing: the transaction waits in this pool and is sent again with the next round.
            let _ = self.inner.outbox.try_send(tx);
        }
        Ok(id)
    }

    /// Takes in what a peer sent, whose signatures are verified together; why some were turned away.
    pub(crate) fn admit_many(&self, all: Vec<Vec<u8>>, now_ms: u64) -> Vec<SubmitError> {
        let checked = self.inner.chain.check_many(all).into_iter();
        checked.filter_map(|tx| tx.map_err(SubmitError::from).and_then(|tx| self.admit(tx, now_ms)).err()).collect()
    }

    fn admit(&self, tx: CheckedTx, now_ms: u64) -> Result<bool, SubmitError> {
        let organisation = self.inner.chain.admissible(&tx, now_ms)??;
        let new = self.inner.pool.lock().admit(tx, &organisation)?;
        if new {
            self.inner.admitted.send_modify(|count| *count += 1);
        }
        Ok(new)
    }

    /// Number of waiting transactions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.pool.lock().len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.pool.lock().is_empty()
    }

    /// Bytes of the waiting transactions.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.inner.pool.lock().bytes()
    }

    /// Whether the transaction waits here.
    #[must_use]
    pub fn contains(&self, id: &Hash) -> bool {
        self.inner.pool.lock().contains(id)
    }

    pub(crate) fn reap(&self, budget: Budget, skip: impl Fn(&Hash) -> bool) -> Vec<CheckedTx> {
        self.inner.pool.lock().reap(budget, skip)
    }

    pub(crate) fn remove(&self, ids: &[Hash]) {
        self.inner.pool.lock().remove(ids);
    }

    pub(crate) fn expire(&self, time_ms: u64) -> usize {
        self.inner.pool.lock().expire(time_ms)
    }

    pub(crate) fn admissions(&self) -> watch::Receiver<u64> {
        self.inner.admitted.subscribe()
    }

    /// What this node's clients submitted; `None` after the first call.
    pub(crate) fn outgoing(&self) -> Option<mpsc::Receiver<CheckedTx>> {
        self.inner.outgoing.lock().take()
    }
}
