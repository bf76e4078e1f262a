//! Faults on purpose, so that the simulator can show that it finds them. Not in any build that serves a network.

use std::sync::Arc;
use xl_primitives::Block;

/// Which faults this node has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Planted {
    /// Votes for proposals that it has not executed.
    pub vote_before_execution: bool,
    /// Proposes blocks whose state root is wrong.
    pub lie_about_state: bool,
}

impl Planted {
    pub(crate) fn tamper(&self, block: Arc<Block>) -> Arc<Block> {
        if !self.lie_about_state {
            return block;
        }
        let mut block = (*block).clone();
        block.header.state_root.0[0] ^= 1;
        Arc::new(block)
    }
}
