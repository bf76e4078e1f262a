//! One run: nodes with the production wiring on the deterministic runtime, a timeline of faults, and a book of what
//! the nodes acknowledged.

use crate::{
    byzantine,
    checks::{self, Book, Violation},
    disk::Disk,
    people::People,
    scenario::{Act, LinkSettings, Scenario, Sometimes},
    skew::Skewed,
};
use commonware_cryptography::Signer as _;
use commonware_p2p::simulated::{self, Link, Network, Oracle};
use commonware_runtime::{Clock as _, Quota, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::{NZU32, NZUsize, ordered::Set};
use parking_lot::Mutex;
use rand_core::Rng;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{Arc, Once},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use xl_consensus::{Cause, Channels, Config, Handle, SharedPool, StartError, Timing, message_bytes_max, start};
use xl_crypto::Verifier;
use xl_execution::Chain;
use xl_network::{identity::PublicKey, peers::Lane};
use xl_state::{Fault as WriteFault, MemoryStore};

/// When a simulated network is founded: 2027-01-15, so that a clock that is behind is still after 1970.
const FOUNDED_MS: u64 = 1_800_000_000_000;
/// How often the driver looks.
const TICK_MS: u64 = 20;
/// A process needs a moment to die before its successor opens the same files.
const BURIAL_MS: u64 = 100;

/// Faults on purpose that a run may have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plants {
    /// Commits are acknowledged without a sync.
    pub skip_sync: bool,
    /// Nodes vote for what they have not executed.
    #[cfg(feature = "planted")]
    pub vote_before_execution: bool,
    /// This validator proposes blocks with wrong state roots.
    #[cfg(feature = "planted")]
    pub liar: Option<usize>,
}

/// What a run showed.
#[derive(Debug)]
pub struct Outcome {
    /// The first broken promise.
    pub violation: Option<Violation>,
    /// Equal for equal seeds: everything acknowledged, and the runtime's own trace of all events.
    pub trace: String,
    /// Height of each node at the end.
    pub heights: Vec<u64>,
    /// Transactions that a node took in.
    pub accepted: usize,
    /// Transactions that were committed.
    pub committed: usize,
    /// Simulated time.
    pub simulated: Duration,
    /// Time on this machine.
    pub real: Duration,
}

thread_local! {
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Collects panics of tasks instead of printing them: a process that loses its disk is meant to panic.
fn collect_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name().is_some_and(|name| name == THREAD) {
                PANICS.with_borrow_mut(|panics| panics.push(info.to_string()));
            } else {
                usual(info);
            }
        }));
    });
}

/// Name of the thread that a run has for itself.
const THREAD: &str = "xl-sim-run";

/// Runs `scenario` under `seed`.
#[must_use]
pub fn run(scenario: &Scenario, seed: u64, plants: Plants) -> Outcome {
    collect_panics();
    let scenario = scenario.clone();
    let run = move || {
        let started = Instant::now();
        let mut outcome = Lab::new(scenario, plants).run(seed);
        outcome.real = started.elapsed();
        outcome
    };
    let thread = std::thread::Builder::new().name(THREAD.to_owned()).spawn(run);
    let joined = thread.map(std::thread::JoinHandle::join);
    match joined {
        Ok(Ok(outcome)) => outcome,
        failed => Outcome {
            violation: Some(Violation::Panicked { message: format!("{:?}", failed.err()) }),
            trace: String::new(),
            heights: Vec::new(),
            accepted: 0,
            committed: 0,
            simulated: Duration::ZERO,
            real: Duration::ZERO,
        },
    }
}

type Ctx = deterministic::Context;

struct Life {
    task: commonware_runtime::Handle<()>,
    disk: Arc<Disk>,
    chain: Chain<Disk>,
    pool: SharedPool<Disk>,
    started: Arc<Mutex<Option<Result<Handle, StartError>>>>,
    /// Committed by others when this life began.
    behind: u64,
}

#[derive(Default)]
struct Seat {
    store: MemoryStore,
    lives: u64,
    life: Option<Life>,
    restart_ms: Option<u64>,
    armed_down_ms: Option<u64>,
}

