//! Recently used buckets. An entry is known by its check word, so it never goes stale: a changed bucket is another entry.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use crate::bucket::BucketId;

/// A map of bounded size: what was not used while half of it was filled is forgotten.
pub(crate) struct Cache {
    generations: Mutex<Generations>,
    half_bytes: usize,
}

#[derive(Default)]
struct Generations {
    young: Map,
    old: Map,
    young_bytes: usize,
}

type Map = HashMap<u64, (BucketId, Arc<Vec<u8>>), BuildHasherDefault<CheckWord>>;

/// Check words are spread well enough to be their own hash.
#[derive(Default)]
struct CheckWord(u64);

impl Hasher for CheckWord {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// Bytes that an entry takes beside its record.
const OVERHEAD_BYTES: usize = 64;

impl Cache {
    pub fn new(bytes: usize) -> Self {
        Self { generations: Mutex::default(), half_bytes: bytes / 2 }
    }

    pub fn get(&self, id: BucketId, check: u64) -> Option<Arc<Vec<u8>>> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((found, record)) = generations.young.get(&check) {
            return (*found == id).then(|| Arc::clone(record));
        }
        let (found, record) = generations.old.remove(&check)?;
        generations.put(self.half_bytes, found, check, Arc::clone(&record));
        (found == id).then_some(record)
    }

    pub fn put(&self, id: BucketId, check: u64, record: Arc<Vec<u8>>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.put(self.half_bytes, id, check, record);
    }
}

impl Generations {
    fn put(&mut self, half_bytes: usize, id: BucketId, check: u64, record: Arc<Vec<u8>>) {
        self.young_bytes += record.len() + OVERHEAD_BYTES;
        self.young.insert(check, (id, record));
        if self.young_bytes > half_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}
