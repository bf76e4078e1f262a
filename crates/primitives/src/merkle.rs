//! The ordered Merkle tree of transactions and receipts (spec XL-BLOCK-5): the shape of RFC 6962 over SM3.
//!
//! Leaf = SM3(00, item), node = SM3(01, left, right); a list of n > 1 items splits at the largest power of two below n;
//! the empty list has [`Hash::ZERO`].

use crate::{Hash, List};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::sm3;

/// Siblings from the leaf up; a list of 2^32 items has 32.
pub type Siblings = List<Hash, 32>;

/// Proof that an item stands at `index` of a list of `count` items.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InclusionProof {
    /// Position, from 0.
    pub index: u32,
    /// Length of the list.
    pub count: u32,
    /// Hashes beside the path, from the leaf up.
    pub siblings: Siblings,
}

fn leaf(item: &[u8]) -> Hash {
    Hash(sm3(&[&[0], item]))
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Hash(sm3(&[&[1], &left.0, &right.0]))
}

/// Largest power of two below `n`, n > 1.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

fn subtree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&subtree(left), &subtree(right))
        }
    }
}

/// Root over the bytes of each item.
#[must_use]
pub fn root<T: AsRef<[u8]>>(items: &[T]) -> Hash {
    let leaves: Vec<Hash> = items.iter().map(|item| leaf(item.as_ref())).collect();
    subtree(&leaves)
}

/// Proof for the item at `index`; `None` when there is none.
#[must_use]
pub fn prove<T: AsRef<[u8]>>(items: &[T], index: usize) -> Option<InclusionProof> {
    fn walk(leaves: &[Hash], index: usize, siblings: &mut Vec<Hash>) {
        if leaves.len() > 1 {
            let at = split(leaves.len());
            let (left, right) = leaves.split_at(at);
            if index < at {
                walk(left, index, siblings);
                siblings.push(subtree(right));
            } else {
                walk(right, index - at, siblings);
                siblings.push(subtree(left));
            }
        }
    }
    if index >= items.len() {
        return None;
    }
    let leaves: Vec<Hash> = items.iter().map(|item| leaf(item.as_ref())).collect();
    let mut siblings = Vec::new();
    walk(&leaves, index, &mut siblings);
    Some(InclusionProof {
        index: u32::try_from(index).ok()?,
        count: u32::try_from(items.len()).ok()?,
        siblings: List::new(siblings)?,
    })
}

impl InclusionProof {
    /// True when `item` stands at this proof's place in the list that `root` commits to.
    #[must_use]
    pub fn verifies(&self, root: &Hash, item: &[u8]) -> bool {
        fn fold(hash: Hash, index: u32, count: u32, siblings: &[Hash]) -> Option<Hash> {
            match (count, siblings) {
                (1, []) => Some(hash),
                (2.., [below @ .., top]) => {
                    let at = u32::try_from(split(count as usize)).ok()?;
                    if index < at {
                        Some(node(&fold(hash, index, at, below)?, top))
                    } else {
                        Some(node(top, &fold(hash, index - at, count - at, below)?))
                    }
                }
                _ => None,
            }
        }
        self.index < self.count && fold(leaf(item), self.index, self.count, &self.siblings).as_ref() == Some(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_item_is_proven_and_only_at_its_place(items in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 1..40), pick: prop::sample::Index, flip in 0u32..40) {
            let root = root(&items);
            let index = pick.index(items.len());
            let proof = prove(&items, index).unwrap();
            prop_assert!(proof.verifies(&root, &items[index]));
            // Elsewhere it proves an item only where an equal one stands under the same siblings: [a, a] has such places.
            let moved = InclusionProof { index: flip, ..proof.clone() };
            let holds = prove(&items, flip as usize).as_ref() == Some(&moved) && items[flip as usize] == items[index];
            prop_assert_eq!(moved.verifies(&root, &items[index]), holds);
            let mut other = items[index].clone();
            other.push(0);
            prop_assert!(!proof.verifies(&root, &other));
        }
    }

    #[test]
    fn equal_items_share_a_proof_but_for_its_place() {
        let items = [b"a", b"a", b"b"];
        let root = root(&items);
        let proof = prove(&items, 0).unwrap();
        for (index, holds) in [(0, true), (1, true), (2, false), (3, false)] {
            assert_eq!(InclusionProof { index, ..proof.clone() }.verifies(&root, b"a"), holds, "at {index}");
        }
    }

    #[test]
    fn nothing_is_in_the_empty_list() {
        assert_eq!(root::<Vec<u8>>(&[]), Hash::ZERO);
        assert_eq!(prove::<Vec<u8>>(&[], 0), None);
    }
}
