//! Wiring of one node: the same for the real runtime and for the simulator.

use crate::{
    adapter::Adapter,
    application::{Context, Own, Rules, now_ms},
    archive::{ArchiveError, BlockArchive, CertificateArchive},
    block::{EngineBlock, block_bytes_max, to_engine},
    epoch::{Sets, ValidatorSets},
    evidence,
    follower::{Feed, Follower, Votes},
    gossip,
    halt::{Halt, Halts},
    install::{self, InstallationError},
    pool::SharedPool,
    scheme::{Scheme, VALIDATORS_MAX},
};
use commonware_broadcast::buffered;
use commonware_consensus::{
    marshal::{self, Start, core::Actor, resolver::p2p as backfill, standard::Standard},
    types::{Epoch, FixedEpocher, ViewDelta},
};
use commonware_cryptography::{Signer as _, certificate::Verifier as _};
use commonware_p2p::{Blocker, Provider, Receiver, Sender, utils::mux};
use commonware_parallel::Sequential;
use commonware_runtime::{Clock, Metrics, Spawner, Storage, buffer::paged::CacheRef};
use commonware_utils::{NZDuration, NZU16, NZU64, NZUsize, channel::watch};
use parking_lot::Mutex;
use rand_core::CryptoRng;
use std::{num::NonZeroU64, sync::Arc, time::Duration};
use xl_execution::{Chain, Fault};
use xl_network::identity::{PrivateKey, PublicKey};
use xl_primitives::{ChainParameters, Hash};
use xl_state::{Store, StoreError};

/// The registered channels of the peer network, one for each [`xl_network::peers::Lane`].
pub struct Channels<Tx, Rx> {
    /// [`xl_network::peers::Lane::Vote`].
    pub votes: (Tx, Rx),
    /// [`xl_network::peers::Lane::Certificate`].
    pub certificates: (Tx, Rx),
    /// [`xl_network::peers::Lane::Resolver`].
    pub resolver: (Tx, Rx),
    /// [`xl_network::peers::Lane::Broadcast`].
    pub blocks: (Tx, Rx),
    /// [`xl_network::peers::Lane::Backfill`].
    pub backfill: (Tx, Rx),
    /// [`xl_network::peers::Lane::Transactions`].
    pub transactions: (Tx, Rx),
}

impl<Tx, Rx> From<[(Tx, Rx); 6]> for Channels<Tx, Rx> {
    /// In the order of [`xl_network::peers::Lane::ALL`].
    fn from([votes, certificates, resolver, blocks, backfill, transactions]: [(Tx, Rx); 6]) -> Self {
        Self { votes, certificates, resolver, blocks, backfill, transactions }
    }
}

/// Largest payload of any channel in bytes: what the peer network must carry.
#[must_use]
pub fn message_bytes_max(parameters: &ChainParameters) -> u32 {
    let block = block_bytes_max(parameters);
    let backfill = marshal::max_payload_size::<Standard<EngineBlock>, Scheme>(VALIDATORS_MAX as u32, &block);
    let votes = mux::prefixed(4 * Scheme::max_certificate_size(VALIDATORS_MAX as u32) + 1_024);
    backfill.max(votes).max(gossip::FRAME_BYTES_MAX) as u32
}

/// How long consensus waits for what.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// For a leader's proposal.
    pub leader: Duration,
    /// For a view to be certified; more than `leader`.
    pub certification: Duration,
    /// Before a vote against a view is sent again.
    pub retry: Duration,
    /// A leader that was silent for this long is skipped at once; more than `certification` and `retry`.
    pub skip: Duration,
    /// For a certified block to become final before a leader makes an empty one on top of it.
    pub finality: Duration,
    /// Without any block, before a leader makes an empty one.
    pub heartbeat: Duration,
    /// For a peer's answer.
    pub fetch: Duration,
    /// Before a failed request is tried again.
    pub fetch_retry: Duration,
}

impl Timing {
    /// The times that follow from the chain's parameters.
    #[must_use]
    pub const fn from_parameters(parameters: &ChainParameters) -> Self {
        let leader = Duration::from_millis(parameters.leader_timeout_ms as u64);
        Self {
            leader,
            certification: leader.saturating_mul(2),
            retry: leader,
            skip: leader.saturating_mul(5),
            finality: Duration::from_millis(parameters.leader_timeout_ms as u64 / 4),
            heartbeat: Duration::from_millis(parameters.heartbeat_ms),
            fetch: Duration::from_secs(1),
            fetch_retry: Duration::from_millis(100),
        }
    }
}

