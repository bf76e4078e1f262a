//! The engine's stores of final blocks and certificates as views of our own store (protocol 5).
//!
//! A final block becomes durable together with its state, in one commit. So nothing here syncs: what lies above the
//! committed height may be lost in a crash, and the engine takes it again from its journal, its cache of candidates
//! (synced before every finalise vote) or its peers.
//!
//! ```text
//! heights   0 ..= committed         chain
//!           committed + 1 ..        memory, next to be delivered
//!           far above               store, unsynced: a node that catches up may fetch faster than it executes
//! ```

use crate::{
    block::{EngineBlock, to_chain, to_engine},
    epoch::Sets,
    scheme::{Finalized, from_certificate, to_certificate},
};
use commonware_consensus::{
    Heightable as _,
    marshal::store::{Blocks, Certificates},
    types::{Epoch, Height},
};
use commonware_cryptography::certificate::Scheme as _;
use commonware_storage::archive::Identifier;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
    sync::Arc,
};
use xl_execution::{Chain, Fault};
use xl_network::identity::Digest;
use xl_primitives::{Block, encode};
use xl_state::{Batch, Store, StoreError, Table};

/// Blocks this far above the committed height are kept in memory, later ones in the store.
const NEAR: u64 = 64;
/// Certificates are listed from this far below the committed height.
const LISTED: u64 = 4_096;
const AHEAD: &[u8] = b"consensus/ahead/";

/// Why the engine could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The chain could not read.
    #[error(transparent)]
    Chain(#[from] Fault),
    /// The store could not read or write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record of this node is not what this node writes.
    #[error("the record of height {height} is damaged")]
    Damaged {
        /// Height of the record.
        height: u64,
    },
}

enum Held {
    Memory(Arc<EngineBlock>),
    Store,
}

#[derive(Default)]
struct Ahead {
    blocks: BTreeMap<u64, (Digest, Held)>,
    heights: HashMap<Digest, u64>,
}

/// Final blocks, committed or not.
pub(crate) struct BlockArchive<S: Store> {
    chain: Chain<S>,
    store: Arc<S>,
    ahead: Arc<Mutex<Ahead>>,
}

impl<S: Store> Clone for BlockArchive<S> {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), store: Arc::clone(&self.store), ahead: Arc::clone(&self.ahead) }
    }
}

fn ahead_key(height: u64) -> Vec<u8> {
    [AHEAD, &height.to_be_bytes()].concat()
}

