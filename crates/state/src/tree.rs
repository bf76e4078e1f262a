//! The hashes above the buckets: an immutable tree, of which every new version shares what it does not change.
//!
//! A subtree of at most [`SPLIT`] leaves is one bucket; above it stand nodes with two halves. Where the border lies has
//! no influence on any hash.

mod build;
mod prove;
mod update;

use std::sync::Arc;

pub(crate) use build::restore;
pub(crate) use prove::prove;
pub(crate) use update::{Before, Outcome, Update, Write};

use crate::bucket::{BucketId, Leaf};
use crate::error::StateError;
use crate::proof::{EMPTY_ROOT, path_bit};

/// A bucket with more leaves is split.
const SPLIT: usize = 5;
/// Two halves with no more leaves together become one bucket.
const MERGE: u64 = 3;

/// A subtree that is not empty.
pub(crate) enum Node {
    /// Leaves in one record of the store.
    Bucket(Bucket),
    /// Two halves with more than [`MERGE`] leaves together.
    Inner { hash: [u8; 32], leaves: u64, halves: [Option<Arc<Node>>; 2] },
}

/// What is known of a bucket without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub hash: [u8; 32],
    /// Check word of the record.
    pub check: u64,
    pub leaves: u32,
}

impl Node {
    pub fn hash(&self) -> &[u8; 32] {
        match self {
            Self::Bucket(bucket) => &bucket.hash,
            Self::Inner { hash, .. } => hash,
        }
    }

    pub fn leaves(&self) -> u64 {
        match self {
            Self::Bucket(bucket) => bucket.leaves.into(),
            Self::Inner { leaves, .. } => *leaves,
        }
    }
}

/// Root of a tree.
pub(crate) fn root(tree: Option<&Arc<Node>>) -> [u8; 32] {
    tree.map_or(EMPTY_ROOT, |node| *node.hash())
}

/// The bucket that `path` falls into, if there is one.
pub(crate) fn locate<'a>(mut tree: Option<&'a Arc<Node>>, path: &[u8; 32]) -> Option<(BucketId, &'a Bucket)> {
    let mut id = BucketId::ROOT;
    loop {
        match &**tree? {
            Node::Bucket(bucket) => return Some((id, bucket)),
            Node::Inner { halves, .. } => {
                let right = path_bit(path, id.depth.into());
                (tree, id) = (halves[usize::from(right)].as_ref(), id.child(right));
            }
        }
    }
}

/// The buckets of a tree in the order of paths, from the one that holds `from` on.
pub(crate) struct Walk<'a> {
    stack: Vec<(&'a Node, BucketId)>,
    from: u64,
}

impl<'a> Walk<'a> {
    pub fn new(tree: Option<&'a Arc<Node>>, from: &[u8; 32]) -> Self {
        let from = u64::from_be_bytes(from[..8].try_into().expect("8 bytes"));
        Self { stack: tree.map(|node| (&**node, BucketId::ROOT)).into_iter().collect(), from }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (BucketId, &'a Bucket);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((node, id)) = self.stack.pop() {
            match node {
                Node::Bucket(bucket) if id.last() >= self.from => return Some((id, bucket)),
                Node::Bucket(_) => {}
                Node::Inner { halves, .. } => {
                    for (half, right) in [(&halves[1], true), (&halves[0], false)] {
                        let id = id.child(right);
                        self.stack.extend(half.as_deref().filter(|_| id.last() >= self.from).map(|half| (half, id)));
                    }
                }
            }
        }
        None
    }
}

/// Reads records of buckets, verified against their check words.
pub(crate) trait Records {
    fn record(&self, id: BucketId, check: u64) -> Result<Arc<Vec<u8>>, StateError>;
}

/// Where the leaves with bit `depth` set begin.
fn border(leaves: &[Leaf], depth: usize) -> usize {
    leaves.partition_point(|leaf| !path_bit(&leaf.path, depth))
}
