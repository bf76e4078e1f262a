//! A list of writes that happen together.

use super::{KEY_MAX, RESERVED_KEY, StoreError, Table};

/// One write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Where.
    pub table: Table,
    /// Key.
    pub key: Vec<u8>,
    /// New value, or `None` to remove the key.
    pub value: Option<Vec<u8>>,
}

/// Writes that become visible and durable together. A later write of one key wins over an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    ops: Vec<Op>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, table: Table, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.ops.push(Op { table, key: key.into(), value: Some(value.into()) });
    }

    /// Removes `key`; nothing happens if it is absent.
    pub fn delete(&mut self, table: Table, key: impl Into<Vec<u8>>) {
        self.ops.push(Op { table, key: key.into(), value: None });
    }

    /// Appends the writes of `other`.
    pub fn append(&mut self, mut other: Self) {
        self.ops.append(&mut other.ops);
    }

    /// The writes, in order.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// All keys must be possible in every store.
    pub(super) fn check_keys(&self) -> Result<(), StoreError> {
        let bad = |key: &[u8]| key.is_empty() || key.len() > KEY_MAX || key == RESERVED_KEY;
        match self.ops.iter().find(|op| bad(&op.key)) {
            Some(op) => Err(StoreError::BadKey { length: op.key.len() }),
            None => Ok(()),
        }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }
}

impl IntoIterator for Batch {
    type Item = Op;
    type IntoIter = std::vec::IntoIter<Op>;

    fn into_iter(self) -> Self::IntoIter {
        self.ops.into_iter()
    }
}
