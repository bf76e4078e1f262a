//! The one registry of domain tags (spec XL-CODEC-6). A tag opens every preimage that is hashed or signed, so that bytes
//! made for one purpose can never stand for another. All tags have 16 bytes.

/// First bytes of a preimage; see the module.
pub type Tag = &'static [u8; 16];

/// Digest of a chain's genesis: the chain id.
pub const CHAIN: Tag = b"xl:chain:1......";
/// Identity of a transaction over its unsigned body.
pub const TRANSACTION: Tag = b"xl:tx:1.........";
/// What a sender signs: the transaction's identity.
pub const SIGN_TRANSACTION: Tag = b"xl:sign-tx:1....";
/// Digest of a block header.
pub const HEADER: Tag = b"xl:header:1.....";
/// Account id from organisation and first key.
pub const ACCOUNT: Tag = b"xl:account:1....";
/// Contract address from deployer and name.
pub const CONTRACT: Tag = b"xl:contract:1...";
/// Digest of a validator set.
pub const VALIDATORS: Tag = b"xl:validators:1.";
/// A signed read.
pub const READ: Tag = b"xl:read:1.......";
/// A node's answer to a signed read.
pub const ANSWER: Tag = b"xl:answer:1.....";
/// A session login.
pub const LOGIN: Tag = b"xl:login:1......";
/// A consensus vote.
pub const VOTE: Tag = b"xl:vote:1.......";
/// First bytes of a proof file.
pub const PROOF_FILE: Tag = b"xl:proof-file:1.";
/// A link between nodes: with the chain id, what its handshake is bound to.
pub const LINK: Tag = b"xl:link:1.......";
