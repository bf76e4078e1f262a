//! Validator sets by epoch (protocol 9).

use crate::scheme::Scheme;
use commonware_consensus::types::Epoch;
use commonware_cryptography::certificate::{Provider, Scoped};
use commonware_utils::ordered::Set;
use parking_lot::RwLock;
use std::{collections::BTreeMap, sync::Arc};
use xl_network::identity::PrivateKey;
use xl_primitives::Hash;

/// The validator set of an epoch, or `None` as long as the last block of the epoch before is not committed.
pub type ValidatorSets = Arc<dyn Fn(u64) -> Option<Vec<xl_crypto::PublicKey>> + Send + Sync>;

/// Schemes by epoch, made when they are first asked for.
#[derive(Clone)]
pub(crate) struct Sets(Arc<Inner>);

struct Inner {
    chain_id: Hash,
    key: Option<PrivateKey>,
    known: ValidatorSets,
    schemes: RwLock<BTreeMap<Epoch, Arc<Scheme>>>,
}

impl Sets {
    /// `key` votes wherever it is in the set; without it this node only verifies.
    pub(crate) fn new(chain_id: Hash, key: Option<PrivateKey>, known: ValidatorSets) -> Self {
        Self(Arc::new(Inner { chain_id, key, known, schemes: RwLock::default() }))
    }

    pub(crate) fn get(&self, epoch: Epoch) -> Option<Arc<Scheme>> {
        if let Some(scheme) = self.0.schemes.read().get(&epoch) {
            return Some(Arc::clone(scheme));
        }
        let keys = (self.0.known)(epoch.get())?;
        let participants = Set::from_iter_dedup(keys.into_iter().map(Into::into));
        let scheme = Arc::new(Scheme::new(&self.0.chain_id, participants, self.0.key.clone()));
        self.0.schemes.write().insert(epoch, Arc::clone(&scheme));
        Some(scheme)
    }
}

impl Provider for Sets {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, epoch: Epoch) -> Option<Scoped<Scheme>> {
        self.get(epoch).map(Scoped::scheme)
    }
}
