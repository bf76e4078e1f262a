//! New nodes: first their shape, then all hashes level by level, then the nodes themselves.

use std::ops::Range;
use std::sync::Arc;

use xl_crypto::sm3_batch;

use super::{Bucket, Node, border, root};
use crate::bucket::{BucketId, Leaf};
use crate::error::{StateDamage, StateError};
use crate::proof::EMPTY_ROOT;

/// A hash that is known, or will be when the level below is done.
#[derive(Clone, Copy)]
pub(super) enum Word {
    Known([u8; 32]),
    Later { depth: u16, index: u32 },
}

/// Nodes to hash, by depth.
#[derive(Default)]
pub(super) struct Levels(Vec<Vec<(Word, Word)>>);

impl Levels {
    pub fn node(&mut self, depth: usize, left: Word, right: Word) -> Word {
        if self.0.len() <= depth {
            self.0.resize_with(depth + 1, Vec::new);
        }
        let level = &mut self.0[depth];
        level.push((left, right));
        Word::Later { depth: depth as u16, index: level.len() as u32 - 1 }
    }

    /// The hash of a subtree of leaves that all agree on the bits before `depth`.
    pub fn subtree(&mut self, leaves: &[Leaf], depth: usize) -> Word {
        match leaves {
            [] => Word::Known(EMPTY_ROOT),
            [leaf] => Word::Known(leaf.hash),
            _ => {
                let (left, right) = leaves.split_at(border(leaves, depth));
                let (left, right) = (self.subtree(left, depth + 1), self.subtree(right, depth + 1));
                self.node(depth, left, right)
            }
        }
    }

    pub fn run(self) -> Hashes {
        let mut hashes = Hashes(vec![Vec::new(); self.0.len()]);
        for (depth, level) in self.0.into_iter().enumerate().rev() {
            let messages: Vec<[u8; 65]> = level
                .into_iter()
                .map(|(left, right)| {
                    let mut message = [1; 65];
                    message[..32].copy_from_slice(&hashes.of(left));
                    message[32..64].copy_from_slice(&hashes.of(right));
                    message
                })
                .collect();
            hashes.0[depth] = sm3_batch(&messages);
        }
        hashes
    }
}

/// The finished hashes.
pub(super) struct Hashes(Vec<Vec<[u8; 32]>>);

impl Hashes {
    pub fn of(&self, word: Word) -> [u8; 32] {
        match word {
            Word::Known(hash) => hash,
            Word::Later { depth, index } => self.0[usize::from(depth)][index as usize],
        }
    }
}

/// A subtree: unchanged, or drafted.
#[derive(Clone)]
pub(super) enum Part {
    Empty,
    Kept(Arc<Node>),
    Drafted(usize),
}

/// A node that is not hashed yet.
pub(super) enum Draft {
    /// Its leaves are a range of all drafted leaves.
    Bucket {
        id: BucketId,
        leaves: Range<usize>,
        word: Word,
    },
    Inner {
        halves: [Part; 2],
        leaves: u64,
        word: Word,
    },
    /// Its leaves went into another draft.
    Dropped,
}

/// Drafted nodes; a node stands after its halves.
#[derive(Default)]
pub(super) struct Drafts {
    pub list: Vec<Draft>,
    pub levels: Levels,
}

impl Drafts {
    pub fn push(&mut self, draft: Draft) -> Part {
        self.list.push(draft);
        Part::Drafted(self.list.len() - 1)
    }

    pub fn leaves(&self, part: &Part) -> u64 {
        match part {
            Part::Empty => 0,
            Part::Kept(node) => node.leaves(),
            Part::Drafted(at) => match &self.list[*at] {
                Draft::Bucket { leaves, .. } => leaves.len() as u64,
                Draft::Inner { leaves, .. } => *leaves,
                Draft::Dropped => 0,
            },
        }
    }

    fn word(&self, part: &Part) -> Word {
        match part {
            Part::Empty => Word::Known(EMPTY_ROOT),
            Part::Kept(node) => Word::Known(*node.hash()),
            Part::Drafted(at) => match &self.list[*at] {
                Draft::Bucket { word, .. } | Draft::Inner { word, .. } => *word,
                Draft::Dropped => Word::Known(EMPTY_ROOT),
            },
        }
    }

    pub fn inner(&mut self, depth: u8, halves: [Part; 2]) -> Part {
        let leaves = self.leaves(&halves[0]) + self.leaves(&halves[1]);
        let (left, right) = (self.word(&halves[0]), self.word(&halves[1]));
        let word = self.levels.node(depth.into(), left, right);
        self.push(Draft::Inner { halves, leaves, word })
    }
}

/// The finished subtree.
pub(super) fn node_of(part: &Part, nodes: &[Option<Arc<Node>>]) -> Option<Arc<Node>> {
    match part {
        Part::Empty => None,
        Part::Kept(node) => Some(Arc::clone(node)),
        Part::Drafted(at) => nodes[*at].clone(),
    }
}

/// The tree over `buckets`, which are sorted, with the root that it must have.
///
/// # Errors
/// [`StateError::Damaged`] if the buckets overlap or have another root.
pub(crate) fn restore(buckets: &[(BucketId, Bucket)], expected: &[u8; 32]) -> Result<Option<Arc<Node>>, StateError> {
    let mut drafts = Drafts::default();
    let top = shape(buckets, BucketId::ROOT, &mut drafts)?;
    let hashes = drafts.levels.run();
    let mut nodes = Vec::with_capacity(drafts.list.len());
    for draft in &drafts.list {
        let Draft::Inner { halves, leaves, word } = draft else { continue };
        let halves = [node_of(&halves[0], &nodes), node_of(&halves[1], &nodes)];
        nodes.push(Some(Arc::new(Node::Inner { hash: hashes.of(*word), leaves: *leaves, halves })));
    }
    let tree = node_of(&top, &nodes);
    if root(tree.as_ref()) == *expected { Ok(tree) } else { Err(StateError::damaged(StateDamage::Root)) }
}

fn shape(buckets: &[(BucketId, Bucket)], at: BucketId, drafts: &mut Drafts) -> Result<Part, StateError> {
    match buckets {
        [] => Ok(Part::Empty),
        [(id, bucket)] if *id == at => Ok(Part::Kept(Arc::new(Node::Bucket(*bucket)))),
        _ if at.depth == BucketId::DEPTH_MAX || buckets.iter().any(|(id, _)| id.depth <= at.depth) => {
            Err(StateError::damaged(StateDamage::Root))
        }
        _ => {
            let right = at.child(true);
            let (low, high) = buckets.split_at(buckets.partition_point(|(id, _)| id.prefix < right.prefix));
            let halves = [shape(low, at.child(false), drafts)?, shape(high, right, drafts)?];
            Ok(drafts.inner(at.depth, halves))
        }
    }
}
