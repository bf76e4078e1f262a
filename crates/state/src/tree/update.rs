//! Applying writes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use xl_crypto::sm3_batch;

use super::build::{Draft, Drafts, Part, node_of};
use super::{Bucket, MERGE, Node, Records, SPLIT, border};
use crate::bucket::{BucketId, INLINE_MAX, Leaf, NewBody, Origin, body_len, encode, load};
use crate::diff::NewBucket;
use crate::error::StateError;
use crate::proof::path_bit;

/// One write; `value` is `None` for a removal.
pub(crate) struct Write<'a> {
    pub path: [u8; 32],
    pub key: &'a [u8],
    pub value: Option<&'a [u8]>,
    value_hash: [u8; 32],
    leaf: [u8; 32],
}

/// Path, key and value of a write.
type Item<'a> = ([u8; 32], &'a [u8], Option<&'a [u8]>);

impl<'a> Write<'a> {
    /// The writes of `(path, key, value)`, hashed and sorted by path.
    pub fn all(items: Vec<Item<'a>>) -> Vec<Self> {
        let values: Vec<&[u8]> = items.iter().filter_map(|(.., value)| *value).collect();
        let value_hashes = sm3_batch(&values);
        let mut messages = Vec::with_capacity(values.len());
        let mut hashes = value_hashes.iter();
        for (path, ..) in items.iter().filter(|(.., value)| value.is_some()) {
            let mut message = [0; 65];
            message[..32].copy_from_slice(path);
            message[32..64].copy_from_slice(hashes.next().expect("one hash a value"));
            messages.push(message);
        }
        let mut hashes = value_hashes.iter().zip(sm3_batch(&messages));
        let mut writes: Vec<Self> = items
            .into_iter()
            .map(|(path, key, value)| {
                let (value_hash, leaf) = match value {
                    Some(_) => hashes.next().map(|(hash, leaf)| (*hash, leaf)).expect("one hash a value"),
                    None => ([0; 32], [0; 32]),
                };
                Self { path, key, value, value_hash, leaf }
            })
            .collect();
        writes.sort_unstable_by_key(|write| write.path);
        writes
    }
}

/// A leaf as it was before a write.
pub(crate) enum Before {
    Absent,
    Inline(Vec<u8>),
    /// A long value, known by its hash; the key is needed to look it up.
    Long {
        key: Vec<u8>,
        hash: [u8; 32],
    },
}

/// What the writes come to.
pub(crate) struct Outcome {
    pub tree: Option<Arc<Node>>,
    pub buckets: Vec<(BucketId, Option<NewBucket>)>,
    /// Index of each write that changes something, with the value before; in path order.
    pub changed: Vec<(usize, Before)>,
}

/// One application of writes to a tree.
pub(crate) struct Update<'a, R> {
    writes: &'a [Write<'a>],
    records: &'a R,
    drafts: Drafts,
    /// Leaves of all drafted buckets, and of some that were dropped again.
    leaves: Vec<Leaf>,
    /// Leaves of the bucket at hand.
    old: Vec<Leaf>,
    /// Records that leaves refer to.
    loaded: Vec<Arc<Vec<u8>>>,
    /// Buckets that were taken apart.
    gone: Vec<BucketId>,
    changed: Vec<(usize, Before)>,
}

