//! Which keys are known, and which have a table.

use super::{KeyTable, curve::Affine, identity};
use crate::PublicKey;
use lru::LruCache;
use parking_lot::Mutex;
use std::{num::NonZeroUsize, sync::Arc};

/// Keys without a table that are remembered, decoded, with their count.
const SEEN_MAX: NonZeroUsize = NonZeroUsize::new(8192).expect("not zero");

/// A decoded key.
#[derive(Clone, Copy)]
pub struct KnownKey {
    /// The key as a point.
    pub point: Affine,
    /// ZA.
    pub identity: [u8; 32],
}

impl KnownKey {
    /// `None` when the key is not a point of the curve.
    pub fn new(key: &PublicKey) -> Option<Self> {
        let point = Affine::decompress(key.as_bytes())?;
        Some(Self { point, identity: identity(&point) })
    }
}

/// A key with its multiples.
pub struct TabledKey {
    /// The multiples.
    pub table: KeyTable,
    /// ZA.
    pub identity: [u8; 32],
}

/// What the cache has for a key.
pub enum Found {
    /// Its multiples.
    Table(Arc<TabledKey>),
    /// The decoded key.
    Point(KnownKey),
    /// Nothing.
    Nothing,
}

/// Two LRU lists under one lock, which is held for look-ups only, never for arithmetic.
pub struct Cache {
    lists: Mutex<Lists>,
}

struct Lists {
    /// `None` when no tables are wanted.
    tables: Option<LruCache<PublicKey, Arc<TabledKey>>>,
    seen: LruCache<PublicKey, (KnownKey, u32)>,
}

impl Cache {
    pub fn new(tables_max: usize) -> Self {
        let tables = NonZeroUsize::new(tables_max).map(LruCache::new);
        Self { lists: Mutex::new(Lists { tables, seen: LruCache::new(SEEN_MAX) }) }
    }

    pub fn tables(&self) -> usize {
        self.lists.lock().tables.as_ref().map_or(0, LruCache::len)
    }

    pub fn find(&self, key: &PublicKey) -> Found {
        let mut lists = self.lists.lock();
        if let Some(tabled) = lists.tables.as_mut().and_then(|tables| tables.get(key)) {
            return Found::Table(Arc::clone(tabled));
        }
        lists.seen.get(key).map_or(Found::Nothing, |(known, _)| Found::Point(*known))
    }

    /// Counts a good signature of a key without a table, and builds the table when it is due. The thread whose use is
    /// the last one needed builds it; the others go on without.
    pub fn count_use(&self, key: &PublicKey, known: &KnownKey) {
        let due = {
            let mut lists = self.lists.lock();
            let (_, uses) = lists.seen.get_or_insert_mut(*key, || (*known, 0));
            *uses = uses.saturating_add(1);
            *uses == super::Verifier::USES_BEFORE_TABLE && lists.tables.is_some()
        };
        if due {
            let tabled = Arc::new(TabledKey { table: KeyTable::new(&known.point), identity: known.identity });
            let mut lists = self.lists.lock();
            lists.seen.pop(key);
            if let Some(tables) = lists.tables.as_mut() {
                tables.put(*key, tabled);
            }
        }
    }
}
