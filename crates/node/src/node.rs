//! A running node: its threads, and the calls that others make on it.

use crate::{
    configuration::Configuration, error::NodeError, events::Progress, genesis_document::key, lock::FolderLock,
    role::Role,
};
use commonware_cryptography::Signer as _;
use commonware_p2p::{Address, AddressableManager as _, authenticated::lookup::Network};
use commonware_runtime::{Metrics as _, Runner as _, Supervisor as _, tokio as engine};
use commonware_utils::{NZUsize, ordered::Map};
use parking_lot::Mutex;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::oneshot;
use xl_consensus::{Channels, Config, Handle, SharedPool, SubmitError, Timing, start};
use xl_crypto::{PublicKey, SecretKey, Verifier, tls::Credentials};
use xl_execution::{Chain, Refused};
use xl_mempool::Limits;
use xl_network::{
    identity::PrivateKey,
    peers::{Lane, Settings, config as network_config},
    tls::TlsUpgrader,
};
use xl_primitives::{CheckedTx, Genesis, Hash, TxError, account, decode};
use xl_state::{Budget, FjallStore};

/// Worker threads of the engine's runtime.
const WORKERS: usize = 2;

/// The store of a node's data on disk.
pub type Disk = FjallStore;

/// A running node. Dropping it stops it.
pub struct Node {
    pub(crate) entry: account::Node,
    pub(crate) role: Role,
    pub(crate) key: SecretKey,
    pub(crate) chain: Chain<Disk>,
    pub(crate) pool: SharedPool<Disk>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) handle: Handle,
    context: Arc<Mutex<Option<engine::Context>>>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    _lock: FolderLock,
}

impl Node {
    /// Starts a node from its JSON configuration and its identity key.
    ///
    /// # Errors
    /// [`NodeError`]; nothing runs then.
    pub fn start(configuration: &str, key: SecretKey) -> Result<Self, NodeError> {
        let configuration: Configuration = serde_json::from_str(configuration)?;
        let genesis = hex::decode(&configuration.genesis).map_err(|_| NodeError::Field { field: "genesis" })?;
        let genesis: Genesis = decode(&genesis, "genesis")?;
        genesis.validate()?;
        let entry = genesis.nodes.iter().find(|node| node.key == key.public_key()).cloned();
        let entry = entry.ok_or_else(|| NodeError::Stranger {
            key: hex::encode(key.public_key().as_bytes()),
            chain_id: genesis.chain_id(),
        })?;
        let role = Role::of(entry.kind);
        let folder = configuration.data_dir.clone();
        let unusable = |source| NodeError::Folder { folder: folder.clone(), source };
        std::fs::create_dir_all(&folder).map_err(unusable)?;
        let lock = FolderLock::take(&folder)?;
        let store = Arc::new(Disk::open(&folder.join("store"), Budget::default())?);
        let (verifier, artefacts) = (Arc::new(Verifier::default()), folder.join("artefacts"));
        let chain = Chain::open_with(Arc::clone(&store), &genesis, verifier, role.serves_users, Some(&artefacts))?;
        let pool = SharedPool::new(chain.clone(), Limits::default());
        let progress = Arc::new(Progress::new(chain.tip().height));
        let context = Arc::new(Mutex::new(None));
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = mpsc::sync_channel(1);
        let vote = role.votes && configuration.vote;
        let wiring = Wiring {
            genesis,
            configuration,
            key: key.clone(),
            vote,
            store,
            chain: chain.clone(),
            pool: pool.clone(),
            progress: Arc::clone(&progress),
            context: Arc::clone(&context),
        };
        let journals = folder.join("engine");
        let thread =
            std::thread::Builder::new().name("xl-engine".into()).spawn(move || run(wiring, &journals, ready, stopped));
        let thread = thread.map_err(unusable)?;
        let handle = started.recv().map_err(|_| NodeError::Ended { reason: "the engine did not start".into() })??;
        Ok(Self {
            entry,
            role,
            key,
            chain,
            pool,
            progress,
            handle,
            context,
            stop: Mutex::new(Some(stop)),
            thread: Mutex::new(Some(thread)),
            _lock: lock,
        })
    }

