//! The committed state: preparing, committing and publishing blocks.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::bucket::{BucketId, INLINE_MAX};
use crate::cache::Cache;
use crate::diff::Diff;
use crate::error::{StateDamage, StateError};
use crate::history;
use crate::meta::{
    Head, read_commit, read_head, read_installation, read_oldest, write_head, write_installation, write_oldest,
};
use crate::proof::{EMPTY_ROOT, StateProof};
use crate::store::{Batch, Reader, Store, Table};
use crate::tree::{Before, Bucket, Outcome, Records, Update, Write, restore, root};
use crate::view::View;
use crate::{KEY_BYTES_MAX, VALUE_BYTES_MAX};

/// Bytes of buckets kept in memory by [`State::open`].
const CACHE_BYTES: usize = 64 << 20;

/// Heights pruned in one batch.
const PRUNE_HEIGHTS: usize = 64;

/// What a commit did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The block is durable now.
    Committed,
    /// The block was durable already; nothing was written.
    AlreadyCommitted,
}

/// The state over a store. One thread prepares and commits; any number read through [`State::view`].
pub struct State<S: Store + ?Sized> {
    store: Arc<S>,
    cache: Arc<Cache>,
    current: RwLock<Arc<View>>,
    /// Held by whoever writes.
    writer: Mutex<()>,
    faulted: AtomicBool,
}

impl<S: Store + ?Sized> State<S> {
    /// Opens the state in `store`. The hashes above the buckets are computed again and compared with the recorded root.
    ///
    /// # Errors
    /// [`StateError::NewerFormat`], [`StateError::Damaged`], or the store's own errors.
    pub fn open(store: Arc<S>) -> Result<Self, StateError> {
        Self::open_with_cache(store, CACHE_BYTES)
    }

    /// [`State::open`] with at most `cache_bytes` of buckets kept in memory.
    ///
    /// # Errors
    /// As [`State::open`].
    pub fn open_with_cache(store: Arc<S>, cache_bytes: usize) -> Result<Self, StateError> {
        let cache = Arc::new(Cache::new(cache_bytes));
        let reader = store.snapshot()?;
        let head = read_head(&*reader)?;
        let oldest = read_oldest(&*reader)?.unwrap_or(0);
        let buckets = read_tree_top(&*reader)?;
        let tree = restore(&buckets, &head.map_or(EMPTY_ROOT, |head| head.root))?;
        if tree.as_ref().map_or(0, |node| node.leaves()) != head.map_or(0, |head| head.leaves) {
            return Err(StateError::damaged(StateDamage::Root));
        }
        let view = View { head, tree, oldest, reader, cache: Arc::clone(&cache) };
        let current = RwLock::new(Arc::new(view));
        Ok(Self { store, cache, current, writer: Mutex::new(()), faulted: AtomicBool::new(false) })
    }