struct Lab {
    scenario: Scenario,
    plants: Plants,
    people: People,
    verifier: Arc<Verifier>,
    seats: Vec<Seat>,
    book: Book,
    accepted: usize,
    groups: Option<Vec<Vec<usize>>>,
    link: LinkSettings,
    /// Faults still to come: (time, act).
    timeline: BTreeMap<(u64, usize), Act>,
    /// Transactions submitted so far, by workload.
    sent: Vec<u64>,
    /// When the last fault struck or ended, and the height then.
    healed: (u64, u64),
}

impl Lab {
    fn new(scenario: Scenario, plants: Plants) -> Self {
        let people = People::new(&scenario, FOUNDED_MS);
        let nodes = people.nodes.len();
        let timeline = scenario.faults.iter().enumerate().map(|(i, f)| ((f.at_ms, i), f.act.clone())).collect();
        Self {
            plants,
            verifier: Arc::new(Verifier::default()),
            seats: (0..nodes).map(|_| Seat { restart_ms: Some(0), ..Seat::default() }).collect(),
            book: Book::new(nodes),
            accepted: 0,
            groups: None,
            link: scenario.link,
            timeline,
            sent: vec![0; scenario.workload.len()],
            healed: (0, 0),
            people,
            scenario,
        }
    }

    fn run(mut self, seed: u64) -> Outcome {
        PANICS.with_borrow_mut(Vec::clear);
        let config = || {
            deterministic::Config::new()
                .with_seed(seed)
                .with_start_time(UNIX_EPOCH + Duration::from_millis(FOUNDED_MS))
                .with_catch_panics(true)
        };
        let mut runner = deterministic::Runner::new(config());
        loop {
            let ((lab, result), checkpoint) = runner.start_and_recover(|ctx| async move {
                let result = self.phase(&ctx).await;
                for seat in &mut self.seats {
                    seat.life = None;
                }
                (self, result)
            });
            self = lab;
            match result {
                Ok(Some(elapsed_ms)) => {
                    // The power failed: stores and journals keep what was synced.
                    for seat in &mut self.seats {
                        seat.store.crash();
                        seat.restart_ms = Some(elapsed_ms);
                    }
                    runner = deterministic::Runner::from(checkpoint);
                }
                ended => {
                    let violation = ended.err();
                    let trace = self.book.trace();
                    return Outcome {
                        violation,
                        trace: format!("{}-{}", hex::encode(&trace[..8]), checkpoint.auditor().state()),
                        heights: self.book.acknowledged.clone(),
                        accepted: self.accepted,
                        committed: self.book.transactions(),
                        simulated: Duration::from_millis(self.scenario.duration_ms),
                        real: Duration::ZERO,
                    };
                }
            }
        }
    }

    /// Runs until the power fails (`Some(elapsed)`) or the scenario is over.
    async fn phase(&mut self, ctx: &Ctx) -> Result<Option<u64>, Violation> {
        let keys: Vec<PublicKey> = self.people.nodes.iter().map(|key| key.public_key()).collect();
        let (validators, access) = keys.split_at(self.scenario.validators);
        let network = simulated::Config {
            max_size: message_bytes_max(&self.people.genesis.parameters),
            max_peers_per_set: NZUsize!(self.people.nodes.len()),
            disconnect_on_block: false,
            tracked_peer_sets: NZUsize!(1),
        };
        let (network, oracle) =
            Network::new_with_split_peers(ctx.child("network"), network, validators.to_vec(), access.to_vec()).await;
        network.start();
        self.connect(&oracle, &keys).await;
        let mut votes: BTreeMap<usize, simulated::Sender<PublicKey, Ctx>> = BTreeMap::new();
        let mut rng = ctx.child("driver");
        let first_ms = elapsed_ms(ctx);
        for node in 0..keys.len() {
            if self.seats[node].restart_ms.is_some_and(|at| at <= first_ms) {
                self.boot(ctx, &oracle, node, &mut votes).await?;
            }
        }
        loop {
            let now = elapsed_ms(ctx);
            if self.strike(ctx, &oracle, &keys, now, &mut rng).await? {
                return Ok(Some(now));
            }
            self.observe(now)?;
            for node in 0..keys.len() {
                if self.seats[node].restart_ms.is_some_and(|at| at <= now) {
                    self.boot(ctx, &oracle, node, &mut votes).await?;
                    self.healed = (now, self.book.height());
                }
            }
            self.submit(now, &mut rng);
            let chain_id = self.people.chain_id;
            for node in self.scenario.equivocators.clone() {
                if let (Some(life), Some(sender)) = (&self.seats[node].life, votes.get_mut(&node)) {
                    let set = Set::from_iter_dedup(validators.iter().copied());
                    byzantine::equivocate(
                        sender,
                        &chain_id,
                        &set,
                        &self.people.nodes[node],
                        &life.chain.tip(),
                        &mut rng,
                    );
                }
            }
            self.check_progress(now)?;
            if now >= self.scenario.duration_ms && self.timeline.is_empty() && self.settled(now) {
                break;
            }
            ctx.sleep(Duration::from_millis(TICK_MS)).await;
        }
        self.conclude()
    }