    /// Stops and waits for the threads. Again is no error.
    pub fn stop(&self) {
        drop(self.stop.lock().take());
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
        self.progress.close();
    }

    /// Takes a transaction in and sends it to the validators; its identity. The same again is no error, also when it is
    /// final already.
    ///
    /// # Errors
    /// [`NodeError::Submit`] says why it was turned away.
    pub fn submit(&self, bytes: Vec<u8>) -> Result<Hash, NodeError> {
        self.serving()?;
        self.admit(self.chain.check(bytes))
    }

    /// [`Self::submit`] for many; one answer each, in order.
    ///
    /// # Errors
    /// [`NodeError::NotServing`].
    pub fn submit_many(&self, transactions: Vec<Vec<u8>>) -> Result<Vec<Result<Hash, NodeError>>, NodeError> {
        self.serving()?;
        Ok(self.chain.check_many(transactions).into_iter().map(|checked| self.admit(checked)).collect())
    }

    fn admit(&self, checked: Result<CheckedTx, TxError>) -> Result<Hash, NodeError> {
        let tx = checked.map_err(SubmitError::from)?;
        let id = tx.id();
        match self.pool.submit_checked(tx, now_ms()) {
            Err(SubmitError::Refused(Refused::Replayed { tx_id })) if self.chain.tx_place(&tx_id)?.is_some() => Ok(id),
            result => Ok(result?),
        }
    }

    /// True while the transaction waits here.
    #[must_use]
    pub fn pool_contains(&self, id: &Hash) -> bool {
        self.pool.contains(id)
    }

    /// Waits until the committed height reaches `height`; the height then.
    #[must_use]
    pub fn wait_height(&self, height: u64, timeout: Duration) -> u64 {
        self.progress.wait(height, Instant::now() + timeout)
    }

    /// Refuses on nodes that serve no users (design section 1).
    ///
    /// # Errors
    /// [`NodeError::NotServing`].
    pub fn serving(&self) -> Result<(), NodeError> {
        if self.role.serves_users { Ok(()) } else { Err(NodeError::NotServing { kind: self.entry.kind.name() }) }
    }

    /// Keys of the peers with a live link.
    pub(crate) fn connected(&self) -> Vec<String> {
        let Some(metrics) = self.context.lock().as_ref().map(engine::Context::encode) else { return Vec::new() };
        metrics.lines().filter_map(connected_peer).map(str::to_owned).collect()
    }

