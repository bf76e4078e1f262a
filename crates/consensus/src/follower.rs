//! The ordered stream of final blocks: commit, then acknowledge, then tell (protocol 5); and the engine of the epoch
//! that the last committed block opened (protocol 9).

use crate::{
    adapter::Adapter,
    application::{Context, Marshal, now_ms},
    archive::BlockArchive,
    block::{EngineBlock, to_chain, to_engine},
    epoch::Sets,
    halt::{Cause, Halt},
    scheme::to_certificate,
    start::Tip,
};
use commonware_actor::Feedback;
use commonware_consensus::{
    Heightable as _, Reporter,
    marshal::Update,
    simplex::{
        self,
        config::{Floor, ForwardPolicy, SkipBudget, SkipPolicy},
        elector::RoundRobin,
    },
    types::{Epoch, Epocher as _, FixedEpocher, Height, ViewDelta},
};
use commonware_cryptography::Digested;
use commonware_macros::select_loop;
use commonware_p2p::{
    Blocker, Channel, Message, Receiver, Sender,
    utils::mux::{Builder as _, MuxHandle, Muxer},
};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock, Handle, Metrics, Spawner, Storage, buffer::paged::CacheRef};
use commonware_utils::{
    Acknowledgement as _, NZDuration, NZUsize,
    acknowledgement::Exact,
    channel::{fallible::FallibleExt as _, mpsc, watch},
    vec::NonEmptyVec,
};
use rand_core::CryptoRng;
use std::sync::Arc;
use xl_execution::Fault;
use xl_network::identity::{PublicKey, Sm3};
use xl_primitives::Hash;
use xl_state::Store;

/// Views below the final one whose votes and certificates the engine keeps.
const VIEW_RETENTION: u64 = 256;
const BUFFER_BYTES: usize = 1 << 20;
const MAILBOX: usize = 1_024;

/// Final blocks and tips on their way from the engine's store to the follower.
#[derive(Clone)]
pub(crate) struct Feed(mpsc::UnboundedSender<Update<EngineBlock>>);

impl Feed {
    /// The engine bounds the queue: it waits for acknowledgements.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Update<EngineBlock>>) {
        let (sender, updates) = mpsc::unbounded_channel();
        (Self(sender), updates)
    }
}

impl Reporter for Feed {
    type Activity = Update<EngineBlock>;

    fn report(&mut self, update: Self::Activity) -> Feedback {
        if self.0.send_lossy(update) { Feedback::Ok } else { Feedback::Closed }
    }
}

/// The engine's channels, one sub-channel for each epoch.
pub(crate) struct Votes<Tx: Sender<PublicKey = PublicKey>> {
    votes: MuxHandle<Tx>,
    certificates: MuxHandle<Tx>,
    resolver: MuxHandle<Tx>,
    /// Traffic of epochs that this node does not run.
    foreign: [mpsc::Receiver<(Channel, Message<PublicKey>)>; 2],
}

impl<Tx: Sender<PublicKey = PublicKey>> Votes<Tx> {
    pub(crate) fn new<E, Rx>(runtime: &E, votes: (Tx, Rx), certificates: (Tx, Rx), resolver: (Tx, Rx)) -> Self
    where
        E: Spawner,
        Rx: Receiver<PublicKey = PublicKey>,
    {
        let (mux, votes, foreign_votes) =
            Muxer::builder(runtime.child("votes"), votes.0, votes.1).with_backup().build();
        mux.start();
        let (mux, certificates, foreign_certificates) =
            Muxer::builder(runtime.child("certificates"), certificates.0, certificates.1).with_backup().build();
        mux.start();
        let (mux, resolver) = Muxer::new(runtime.child("resolver"), resolver.0, resolver.1);
        mux.start();
        Self { votes, certificates, resolver, foreign: [foreign_votes, foreign_certificates] }
    }
}

/// The running engine.
struct Active {
    epoch: Epoch,
    engine: Handle<()>,
}

impl Drop for Active {
    fn drop(&mut self) {
        self.engine.abort();
    }
}