impl<S: Store + 'static> BlockArchive<S> {
    pub(crate) fn open(chain: Chain<S>, store: Arc<S>) -> Result<Self, ArchiveError> {
        let archive = Self { chain, store, ahead: Arc::default() };
        let committed = archive.committed();
        let (mut found, mut stale) = (Vec::new(), Batch::new());
        archive.store.scan(Table::Node, AHEAD, &mut |key, value| {
            let Some(height) = key.strip_prefix(AHEAD).and_then(|tail| tail.try_into().ok()) else {
                return ControlFlow::Break(());
            };
            let height = u64::from_be_bytes(height);
            match Block::decode(value) {
                Ok(block) if height > committed => found.push((height, to_engine(&block.digest()))),
                _ => stale.delete(Table::Node, key),
            }
            ControlFlow::Continue(())
        })?;
        if !stale.is_empty() {
            archive.store.write(stale, false)?;
        }
        let mut ahead = archive.ahead.lock();
        for (height, digest) in found {
            ahead.heights.insert(digest, height);
            ahead.blocks.insert(height, (digest, Held::Store));
        }
        drop(ahead);
        Ok(archive)
    }

    fn committed(&self) -> u64 {
        self.chain.tip().height
    }

    /// Forgets what the chain has committed.
    pub(crate) fn settle(&self, committed: u64) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        let mut ahead = self.ahead.lock();
        let rest = ahead.blocks.split_off(&(committed + 1));
        for (height, (digest, held)) in std::mem::replace(&mut ahead.blocks, rest) {
            ahead.heights.remove(&digest);
            if matches!(held, Held::Store) {
                batch.delete(Table::Node, ahead_key(height));
            }
        }
        drop(ahead);
        if batch.is_empty() { Ok(()) } else { self.store.write(batch, false) }
    }

    fn at(&self, height: u64) -> Result<Option<Arc<EngineBlock>>, ArchiveError> {
        if height <= self.committed() {
            return Ok(self.chain.block_at(height)?.map(|block| Arc::new(EngineBlock::new(Arc::new(block)))));
        }
        match self.ahead.lock().blocks.get(&height) {
            None => return Ok(None),
            Some((_, Held::Memory(block))) => return Ok(Some(Arc::clone(block))),
            Some((_, Held::Store)) => {}
        }
        let Some(bytes) = self.store.get(Table::Node, &ahead_key(height))? else {
            // Committed and settled in the meantime.
            return Ok(self.chain.block_at(height)?.map(|block| Arc::new(EngineBlock::new(Arc::new(block)))));
        };
        let block = Block::decode(&bytes).map_err(|_| ArchiveError::Damaged { height })?;
        Ok(Some(Arc::new(EngineBlock::new(Arc::new(block)))))
    }

    fn by_digest(&self, digest: &Digest) -> Result<Option<Arc<EngineBlock>>, ArchiveError> {
        let height = self.ahead.lock().heights.get(digest).copied();
        if let Some(height) = height {
            return self.at(height);
        }
        let block = self.chain.block_by_digest(&to_chain(digest))?;
        let block = block.filter(|block| block.header.height <= self.committed());
        Ok(block.map(|block| Arc::new(EngineBlock::new(Arc::new(block)))))
    }

    fn insert(&self, digest: Digest, block: &Arc<EngineBlock>) -> Result<(), ArchiveError> {
        let height = block.height().get();
        let committed = self.committed();
        if height <= committed || self.ahead.lock().blocks.contains_key(&height) {
            return Ok(());
        }
        let held = if height <= committed + NEAR {
            Held::Memory(Arc::clone(block))
        } else {
            let mut batch = Batch::new();
            batch.put(Table::Node, ahead_key(height), encode(&**block.block()));
            self.store.write(batch, false)?;
            Held::Store
        };
        let mut ahead = self.ahead.lock();
        ahead.heights.insert(digest, height);
        ahead.blocks.insert(height, (digest, held));
        Ok(())
    }

    /// Runs of stored heights above the committed one, after the run that ends there.
    fn runs(&self) -> Vec<(u64, u64)> {
        let committed = self.committed();
        let mut runs = vec![(0, committed)];
        for height in self.ahead.lock().blocks.keys().copied().filter(|height| *height > committed) {
            match runs.last_mut() {
                Some((_, end)) if *end + 1 == height => *end = height,
                _ => runs.push((height, height)),
            }
        }
        runs
    }
}

impl<S: Store + 'static> Blocks for BlockArchive<S> {
    type Block = Arc<EngineBlock>;
    type Error = ArchiveError;

    async fn put(self, digest: Digest, block: &Self::Block) -> Result<Self, Self::Error> {
        self.insert(digest, block)?;
        Ok(self)
    }

    async fn sync(self) -> Result<Self, Self::Error> {
        Ok(self)
    }

    async fn get(&self, id: Identifier<'_, Digest>) -> Result<Option<Self::Block>, Self::Error> {
        match id {
            Identifier::Index(height) => self.at(height),
            Identifier::Key(digest) => self.by_digest(digest),
        }
    }

    async fn prune(self, _: Height) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn missing_items(&self, start: Height, max: usize) -> Vec<Height> {
        let runs = self.runs();
        let gaps = runs.windows(2).flat_map(|pair| pair[0].1 + 1..pair[1].0);
        gaps.filter(|height| *height >= start.get()).take(max).map(Height::new).collect()
    }

    fn next_gap(&self, value: Height) -> (Option<Height>, Option<Height>) {
        let (runs, value) = (self.runs(), value.get());
        let current = runs.iter().find(|(start, end)| (*start..=*end).contains(&value)).map(|(_, end)| *end);
        let next = runs.iter().map(|(start, _)| *start).find(|start| *start > value);
        (current.map(Height::new), next.map(Height::new))
    }

    fn last_index(&self) -> Option<Height> {
        self.runs().last().map(|(_, end)| Height::new(*end))
    }
}

