//! Proofs from the tree.

use std::sync::Arc;

use xl_crypto::sm3;

use super::{Node, Records, root};
use crate::bucket::{Body, BucketId, Entry, entries};
use crate::error::StateError;
use crate::proof::{EMPTY_ROOT, StateProof, Terminal, node_hash, path_bit};

/// Proof for `path` under the root of `tree`.
///
/// # Errors
/// [`StateError`] if the bucket cannot be read.
pub(crate) fn prove(
    mut tree: Option<&Arc<Node>>,
    path: &[u8; 32],
    records: &impl Records,
) -> Result<StateProof, StateError> {
    let mut siblings = Vec::with_capacity(24);
    let mut id = BucketId::ROOT;
    loop {
        match tree.map(|node| &**node) {
            None => return Ok(StateProof { siblings, terminal: None }),
            Some(Node::Inner { halves, .. }) => {
                let right = path_bit(path, id.depth.into());
                siblings.push(root(halves[usize::from(!right)].as_ref()));
                (tree, id) = (halves[usize::from(right)].as_ref(), id.child(right));
            }
            Some(Node::Bucket(bucket)) => {
                let record = records.record(id, bucket.check)?;
                let entries = entries(&record).collect::<Result<Vec<_>, _>>()?;
                let terminal = descend(&entries, path, id.depth.into(), &mut siblings);
                return Ok(StateProof { siblings, terminal });
            }
        }
    }
}

/// Walks on inside a bucket.
fn descend(
    mut entries: &[Entry<'_>],
    path: &[u8; 32],
    mut depth: usize,
    siblings: &mut Vec<[u8; 32]>,
) -> Option<Terminal> {
    while entries.len() > 1 {
        let (left, right) = entries.split_at(border(entries, depth));
        let (own, other) = if path_bit(path, depth) { (right, left) } else { (left, right) };
        depth += 1;
        siblings.push(hash(other, depth));
        entries = own;
    }
    let leaf = entries.first()?;
    let value_hash = match leaf.body {
        Body::Inline(value) => sm3(&[value]),
        Body::Long { hash } => *hash,
    };
    Some(Terminal { path: *leaf.path, value_hash })
}

fn border(entries: &[Entry<'_>], depth: usize) -> usize {
    entries.partition_point(|entry| !path_bit(entry.path, depth))
}

fn hash(entries: &[Entry<'_>], depth: usize) -> [u8; 32] {
    match entries {
        [] => EMPTY_ROOT,
        [leaf] => *leaf.hash,
        _ => {
            let (left, right) = entries.split_at(border(entries, depth));
            node_hash(&hash(left, depth + 1), &hash(right, depth + 1))
        }
    }
}