impl<'a, R: Records> Update<'a, R> {
    /// Applies `writes`, which are sorted by path, to `tree`.
    ///
    /// # Errors
    /// [`StateError`] if a bucket cannot be read.
    pub fn run(tree: Option<&Arc<Node>>, writes: &'a [Write<'a>], records: &'a R) -> Result<Outcome, StateError> {
        let mut update = Self {
            writes,
            records,
            drafts: Drafts::default(),
            leaves: Vec::with_capacity(writes.len() * SPLIT),
            old: Vec::new(),
            loaded: Vec::with_capacity(writes.len()),
            gone: Vec::with_capacity(writes.len()),
            changed: Vec::with_capacity(writes.len()),
        };
        let top = update.apply(tree, BucketId::ROOT, 0..writes.len())?;
        Ok(update.finish(&top))
    }

    /// Applies the writes of `range`, all of which fall below `id`.
    fn apply(&mut self, node: Option<&Arc<Node>>, id: BucketId, range: Range<usize>) -> Result<Part, StateError> {
        if range.is_empty() {
            return Ok(node.map_or(Part::Empty, |node| Part::Kept(Arc::clone(node))));
        }
        let Some(node) = node else {
            return Ok(self.merge(range).map_or(Part::Empty, |leaves| self.shape(leaves, id)));
        };
        match &**node {
            Node::Inner { halves, .. } => {
                let depth = usize::from(id.depth);
                let middle =
                    range.start + self.writes[range.clone()].partition_point(|write| !path_bit(&write.path, depth));
                let parts = [
                    self.apply(halves[0].as_ref(), id.child(false), range.start..middle)?,
                    self.apply(halves[1].as_ref(), id.child(true), middle..range.end)?,
                ];
                if parts.iter().zip(halves).all(|(part, half)| same(part, half.as_ref())) {
                    return Ok(Part::Kept(Arc::clone(node)));
                }
                if self.drafts.leaves(&parts[0]) + self.drafts.leaves(&parts[1]) > MERGE {
                    return Ok(self.drafts.inner(id.depth, parts));
                }
                let mut all = Vec::new();
                for (part, right) in parts.iter().zip([false, true]) {
                    self.dissolve(part, id.child(right), &mut all)?;
                }
                let start = self.leaves.len();
                self.leaves.append(&mut all);
                Ok(self.shape(start..self.leaves.len(), id))
            }
            Node::Bucket(bucket) => {
                let record = self.records.record(id, bucket.check)?;
                load(&record, self.loaded.len() as u32, &mut self.old)?;
                self.loaded.push(record);
                match self.merge(range) {
                    None => Ok(Part::Kept(Arc::clone(node))),
                    Some(leaves) => {
                        self.gone.push(id);
                        Ok(self.shape(leaves, id))
                    }
                }
            }
        }
    }

    /// Merges the leaves at hand with the writes of `range`: the leaves then, or `None` if nothing changes.
    fn merge(&mut self, range: Range<usize>) -> Option<Range<usize>> {
        let (start, changes) = (self.leaves.len(), self.changed.len());
        let old = std::mem::take(&mut self.old);
        let mut rest = old.as_slice();
        for index in range {
            let write = &self.writes[index];
            let (below, from) = rest.split_at(rest.partition_point(|leaf| leaf.path < write.path));
            self.leaves.extend_from_slice(below);
            let standing = from.first().filter(|leaf| leaf.path == write.path);
            rest = &from[usize::from(standing.is_some())..];
            match (standing, write.value) {
                (None, None) => {}
                (Some(leaf), Some(_)) if leaf.hash == write.leaf => self.leaves.push(*leaf),
                (standing, value) => {
                    let before = standing.map_or(Before::Absent, |leaf| before(leaf, &self.loaded));
                    self.changed.push((index, before));
                    if value.is_some() {
                        let origin = Origin::Write(index as u32);
                        self.leaves.push(Leaf { path: write.path, hash: write.leaf, origin });
                    }
                }
            }
        }
        self.leaves.extend_from_slice(rest);
        self.old = old;
        self.old.clear();
        if self.changed.len() == changes {
            self.leaves.truncate(start);
            return None;
        }
        Some(start..self.leaves.len())
    }

    /// Takes a small subtree apart into its leaves.
    fn dissolve(&mut self, part: &Part, id: BucketId, into: &mut Vec<Leaf>) -> Result<(), StateError> {
        match part {
            Part::Empty => {}
            Part::Kept(node) => match &**node {
                Node::Bucket(bucket) => {
                    let record = self.records.record(id, bucket.check)?;
                    load(&record, self.loaded.len() as u32, into)?;
                    self.loaded.push(record);
                    self.gone.push(id);
                }
                Node::Inner { halves, .. } => {
                    for (half, right) in halves.iter().zip([false, true]) {
                        let half = half.as_ref().map_or(Part::Empty, |half| Part::Kept(Arc::clone(half)));
                        self.dissolve(&half, id.child(right), into)?;
                    }
                }
            },
            Part::Drafted(at) => match std::mem::replace(&mut self.drafts.list[*at], Draft::Dropped) {
                Draft::Bucket { leaves, .. } => into.extend_from_slice(&self.leaves[leaves]),
                Draft::Inner { halves, .. } => {
                    for (half, right) in halves.iter().zip([false, true]) {
                        self.dissolve(half, id.child(right), into)?;
                    }
                }
                Draft::Dropped => {}
            },
        }
        Ok(())
    }

    /// Lays leaves out as a bucket, or as several.
    fn shape(&mut self, leaves: Range<usize>, id: BucketId) -> Part {
        if leaves.is_empty() {
            return Part::Empty;
        }
        let all = &self.leaves[leaves.clone()];
        if all.len() <= SPLIT || id.depth == BucketId::DEPTH_MAX {
            let word = self.drafts.levels.subtree(all, id.depth.into());
            return self.drafts.push(Draft::Bucket { id, leaves, word });
        }
        let middle = leaves.start + border(all, id.depth.into());
        let halves =
            [self.shape(leaves.start..middle, id.child(false)), self.shape(middle..leaves.end, id.child(true))];
        self.drafts.inner(id.depth, halves)
    }

    fn finish(self, top: &Part) -> Outcome {
        let hashes = self.drafts.levels.run();
        let mut buckets: BTreeMap<BucketId, Option<NewBucket>> = self.gone.into_iter().map(|id| (id, None)).collect();
        let mut nodes = Vec::with_capacity(self.drafts.list.len());
        for draft in self.drafts.list {
            nodes.push(match draft {
                Draft::Dropped => None,
                Draft::Inner { halves, leaves, word } => {
                    let halves = [node_of(&halves[0], &nodes), node_of(&halves[1], &nodes)];
                    Some(Arc::new(Node::Inner { hash: hashes.of(word), leaves, halves }))
                }
                Draft::Bucket { id, leaves, word } => {
                    let leaves = &self.leaves[leaves];
                    let record = encode(leaves, &self.loaded, |index| {
                        let write = &self.writes[index as usize];
                        NewBody { key: write.key, value: write.value.unwrap_or(&[]), value_hash: &write.value_hash }
                    });
                    let (hash, leaves) = (hashes.of(word), leaves.len() as u32);
                    let check = id.check(&record);
                    buckets.insert(id, Some(NewBucket { record: Arc::new(record), hash, check, leaves }));
                    Some(Arc::new(Node::Bucket(Bucket { hash, check, leaves })))
                }
            });
        }
        let tree = node_of(top, &nodes);
        Outcome { tree, buckets: buckets.into_iter().collect(), changed: self.changed }
    }
}

fn same(part: &Part, half: Option<&Arc<Node>>) -> bool {
    match (part, half) {
        (Part::Empty, None) => true,
        (Part::Kept(node), Some(half)) => Arc::ptr_eq(node, half),
        _ => false,
    }
}

fn before(leaf: &Leaf, loaded: &[Arc<Vec<u8>>]) -> Before {
    let Origin::Record { record, at, key_len, value_len } = leaf.origin else { return Before::Absent };
    let (key, rest) = loaded[record as usize][at as usize..].split_at(key_len.into());
    let value = &rest[..body_len(value_len)];
    match <[u8; 32]>::try_from(value) {
        Ok(hash) if usize::from(value_len) > INLINE_MAX => Before::Long { key: key.to_vec(), hash },
        _ => Before::Inline(value.to_vec()),
    }
}
