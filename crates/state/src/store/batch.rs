//! A list of writes that happen together.

use std::ops::Range;
use std::sync::Arc;

use super::{KEY_MAX, RESERVED_KEY, StoreError, Table};

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op<'a> {
    /// Where.
    pub table: Table,
    /// Key.
    pub key: &'a [u8],
    /// New value, or `None` to remove the key.
    pub value: Option<&'a [u8]>,
}

/// Writes that become visible and durable together. A later write of one key wins over an earlier one.
#[derive(Clone, Default)]
pub struct Batch {
    /// Keys and values end to end: one allocation, not two an entry.
    bytes: Vec<u8>,
    items: Vec<Item>,
}

#[derive(Clone)]
struct Item {
    table: Table,
    key: Range<usize>,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Removed,
    /// In `bytes`, after the key.
    Copied {
        end: usize,
    },
    Shared(Arc<Vec<u8>>),
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, table: Table, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.put_parts(table, &[key.as_ref()], &[value.as_ref()]);
    }

    /// [`Batch::put`] of a key and a value that are given in parts.
    pub(crate) fn put_parts(&mut self, table: Table, key: &[&[u8]], value: &[&[u8]]) {
        let key = self.copy(key);
        let end = self.copy(value).end;
        self.items.push(Item { table, key, value: Value::Copied { end } });
    }

    /// [`Batch::put`] of a value that is not copied.
    pub(crate) fn put_shared(&mut self, table: Table, key: &[u8], value: Arc<Vec<u8>>) {
        let key = self.copy(&[key]);
        self.items.push(Item { table, key, value: Value::Shared(value) });
    }

    /// Removes `key`; nothing happens if it is absent.
    pub fn delete(&mut self, table: Table, key: impl AsRef<[u8]>) {
        let key = self.copy(&[key.as_ref()]);
        self.items.push(Item { table, key, value: Value::Removed });
    }

    /// The writes, in order.
    pub fn ops(&self) -> impl ExactSizeIterator<Item = Op<'_>> {
        self.items.iter().map(|Item { table, key, value }| {
            let value = match value {
                Value::Removed => None,
                Value::Copied { end } => Some(&self.bytes[key.end..*end]),
                Value::Shared(value) => Some(value.as_slice()),
            };
            Op { table: *table, key: &self.bytes[key.clone()], value }
        })
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn copy(&mut self, parts: &[&[u8]]) -> Range<usize> {
        let start = self.bytes.len();
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        start..self.bytes.len()
    }

    /// All keys must be possible in every store.
    pub(super) fn check_keys(&self) -> Result<(), StoreError> {
        let bad = |op: &Op<'_>| op.key.is_empty() || op.key.len() > KEY_MAX || op.key == RESERVED_KEY;
        match self.ops().find(bad) {
            Some(op) => Err(StoreError::BadKey { length: op.key.len() }),
            None => Ok(()),
        }
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ops()).finish()
    }
}