/// Certificates by height. They are written at once and become durable with the commit that follows.
pub(crate) struct CertificateArchive<S: Store> {
    blocks: BlockArchive<S>,
    sets: Sets,
    /// Heights of the newest certificates.
    listed: Vec<u64>,
}

impl<S: Store + 'static> CertificateArchive<S> {
    pub(crate) fn open(blocks: BlockArchive<S>, sets: Sets) -> Result<Self, ArchiveError> {
        let committed = blocks.committed();
        let list = |from: u64| {
            let mut heights = Vec::new();
            blocks.store.scan(Table::Certificates, &from.to_be_bytes(), &mut |key, _| {
                heights.extend(<[u8; 8]>::try_from(key).ok().map(u64::from_be_bytes));
                ControlFlow::Continue(())
            })?;
            Ok::<_, StoreError>(heights)
        };
        let mut listed = list(committed.saturating_sub(LISTED))?;
        if listed.first().is_none_or(|first| *first > committed) {
            listed = list(0)?;
        }
        Ok(Self { blocks, sets, listed })
    }

    fn at(&self, height: u64) -> Result<Option<Finalized>, ArchiveError> {
        let Some(certificate) = self.blocks.chain.certificate_at(height)? else { return Ok(None) };
        let damaged = || ArchiveError::Damaged { height };
        let scheme = self.sets.get(Epoch::new(certificate.epoch)).ok_or_else(damaged)?;
        from_certificate(&certificate, scheme.participants()).map(Some).ok_or_else(damaged)
    }
}

impl<S: Store + 'static> Certificates for CertificateArchive<S> {
    type BlockDigest = Digest;
    type Commitment = Digest;
    type Scheme = crate::scheme::Scheme;
    type Error = ArchiveError;

    async fn put(mut self, height: Height, _: Digest, finalized: &Finalized) -> Result<Self, Self::Error> {
        let height = height.get();
        let key = height.to_be_bytes();
        if self.blocks.store.get(Table::Certificates, &key)?.is_some() {
            return Ok(self);
        }
        let certificate = to_certificate(finalized).ok_or(ArchiveError::Damaged { height })?;
        self.blocks.chain.add_certificate(height, &certificate)?;
        if let Err(at) = self.listed.binary_search(&height) {
            self.listed.insert(at, height);
        }
        let excess = self.listed.len().saturating_sub(2 * LISTED as usize);
        self.listed.drain(..excess);
        Ok(self)
    }

    async fn sync(self) -> Result<Self, Self::Error> {
        Ok(self)
    }

    async fn get(&self, id: Identifier<'_, Digest>) -> Result<Option<Finalized>, Self::Error> {
        match id {
            Identifier::Index(height) => self.at(height),
            Identifier::Key(digest) => match self.blocks.by_digest(digest)? {
                Some(block) => self.at(block.height().get()),
                None => Ok(None),
            },
        }
    }

    async fn has(&self, height: Height) -> Result<bool, Self::Error> {
        Ok(self.blocks.store.get(Table::Certificates, &height.get().to_be_bytes())?.is_some())
    }

    async fn prune(self, _: Height) -> Result<Self, Self::Error> {
        Ok(self)
    }

    fn last_index(&self) -> Option<Height> {
        self.listed.last().copied().map(Height::new)
    }

    /// Lists the newest certificates only: the engine asks for the last one at or below a height.
    fn ranges_from(&self, from: Height) -> impl Iterator<Item = (Height, Height)> {
        let at = self.listed.partition_point(|height| *height < from.get());
        let mut ranges: Vec<(Height, Height)> = Vec::new();
        for height in self.listed[at..].iter().copied().map(Height::new) {
            match ranges.last_mut() {
                Some((_, end)) if end.get() + 1 == height.get() => *end = height,
                _ => ranges.push((height, height)),
            }
        }
        ranges.into_iter()
    }
}

#[cfg(test)]
mod tests;
