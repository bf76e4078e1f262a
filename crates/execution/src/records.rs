//! What a commit writes beside the state, and how it is read again. Keys are big-endian heights: new ones go to the end.

use crate::{error::Fault, pending::Pending, run::record};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_light::{FinalityCertificate, FinalityProof};
use xl_primitives::{Block, Hash, Header, List, Receipt, block::BLOCK_COUNT_MAX, encode};
use xl_state::{Batch, Reader, Table};

/// A committed block with its receipts.
#[derive(Clone, Debug)]
pub struct StoredBlock {
    /// The block.
    pub block: Block,
    /// Its digest.
    pub digest: Hash,
    /// One receipt per transaction.
    pub receipts: Vec<Receipt>,
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TxPlace {
    /// Height of its block.
    pub height: u64,
    /// Place in the block.
    pub index: u32,
}

fn digest_key(digest: &Hash) -> Vec<u8> {
    [&b"d/"[..], &digest.0].concat()
}

/// Everything about a block but its state changes. Only nodes that serve users keep the index by transaction.
pub fn batch(pending: &Pending, certificate: Option<&FinalityCertificate>, index: bool) -> Batch {
    let height = pending.block.header.height;
    let at = height.to_be_bytes();
    let mut batch = Batch::new();
    batch.put(Table::Blocks, at, encode(&*pending.block));
    batch.put(Table::Headers, at, encode(&pending.block.header));
    batch.put(Table::Receipts, at, encode(&*pending.receipts));
    batch.put(Table::Index, digest_key(&pending.digest), at);
    if let Some(certificate) = certificate {
        batch.put(Table::Certificates, at, encode(certificate));
    }
    if index {
        for (index, (id, _)) in pending.transactions.iter().enumerate() {
            batch.put(Table::TxIndex, id.0, encode(&TxPlace { height, index: index as u32 }));
        }
    }
    batch
}

/// The height-0 records.
pub fn genesis_batch(block: &Block) -> Batch {
    let mut batch = Batch::new();
    let at = 0u64.to_be_bytes();
    batch.put(Table::Blocks, at, encode(block));
    batch.put(Table::Headers, at, encode(&block.header));
    batch.put(Table::Receipts, at, encode(&Vec::<Receipt>::new()));
    batch.put(Table::Index, digest_key(&block.digest()), at);
    batch
}

/// Height of the committed block with this digest.
pub fn height_of(reader: &dyn Reader, digest: &Hash) -> Result<Option<u64>, Fault> {
    let bytes = reader.get(Table::Index, &digest_key(digest))?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
}

/// The committed block at `height`.
pub fn block(reader: &dyn Reader, height: u64) -> Result<Option<Block>, Fault> {
    let bytes = reader.get(Table::Blocks, &height.to_be_bytes())?;
    bytes.map(|bytes| record(&bytes, "block")).transpose()
}

/// The committed header at `height`.
pub fn header(reader: &dyn Reader, height: u64) -> Result<Option<Header>, Fault> {
    let bytes = reader.get(Table::Headers, &height.to_be_bytes())?;
    bytes.map(|bytes| record(&bytes, "header")).transpose()
}

/// The committed block at `height` with its receipts.
pub fn stored_block(reader: &dyn Reader, height: u64) -> Result<Option<StoredBlock>, Fault> {
    let Some(block) = block(reader, height)? else { return Ok(None) };
    let bytes = reader.get(Table::Receipts, &height.to_be_bytes())?;
    let bytes = bytes.ok_or(Fault::Missing { what: "receipts", height })?;
    let receipts: List<Receipt, BLOCK_COUNT_MAX> = record(&bytes, "receipts")?;
    Ok(Some(StoredBlock { digest: block.digest(), block, receipts: receipts.into_vec() }))
}

/// Where a transaction stands, on nodes that keep the index.
pub fn tx_place(reader: &dyn Reader, id: &Hash) -> Result<Option<TxPlace>, Fault> {
    let bytes = reader.get(Table::TxIndex, &id.0)?;
    bytes.map(|bytes| record(&bytes, "transaction place")).transpose()
}

/// The certificate kept for `height`.
pub fn certificate(reader: &dyn Reader, height: u64) -> Result<Option<FinalityCertificate>, Fault> {
    let bytes = reader.get(Table::Certificates, &height.to_be_bytes())?;
    bytes.map(|bytes| record(&bytes, "certificate")).transpose()
}

/// Finality of the header at `height`: the path to the first certificate at or above it. `None` while there is none.
pub fn finality(reader: &dyn Reader, height: u64) -> Result<Option<FinalityProof>, Fault> {
    let until = [0xff; 9];
    let Some((key, bytes)) = reader.first(Table::Certificates, &height.to_be_bytes(), &until)? else { return Ok(None) };
    let at = u64::from_be_bytes(key.try_into().map_err(|_| Fault::Missing { what: "certificate", height })?);
    let certificate = record(&bytes, "certificate")?;
    let mut path = Vec::new();
    for height in height..=at {
        path.push(header(reader, height)?.ok_or(Fault::Missing { what: "header", height })?);
    }
    Ok(List::new(path).map(|path| FinalityProof { path, certificate }))
}

/// Calls `take` with each transaction identity of committed blocks that may still be replayed after `tip`.
pub fn recent(
    reader: &dyn Reader,
    tip: &Header,
    lifetime_ms: u64,
    mut take: impl FnMut(Hash, u64),
) -> Result<(), Fault> {
    let mut height = tip.height;
    while height > 0 {
        let block = block(reader, height)?.ok_or(Fault::Missing { what: "block", height })?;
        if block.header.time_ms.saturating_add(lifetime_ms) < tip.time_ms {
            break;
        }
        for bytes in block.transactions.iter() {
            let tx: xl_primitives::SignedTx = record(bytes, "transaction")?;
            take(tx.body.id(), tx.body.valid_until_ms);
        }
        height -= 1;
    }
    Ok(())
}
