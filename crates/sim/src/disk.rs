//! The disk of a simulated node: crashes lose what was not synced, and one planted bug lives here.

use std::sync::Arc;
use xl_state::{Batch, MemoryStore, Reader, Store, StoreError, Table, Visit};

/// One life of a node's store.
pub struct Disk {
    store: MemoryStore,
    /// Planted: tells its writer that a commit is durable without making it so.
    skip_sync: bool,
}

impl Disk {
    /// The store as a restarted process finds it.
    #[must_use]
    pub fn open(store: &MemoryStore, skip_sync: bool) -> Arc<Self> {
        Arc::new(Self { store: store.reopen(), skip_sync })
    }

    /// Whether this life has ended: a planned write fault struck.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self.store.get(Table::Node, b""), Err(StoreError::Crashed))
    }
}

impl Reader for Disk {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(table, key)
    }
    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.store.scan(table, from, visit)
    }
}

impl Store for Disk {
    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        self.store.write(batch, sync && !self.skip_sync)
    }
    fn snapshot(&self) -> Result<Box<dyn Reader>, StoreError> {
        self.store.snapshot()
    }
}
