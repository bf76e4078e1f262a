//! The role table: what a node of each kind may do here. One place, so that tests can walk through it cell by cell.

use xl_primitives::account::NodeKind;

/// Rights of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// Votes on blocks and proposes them.
    pub votes: bool,
    /// Serves users: submits, reads, events, proofs, and keeps the indexes for that.
    pub serves_users: bool,
}

impl Role {
    /// The row of `kind`.
    #[must_use]
    pub const fn of(kind: NodeKind) -> Self {
        match kind {
            NodeKind::Application => Self { votes: true, serves_users: false },
            NodeKind::Access => Self { votes: false, serves_users: true },
        }
    }
}
