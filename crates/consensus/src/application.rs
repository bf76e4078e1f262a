//! What the engine asks of the chain: make a block, judge a block (protocol 1, 2, 7, 8, 14).

use crate::{
    block::{EngineBlock, Place, to_chain},
    halt::{Cause, Halt, Halts},
    pool::SharedPool,
    scheme::Scheme,
    start::{Timing, Tip},
};
use commonware_consensus::{
    Application, Heightable as _,
    marshal::{
        ancestry::{Ancestry, BlockProvider as _},
        core::Mailbox,
        standard::Standard,
    },
};
use commonware_cryptography::{Digested, Digestible as _};
use commonware_macros::select;
use commonware_runtime::{Clock, Metrics, Spawner};
use commonware_utils::channel::watch;
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};
use xl_execution::{Chain, ExecuteError, InvalidBlock, Proposed, Refused, Round};
use xl_mempool::Budget;
use xl_primitives::{Hash, Header};
use xl_state::Store;

/// How far a proposer's clock may run ahead of a voter's (protocol 8).
const CLOCK_AHEAD_MS_MAX: u64 = 2_000;
/// A leader makes a block after this many views without one (protocol 7).
const NULLIFIED_VIEWS_MAX: u64 = 256;
/// How often a proposer's budget may be halved (protocol 14): down to 1/64.
const HALVINGS_MAX: u32 = 6;

/// The mailbox of the engine's store of blocks.
pub(crate) type Marshal = Mailbox<Scheme, Standard<EngineBlock>>;

/// UTC milliseconds of the runtime's clock.
pub(crate) fn now_ms(clock: &impl Clock) -> u64 {
    clock.current().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis() as u64)
}

/// A block on this node that breaks a rule for good.
#[derive(Debug)]
pub(crate) struct Invalid {
    pub(crate) header: Header,
    pub(crate) reason: InvalidBlock,
}

/// What every task of consensus knows of this node.
pub(crate) struct Context<S: Store> {
    pub(crate) chain: Chain<S>,
    pub(crate) pool: SharedPool<S>,
    pub(crate) halts: Halts<S>,
    pub(crate) timing: Timing,
    pub(crate) committed: watch::Sender<Tip>,
    pub(crate) finalized: watch::Sender<u64>,
    /// When this node last saw a block become final, by its own clock: a heartbeat must not depend on others' clocks.
    pub(crate) progress_ms: Mutex<u64>,
    pub(crate) own: Mutex<Own>,
    #[cfg(feature = "planted")]
    pub(crate) planted: crate::planted::Planted,
}

/// What this node proposed and how that went.
#[derive(Default)]
pub(crate) struct Own {
    /// (epoch, view) of proposals that are not decided yet.
    proposed: BTreeMap<(u64, u64), Hash>,
    /// How often the budget is halved now.
    halvings: u32,
}

impl Own {
    /// A view was given up: if the proposal was ours, it was too much (protocol 14).
    pub(crate) fn nullified(&mut self, epoch: u64, view: u64) {
        if self.proposed.remove(&(epoch, view)).is_some() {
            self.halvings = (self.halvings + 1).min(HALVINGS_MAX);
        }
    }

    /// A view was finalised: whatever was proposed up to there is decided.
    pub(crate) fn finalized(&mut self, epoch: u64, view: u64) {
        if self.proposed.contains_key(&(epoch, view)) {
            self.halvings = self.halvings.saturating_sub(1);
        }
        self.proposed = self.proposed.split_off(&(epoch, view + 1));
    }
}

/// The chain as the engine's application.
pub(crate) struct Rules<S: Store> {
    pub(crate) context: Arc<Context<S>>,
    pub(crate) marshal: Marshal,
    /// One block at a time: verify and certify may ask for the same one at once.
    executing: Arc<futures::lock::Mutex<()>>,
}

impl<S: Store> Clone for Rules<S> {
    fn clone(&self) -> Self {
        Self {
            context: Arc::clone(&self.context),
            marshal: self.marshal.clone(),
            executing: Arc::clone(&self.executing),
        }
    }
}

/// Why a leader may make a block now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// Something waits in the pool.
    Work,
    /// A block is due although nothing waits.
    Duty,
}

