//! Valid, not yet ordered: `admit` → `reap` → `remove`. Pure: no clock, socket or disk (spec `07-pool`).
//!
//! The pool holds checked transactions within a budget of bytes and count. No account and no organisation may hold more
//! than its share, so that one flooding sender fills his own share and nobody else's. `reap` takes from the
//! organisations in turn, each oldest first: a small organisation is not queued behind a large one.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use xl_primitives::{AccountId, CheckedTx, Hash};

/// Bounds of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all transactions.
    pub bytes: usize,
    /// Number of all transactions.
    pub count: usize,
    /// Share of one organisation in both, in parts per thousand.
    pub organisation_permille: usize,
    /// Most transactions of one account.
    pub account_count: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, count: 100_000, organisation_permille: 600, account_count: 20_000 }
    }
}

/// What a block may still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of signed transactions.
    pub bytes: usize,
    /// Number of transactions.
    pub count: usize,
    /// Sum of their gas limits.
    pub gas: u64,
    /// Share of one organisation in count and gas, in parts per thousand (at least one transaction).
    pub organisation_permille: usize,
}

/// Why the pool turned a transaction away. Trying again after the next block can help with each of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The node's budget is used up.
    #[error("the pool is full: {limit} {what}")]
    Full {
        /// `bytes` or `transactions`.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The organisation's share is used up.
    #[error("organisation {organisation} fills its share of the pool: {limit} {what}")]
    OrganisationShare {
        /// Whose share.
        organisation: String,
        /// `bytes` or `transactions`.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The account's share is used up.
    #[error("account {account} has {limit} transactions waiting, its share of the pool")]
    AccountShare {
        /// Whose share.
        account: AccountId,
        /// The bound.
        limit: usize,
    },
}

impl PoolError {
    /// Stable code of the error catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Full { .. } => "XL-POOL-FULL",
            Self::OrganisationShare { .. } => "XL-POOL-ORGANISATION-SHARE",
            Self::AccountShare { .. } => "XL-POOL-ACCOUNT-SHARE",
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    /// Arrival order; ids that are gone from `entries` are skipped and dropped lazily.
    order: VecDeque<(Hash, u64)>,
    bytes: usize,
    count: usize,
}

#[derive(Debug)]
struct Entry {
    tx: CheckedTx,
    organisation: String,
    arrival: u64,
}

/// The pool.
#[derive(Debug)]
pub struct Pool {
    limits: Limits,
    entries: HashMap<Hash, Entry>,
    organisations: BTreeMap<String, Queue>,
    accounts: HashMap<AccountId, usize>,
    expiry: BTreeSet<(u64, Hash)>,
    bytes: usize,
    arrivals: u64,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            entries: HashMap::new(),
            organisations: BTreeMap::new(),
            accounts: HashMap::new(),
            expiry: BTreeSet::new(),
            bytes: 0,
            arrivals: 0,
        }
    }

    /// Takes `tx` in for `organisation`; false when it is already here.
    ///
    /// # Errors
    /// [`PoolError`] names the bound that is reached; nothing changes.
    pub fn admit(&mut self, tx: CheckedTx, organisation: &str) -> Result<bool, PoolError> {
        let id = tx.id();
        if self.entries.contains_key(&id) {
            return Ok(false);
        }
        let size = tx.bytes().len();
        self.check(&tx, organisation, size)?;
        let arrival = self.arrivals;
        self.arrivals += 1;
        self.bytes += size;
        *self.accounts.entry(tx.body().sender).or_default() += 1;
        self.expiry.insert((tx.body().valid_until_ms, id));
        let queue = self.organisations.entry(organisation.to_owned()).or_default();
        queue.order.push_back((id, arrival));
        queue.bytes += size;
        queue.count += 1;
        self.entries.insert(id, Entry { tx, organisation: organisation.to_owned(), arrival });
        Ok(true)
    }

    fn check(&self, tx: &CheckedTx, organisation: &str, size: usize) -> Result<(), PoolError> {
        let Limits { bytes, count, organisation_permille, account_count } = self.limits;
        let full = |what, limit| Err(PoolError::Full { what, limit });
        if self.bytes + size > bytes {
            return full("bytes", bytes);
        }
        if self.entries.len() >= count {
            return full("transactions", count);
        }
        let (held_bytes, held_count) = self.organisations.get(organisation).map_or((0, 0), |q| (q.bytes, q.count));
        let share = |whole: usize| whole / 1000 * organisation_permille + whole % 1000 * organisation_permille / 1000;
        let over =
            |what, limit| Err(PoolError::OrganisationShare { organisation: organisation.to_owned(), what, limit });
        if held_bytes + size > share(bytes) {
            return over("bytes", share(bytes));
        }
        if held_count >= share(count) {
            return over("transactions", share(count));
        }
        let account = tx.body().sender;
        if self.accounts.get(&account).copied().unwrap_or(0) >= account_count {
            return Err(PoolError::AccountShare { account, limit: account_count });
        }
        Ok(())
    }

    /// Candidates for a block within `budget`, organisations in turn, each oldest first, without those that `skip` names.
    /// Takes nothing out.
    pub fn reap(&self, budget: Budget, skip: impl Fn(&Hash) -> bool) -> Vec<CheckedTx> {
        let mut lanes: Vec<_> = self.organisations.values().map(|q| (q.order.iter(), 0usize, 0u64)).collect();
        let count_share = (budget.count * budget.organisation_permille / 1000).max(1);
        let gas_share = budget.gas / 1000 * budget.organisation_permille as u64;
        let (mut chosen, mut bytes, mut gas) = (Vec::new(), 0usize, 0u64);
        while !lanes.is_empty() && chosen.len() < budget.count {
            lanes.retain_mut(|(order, lane_count, lane_gas)| {
                let next = order.by_ref().find_map(|(id, arrival)| {
                    let entry = self.entries.get(id)?;
                    (entry.arrival == *arrival && !skip(id)).then_some(&entry.tx)
                });
                let Some(tx) = next else { return false };
                let (tx_bytes, tx_gas) = (tx.bytes().len(), tx.body().gas_limit);
                let fits = chosen.len() < budget.count
                    && bytes + tx_bytes <= budget.bytes
                    && gas.saturating_add(tx_gas) <= budget.gas
                    && *lane_count < count_share
                    && lane_gas.saturating_add(tx_gas) <= gas_share.max(tx_gas);
                if fits {
                    bytes += tx_bytes;
                    gas += tx_gas;
                    *lane_count += 1;
                    *lane_gas += tx_gas;
                    chosen.push(tx.clone());
                }
                // A transaction that does not fit ends its lane: later ones must not overtake it for ever.
                fits
            });
        }
        chosen
    }

    /// Forgets transactions that a block has settled, or that execution found refused.
    pub fn remove(&mut self, ids: &[Hash]) {
        for id in ids {
            self.forget(id);
        }
    }

    /// Forgets what may no longer be included at header time `time_ms`; how many that were.
    pub fn expire(&mut self, time_ms: u64) -> usize {
        let live = self.expiry.split_off(&(time_ms, Hash::ZERO));
        let dead = std::mem::replace(&mut self.expiry, live);
        dead.into_iter().filter(|(_, id)| self.forget(id)).count()
    }

    fn forget(&mut self, id: &Hash) -> bool {
        let Some(entry) = self.entries.remove(id) else { return false };
        let size = entry.tx.bytes().len();
        self.bytes -= size;
        let sender = entry.tx.body().sender;
        if let Some(held) = self.accounts.get_mut(&sender) {
            *held -= 1;
            if *held == 0 {
                self.accounts.remove(&sender);
            }
        }
        self.expiry.remove(&(entry.tx.body().valid_until_ms, *id));
        if let Some(queue) = self.organisations.get_mut(&entry.organisation) {
            queue.bytes -= size;
            queue.count -= 1;
            let entries = &self.entries;
            // Settled transactions mostly stand in front.
            while queue.order.front().is_some_and(|(id, at)| entries.get(id).is_none_or(|e| e.arrival != *at)) {
                queue.order.pop_front();
            }
            if queue.order.len() > 2 * queue.count + 1024 {
                queue.order.retain(|(id, at)| entries.get(id).is_some_and(|e| e.arrival == *at));
            }
            if queue.count == 0 {
                self.organisations.remove(&entry.organisation);
            }
        }
        true
    }

    /// True when the transaction waits here.
    #[must_use]
    pub fn contains(&self, id: &Hash) -> bool {
        self.entries.contains_key(id)
    }
    /// Number of waiting transactions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    /// True when nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// Bytes of the waiting transactions.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests;