    fn conclude(&mut self) -> Result<Option<u64>, Violation> {
        let validators = self.people.genesis.validators();
        let tip = self.book.height();
        for (node, seat) in self.seats.iter().enumerate() {
            let Some(life) = &seat.life else { continue };
            if self.book.acknowledged[node] < tip {
                return Err(Violation::Stuck { node, height: self.book.acknowledged[node], expected: tip });
            }
            checks::proofs(node, &life.chain, &validators, &self.verifier)?;
        }
        if let Some(limit) = self.scenario.blocks_max
            && tip > limit
        {
            return Err(Violation::NotIdle { blocks: tip, limit });
        }
        let missing = self.book.missing(&self.scenario.sometimes);
        if missing.is_empty() { Ok(None) } else { Err(Violation::Never { missing }) }
    }

    /// Whether nothing is left to wait for: every live node has what any node has acknowledged.
    fn settled(&self, now: u64) -> bool {
        let tip = self.book.height();
        let pending = self.seats.iter().any(|seat| seat.restart_ms.is_some());
        let equal = self.seats.iter().zip(&self.book.acknowledged).all(|(s, h)| s.life.is_none() || *h == tip);
        (equal && !pending) || now >= self.scenario.duration_ms.max(self.healed.0) + self.scenario.live_within_ms
    }

    /// Under load every live node must have moved some time after the last fault.
    fn check_progress(&self, now: u64) -> Result<(), Violation> {
        let (healed_ms, height) = self.healed;
        let due = healed_ms + self.scenario.live_within_ms;
        let loaded = self.scenario.workload.iter().any(|w| w.from_ms <= healed_ms && w.until_ms > due);
        let quiet = self.groups.is_none() && self.timeline.is_empty();
        if !loaded || !quiet || now < due || now >= due + TICK_MS {
            return Ok(());
        }
        for (node, seat) in self.seats.iter().enumerate() {
            if seat.life.is_some() && self.book.acknowledged[node] <= height {
                return Err(Violation::Stuck { node, height: self.book.acknowledged[node], expected: height + 1 });
            }
        }
        Ok(())
    }

    async fn connect(&self, oracle: &Oracle<PublicKey, Ctx>, keys: &[PublicKey]) {
        let together = |a: usize, b: usize| {
            self.groups.as_ref().is_none_or(|groups| groups.iter().any(|g| g.contains(&a) && g.contains(&b)))
        };
        let LinkSettings { latency_ms, jitter_ms, loss } = self.link;
        let link = Link {
            latency: Duration::from_millis(latency_ms),
            jitter: Duration::from_millis(jitter_ms),
            success_rate: (1.0 - loss).try_into().expect("a probability"),
        };
        for (a, from) in keys.iter().enumerate() {
            for (b, to) in keys.iter().enumerate().filter(|(b, _)| *b != a) {
                let _ = oracle.remove_link(*from, *to).await;
                if together(a, b) {
                    let _ = oracle.add_link(*from, *to, link.clone()).await;
                }
            }
        }
    }

