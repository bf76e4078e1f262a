//! Running state: what a block and its transaction in progress have written over the parent's state.

use crate::error::Fault;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use xl_state::{Diff, View};

/// Values by full state key; `None` deletes.
pub type Writes = HashMap<Vec<u8>, Option<Vec<u8>>>;

/// The state that a block starts from.
pub trait Base: Send + Sync {
    /// Value of a full state key.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault>;
}

/// Committed state under uncommitted ancestors, oldest first.
pub struct Branch {
    pub view: Arc<View>,
    pub ancestors: Vec<Arc<Diff>>,
}

impl Base for Branch {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.ancestors.iter().rev().find_map(|diff| diff.writes().get(key)) {
            Some(value) => Ok(value.clone()),
            None => Ok(self.view.get(key)?),
        }
    }
}

/// State after the block at `height`, from the history index.
pub struct Past {
    pub view: Arc<View>,
    pub height: u64,
}

impl Base for Past {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.view.get_historical(key, self.height)?)
    }
}

/// A block's writes over its base, and on top those of the transaction in progress.
pub struct Overlay<'a> {
    base: &'a dyn Base,
    block: Writes,
    transaction: Writes,
}

impl<'a> Overlay<'a> {
    pub fn new(base: &'a dyn Base) -> Self {
        Self { base, block: Writes::new(), transaction: Writes::new() }
    }

    /// Value as the transaction in progress sees it.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        match self.transaction.get(key).or_else(|| self.block.get(key)) {
            Some(value) => Ok(value.clone()),
            None => self.base.get(key),
        }
    }

    /// Value before the block, which rights of the sender are checked against.
    pub fn get_base(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.base.get(key)
    }

    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.transaction.insert(key, Some(value));
    }

    pub fn delete(&mut self, key: Vec<u8>) {
        self.transaction.insert(key, None);
    }

    /// How many keys of the contract at `address` the transaction has written.
    #[expect(clippy::disallowed_methods, reason = "a count has no order")]
    pub fn written(&self, address: &[u8]) -> usize {
        self.transaction.keys().filter(|key| key.starts_with(address)).count()
    }

    /// Keeps what the transaction wrote.
    #[expect(clippy::disallowed_methods, reason = "into a map")]
    pub fn keep(&mut self) {
        self.block.extend(self.transaction.drain());
    }

    /// Forgets what the transaction wrote.
    pub fn discard(&mut self) {
        self.transaction.clear();
    }

    /// The block's writes in the order of keys.
    pub fn into_writes(self) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        self.block.into_iter().collect()
    }
}
