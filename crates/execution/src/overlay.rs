//! Running state: what a block and its transaction in progress have written over the parent's state.

use crate::error::Fault;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use xl_state::{Diff, View};

/// Values by full state key; `None` deletes.
pub type Writes = HashMap<Vec<u8>, Option<Vec<u8>>>;

/// What the transaction had written under a key: nothing, a deletion, a value.
type Before = Option<Option<Vec<u8>>>;

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
///
/// A call within the transaction can be undone alone: between [`Overlay::checkpoint`] and its end every write keeps what
/// it replaced.
pub struct Overlay<'a> {
    base: &'a dyn Base,
    block: Writes,
    transaction: Writes,
    /// Checkpoints that are open; without one nothing needs to be undone but the whole transaction.
    open: usize,
    /// Key and what the transaction had written there before, oldest first.
    replaced: Vec<(Vec<u8>, Before)>,
}

/// A place in the transaction to which its writes can go back. They close in reverse order.
#[must_use]
pub struct Checkpoint(usize);

impl<'a> Overlay<'a> {
    pub fn new(base: &'a dyn Base) -> Self {
        Self { base, block: Writes::new(), transaction: Writes::new(), open: 0, replaced: Vec::new() }
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

    /// What this block or its transaction in progress wrote at `key`; `None` when neither did.
    pub fn changed(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        let written = self.transaction.get(key).or_else(|| self.block.get(key))?;
        Some(written.as_deref())
    }

    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.write(key, Some(value));
    }

    pub fn delete(&mut self, key: Vec<u8>) {
        self.write(key, None);
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        if self.open == 0 {
            self.transaction.insert(key, value);
        } else {
            let before = self.transaction.insert(key.clone(), value);
            self.replaced.push((key, before));
        }
    }

    /// Opens a checkpoint.
    pub fn checkpoint(&mut self) -> Checkpoint {
        self.open += 1;
        Checkpoint(self.replaced.len())
    }

    /// Closes the last checkpoint and leaves its writes to the one around it.
    pub fn accept(&mut self, _: Checkpoint) {
        self.open -= 1;
        if self.open == 0 {
            self.replaced.clear();
        }
    }

    /// Closes the last checkpoint and undoes what was written since.
    pub fn undo(&mut self, to: Checkpoint) {
        self.open -= 1;
        for (key, before) in self.replaced.drain(to.0..).rev() {
            match before {
                Some(value) => self.transaction.insert(key, value),
                None => self.transaction.remove(&key),
            };
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Base for Nothing {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
            Ok((key == b"base").then(|| b"below".to_vec()))
        }
    }

    #[test]
    fn checkpoints_nest_and_each_undoes_its_own() {
        let mut overlay = Overlay::new(&Nothing);
        let value = |overlay: &Overlay<'_>, key: &[u8]| overlay.get(key).unwrap().map(|v| v[0]);
        overlay.put(b"a".to_vec(), vec![1]);
        let outer = overlay.checkpoint();
        overlay.put(b"a".to_vec(), vec![2]);
        overlay.delete(b"base".to_vec());
        let inner = overlay.checkpoint();
        overlay.put(b"a".to_vec(), vec![3]);
        overlay.put(b"a".to_vec(), vec![4]);
        overlay.put(b"b".to_vec(), vec![5]);
        overlay.put(b"base".to_vec(), vec![6]);
        overlay.undo(inner);
        assert_eq!([b"a" as &[u8], b"b", b"base"].map(|key| value(&overlay, key)), [Some(2), None, None]);
        let kept = overlay.checkpoint();
        overlay.put(b"b".to_vec(), vec![7]);
        overlay.accept(kept);
        assert_eq!(value(&overlay, b"b"), Some(7));
        overlay.undo(outer);
        assert_eq!([b"a" as &[u8], b"b", b"base"].map(|key| value(&overlay, key)), [Some(1), None, Some(b'b')]);
        assert_eq!(overlay.changed(b"b"), None, "not even as a deletion");
        overlay.keep();
        overlay.put(b"a".to_vec(), vec![9]);
        overlay.discard();
        assert_eq!(overlay.into_writes().into_iter().collect::<Vec<_>>(), [(b"a".to_vec(), Some(vec![1]))]);
    }
}