    /// The engine's own metrics as text, in the Prometheus form.
    #[must_use]
    pub fn engine_metrics(&self) -> String {
        self.context.lock().as_ref().map(engine::Context::encode).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The peer of a line like `network_tracker_connected{peer="02ab.."} 1790000000000`.
fn connected_peer(line: &str) -> Option<&str> {
    let (name, rest) = line.split_once('{')?;
    let (peer, value) = rest.split_once("peer=\"")?.1.split_once("\"} ")?;
    (name.ends_with("_connected") && value != "0").then_some(peer)
}

/// UTC milliseconds of this machine's clock.
#[must_use]
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

struct Wiring {
    genesis: Genesis,
    configuration: Configuration,
    key: SecretKey,
    vote: bool,
    store: Arc<Disk>,
    chain: Chain<Disk>,
    pool: SharedPool<Disk>,
    progress: Arc<Progress>,
    context: Arc<Mutex<Option<engine::Context>>>,
}

type Ready = mpsc::SyncSender<Result<Handle, NodeError>>;

/// The engine's thread. A panic in it ends the process: whoever lost a task must not go on as if it had not.
fn run(wiring: Wiring, journals: &Path, ready: Ready, stopped: oneshot::Receiver<()>) {
    let settings = engine::Config::new()
        .with_storage_directory(journals)
        .with_worker_threads(WORKERS)
        .with_tcp_nodelay(Some(true));
    let runner = engine::Runner::new(settings);
    let ran = catch_unwind(AssertUnwindSafe(|| runner.start(|context| serve(context, wiring, ready, stopped))));
    if ran.is_err() {
        tracing::error!("node.panic: an engine thread ended; the process ends with it");
        std::process::exit(1);
    }
}

async fn serve(context: engine::Context, wiring: Wiring, ready: Ready, mut stopped: oneshot::Receiver<()>) {
    let Wiring { genesis, configuration, key, vote, store, chain, pool, progress, context: shared } = wiring;
    let peers = match addresses(&genesis, &configuration, &key) {
        Ok(peers) => peers,
        Err(error) => return drop(ready.send(Err(error))),
    };
    let upgrader = TlsUpgrader::new(Credentials::issue(&key, &SecretKey::generate()));
    let settings = Settings {
        chain: genesis.chain_id().0,
        listen: configuration.listen,
        peers: NZUsize!(account::NODES_MAX),
        local: configuration.listen.ip().is_loopback(),
    };
    let settings = Settings { peers: genesis.nodes.len().max(2).try_into().unwrap_or(settings.peers), ..settings };
    let (mut network, mut oracle) = Network::new(context.child("network"), network_config(upgrader, &settings));
    oracle.track(0, peers.clone());
    let channels: Channels<_, _> = Lane::ALL.map(|lane| network.register(lane.channel(), lane.quota())).into();
    network.start();
    *shared.lock() = Some(context.child("status"));
    let timing = Timing::from_parameters(&chain.parameters());
    let sets = chain.clone();
    let config = Config {
        chain,
        store,
        pool,
        key: PrivateKey::from(key),
        vote,
        validators: Arc::new(move |epoch| sets.validators(epoch)),
        partition: "engine".into(),
        timing,
    };
    let mut handle = match start(context.child("consensus"), config, oracle.clone(), oracle.clone(), channels).await {
        Ok(handle) => handle,
        Err(error) => return drop(ready.send(Err(error.into()))),
    };
    let _ = ready.send(Ok(handle.clone()));
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            changed = handle.committed.changed() => match changed {
                Ok(()) => progress.reach(handle.committed.borrow_and_update().height),
                Err(_) => break,
            },
            changed = handle.epoch.changed() => if changed.is_ok() {
                let epoch = *handle.epoch.borrow_and_update();
                // Peer sets are numbered by epoch; that of 0 is tracked from the start.
                if epoch > 0 {
                    oracle.track(epoch, peers.clone());
                }
            },
        }
    }
    shared.lock().take();
    progress.close();
}

/// Where each admitted node is reached. Nodes without an address in the configuration may still dial us, from anywhere
/// their address is not checked against; so every node of a network lists all others.
fn addresses(
    genesis: &Genesis,
    configuration: &Configuration,
    own: &SecretKey,
) -> Result<Map<xl_network::identity::PublicKey, Address>, NodeError> {
    let admitted = |key: &PublicKey| genesis.nodes.iter().any(|node| node.key == *key);
    let mut all = vec![(PrivateKey::from(own.clone()).public_key(), Address::Symmetric(configuration.listen))];
    for peer in &configuration.peers {
        let key = key(&peer.key)?;
        if !admitted(&key) {
            return Err(NodeError::Field { field: "peers.key" });
        }
        if key != own.public_key() {
            all.push((key.into(), Address::Symmetric(peer.address)));
        }
    }
    all.try_into().map_err(|_| NodeError::Field { field: "peers" })
}

/// Sixteen fresh bytes: what makes two equal calls two transactions.
///
/// # Panics
/// When the operating system gives no randomness, without which nothing may be signed.
#[must_use]
pub fn random_salt() -> [u8; 16] {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the operating system gives randomness");
    salt
}

/// Sends the log of this process to standard error, one JSON object a line, at the level that `configuration` names.
/// Only the first call of a process counts.
pub fn log_to_stderr(configuration: &str) {
    let level = serde_json::from_str::<Configuration>(configuration).map_or_else(|_| "info".into(), |c| c.log_level);
    // The engine tells every view at `info`; ours is what an operator reads.
    let filter = format!(
        "{level},commonware_consensus=warn,commonware_p2p=warn,commonware_runtime=warn,fjall=warn,lsm_tree=warn"
    );
    let filter = tracing_subscriber::EnvFilter::new(filter);
    let _ = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
