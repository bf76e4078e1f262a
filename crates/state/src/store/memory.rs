//! A store in memory for the simulator and tests: every write is versioned, a crash forgets what was not synced.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Batch, Reader, Store, StoreError, Table, Visit};

/// When an armed write fails. Either way the process is taken to crash there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of the batch is applied.
    Before,
    /// The batch and all before it are durable, the writer is not told.
    After,
}

/// Versions of one key, oldest first: (batch number, value or removed).
type Versions = Vec<(u64, Option<Arc<[u8]>>)>;

#[derive(Default)]
struct Inner {
    /// Grows with every crash; handles of an earlier life are dead.
    life: u64,
    crashed: bool,
    tables: BTreeMap<Table, BTreeMap<Vec<u8>, Versions>>,
    /// Number of the last batch, and of the last that a crash keeps.
    last: u64,
    durable: u64,
    /// Keys of the batches that a crash would lose.
    unsynced: Vec<(u64, Table, Vec<u8>)>,
    /// Overwritten versions: (number of the batch that overwrote, table, key), to be dropped when nobody can read them.
    superseded: VecDeque<(u64, Table, Vec<u8>)>,
    /// Live snapshots: batch number -> how many.
    snapshots: BTreeMap<u64, usize>,
    armed: Option<(u64, Fault)>,
    writes: u64,
}

/// A crash-faithful store in memory. Clones share the data; [`MemoryStore::crash`] ends the life of all of them, and
/// [`MemoryStore::reopen`] gives a handle of the next life, as a restarted process would have.
#[derive(Clone, Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    life: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the `nth` write from now (1 is the next) fail and crash this life.
    pub fn fail_write(&self, nth: u64, fault: Fault) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.armed = Some((inner.writes + nth, fault));
    }

    /// Number of writes tried so far, over all lives.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).writes
    }

    /// Crashes: all handles die, and of the batches not synced the first `kept` survive.
    pub fn crash_keeping(&self, kept: usize) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let survives = inner.durable.saturating_add(kept as u64).min(inner.last);
        inner.crash(survives);
    }

    /// Crashes: all handles die, and every batch that was not synced is gone.
    pub fn crash(&self) {
        self.crash_keeping(0);
    }

    /// A handle of the current life. After a crash the first call starts the next life.
    #[must_use]
    pub fn reopen(&self) -> Self {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.crashed = false;
        Self { inner: Arc::clone(&self.inner), life: inner.life }
    }

    #[cfg(test)]
    pub(super) fn versions(&self) -> usize {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.tables.values().flat_map(BTreeMap::values).map(Vec::len).sum()
    }

    fn scan_at(&self, table: Table, from: &[u8], at: u64, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let mut from = from.to_vec();
        loop {
            let chunk = self.lock()?.chunk(table, &from, at);
            for (key, value) in &chunk {
                if visit(key, value).is_break() {
                    return Ok(());
                }
            }
            match chunk.last() {
                Some((key, _)) if chunk.len() == CHUNK => from = [key, &[0][..]].concat(),
                _ => return Ok(()),
            }
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.crashed || inner.life != self.life { Err(StoreError::Crashed) } else { Ok(inner) }
    }
}

impl Inner {
    fn crash(&mut self, survives: u64) {
        for (number, table, key) in std::mem::take(&mut self.unsynced) {
            if number <= survives {
                continue;
            }
            let Some(entries) = self.tables.get_mut(&table) else { continue };
            if let Some(versions) = entries.get_mut(&key) {
                versions.retain(|(number, _)| *number <= survives);
                if versions.is_empty() {
                    entries.remove(&key);
                }
            }
        }
        self.superseded.retain(|(number, ..)| *number <= survives);
        (self.last, self.durable) = (survives, survives);
        self.life += 1;
        self.crashed = true;
        self.armed = None;
        self.snapshots.clear();
    }

    fn apply(&mut self, batch: &Batch) {
        self.last += 1;
        let number = self.last;
        for op in batch.ops() {
            let versions = self.tables.entry(op.table).or_default().entry(op.key.to_vec()).or_default();
            if versions.last().is_some_and(|(last, _)| *last == number) {
                versions.pop();
            }
            versions.push((number, op.value.map(Arc::from)));
            self.unsynced.push((number, op.table, op.key.to_vec()));
            self.superseded.push_back((number, op.table, op.key.to_vec()));
        }
    }

    fn sync(&mut self) {
        self.durable = self.last;
        self.unsynced.clear();
    }

    /// Drops versions that neither a snapshot nor a crash can bring back.
    fn collect(&mut self) {
        let oldest = self.snapshots.keys().next().map_or(self.durable, |snapshot| self.durable.min(*snapshot));
        while self.superseded.front().is_some_and(|(number, ..)| *number <= oldest) {
            let Some((_, table, key)) = self.superseded.pop_front() else { break };
            let Some(entries) = self.tables.get_mut(&table) else { continue };
            let Some(versions) = entries.get_mut(&key) else { continue };
            let needed = versions.iter().rposition(|(number, _)| *number <= oldest).unwrap_or(0);
            versions.drain(..needed);
            if matches!(versions[..], [(_, None)]) {
                entries.remove(&key);
            }
        }
    }

    fn get(&self, table: Table, key: &[u8], at: u64) -> Option<Vec<u8>> {
        version(self.tables.get(&table)?.get(key)?, at).map(|value| value.to_vec())
    }

    /// The next entries from `from` on, at most [`CHUNK`].
    fn chunk(&self, table: Table, from: &[u8], at: u64) -> Vec<(Vec<u8>, Arc<[u8]>)> {
        let Some(entries) = self.tables.get(&table) else { return Vec::new() };
        entries
            .range::<[u8], _>((Bound::Included(from), Bound::Unbounded))
            .filter_map(|(key, versions)| Some((key.clone(), version(versions, at)?)))
            .take(CHUNK)
            .collect()
    }
}

/// Entries copied under the lock at a time, so that a visitor may itself read the store.
const CHUNK: usize = 64;

fn version(versions: &Versions, at: u64) -> Option<Arc<[u8]>> {
    versions.iter().rev().find(|(number, _)| *number <= at)?.1.clone()
}

impl Reader for MemoryStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock()?.get(table, key, u64::MAX))
    }

    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.scan_at(table, from, u64::MAX, visit)
    }
}

impl Store for MemoryStore {
    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        batch.check_keys()?;
        let mut inner = self.lock()?;
        inner.writes += 1;
        if let Some((_, fault)) = inner.armed.filter(|(nth, _)| *nth <= inner.writes) {
            if fault == Fault::After {
                inner.apply(&batch);
            }
            let survives = if fault == Fault::After { inner.last } else { inner.durable };
            inner.crash(survives);
            return Err(StoreError::Crashed);
        }
        inner.apply(&batch);
        if sync {
            inner.sync();
        }
        inner.collect();
        Ok(())
    }

    fn snapshot(&self) -> Result<Box<dyn Reader>, StoreError> {
        let mut inner = self.lock()?;
        let at = inner.last;
        *inner.snapshots.entry(at).or_default() += 1;
        drop(inner);
        Ok(Box::new(Snapshot { store: self.clone(), at }))
    }
}

struct Snapshot {
    store: MemoryStore,
    at: u64,
}

impl Reader for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.store.lock()?.get(table, key, self.at))
    }

    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.store.scan_at(table, from, self.at, visit)
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let Ok(mut inner) = self.store.lock() else { return };
        if let Some(count) = inner.snapshots.get_mut(&self.at) {
            *count -= 1;
            if *count == 0 {
                inner.snapshots.remove(&self.at);
            }
        }
    }
}
