//! The chain's block as the engine carries it: decoded once, encoded once, hashed once.

use bytes::{BufMut, Bytes};
use commonware_codec::{Buf, BufsMut, EncodeSize, Error, Read, Write};
use commonware_consensus::{
    Block, BoundedBlock, Heightable,
    simplex::types::Context,
    types::{Epoch, Height, Round, View},
};
use commonware_cryptography::{Digested, Digestible};
use std::sync::Arc;
use xl_network::identity::{Digest, PublicKey};
use xl_primitives::{ChainParameters, Hash, block::BLOCK_BYTES_MAX, encode};

/// Where a proposal stands: epoch, view, leader and parent.
pub type Place = Context<Digest, PublicKey>;

/// A block with its bytes and its digest. Cloning shares them.
#[derive(Clone, Debug)]
pub struct EngineBlock {
    block: Arc<xl_primitives::Block>,
    bytes: Bytes,
    digest: Digest,
}

impl PartialEq for EngineBlock {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}
impl Eq for EngineBlock {}

impl EngineBlock {
    /// Takes a block of this node's own making, whose body matches its header.
    #[must_use]
    pub fn new(block: Arc<xl_primitives::Block>) -> Self {
        let (bytes, digest) = (encode(&*block).into(), to_engine(&block.digest()));
        Self { block, bytes, digest }
    }

    /// With the digest beside it, as the engine passes blocks around.
    #[must_use]
    pub fn digested(self) -> Digested<Self> {
        let digest = self.digest;
        Digested::precomputed(self, digest)
    }

    /// The block.
    #[must_use]
    pub const fn block(&self) -> &Arc<xl_primitives::Block> {
        &self.block
    }

    /// The chain's form of the digest.
    #[must_use]
    pub fn hash(&self) -> Hash {
        to_chain(&self.digest)
    }

    /// Where the block says it was proposed (protocol 4).
    #[must_use]
    pub fn place(&self) -> Place {
        let header = &self.block.header;
        Context {
            round: Round::new(Epoch::new(header.epoch), View::new(header.view)),
            leader: header.leader.into(),
            parent: (View::new(header.parent_view), to_engine(&header.parent)),
        }
    }
}

/// Largest encoding of a block under `parameters`: transactions, their lengths, the header.
#[must_use]
pub fn block_bytes_max(parameters: &ChainParameters) -> usize {
    const HEADER: usize = 1024;
    let body = parameters.block_bytes_max as usize + 4 * parameters.block_count_max as usize;
    (body + HEADER).min(BLOCK_BYTES_MAX)
}

/// A digest for the engine.
#[must_use]
pub const fn to_engine(hash: &Hash) -> Digest {
    Digest::new(hash.0)
}

/// A digest for the chain.
#[must_use]
pub const fn to_chain(digest: &Digest) -> Hash {
    Hash(*digest.as_bytes())
}

impl Write for EngineBlock {
    fn write(&self, buf: &mut impl BufMut) {
        self.bytes.write(buf);
    }
    fn write_bufs(&self, buf: &mut impl BufsMut) {
        self.bytes.write_bufs(buf);
    }
}

impl EncodeSize for EngineBlock {
    fn encode_size(&self) -> usize {
        self.bytes.encode_size()
    }
    fn encode_inline_size(&self) -> usize {
        self.bytes.encode_inline_size()
    }
}

impl Read for EngineBlock {
    /// Largest encoding in bytes, see [`block_bytes_max`].
    type Cfg = usize;

    /// The digest covers the header only, so the body is bound to it here: otherwise a peer could pass another body
    /// off under the digest of a good block.
    fn read_cfg(buf: &mut impl Buf, limit: &usize) -> Result<Self, Error> {
        let bytes = Bytes::read_cfg(buf, &(..=*limit).into())?;
        let block = xl_primitives::Block::decode(&bytes).map_err(|_| Error::Invalid("block", "not canonical"))?;
        if !block.body_matches() {
            return Err(Error::Invalid("block", "the body is not the one of the header"));
        }
        let digest = to_engine(&block.digest());
        Ok(Self { block: Arc::new(block), bytes, digest })
    }
}

impl BoundedBlock for EngineBlock {
    fn max_encode_size(limit: &usize) -> usize {
        const LENGTH: usize = 10;
        LENGTH + *limit
    }
}

impl Digestible for EngineBlock {
    type Digest = Digest;
    fn digest(&self) -> Digest {
        self.digest
    }
}

impl Heightable for EngineBlock {
    fn height(&self) -> Height {
        Height::new(self.block.header.height)
    }
}

impl Block for EngineBlock {
    fn parent(&self) -> Digest {
        to_engine(&self.block.header.parent)
    }
}

#[cfg(test)]
pub(crate) mod tests;
