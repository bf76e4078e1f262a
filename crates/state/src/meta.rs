//! Records about the state itself.

use crate::check::check_word;
use crate::error::{StateDamage, StateError};
use crate::store::{Batch, Reader, Table};

/// Newest format of the records that this program reads, and the one that it writes.
pub(crate) const FORMAT: u32 = 1;

const FORMAT_KEY: &[u8] = b"format";
const HEAD_KEY: &[u8] = b"head";
const OLDEST_KEY: &[u8] = b"history_oldest";
const INSTALLATION_KEY: &[u8] = b"installation";

/// Digest of a block, and the state root after it.
pub type DigestAndRoot = ([u8; 32], [u8; 32]);

/// The last committed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Height of the block.
    pub height: u64,
    /// Digest of the block.
    pub digest: [u8; 32],
    /// State root after it.
    pub root: [u8; 32],
    /// Number of keys after it.
    pub leaves: u64,
}

/// A record of whole fields, followed by their check word.
fn sealed(fields: &[&[u8]]) -> Vec<u8> {
    let mut record = fields.concat();
    let check = check_word(record.len() as u64, &record);
    record.extend(check.to_be_bytes());
    record
}

/// The fields of a sealed record of `N` bytes.
fn unseal<const N: usize>(record: &[u8]) -> Result<[u8; N], StateError> {
    let (fields, check) = record.split_last_chunk::<8>().ok_or(DAMAGED)?;
    if check_word(fields.len() as u64, fields).to_be_bytes() != *check {
        return Err(DAMAGED);
    }
    fields.try_into().map_err(|_| DAMAGED)
}

const DAMAGED: StateError = StateError::damaged(StateDamage::Meta);

fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().unwrap_or_default()
}

/// Reads the last committed block, after checking that the format is known.
pub(crate) fn read_head(reader: &dyn Reader) -> Result<Option<Head>, StateError> {
    let format = reader.get(Table::Meta, FORMAT_KEY)?.map(|record| unseal::<4>(&record)).transpose()?;
    let format = format.map(u32::from_be_bytes);
    if let Some(found) = format.filter(|found| *found > FORMAT) {
        return Err(StateError::NewerFormat { found, known: FORMAT });
    }
    let Some(record) = reader.get(Table::Meta, HEAD_KEY)? else { return Ok(None) };
    let fields = unseal::<80>(&record)?;
    let head = Head {
        height: word(&fields[..8]),
        digest: digest(&fields[8..40]),
        root: digest(&fields[40..72]),
        leaves: word(&fields[72..]),
    };
    if format.is_none() || read_commit(reader, head.height)? != Some((head.digest, head.root)) {
        return Err(DAMAGED);
    }
    Ok(Some(head))
}

/// Writes the last committed block and the record of its height.
pub(crate) fn write_head(batch: &mut Batch, head: &Head) {
    batch.put(Table::Meta, FORMAT_KEY, sealed(&[&FORMAT.to_be_bytes()]));
    let (height, leaves) = (head.height.to_be_bytes(), head.leaves.to_be_bytes());
    batch.put(Table::Meta, HEAD_KEY, sealed(&[&height, &head.digest, &head.root, &leaves]));
    batch.put(Table::Commits, height, sealed(&[&head.digest, &head.root]));
}

/// Block digest and state root of a committed height.
pub(crate) fn read_commit(reader: &dyn Reader, height: u64) -> Result<Option<DigestAndRoot>, StateError> {
    let Some(record) = reader.get(Table::Commits, &height.to_be_bytes())? else { return Ok(None) };
    let fields = unseal::<64>(&record)?;
    Ok(Some((digest(&fields[..32]), digest(&fields[32..]))))
}

/// Oldest height of the history.
pub(crate) fn read_oldest(reader: &dyn Reader) -> Result<Option<u64>, StateError> {
    let record = reader.get(Table::Meta, OLDEST_KEY)?;
    record.map(|record| unseal::<8>(&record).map(u64::from_be_bytes)).transpose()
}

pub(crate) fn write_oldest(batch: &mut Batch, height: u64) {
    batch.put(Table::Meta, OLDEST_KEY, sealed(&[&height.to_be_bytes()]));
}

/// The installation that the store belongs to.
pub(crate) fn read_installation(reader: &dyn Reader) -> Result<Option<[u8; 16]>, StateError> {
    reader.get(Table::Meta, INSTALLATION_KEY)?.map(|record| unseal::<16>(&record)).transpose()
}

pub(crate) fn write_installation(batch: &mut Batch, id: &[u8; 16]) {
    batch.put(Table::Meta, INSTALLATION_KEY, sealed(&[id]));
}
