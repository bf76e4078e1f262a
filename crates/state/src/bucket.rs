//! Leaves as they lie in the store: a few to a record, sorted by path.
//!
//! Record: `n: u16`; n times `path 32, leaf hash 32, key length u16, value length u16`; n times `key, value`, where a value
//! longer than [`INLINE_MAX`] is replaced by its hash and lies in a table of its own. Integers are little endian.

use std::ops::Range;
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
#[derive(Clone)]
pub(crate) enum Origin {
    /// In a record: ranges of the key and of the value, or of its hash if the value is longer than [`INLINE_MAX`].
    Record { record: Arc<[u8]>, key: Range<u32>, value: Range<u32>, value_len: u16 },
    /// In the writes that are being applied: their index.
    Write(u32),
}

/// One leaf.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub path: [u8; 32],
    pub hash: [u8; 32],
    pub origin: Origin,
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

/// The leaf at `path`, or the only one if `path` is `None`.
pub(crate) fn find<'a>(record: &'a [u8], path: &[u8; 32]) -> Result<Option<Entry<'a>>, StateError> {
    for entry in entries(record) {
        let entry = entry?;
        if entry.path == path {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

/// The leaves of a record, to be carried into a new one.
pub(crate) fn leaves(record: &Arc<[u8]>) -> Result<Vec<Leaf>, StateError> {
    let start = record.as_ptr() as usize;
    let range = |part: &[u8]| {
        let from = (part.as_ptr() as usize - start) as u32;
        from..from + part.len() as u32
    };
    entries(record)
        .map(|entry| {
            let Entry { path, hash, key, body, value_len } = entry?;
            let value = match body {
                Body::Inline(value) => range(value),
                Body::Long { hash } => range(hash),
            };
            let origin = Origin::Record { record: Arc::clone(record), key: range(key), value, value_len };
            Ok(Leaf { path: *path, hash: *hash, origin })
        })
        .collect()
}

/// A value to be written into a record.
pub(crate) struct NewBody<'a> {
    pub key: &'a [u8],
    pub value: &'a [u8],
    pub value_hash: &'a [u8; 32],
}

/// The record of `leaves`, whose new values `written` knows by index.
pub(crate) fn encode<'a>(leaves: &[Leaf], written: impl Fn(u32) -> NewBody<'a>) -> Arc<[u8]> {
    let mut record = Vec::with_capacity(2 + leaves.len() * (ENTRY + 256));
    record.extend((leaves.len() as u16).to_le_bytes());
    for leaf in leaves {
        record.extend(leaf.path);
        record.extend(leaf.hash);
        let (key_len, value_len) = match &leaf.origin {
            Origin::Record { key, value_len, .. } => (key.len() as u16, *value_len),
            Origin::Write(index) => {
                let body = written(*index);
                (body.key.len() as u16, body.value.len() as u16)
            }
        };
        record.extend(key_len.to_le_bytes());
        record.extend(value_len.to_le_bytes());
    }
    for leaf in leaves {
        match &leaf.origin {
            Origin::Record { record: old, key, value, .. } => {
                record.extend(&old[key.start as usize..key.end as usize]);
                record.extend(&old[value.start as usize..value.end as usize]);
            }
            Origin::Write(index) => {
                let body = written(*index);
                record.extend(body.key);
                record.extend(if body.value.len() <= INLINE_MAX { body.value } else { &body.value_hash[..] });
            }
        }
    }
    record.into()
}
