//! Leaves as they lie in the store: a few to a record, sorted by path.
//!
//! Record: `n: u16`; n times `path 32, leaf hash 32, key length u16, value length u16`; n times `key, value`, where a value
//! longer than [`INLINE_MAX`] is replaced by its hash and lies in a table of its own. Integers are little endian.

use std::sync::Arc;

use crate::check::check_word;
use crate::error::{StateDamage, StateError};

/// Values up to this many bytes lie in the bucket.
pub(crate) const INLINE_MAX: usize = 1024;
const ENTRY: usize = 32 + 32 + 2 + 2;
const DAMAGED: StateError = StateError::damaged(StateDamage::Bucket);

/// All paths that begin with the first `depth` bits of `prefix`. Orders by prefix: disjoint buckets stand in path order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BucketId {
    pub prefix: u64,
    pub depth: u8,
}

impl BucketId {
    /// Buckets are not split beyond this depth.
    pub const DEPTH_MAX: u8 = 64;
    /// The whole tree.
    pub const ROOT: Self = Self { prefix: 0, depth: 0 };

    /// The left (`false`) or right half. Only below [`BucketId::DEPTH_MAX`].
    pub fn child(self, right: bool) -> Self {
        Self { prefix: self.prefix | u64::from(right) << (63 - self.depth), depth: self.depth + 1 }
    }

    /// First 64 bits of the last path that can fall in here.
    pub fn last(self) -> u64 {
        self.prefix | u64::MAX.checked_shr(self.depth.into()).unwrap_or(0)
    }

    /// Key in the store.
    pub fn key(self) -> [u8; 9] {
        let mut key = [0; 9];
        key[..8].copy_from_slice(&self.prefix.to_be_bytes());
        key[8] = self.depth;
        key
    }

    pub fn from_key(key: &[u8]) -> Option<Self> {
        let (prefix, depth) = key.split_first_chunk::<8>()?;
        let (prefix, &[depth]) = (u64::from_be_bytes(*prefix), depth) else { return None };
        let spare = if depth == 0 { prefix } else { prefix.checked_shl(depth.into()).unwrap_or(0) };
        (depth <= Self::DEPTH_MAX && spare == 0).then_some(Self { prefix, depth })
    }

    /// Check word of the bucket's record.
    pub fn check(self, record: &[u8]) -> u64 {
        check_word(self.prefix.rotate_left(7) ^ u64::from(self.depth), record)
    }
}

/// Where the key and value of a leaf are.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    /// In a loaded record, known by its index: the value, or its hash if it is long, follows the key.
    Record { record: u32, at: u32, key_len: u16, value_len: u16 },
    /// In the writes that are being applied: their index.
    Write(u32),
}

/// One leaf.
#[derive(Clone, Copy)]
pub(crate) struct Leaf {
    pub path: [u8; 32],
    pub hash: [u8; 32],
    pub origin: Origin,
}

/// Bytes that a value takes in a record.
pub(crate) const fn body_len(value_len: u16) -> usize {
    if value_len as usize <= INLINE_MAX { value_len as usize } else { 32 }
}

/// A value as a record has it.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    Inline(&'a [u8]),
    /// Lies in the table of values.
    Long {
        hash: &'a [u8; 32],
    },
}

/// A leaf inside a record.
pub(crate) struct Entry<'a> {
    pub path: &'a [u8; 32],
    pub hash: &'a [u8; 32],
    pub key: &'a [u8],
    pub body: Body<'a>,
    pub value_len: u16,
}

/// The leaves of a record; an error where it is not well formed.
pub(crate) fn entries(record: &[u8]) -> impl Iterator<Item = Result<Entry<'_>, StateError>> {
    let count = record.first_chunk::<2>().map_or(0, |count| usize::from(u16::from_le_bytes(*count)));
    let mut at = 2 + ENTRY * count;
    let whole = record.len() >= 2;
    (0..count.max(usize::from(!whole))).map(move |i| {
        let (entry, next) = entry(record, i, at).filter(|_| whole).ok_or(DAMAGED)?;
        at = next;
        Ok(entry)
    })
}