    /// The store beneath.
    #[must_use]
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The state after the last committed block: a consistent read view that commits do not disturb.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// State root after the last committed block.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.view().root()
    }

    /// Height of the last committed block; `None` before the first.
    #[must_use]
    pub fn height(&self) -> Option<u64> {
        self.view().height()
    }

    /// The last committed block.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        self.view().head()
    }

    /// Value of `key` after the last committed block.
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.view().get(key)
    }

    /// Value of `key` after the last of `ancestors` (oldest first), uncommitted blocks over the committed state.
    /// Ancestors that have been committed meanwhile do no harm.
    ///
    /// # Errors
    /// [`StateError::NotAncestors`] if the committed state has left the ancestors' branch.
    pub fn get_at(&self, ancestors: &[Arc<Diff>], key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        let view = self.view();
        check_ancestors(&view, ancestors)?;
        match ancestors.iter().rev().find_map(|diff| diff.writes.get(key)) {
            Some(value) => Ok(value.clone()),
            None => view.get(key),
        }
    }

    /// Root and diff of `writes` (`None` removes) applied after the last of `ancestors` (oldest first). Changes nothing.
    ///
    /// # Errors
    /// [`StateError::KeyTooLong`], [`StateError::ValueTooLong`], [`StateError::NotAncestors`], or the store's errors.
    pub fn prepare(
        &self,
        ancestors: &[Arc<Diff>],
        writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    ) -> Result<Diff, StateError> {
        let mut keys = Vec::with_capacity(writes.len());
        for (key, value) in writes {
            if key.len() > KEY_BYTES_MAX {
                return Err(StateError::KeyTooLong { length: key.len() });
            }
            if let Some(length) = value.as_ref().map(Vec::len).filter(|length| *length > VALUE_BYTES_MAX) {
                return Err(StateError::ValueTooLong { length });
            }
            keys.push(key.as_slice());
        }
        self.prepare_at(ancestors, writes, &xl_crypto::sm3_batch(&keys))
    }

    /// [`State::prepare`] with the path of each write given.
    pub(crate) fn prepare_at(
        &self,
        ancestors: &[Arc<Diff>],
        writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
        paths: &[[u8; 32]],
    ) -> Result<Diff, StateError> {
        let view = self.view();
        check_ancestors(&view, ancestors)?;
        let items = writes.iter().zip(paths).map(|((key, value), path)| (*path, key.as_slice(), value.as_deref()));
        let items = Write::all(items.collect());
        let tree = ancestors.last().map_or(&view.tree, |diff| &diff.tree).as_ref();
        let layers = Layers { view: &view, ancestors };
        let Outcome { tree: new, buckets, changed } = Update::run(tree, &items, &layers)?;

        let mut before = Vec::with_capacity(changed.len());
        let mut long = Vec::new();
        for (index, old) in changed {
            let write = &items[index];
            let was_long = matches!(old, Before::Long { .. });
            if write.value.is_some_and(|value| value.len() > INLINE_MAX) {
                long.push((write.path, Some(write.key.to_vec())));
            } else if was_long {
                long.push((write.path, None));
            }
            let old = match old {
                Before::Absent => None,
                Before::Inline(value) => Some(value),
                Before::Long { key, hash } => Some(layers.long_value(&write.path, &key, &hash)?),
            };
            before.push((write.path, old));
        }
        let (parent_root, root) = (root(tree), root(new.as_ref()));
        Ok(Diff { parent_root, root, writes: writes.clone(), tree: new, buckets, before, long })
    }

    /// Makes block `height` with `digest` durable: `diff` and the caller's records in `extra`, together, in one synced
    /// write; then readers see it. The same block again is no error and writes nothing (protocol rule 5).
    ///
    /// # Errors
    /// [`StateError::Conflict`] if the height has another block, [`StateError::Gap`] if it is not the next (the first
    /// may have any height), [`StateError::WrongParent`] if `diff` stands on another state. After an error of the store
    /// the effect is unknown: everything is refused with [`StateError::Faulted`] until the state is opened again.
    pub fn commit(
        &self,
        height: u64,
        digest: [u8; 32],
        diff: &Diff,
        extra: Batch,
    ) -> Result<CommitOutcome, StateError> {
        let _writer = self.lock()?;
        let view = self.view();
        if let Some(head) = view.head {
            if height <= head.height {
                return match read_commit(view.records(), height)? {
                    Some(committed) if committed == (digest, diff.root) => Ok(CommitOutcome::AlreadyCommitted),
                    Some(_) => Err(StateError::Conflict { height }),
                    None => Err(StateError::BeforeStart { height, first: view.oldest }),
                };
            }
            let expected = head.height + 1;
            if height != expected {
                return Err(StateError::Gap { expected, height });
            }
        }
        if diff.parent_root != view.root() {
            return Err(StateError::WrongParent);
        }
        if let Some(op) = extra.ops().find(|op| op.table.reserved()) {
            return Err(StateError::ReservedTable { table: op.table });
        }
        let head = Head { height, digest, root: diff.root, leaves: diff.leaves() };
        let mut batch = extra;
        write_diff(&mut batch, diff);
        write_head(&mut batch, &head);
        let oldest = if view.head.is_some() {
            history::write(&mut batch, height, &diff.before);
            view.oldest
        } else {
            write_oldest(&mut batch, height);
            height
        };
        self.write(batch)?;
        for (id, bucket) in &diff.buckets {
            if let Some(bucket) = bucket {
                self.cache.put(*id, bucket.check, Arc::clone(&bucket.record));
            }
        }
        self.publish(View { head: Some(head), tree: diff.tree.clone(), oldest, ..self.snapshot()? });
        Ok(CommitOutcome::Committed)
    }

    /// Proof of the value of `key`, or of its absence, under the present root. For value, proof and root of one height
    /// ask one [`State::view`].
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn prove(&self, key: &[u8]) -> Result<StateProof, StateError> {
        self.view().prove(key)
    }

    /// Value of `key` after block `height`; it is not proven.
    ///
    /// # Errors
    /// As [`View::get_historical`].
    pub fn get_historical(&self, key: &[u8], height: u64) -> Result<Option<Vec<u8>>, StateError> {
        self.view().get_historical(key, height)
    }

    /// Forgets the history before `oldest`: later heights can still be asked for. Returns the oldest height left.
    ///
    /// # Errors
    /// [`StateError`] if the store fails; what was pruned until then stays pruned.
    pub fn prune_history(&self, oldest: u64) -> Result<u64, StateError> {
        let _writer = self.lock()?;
        loop {
            let view = self.view();
            let Some(head) = view.head else { return Ok(0) };
            let until = oldest.min(head.height);
            if until <= view.oldest {
                return Ok(view.oldest);
            }
            let (mut batch, done) = history::prune(view.records(), view.oldest, until, PRUNE_HEIGHTS)?;
            write_oldest(&mut batch, done);
            self.write(batch)?;
            self.publish(View { head: view.head, tree: view.tree.clone(), oldest: done, ..self.snapshot()? });
        }
    }

    /// The installation that the store belongs to, if it was ever named.
    ///
    /// # Errors
    /// [`StateError`] if the store fails or is damaged.
    pub fn installation(&self) -> Result<Option<[u8; 16]>, StateError> {
        read_installation(&*self.store.snapshot()?)
    }

    /// Binds the store to installation `id`, for good (protocol rule 6).
    ///
    /// # Errors
    /// [`StateError::OtherInstallation`] if it is bound to another one.
    pub fn bind_installation(&self, id: [u8; 16]) -> Result<(), StateError> {
        let _writer = self.lock()?;
        match self.installation()? {
            Some(bound) if bound == id => Ok(()),
            Some(_) => Err(StateError::OtherInstallation),
            None => {
                let mut batch = Batch::new();
                write_installation(&mut batch, &id);
                self.write(batch)
            }
        }
    }

    fn lock(&self) -> Result<std::sync::MutexGuard<'_, ()>, StateError> {
        let guard = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.faulted.load(Ordering::Acquire) { Err(StateError::Faulted) } else { Ok(guard) }
    }

    fn write(&self, batch: Batch) -> Result<(), StateError> {
        self.store.write(batch, true).map_err(|error| {
            self.faulted.store(true, Ordering::Release);
            error.into()
        })
    }

    fn snapshot(&self) -> Result<View, StateError> {
        let reader = self.store.snapshot().inspect_err(|_| self.faulted.store(true, Ordering::Release))?;
        Ok(View { head: None, tree: None, oldest: 0, reader, cache: Arc::clone(&self.cache) })
    }

    fn publish(&self, view: View) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
    }
}

