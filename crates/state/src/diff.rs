//! What a block changes, before it is committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bucket::BucketId;
use crate::tree::Node;

/// The effect of one block on the state: its writes, the new root, and the part of the tree that changes.
///
/// Cheap to keep: the tree is shared with the parent's except along the written paths.
pub struct Diff {
    pub(crate) parent_root: [u8; 32],
    pub(crate) root: [u8; 32],
    pub(crate) writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(crate) tree: Option<Arc<Node>>,
    /// Buckets that are new or gone, sorted.
    pub(crate) buckets: Vec<(BucketId, Option<NewBucket>)>,
    /// Values before the block, by path, of the keys whose value really changes; sorted.
    pub(crate) before: Vec<([u8; 32], Option<Vec<u8>>)>,
    /// Changes of the table of long values: path, and the key to write or `None` to remove.
    pub(crate) long: Vec<([u8; 32], Option<Vec<u8>>)>,
}

#[derive(Clone)]
pub(crate) struct NewBucket {
    pub record: Arc<Vec<u8>>,
    pub hash: [u8; 32],
    pub check: u64,
    pub leaves: u32,
}

impl Diff {
    /// State root after the block.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.root
    }

    /// State root before the block.
    #[must_use]
    pub fn parent_root(&self) -> [u8; 32] {
        self.parent_root
    }

    /// The writes as given, `None` for a removal.
    #[must_use]
    pub fn writes(&self) -> &BTreeMap<Vec<u8>, Option<Vec<u8>>> {
        &self.writes
    }

    /// Number of keys after the block.
    #[must_use]
    pub fn leaves(&self) -> u64 {
        self.tree.as_ref().map_or(0, |node| node.leaves())
    }

    pub(crate) fn record(&self, id: BucketId, check: u64) -> Option<&Arc<Vec<u8>>> {
        let at = self.buckets.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.buckets[at].1.as_ref().filter(|bucket| bucket.check == check).map(|bucket| &bucket.record)
    }
}

impl std::fmt::Debug for Diff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (root, writes) = (&self.root, self.writes.len());
        f.debug_struct("Diff").field("root", root).field("writes", &writes).finish_non_exhaustive()
    }
}
