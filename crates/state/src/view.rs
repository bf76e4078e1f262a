//! The state at one height, for readers.

use std::ops::ControlFlow;
use std::sync::Arc;

use xl_crypto::sm3;

use crate::bucket::{Body, BucketId, entries, find};
use crate::cache::Cache;
use crate::error::{StateDamage, StateError};
use crate::history;
use crate::meta::{DigestAndRoot, Head, read_commit};
use crate::proof::{StateProof, state_path};
use crate::store::{Reader, Table, Visit};
use crate::tree::{Node, Records, Walk, locate, prove, root};

/// The state after one block: value, proof, root and height of a view belong together, whatever is committed meanwhile.
///
/// It rests on a snapshot of the store and on a tree that nobody changes, so it takes no lock. A view that is kept holds
/// disk space that the store could reclaim otherwise.
pub struct View {
    pub(crate) head: Option<Head>,
    pub(crate) tree: Option<Arc<Node>>,
    /// Oldest height of the history.
    pub(crate) oldest: u64,
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) cache: Arc<Cache>,
}

impl View {
    /// The last committed block; `None` before the first.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.head
    }

    /// Height of the last committed block.
    #[must_use]
    pub fn height(&self) -> Option<u64> {
        self.head.map(|head| head.height)
    }

    /// State root.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        root(self.tree.as_ref())
    }

    /// Number of keys.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.tree.as_ref().map_or(0, |node| node.leaves())
    }

    /// The store's other tables, as of the same block.
    #[must_use]
    pub fn records(&self) -> &dyn Reader {
        &*self.reader
    }

    /// Value of `key`.
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.get_path(&state_path(key))
    }

    pub(crate) fn get_path(&self, path: &[u8; 32]) -> Result<Option<Vec<u8>>, StateError> {
        let Some((id, bucket)) = locate(self.tree.as_ref(), path) else { return Ok(None) };
        let record = self.record(id, bucket.check)?;
        match find(&record, path)?.map(|entry| entry.body) {
            None => Ok(None),
            Some(Body::Inline(value)) => Ok(Some(value.to_vec())),
            Some(Body::Long { hash }) => self.long_value(path, hash).map(Some),
        }
    }

    pub(crate) fn long_value(&self, path: &[u8; 32], hash: &[u8; 32]) -> Result<Vec<u8>, StateError> {
        let value = self.reader.get(Table::Values, path)?;
        value.filter(|value| sm3(&[value]) == *hash).ok_or(StateError::damaged(StateDamage::Value))
    }

    /// Proof of the value of `key`, or of its absence, under [`View::root`].
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn prove(&self, key: &[u8]) -> Result<StateProof, StateError> {
        prove(self.tree.as_ref(), &state_path(key), self)
    }

    /// Value of `key` after block `height`; it is not proven (protocol rule 17).
    ///
    /// # Errors
    /// [`StateError::Future`] above the view's height, [`StateError::Pruned`] below the history.
    pub fn get_historical(&self, key: &[u8], height: u64) -> Result<Option<Vec<u8>>, StateError> {
        if self.height().is_none_or(|newest| height > newest) {
            return Err(StateError::Future { height });
        }
        if height < self.oldest {
            return Err(StateError::Pruned { oldest: self.oldest });
        }
        let path = state_path(key);
        match history::find(self.records(), &path, height)? {
            Some(value) => Ok(value),
            None => self.get_path(&path),
        }
    }

    /// Digest of the block and state root at a committed height; `None` if this store does not have it.
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn committed(&self, height: u64) -> Result<Option<DigestAndRoot>, StateError> {
        read_commit(self.records(), height)
    }

    /// Visits (key, value) of every leaf whose path is not below `from`, in the order of paths; `Break` ends the visit.
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged; leaves before the damage have been visited.
    pub fn scan(&self, from: &[u8; 32], visit: &mut Visit<'_>) -> Result<(), StateError> {
        let damaged = StateError::damaged(StateDamage::Bucket);
        let mut expected = Walk::new(self.tree.as_ref(), from);
        let Some(mut next) = expected.next() else { return Ok(()) };
        let mut result = Err(damaged);
        self.reader.scan(Table::Buckets, &next.0.key(), &mut |key, record| {
            let (id, bucket) = next;
            if BucketId::from_key(key) != Some(id) || id.check(record) != bucket.check {
                return ControlFlow::Break(());
            }
            match self.visit_record(record, from, visit) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => {
                    result = Ok(());
                    return ControlFlow::Break(());
                }
                Err(error) => {
                    result = Err(error);
                    return ControlFlow::Break(());
                }
            }
            match expected.next() {
                Some(following) => {
                    next = following;
                    ControlFlow::Continue(())
                }
                None => {
                    result = Ok(());
                    ControlFlow::Break(())
                }
            }
        })?;
        result
    }

    fn visit_record(
        &self,
        record: &[u8],
        from: &[u8; 32],
        visit: &mut Visit<'_>,
    ) -> Result<ControlFlow<()>, StateError> {
        for entry in entries(record) {
            let entry = entry?;
            if entry.path < from {
                continue;
            }
            let flow = match entry.body {
                Body::Inline(value) => visit(entry.key, value),
                Body::Long { hash } => visit(entry.key, &self.long_value(entry.path, hash)?),
            };
            if flow.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Records for View {
    fn record(&self, id: BucketId, check: u64) -> Result<Arc<Vec<u8>>, StateError> {
        if let Some(record) = self.cache.get(id, check) {
            return Ok(record);
        }
        let record = self.reader.get(Table::Buckets, &id.key())?;
        let record = record.filter(|record| id.check(record) == check);
        let record = Arc::new(record.ok_or(StateError::damaged(StateDamage::Bucket))?);
        self.cache.put(id, check, Arc::clone(&record));
        Ok(record)
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("head", &self.head).finish_non_exhaustive()
    }
}