fn entry(record: &[u8], index: usize, at: usize) -> Option<(Entry<'_>, usize)> {
    let head = record.get(2 + ENTRY * index..2 + ENTRY * (index + 1))?;
    let (path, head) = head.split_first_chunk::<32>()?;
    let (hash, head) = head.split_first_chunk::<32>()?;
    let key_len = usize::from(u16::from_le_bytes([head[0], head[1]]));
    let value_len = u16::from_le_bytes([head[2], head[3]]);
    let key = record.get(at..at + key_len)?;
    let at = at + key_len;
    let (body, end) = if usize::from(value_len) <= INLINE_MAX {
        let end = at + usize::from(value_len);
        (Body::Inline(record.get(at..end)?), end)
    } else {
        (Body::Long { hash: record.get(at..at + 32)?.try_into().ok()? }, at + 32)
    };
    Some((Entry { path, hash, key, body, value_len }, end))
}

/// The leaf at `path`.
pub(crate) fn find<'a>(record: &'a [u8], path: &[u8; 32]) -> Result<Option<Entry<'a>>, StateError> {
    for entry in entries(record) {
        let entry = entry?;
        if entry.path == path {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// Appends the leaves of `record`, which is known as `index`, to be carried into a new record.
pub(crate) fn load(record: &[u8], index: u32, into: &mut Vec<Leaf>) -> Result<(), StateError> {
    let mut at = 0;
    for (number, entry) in entries(record).enumerate() {
        let Entry { path, hash, key, value_len, .. } = entry?;
        if number == 0 {
            at = 2 + ENTRY * usize::from(u16::from_le_bytes([record[0], record[1]]));
        }
        let origin = Origin::Record { record: index, at: at as u32, key_len: key.len() as u16, value_len };
        into.push(Leaf { path: *path, hash: *hash, origin });
        at += key.len() + body_len(value_len);
    }
    Ok(())
}

/// A value to be written into a record.
pub(crate) struct NewBody<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub value_hash: &'a [u8; 32],
}

/// The record of `leaves`, of which `records` holds the old ones and `written` knows the new ones.
pub(crate) fn encode<'a>(leaves: &[Leaf], records: &[Arc<Vec<u8>>], written: impl Fn(u32) -> NewBody<'a>) -> Vec<u8> {
    let lengths = |leaf: &Leaf| match leaf.origin {
        Origin::Record { key_len, value_len, .. } => (key_len, value_len),
        Origin::Write(index) => {
            let body = written(index);
            (body.key.len() as u16, body.value.len() as u16)
        }
    };
    let bodies = leaves.iter().map(lengths).map(|(key, value)| usize::from(key) + body_len(value));
    let mut record = Vec::with_capacity(2 + leaves.len() * ENTRY + bodies.sum::<usize>());
    record.extend_from_slice(&(leaves.len() as u16).to_le_bytes());
    for leaf in leaves {
        let (key_len, value_len) = lengths(leaf);
        record.extend_from_slice(&leaf.path);
        record.extend_from_slice(&leaf.hash);
        record.extend_from_slice(&key_len.to_le_bytes());
        record.extend_from_slice(&value_len.to_le_bytes());
    }
    for leaf in leaves {
        match leaf.origin {
            Origin::Record { record: old, at, key_len, value_len } => {
                let at = at as usize;
                let end = at + usize::from(key_len) + body_len(value_len);
                record.extend_from_slice(&records[old as usize][at..end]);
            }
            Origin::Write(index) => {
                let body = written(index);
                record.extend_from_slice(body.key);
                let long = body.value.len() > INLINE_MAX;
                record.extend_from_slice(if long { body.value_hash } else { body.value });
            }
        }
    }
    record
}