/// The last committed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Its height.
    pub height: u64,
    /// Its digest.
    pub digest: Hash,
    /// Its time in UTC milliseconds.
    pub time_ms: u64,
}

/// What a node brings along.
pub struct Config<S: Store> {
    /// Executes, and holds what is committed.
    pub chain: Chain<S>,
    /// The store below it.
    pub store: Arc<S>,
    /// Transactions that wait.
    pub pool: SharedPool<S>,
    /// The node's identity.
    pub key: PrivateKey,
    /// Whether it votes where its key is in the set. False for an access node and after a restore (protocol 6).
    pub vote: bool,
    /// Validator sets by epoch.
    pub validators: ValidatorSets,
    /// Prefix of the engine's partitions in the runtime's storage.
    pub partition: String,
    /// Times.
    pub timing: Timing,
    /// Faults that a simulation must find.
    #[cfg(feature = "planted")]
    pub planted: crate::planted::Planted,
}

/// A running node.
#[derive(Clone, Debug)]
pub struct Handle {
    /// The last block that is final, durable here, and so acknowledged (protocol 5).
    pub committed: watch::Receiver<Tip>,
    /// Highest height that is known to be final.
    pub finalized: watch::Receiver<u64>,
    /// The epoch whose engine runs.
    pub epoch: watch::Receiver<u64>,
    /// Conflicting votes that this run has written to the store.
    pub evidence: watch::Receiver<u64>,
    /// Set when this node stopped for good (protocol 1).
    pub halted: watch::Receiver<Option<Halt>>,
    /// Whether this node votes where its key is in the set.
    pub votes: bool,
}