    async fn boot(
        &mut self,
        ctx: &Ctx,
        oracle: &Oracle<PublicKey, Ctx>,
        node: usize,
        votes: &mut BTreeMap<usize, simulated::Sender<PublicKey, Ctx>>,
    ) -> Result<(), Violation> {
        let key = self.people.nodes[node].clone();
        let name = key.public_key();
        let quota = Quota::per_second(NZU32!(4096));
        let mut channels = Vec::new();
        for lane in Lane::ALL {
            let registered = oracle.control(name).register(lane.channel(), quota).await;
            channels.push(registered.expect("the simulated network runs"));
        }
        votes.insert(node, channels[0].0.clone());
        let channels: [_; 6] = channels.try_into().unwrap_or_else(|_| unreachable!("six channels"));
        let seat = &mut self.seats[node];
        seat.lives += 1;
        seat.restart_ms = None;
        let disk = Disk::open(&seat.store, self.plants.skip_sync);
        let chain = Chain::open(Arc::clone(&disk), &self.people.genesis, Arc::clone(&self.verifier))
            .map_err(|fault| Violation::Unreadable { node, fault })?;
        let (found, acknowledged) = (chain.tip().height, self.book.acknowledged[node]);
        if found < acknowledged {
            return Err(Violation::Lost { node, acknowledged, found });
        }
        let pool = SharedPool::new(chain.clone(), xl_mempool::Limits::default());
        let parameters = chain.parameters();
        let validators = self.people.genesis.validators();
        let config = Config {
            chain: chain.clone(),
            store: Arc::clone(&disk),
            pool: pool.clone(),
            key,
            vote: node < self.scenario.validators,
            validators: Arc::new(move |_| Some(validators.clone())),
            partition: format!("node-{node}"),
            timing: Timing::from_parameters(&parameters),
            #[cfg(feature = "planted")]
            planted: xl_consensus::planted::Planted {
                vote_before_execution: self.plants.vote_before_execution,
                lie_about_state: self.plants.liar == Some(node),
            },
        };
        let started = Arc::new(Mutex::new(None));
        let (slot, offset) = (Arc::clone(&started), self.scenario.clocks_ms.get(node).copied().unwrap_or(0));
        let (peers, blocker) = (oracle.manager(), oracle.control(name));
        let home = ctx.child("node").with_attribute("index", node).with_attribute("life", seat.lives);
        let task = home.spawn(move |home| async move {
            let runtime = Skewed::new(home.child("process"), offset);
            let handle = start(runtime, config, peers, blocker, Channels::from(channels)).await;
            *slot.lock() = Some(handle);
            // Everything above belongs to this task: it dies with it.
            std::future::pending::<()>().await;
        });
        let behind = self.book.height().saturating_sub(found);
        seat.life = Some(Life { task, disk, chain, pool, started, behind });
        Ok(())
    }

    fn kill(&mut self, node: usize, restart_ms: Option<u64>, now: u64) {
        let seat = &mut self.seats[node];
        if let Some(life) = seat.life.take() {
            life.task.abort();
            if !life.disk.is_dead() {
                seat.store.crash();
            }
        }
        seat.armed_down_ms = None;
        seat.restart_ms = restart_ms.map(|at| at.max(now + BURIAL_MS));
        self.healed = (now, self.book.height());
    }