/// Follows the chain, and votes where this node is a validator.
pub(crate) struct Follower<E, S, B, Tx>
where
    E: CryptoRng + Spawner + Metrics + Clock + Storage,
    S: Store + 'static,
    Tx: Sender<PublicKey = PublicKey>,
{
    pub(crate) context: Arc<Context<S>>,
    pub(crate) adapter: Adapter<E, S>,
    pub(crate) archive: BlockArchive<S>,
    pub(crate) marshal: Marshal,
    pub(crate) sets: Sets,
    pub(crate) epocher: FixedEpocher,
    pub(crate) blocker: B,
    pub(crate) votes: Votes<Tx>,
    pub(crate) epoch: watch::Sender<u64>,
    pub(crate) partition: String,
    pub(crate) cache: CacheRef,
}

/// What ends a follower.
enum Stop {
    /// The node halts for good, or the runtime ends.
    Over,
}

impl<E, S, B, Tx> Follower<E, S, B, Tx>
where
    E: CryptoRng + Spawner + Metrics + Clock + Storage + Send + Sync + 'static,
    S: Store + 'static,
    B: Blocker<PublicKey = PublicKey>,
    Tx: Sender<PublicKey = PublicKey>,
{
    /// Runs until this node halts or is stopped.
    pub(crate) async fn run(mut self, runtime: E, mut updates: mpsc::UnboundedReceiver<Update<EngineBlock>>) {
        let mut halted = self.context.halts.subscribe();
        let next = Height::new(self.context.chain.tip().height + 1);
        let Some(first) = self.epocher.containing(next) else { return };
        let Ok(mut active) = self.enter(&runtime, first.epoch()).await else { return };
        let [mut foreign_votes, mut foreign_certificates] = {
            let (_, empty) = mpsc::channel(1);
            let (_, other) = mpsc::channel(1);
            std::mem::replace(&mut self.votes.foreign, [empty, other])
        };
        select_loop! {
            runtime,
            on_stopped => {},
            _ = async { halted.wait_for(Option::is_some).await.is_ok() } => { break; },
            Some(update) = updates.recv() else break => match update {
                Update::Tip(_, height, _) => {
                    *self.context.progress_ms.lock() = now_ms(&runtime);
                    self.context.finalized.send_if_modified(|tip| {
                        let newer = height.get() > *tip;
                        *tip = (*tip).max(height.get());
                        newer
                    });
                }
                Update::Block(block, done) => {
                    if self.settle(&runtime, &mut active, block, done).await.is_err() {
                        break;
                    }
                }
            },
            Some((epoch, (peer, _))) = foreign_votes.recv() else break => self.hint(active.epoch, epoch, peer),
            Some((epoch, (peer, _))) = foreign_certificates.recv() else break => {
                self.hint(active.epoch, epoch, peer);
            },
            _ = &mut active.engine => {
                tracing::error!(epoch = active.epoch.get(), "consensus.engine.ended");
                break;
            },
        }
    }

    /// Traffic of a later epoch says that the last block of ours is final: fetches its finalisation from the peer.
    fn hint(&self, ours: Epoch, theirs: u64, peer: PublicKey) {
        if theirs > ours.get()
            && let Some(last) = self.epocher.last(ours)
        {
            self.marshal.hint_finalized(last, NonEmptyVec::new(peer));
        }
    }

    async fn settle(
        &mut self,
        runtime: &E,
        active: &mut Active,
        block: Digested<EngineBlock>,
        done: Exact,
    ) -> Result<(), Stop> {
        let height = block.height();
        let header = &block.inner().block().header;
        let certificate = self.marshal.get_finalization(height).await.as_ref().and_then(to_certificate);
        let (chain, body) = (self.context.chain.clone(), Arc::clone(block.inner().block()));
        let committed = runtime
            .child("commit")
            .shared(true)
            .spawn(move |_| async move { chain.commit(&body, certificate.as_ref()) })
            .await
            .map_err(|_| Stop::Over)?;
        let committed = match committed {
            Ok(committed) => committed,
            Err(fault) => {
                let cause = cause(&fault);
                self.context.halts.raise(Halt { height: header.height, digest: block.inner().hash(), cause }, &fault);
                return Err(Stop::Over);
            }
        };
        let settled = self.archive.settle(header.height);
        if let Err(error) = settled {
            let halt = Halt { height: header.height, digest: block.inner().hash(), cause: Cause::Store };
            self.context.halts.raise(halt, &error);
            return Err(Stop::Over);
        }
        self.context.pool.remove(&committed.tx_ids);
        self.context.pool.expire(header.time_ms);
        if self.epocher.last(active.epoch) == Some(height) {
            *active = self.enter(runtime, active.epoch.next()).await?;
        }
        done.acknowledge();
        let tip = Tip { height: header.height, digest: block.inner().hash(), time_ms: header.time_ms };
        self.context.committed.send_if_modified(|current| {
            let newer = tip.height > current.height;
            if newer {
                *current = tip;
            }
            newer
        });
        Ok(())
    }

    /// Digest of the block that an epoch starts from: genesis, or the last block of the epoch before.
    fn foundation(&self, epoch: Epoch) -> Result<Option<Hash>, Fault> {
        match epoch.previous().and_then(|previous| self.epocher.last(previous)) {
            Some(last) => self.context.chain.header_digest_at(last.get()),
            None => Ok(Some(self.context.chain.genesis_block().digest())),
        }
    }

    async fn enter(&mut self, runtime: &E, epoch: Epoch) -> Result<Active, Stop> {
        let Some(scheme) = self.sets.get(epoch) else {
            tracing::error!(epoch = epoch.get(), "consensus.epoch.unknown_validators");
            return Err(Stop::Over);
        };
        let foundation = match self.foundation(epoch) {
            Ok(Some(digest)) => digest,
            Ok(None) => return Err(Stop::Over),
            Err(fault) => {
                let height = self.context.chain.tip().height;
                let halt = Halt { height, digest: Hash::ZERO, cause: Cause::Store };
                self.context.halts.raise(halt, &fault);
                return Err(Stop::Over);
            }
        };
        // Journals of closed epochs hold nothing that a vote could contradict any more.
        if let Some(old) = epoch.get().checked_sub(2) {
            let _ = runtime.remove(&self.journal(Epoch::new(old)), None).await;
        }
        let timing = &self.context.timing;
        let engine = simplex::Engine::new(
            runtime.child("engine").with_attribute("epoch", epoch),
            simplex::Config {
                scheme: (*scheme).clone(),
                elector: RoundRobin::<Sm3>::default(),
                blocker: self.blocker.clone(),
                automaton: self.adapter.clone(),
                relay: self.adapter.clone(),
                reporter: self.adapter.clone(),
                track_historical_votes: true,
                strategy: Sequential,
                partition: self.journal(epoch),
                mailbox_size: NZUsize!(MAILBOX),
                epoch,
                floor: Floor::Genesis(to_engine(&foundation)),
                replay_buffer: NZUsize!(BUFFER_BYTES),
                write_buffer: NZUsize!(BUFFER_BYTES),
                page_cache: self.cache.clone(),
                leader_timeout: timing.leader,
                certification_timeout: timing.certification,
                timeout_retry: timing.retry,
                view_retention: ViewDelta::new(VIEW_RETENTION),
                skip: SkipPolicy::Enabled { timeout: timing.skip, budget: SkipBudget::Participants },
                fetch_timeout: NZDuration!(timing.fetch),
                fetch_retry_delay: timing.fetch_retry,
                forward: ForwardPolicy::Disabled,
            },
        );
        let sub = epoch.get();
        let votes = self.votes.votes.register(sub).await.map_err(|_| Stop::Over)?;
        let certificates = self.votes.certificates.register(sub).await.map_err(|_| Stop::Over)?;
        let resolver = self.votes.resolver.register(sub).await.map_err(|_| Stop::Over)?;
        let engine = engine.start(votes, certificates, resolver);
        let _ = self.epoch.send_replace(sub);
        tracing::info!(epoch = sub, votes = scheme.votes(), foundation = ?to_chain(&to_engine(&foundation)), "consensus.epoch");
        Ok(Active { epoch, engine })
    }

    fn journal(&self, epoch: Epoch) -> String {
        format!("{}-votes-{epoch}", self.partition)
    }
}

/// What a failed commit of a final block says about this node.
fn cause(fault: &Fault) -> Cause {
    match fault {
        Fault::Divergence { reason, .. } if reason.is_root_mismatch() => Cause::RootMismatch,
        Fault::Divergence { .. } => Cause::InvalidFinalBlock,
        Fault::Order { .. } => Cause::OutOfOrder,
        _ => Cause::Store,
    }
}