/// Why a node did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It halted for good in an earlier run; an operator must look.
    #[error("the node halted at height {} ({})", halt.height, halt.cause)]
    Halted {
        /// What happened.
        halt: Halt,
    },
    /// The chain has lost blocks that this node had already acknowledged.
    #[error("height {acknowledged} was acknowledged, but only {committed} is in the store")]
    LostCommits {
        /// Highest height acknowledged to the engine.
        acknowledged: u64,
        /// Highest height in the store.
        committed: u64,
    },
    /// An epoch of fewer than two blocks.
    #[error("an epoch has {blocks} blocks, at least 2 are needed")]
    EpochLength {
        /// Blocks of an epoch.
        blocks: u64,
    },
    /// The validator set of the running epoch is not known.
    #[error("the validator set of epoch {epoch} is not known")]
    UnknownValidators {
        /// The epoch.
        epoch: u64,
    },
    /// The chain could not read.
    #[error(transparent)]
    Chain(#[from] Fault),
    /// The store could not read or write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stores of blocks and certificates could not be opened.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Journal and store could not be compared.
    #[error(transparent)]
    Installation(#[from] InstallationError),
}

const MAILBOX: usize = 1_024;
const BUFFER_BYTES: usize = 1 << 20;
/// Proposed blocks kept for each sender.
const PROPOSALS_MAX: usize = 16;
/// Views below the final one whose candidates are kept for peers.
const CANDIDATE_VIEWS: u64 = 16;

/// Starts a node: it follows the chain, and votes if it may.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start<E, S, P, B, Tx, Rx>(
    mut runtime: E,
    config: Config<S>,
    peers: P,
    blocker: B,
    channels: Channels<Tx, Rx>,
) -> Result<Handle, StartError>
where
    E: CryptoRng + Spawner + Metrics + Clock + Storage + Send + Sync + 'static,
    S: Store + 'static,
    P: Provider<PublicKey = PublicKey>,
    B: Blocker<PublicKey = PublicKey>,
    Tx: Sender<PublicKey = PublicKey>,
    Rx: Receiver<PublicKey = PublicKey>,
{
    let Config { chain, store, pool, key, vote, validators, partition, timing, .. } = config;
    let halts = Halts::open(Arc::clone(&store))?.map_err(|halt| StartError::Halted { halt })?;
    let (parameters, tip, me) = (chain.parameters(), chain.tip(), key.public_key());
    let blocks = parameters.epoch_blocks;
    let epocher = NonZeroU64::new(blocks).filter(|blocks| blocks.get() > 1).map(FixedEpocher::new);
    let epocher = epocher.ok_or(StartError::EpochLength { blocks })?;
    let same = install::matches(&mut runtime, &*store, &partition, tip.height).await?;
    if vote && !same {
        tracing::error!("consensus.install.mismatch");
    }
    let votes = vote && same;
    let sets = Sets::new(chain.chain_id(), votes.then_some(key), validators);
    let epoch = (tip.height + 1) / blocks;
    sets.get(Epoch::new(epoch)).ok_or(StartError::UnknownValidators { epoch })?;

    // Blocks: backfill, broadcast, and the store that puts final ones in order.
    let cache = CacheRef::new(NZU16!(16_384), NZUsize!(1_000));
    let block_limit = block_bytes_max(&parameters);
    let resolver = backfill::init(
        runtime.child("backfill"),
        backfill::Config {
            public_key: me,
            peer_provider: peers.clone(),
            blocker: blocker.clone(),
            mailbox_size: NZUsize!(MAILBOX),
            fetch_timeout: NZDuration!(timing.fetch),
            fetch_retry_delay: timing.fetch_retry,
            priority_requests: false,
            priority_responses: false,
        },
        channels.backfill,
    );
    let (broadcast, buffer) = buffered::Engine::new(
        runtime.child("broadcast"),
        buffered::Config {
            public_key: me,
            mailbox_size: NZUsize!(MAILBOX),
            deque_size: PROPOSALS_MAX,
            priority: true,
            codec_config: block_limit,
            peer_provider: peers,
            strategy: Sequential,
        },
    );
    let archive = BlockArchive::open(chain.clone(), Arc::clone(&store))?;
    let certificates = CertificateArchive::open(archive.clone(), sets.clone())?;
    let genesis = chain.genesis_block();
    let genesis_digest = to_engine(&genesis.digest());
    let genesis = commonware_cryptography::Digested::precomputed(EngineBlock::new(Arc::new(genesis)), genesis_digest);
    let (actor, marshal, floor) = Actor::<_, Standard<EngineBlock>, _, _, _, _, _>::init(
        runtime.child("marshal"),
        certificates,
        archive.clone(),
        marshal::Config {
            provider: sets.clone(),
            epocher: epocher.clone(),
            start: Start::Genesis(genesis),
            partition_prefix: format!("{partition}-blocks"),
            mailbox_size: NZUsize!(MAILBOX),
            view_retention: ViewDelta::new(CANDIDATE_VIEWS),
            prunable_items_per_section: NZU64!(32),
            page_cache: cache.clone(),
            replay_buffer: NZUsize!(BUFFER_BYTES),
            key_write_buffer: NZUsize!(BUFFER_BYTES),
            value_write_buffer: NZUsize!(BUFFER_BYTES),
            block_codec_config: block_limit,
            max_repair: NZUsize!(32),
            max_pending_acks: NZUsize!(16),
            strategy: Sequential,
        },
    )
    .await;
    let acknowledged = floor.processed().map_or(0, |processed| processed.height().get());
    if acknowledged > tip.height {
        return Err(StartError::LostCommits { acknowledged, committed: tip.height });
    }
    let (feed, updates) = Feed::new();

    let now = now_ms(&runtime);
    let last = Tip { height: tip.height, digest: tip.digest(), time_ms: tip.time_ms };
    let context = Arc::new(Context {
        chain,
        pool: pool.clone(),
        halts,
        timing,
        committed: watch::Sender::new(last),
        finalized: watch::Sender::new(tip.height),
        progress_ms: Mutex::new(now),
        own: Mutex::new(Own::default()),
        #[cfg(feature = "planted")]
        planted: config.planted,
    });
    let (witness, evidence) = evidence::start(&runtime, store, sets.clone());
    let rules = Rules::new(Arc::clone(&context), marshal.clone());
    let adapter = Adapter::new(runtime.child("application"), rules, epocher.clone(), witness);
    let epoch = watch::Sender::new(epoch);
    let handle = Handle {
        committed: context.committed.subscribe(),
        finalized: context.finalized.subscribe(),
        epoch: epoch.subscribe(),
        evidence,
        halted: context.halts.subscribe(),
        votes,
    };
    gossip::start(&runtime, &pool, me, sets.clone(), epoch.subscribe(), channels.transactions);
    broadcast.start(channels.blocks);
    actor.start(feed, buffer, resolver);
    let votes = Votes::new(&runtime, channels.votes, channels.certificates, channels.resolver);
    let follower =
        Follower { context, adapter, archive, marshal, sets, epocher, blocker, votes, epoch, partition, cache };
    runtime.child("follower").spawn(move |runtime| follower.run(runtime, updates));
    // The tasks above live as long as the task that this context belongs to.
    Ok(handle)
}
