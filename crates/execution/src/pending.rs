//! Executed blocks that are not committed: a tree over the committed tip (protocol 2).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use xl_primitives::{Block, Hash, Receipt};
use xl_state::Diff;

/// Deepest branch of uncommitted blocks.
pub const DEPTH_MAX: usize = 8;
/// Most uncommitted blocks on all branches: siblings of each depth come from views that failed.
const BLOCKS_MAX: usize = 64;

/// A block that was executed here.
pub struct Pending {
    pub block: Arc<Block>,
    pub digest: Hash,
    pub diff: Arc<Diff>,
    pub receipts: Arc<Vec<Receipt>>,
    /// Identity and last time of each transaction, in order.
    pub transactions: Vec<(Hash, u64)>,
    pub ids: HashSet<Hash>,
}

/// The tree.
#[derive(Default)]
pub struct PendingBlocks {
    blocks: HashMap<Hash, Arc<Pending>>,
}

impl PendingBlocks {
    pub fn get(&self, digest: &Hash) -> Option<&Arc<Pending>> {
        self.blocks.get(digest)
    }

    /// The branch from the block after `tip` up to `parent`, oldest first; `None` when `parent` does not descend from `tip`.
    pub fn branch(&self, tip: &Hash, parent: &Hash) -> Option<Vec<Arc<Pending>>> {
        let mut branch = Vec::new();
        let mut at = *parent;
        while at != *tip {
            let block = self.blocks.get(&at)?;
            at = block.block.header.parent;
            branch.push(Arc::clone(block));
            if branch.len() > BLOCKS_MAX {
                return None;
            }
        }
        branch.reverse();
        Some(branch)
    }

    #[expect(clippy::disallowed_methods, reason = "a minimum")]
    pub fn insert(&mut self, block: Arc<Pending>) {
        if self.blocks.len() >= BLOCKS_MAX {
            // The lowest and then smallest digest goes: nothing above the tip is lost but time, it executes again if asked.
            let lowest = self.blocks.values().map(|p| (p.block.header.height, p.digest)).min();
            if let Some((_, digest)) = lowest {
                self.blocks.remove(&digest);
            }
        }
        self.blocks.insert(block.digest, block);
    }

    /// Drops what does not descend from the block `tip`, just committed at `height`.
    #[expect(clippy::disallowed_methods, reason = "each is judged alone")]
    pub fn committed(&mut self, tip: &Hash, height: u64) {
        self.blocks.retain(|_, p| p.block.header.height > height);
        let digests: Vec<Hash> = self.blocks.keys().copied().collect();
        let stale: Vec<Hash> = digests.into_iter().filter(|digest| self.branch(tip, digest).is_none()).collect();
        for digest in stale {
            self.blocks.remove(&digest);
        }
    }
}