    /// Lets the faults strike that are due; true when the power fails.
    async fn strike(
        &mut self,
        ctx: &Ctx,
        oracle: &Oracle<PublicKey, Ctx>,
        keys: &[PublicKey],
        now: u64,
        rng: &mut Ctx,
    ) -> Result<bool, Violation> {
        while let Some(entry) = self.timeline.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let ((_, number), act) = entry.remove_entry();
            tracing::info!(at_ms = elapsed_ms(ctx), ?act, "sim.fault");
            self.healed = (now, self.book.height());
            match act {
                Act::Partition { groups } => {
                    self.groups = Some(groups);
                    self.connect(oracle, keys).await;
                }
                Act::Heal => {
                    self.groups = None;
                    self.connect(oracle, keys).await;
                }
                Act::Link { link } => {
                    self.link = link;
                    self.connect(oracle, keys).await;
                }
                Act::Crash { node, down_ms } => self.kill(node, down_ms.map(|down| now + down), now),
                Act::CrashAll { down_ms } => {
                    for node in 0..keys.len() {
                        self.kill(node, Some(now + down_ms), now);
                    }
                }
                Act::PowerLoss => {
                    self.observe(now)?;
                    return Ok(true);
                }
                Act::CrashAtWrite { node, within, down_ms } => {
                    let fault = if rng.next_u32().is_multiple_of(2) { WriteFault::Before } else { WriteFault::After };
                    let nth = 1 + rng.next_u64() % within.max(1);
                    self.seats[node].store.fail_write(nth, fault);
                    self.seats[node].armed_down_ms = Some(down_ms);
                }
                Act::RollingCrashes { count, every_ms, down_ms } => {
                    let node = rng.next_u64() as usize % keys.len();
                    self.kill(node, Some(now + down_ms), now);
                    if count > 1 {
                        let next = Act::RollingCrashes { count: count - 1, every_ms, down_ms };
                        self.timeline.insert((now + every_ms, number), next);
                    }
                }
            }
        }
        Ok(false)
    }

    /// Reads what every node says and does.
    fn observe(&mut self, now: u64) -> Result<(), Violation> {
        for node in 0..self.seats.len() {
            let Some(life) = &self.seats[node].life else { continue };
            if life.disk.is_dead() {
                self.book.saw(Sometimes::CrashInWrite);
                let down_ms = self.seats[node].armed_down_ms.unwrap_or(0);
                self.kill(node, Some(now + down_ms), now);
                continue;
            }
            let mut started = life.started.lock();
            if let Some(Err(_)) = &*started {
                let Some(Err(error)) = started.take() else { continue };
                return Err(Violation::Start { node, error });
            }
            let Some(Ok(handle)) = &*started else { continue };
            if let Some(halt) = *handle.halted.borrow()
                && (halt.cause != Cause::Store || !life.disk.is_dead())
            {
                return Err(Violation::Halted { node, halt });
            }
            let committed = handle.committed.borrow().height;
            if *handle.epoch.borrow() > 0 {
                self.book.saw(Sometimes::EpochChange);
            }
            if *handle.evidence.borrow() > 0 {
                self.book.saw(Sometimes::Evidence);
            }
            if life.behind >= 3 && committed >= self.book.height() {
                self.book.saw(Sometimes::CatchUp);
            }
            self.book.acknowledge(node, &life.chain, committed, now)?;
        }
        let panics = PANICS.with_borrow_mut(std::mem::take);
        // A process that loses its disk is meant to panic; every other panic is a bug.
        match panics.into_iter().find(|message| !message.contains("crashed process")) {
            Some(message) => Err(Violation::Panicked { message }),
            None => Ok(()),
        }
    }

    fn submit(&mut self, now: u64, rng: &mut Ctx) {
        for (index, workload) in self.scenario.workload.clone().iter().enumerate() {
            let span = now.min(workload.until_ms).saturating_sub(workload.from_ms);
            let due = (span as f64 * workload.per_second / 1_000.0) as u64;
            while now >= workload.from_ms && self.sent[index] < due {
                self.sent[index] += 1;
                let (id, bytes) = self.people.act(rng, FOUNDED_MS + now);
                self.book.submitted.insert(id);
                let node = rng.next_u64() as usize % self.seats.len();
                let Some(life) = &self.seats[node].life else { continue };
                let clock = self.scenario.clocks_ms.get(node).copied().unwrap_or(0);
                let local = (FOUNDED_MS + now).saturating_add_signed(clock);
                self.accepted += usize::from(life.pool.submit(bytes, local).is_ok());
            }
        }
    }
}

/// Milliseconds since the network was founded.
fn elapsed_ms(ctx: &Ctx) -> u64 {
    let founded: SystemTime = UNIX_EPOCH + Duration::from_millis(FOUNDED_MS);
    ctx.current().duration_since(founded).map_or(0, |elapsed| elapsed.as_millis() as u64)
}