impl<S: Store + 'static> Rules<S> {
    pub(crate) fn new(context: Arc<Context<S>>, marshal: Marshal) -> Self {
        Self { context, marshal, executing: Arc::default() }
    }

    /// Runs `work`, which may take tens of milliseconds, off the engine's tasks.
    async fn off_task<E: Spawner, T: Send + 'static>(
        runtime: &E,
        label: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> T {
        match runtime.child(label).shared(true).spawn(move |_| async move { work() }).await {
            Ok(result) => result,
            // The runtime is shutting down: nobody waits for an answer.
            Err(_) => std::future::pending().await,
        }
    }

    fn halt(&self, header: &Header, cause: Cause, detail: &dyn std::error::Error) {
        self.context.halts.raise(Halt { height: header.height, digest: header.digest(), cause }, detail);
    }

    /// Executes `block` and whatever of its ancestors is not executed here, waiting for what may still come
    /// (protocol 2). Returns only when the block is executed or can never be.
    pub(crate) async fn execute<E: Spawner + Clock>(
        &self,
        runtime: &E,
        block: Digested<EngineBlock>,
    ) -> Result<(), Invalid> {
        let mut commits = self.context.committed.subscribe();
        let mut path = vec![block];
        while let Some(next) = path.last().cloned() {
            let tip = *commits.borrow_and_update();
            match self.execute_one(runtime, &next).await {
                Ok(()) => {
                    path.pop();
                }
                Err(ExecuteError::UnknownParent { .. }) if next.height().get() > tip.height + 1 => {
                    match self.marshal.subscribe_parent(&next).await {
                        Some(parent) => path.push(parent),
                        None => std::future::pending().await,
                    }
                }
                // The parent is final and being committed, or the block is on a dead branch: only a commit can tell.
                Err(ExecuteError::UnknownParent { .. } | ExecuteError::TooDeep { .. }) => {
                    if commits.changed().await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
                Err(ExecuteError::Invalid(reason)) => {
                    return Err(Invalid { header: next.inner().block().header.clone(), reason });
                }
                Err(ExecuteError::Fault(fault)) => {
                    self.halt(&next.inner().block().header, Cause::Store, &fault);
                    std::future::pending().await
                }
            }
        }
        Ok(())
    }

    async fn execute_one<E: Spawner>(&self, runtime: &E, block: &Digested<EngineBlock>) -> Result<(), ExecuteError> {
        let _one = self.executing.lock().await;
        if self.context.chain.is_executed(&block.inner().hash()) {
            return Ok(());
        }
        let (chain, body) = (self.context.chain.clone(), Arc::clone(block.inner().block()));
        Self::off_task(runtime, "execute", move || chain.verify(&body)).await
    }

    fn budget(&self) -> Budget {
        let parameters = self.context.chain.parameters();
        let halvings = self.context.own.lock().halvings;
        Budget {
            bytes: parameters.block_bytes_max as usize >> halvings,
            count: (parameters.block_count_max as usize >> halvings).max(1),
            gas: parameters.block_gas_max >> halvings,
            organisation_permille: parameters.organisation_share_permille as usize,
        }
    }

    /// Holds a proposal back until there is a reason to make a block (protocol 7). A dropped wait is a nullified view.
    async fn reason(&self, runtime: &impl Clock, place: &Place, parent: &Digested<EngineBlock>) -> Reason {
        let header = &parent.inner().block().header;
        let view_gap = place.round.view().get() - place.parent.0.get();
        if header.next_validators_hash != header.validators_hash || view_gap >= NULLIFIED_VIEWS_MAX {
            return Reason::Duty;
        }
        let taken = self.context.chain.pending_ids(&parent.inner().hash());
        let one = Budget { count: 1, organisation_permille: 1_000, ..self.budget() };
        let waits = || !self.context.pool.reap(one, |id| taken.contains(id)).is_empty();
        let mut admissions = self.context.pool.admissions();
        let mut finalized = self.context.finalized.subscribe();
        // Finality follows a certified block by one hop: asking for another block at once would never end.
        let mut patience = std::pin::pin!(runtime.sleep(self.context.timing.finality));
        loop {
            admissions.borrow_and_update();
            if waits() {
                return Reason::Work;
            }
            let is_final = *finalized.borrow_and_update() >= header.height;
            let idle_ms = now_ms(runtime).saturating_sub(*self.context.progress_ms.lock());
            let heartbeat = self.context.timing.heartbeat.saturating_sub(Duration::from_millis(idle_ms));
            let due = async {
                if is_final {
                    runtime.sleep(heartbeat).await;
                } else {
                    patience.as_mut().await;
                }
            };
            select! {
                _ = admissions.changed() => {},
                _ = finalized.changed() => {},
                _ = due => { return Reason::Duty; },
            }
        }
    }

    async fn make<E: Spawner + Clock>(
        &self,
        runtime: &E,
        place: &Place,
        parent: &Digested<EngineBlock>,
    ) -> Option<Digested<EngineBlock>> {
        let header = &parent.inner().block().header;
        let round = Round {
            epoch: place.round.epoch().get(),
            view: place.round.view().get(),
            parent_view: place.parent.0.get(),
            leader: place.leader.into(),
        };
        let mut commits = self.context.committed.subscribe();
        loop {
            let reason = self.reason(runtime, place, parent).await;
            let taken = self.context.chain.pending_ids(&parent.inner().hash());
            let candidates = self.context.pool.reap(self.budget(), |id| taken.contains(id));
            let time_ms = now_ms(runtime).max(header.time_ms + 1);
            commits.borrow_and_update();
            let (chain, on, asked) = (self.context.chain.clone(), parent.inner().hash(), round);
            let proposed =
                Self::off_task(runtime, "propose", move || chain.propose(&on, asked, time_ms, candidates)).await;
            match proposed {
                Ok(Proposed { block, digest, refused }) => {
                    // What an ancestor already holds may come back when that branch is dropped.
                    let stays = |why: &Refused| why.retry() || matches!(why, Refused::Replayed { .. });
                    let gone: Vec<Hash> = refused.iter().filter(|(_, why)| !stays(why)).map(|(id, _)| *id).collect();
                    self.context.pool.remove(&gone);
                    if block.transactions.is_empty() && reason == Reason::Work {
                        // Everything that waited was refused; what stays may be eligible after the next commit.
                        if gone.is_empty() && commits.changed().await.is_err() {
                            return None;
                        }
                        continue;
                    }
                    self.context.own.lock().proposed.insert((round.epoch, round.view), digest);
                    return Some(EngineBlock::new(self.tampered(block)).digested());
                }
                Err(ExecuteError::UnknownParent { .. }) => {
                    self.execute(runtime, parent.clone()).await.ok()?;
                }
                Err(ExecuteError::TooDeep { .. }) => commits.changed().await.ok()?,
                Err(ExecuteError::Invalid(reason)) => {
                    tracing::error!(?reason, view = round.view, "consensus.propose.invalid");
                    return None;
                }
                Err(ExecuteError::Fault(fault)) => {
                    self.halt(header, Cause::Store, &fault);
                    return None;
                }
            }
        }
    }

    #[cfg(not(feature = "planted"))]
    const fn tampered(&self, block: Arc<xl_primitives::Block>) -> Arc<xl_primitives::Block> {
        block
    }

    #[cfg(feature = "planted")]
    fn tampered(&self, block: Arc<xl_primitives::Block>) -> Arc<xl_primitives::Block> {
        self.context.planted.tamper(block)
    }

    /// Judges a proposal before this node votes for it.
    async fn judge<E: Spawner + Clock>(&self, runtime: &E, place: &Place, block: Digested<EngineBlock>) -> bool {
        if block.inner().place() != *place {
            return false;
        }
        #[cfg(feature = "planted")]
        if self.context.planted.vote_before_execution {
            return true;
        }
        let limit = now_ms(runtime) + CLOCK_AHEAD_MS_MAX;
        let time_ms = block.inner().block().header.time_ms;
        if time_ms > limit {
            runtime.sleep(Duration::from_millis(time_ms - limit)).await;
        }
        match self.execute(runtime, block).await {
            Ok(()) => true,
            Err(Invalid { header, reason }) => {
                tracing::warn!(height = header.height, view = header.view, ?reason, "consensus.verify.invalid");
                false
            }
        }
    }

    /// Judges a block that a quorum notarised (protocol 1): executes it if this node has not, and checks nothing of its
    /// time. `false` only for a block that can never be valid; other roots here than at the quorum halt this node.
    pub(crate) async fn certify<E: Spawner + Clock>(&self, runtime: &E, block: Digested<EngineBlock>) -> bool {
        #[cfg(feature = "planted")]
        if self.context.planted.vote_before_execution {
            return true;
        }
        match self.execute(runtime, block).await {
            Ok(()) => true,
            Err(Invalid { header, reason }) if reason.is_root_mismatch() => {
                self.halt(&header, Cause::RootMismatch, &reason);
                std::future::pending().await
            }
            Err(Invalid { header, reason }) => {
                tracing::error!(height = header.height, view = header.view, ?reason, "consensus.certify.invalid");
                false
            }
        }
    }
}

impl<E, S> Application<E> for Rules<S>
where
    E: Spawner + Metrics + Clock,
    S: Store + 'static,
{
    type SigningScheme = Scheme;
    type Context = Place;
    type Block = EngineBlock;
    type Input = ();

    async fn propose(
        &mut self,
        (runtime, place): (E, Place),
        ancestry: impl Ancestry<EngineBlock>,
        (): (),
    ) -> Option<Digested<EngineBlock>> {
        let parent = ancestry.peek()?.clone();
        debug_assert_eq!(to_chain(&parent.digest()), to_chain(&place.parent.1));
        self.make(&runtime, &place, &parent).await
    }

    async fn verify(&mut self, (runtime, place): (E, Place), ancestry: impl Ancestry<EngineBlock>) -> bool {
        match ancestry.peek().cloned() {
            Some(block) => self.judge(&runtime, &place, block).await,
            None => std::future::pending().await,
        }
    }
}