/// Ancestors must follow each other, and the first that is not committed must stand on the committed state.
fn check_ancestors(view: &View, ancestors: &[Arc<Diff>]) -> Result<(), StateError> {
    let Some(first) = ancestors.first() else { return Ok(()) };
    let committed = view.root();
    let linked = ancestors.windows(2).all(|pair| pair[0].root == pair[1].parent_root);
    let joined = first.parent_root == committed || ancestors.iter().any(|diff| diff.root == committed);
    if linked && joined { Ok(()) } else { Err(StateError::NotAncestors) }
}

fn write_diff(batch: &mut Batch, diff: &Diff) {
    for (id, bucket) in &diff.buckets {
        match bucket {
            Some(bucket) => {
                batch.put_shared(Table::Buckets, &id.key(), Arc::clone(&bucket.record));
                let (check, leaves) = (bucket.check.to_be_bytes(), bucket.leaves.to_be_bytes());
                batch.put_parts(Table::TreeTop, &[&id.key()], &[&bucket.hash, &check, &leaves]);
            }
            None => {
                batch.delete(Table::Buckets, id.key());
                batch.delete(Table::TreeTop, id.key());
            }
        }
    }
    for (path, key) in &diff.long {
        match key.as_ref().and_then(|key| diff.writes.get(key)).and_then(Option::as_ref) {
            Some(value) => batch.put(Table::Values, path, value),
            None => batch.delete(Table::Values, path),
        }
    }
}

fn read_tree_top(reader: &dyn Reader) -> Result<Vec<(BucketId, Bucket)>, StateError> {
    let mut buckets = Vec::new();
    let mut whole = true;
    reader.scan(
        Table::TreeTop,
        &[],
        &mut |key, record| match (BucketId::from_key(key), <&[u8; 44]>::try_from(record)) {
            (Some(id), Ok(record)) => {
                let hash = record[..32].try_into().expect("32 bytes");
                let check = u64::from_be_bytes(record[32..40].try_into().expect("8 bytes"));
                let leaves = u32::from_be_bytes(record[40..].try_into().expect("4 bytes"));
                buckets.push((id, Bucket { hash, check, leaves }));
                ControlFlow::Continue(())
            }
            _ => {
                whole = false;
                ControlFlow::Break(())
            }
        },
    )?;
    if whole { Ok(buckets) } else { Err(StateError::damaged(StateDamage::Root)) }
}

/// Buckets as an uncommitted block sees them.
struct Layers<'a> {
    view: &'a View,
    ancestors: &'a [Arc<Diff>],
}

impl Layers<'_> {
    fn long_value(&self, path: &[u8; 32], key: &[u8], hash: &[u8; 32]) -> Result<Vec<u8>, StateError> {
        match self.ancestors.iter().rev().find_map(|diff| diff.writes.get(key)) {
            Some(Some(value)) => Ok(value.clone()),
            Some(None) => Err(StateError::damaged(StateDamage::Value)),
            None => self.view.long_value(path, hash),
        }
    }
}

impl Records for Layers<'_> {
    fn record(&self, id: BucketId, check: u64) -> Result<Arc<Vec<u8>>, StateError> {
        match self.ancestors.iter().rev().find_map(|diff| diff.record(id, check)) {
            Some(record) => Ok(Arc::clone(record)),
            None => self.view.record(id, check),
        }
    }
}

#[cfg(test)]
mod tests;
