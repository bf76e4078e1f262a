//! Identities of transactions that may not come again yet (protocol 12).

use std::collections::{BTreeSet, HashSet};
use xl_primitives::Hash;

/// Ids of committed transactions whose lifetime has not passed.
#[derive(Default)]
pub struct Window {
    ids: HashSet<Hash>,
    by_expiry: BTreeSet<(u64, Hash)>,
}

impl Window {
    pub fn insert(&mut self, id: Hash, valid_until_ms: u64) {
        self.ids.insert(id);
        self.by_expiry.insert((valid_until_ms, id));
    }

    pub fn contains(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Forgets what header time `time_ms` has passed.
    pub fn expire(&mut self, time_ms: u64) {
        let live = self.by_expiry.split_off(&(time_ms, Hash::ZERO));
        for (_, id) in std::mem::replace(&mut self.by_expiry, live) {
            self.ids.remove(&id);
        }
    }
}
