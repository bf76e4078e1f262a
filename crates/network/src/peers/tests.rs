//! Nodes on one simulated network: who is heard, who is not, and when a removed one falls silent.

use super::{Lane, MESSAGE_BYTES_MAX, Settings, TRACKED_SETS, config};
use crate::identity::PublicKey;
use crate::tls::TlsUpgrader;
use commonware_p2p::authenticated::lookup;
use commonware_p2p::{Address, AddressableManager as _, Receiver as _, Recipients, Sender as _};
use commonware_runtime::{Clock as _, Runner as _, Spawner as _, Supervisor as _, deterministic};
use commonware_utils::NZUsize;
use commonware_utils::ordered::Map;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use xl_crypto::SecretKey;
use xl_crypto::tls::Credentials;

type Network = lookup::Network<deterministic::Context, TlsUpgrader>;
type Sender = lookup::Sender<PublicKey, deterministic::Context>;

fn key(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).expect("scalar")
}

fn public(byte: u8) -> PublicKey {
    key(byte).public_key().into()
}

fn address(byte: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000 + u16::from(byte))
}

fn set(nodes: &[u8]) -> Map<PublicKey, Address> {
    let peers: Vec<_> = nodes.iter().map(|&node| (public(node), Address::from(address(node)))).collect();
    peers.try_into().expect("distinct nodes")
}

/// A running node that notes whom it hears, and a message from whom it heard how long.
struct Node {
    vote: Sender,
    broadcast: Sender,
    oracle: lookup::Oracle<PublicKey>,
    heard: Arc<Mutex<BTreeSet<(PublicKey, Lane, usize)>>>,
}

impl Node {
    fn start(context: &deterministic::Context, byte: u8, chain: u8, admitted: &[u8]) -> Self {
        let upgrader = TlsUpgrader::new(Credentials::issue(&key(byte), &key(byte + 100)));
        let settings = Settings { chain: [chain; 32], listen: address(byte), peers: NZUsize!(5), local: true };
        let context = context.child("node").with_attribute("index", byte);
        let (mut network, mut oracle) = Network::new(context.child("network"), config(upgrader, &settings));
        oracle.track(0, set(admitted));
        let heard = Arc::new(Mutex::new(BTreeSet::new()));
        let mut senders = Lane::ALL.map(|lane| {
            let (sender, mut receiver) = network.register(lane.channel(), lane.quota());
            let heard = Arc::clone(&heard);
            context.child("receiver").spawn(move |_| async move {
                while let Ok((peer, message)) = receiver.recv().await {
                    heard.lock().insert((peer, lane, message.as_ref().len()));
                }
            });
            Some(sender)
        });
        network.start();
        let mut take = |lane: Lane| senders[lane as usize].take().expect("each lane once");
        Self { vote: take(Lane::Vote), broadcast: take(Lane::Broadcast), oracle, heard }
    }

    fn say(&mut self, length: usize) -> usize {
        self.vote.send(Recipients::All, vec![0; length], true).len()
    }

    fn heard_from(&self, byte: u8) -> Vec<(Lane, usize)> {
        let heard = self.heard.lock();
        heard.iter().filter(|(peer, ..)| *peer == public(byte)).map(|&(_, lane, length)| (lane, length)).collect()
    }
}

/// Runs until the simulated time is up and returns the auditor's state.
fn simulate<F: Future<Output = ()>>(seed: u64, f: impl FnOnce(deterministic::Context) -> F) -> String {
    deterministic::Runner::seeded(seed).start(|context| {
        let auditor = context.auditor();
        let scenario = f(context);
        async move {
            scenario.await;
            auditor.state()
        }
    })
}

async fn four_nodes_and_a_stranger(context: deterministic::Context) {
    let mut nodes = [1, 2, 3, 4].map(|byte| Node::start(&context, byte, 0, &[1, 2, 3, 4]));
    let mut stranger = Node::start(&context, 9, 0, &[1, 2, 3, 4, 9]);
    let mut foreigner = Node::start(&context, 8, 1, &[1, 2, 3, 4, 8]);
    context.sleep(Duration::from_secs(20)).await;
    for node in &mut nodes {
        assert_eq!(node.say(100), 3);
    }
    assert_eq!((stranger.say(100), foreigner.say(100)), (0, 0));
    let block = vec![7; MESSAGE_BYTES_MAX as usize];
    assert_eq!(nodes[0].broadcast.send(Recipients::All, block, false).len(), 3);
    context.sleep(Duration::from_secs(20)).await;
    for (node, me) in nodes.iter().zip(1u8..) {
        for peer in [1, 2, 3, 4, 8, 9] {
            let mut expected = vec![];
            if peer <= 4 && peer != me {
                expected.push((Lane::Vote, 100));
                expected.extend((peer == 1).then_some((Lane::Broadcast, MESSAGE_BYTES_MAX as usize)));
            }
            assert_eq!(node.heard_from(peer), expected, "{me} from {peer}");
        }
    }
    assert!(stranger.heard.lock().is_empty() && foreigner.heard.lock().is_empty());
}

#[test]
fn admitted_nodes_hear_each_other_and_nobody_else() {
    simulate(1, four_nodes_and_a_stranger);
}

async fn removal(context: deterministic::Context) {
    let mut nodes = [1, 2, 3].map(|byte| Node::start(&context, byte, 0, &[1, 2, 3]));
    context.sleep(Duration::from_secs(20)).await;
    assert_eq!(nodes[2].say(1), 2);
    // The removed node itself goes on believing that it belongs.
    let track = |nodes: &mut [Node; 3], index| {
        nodes[..2].iter_mut().for_each(|node| {
            node.oracle.track(index, set(&[1, 2]));
        })
    };
    let last = TRACKED_SETS.get() as u64;
    for index in 1..last {
        track(&mut nodes, index);
        context.sleep(Duration::from_secs(5)).await;
        assert_eq!(nodes[2].say(1 + index as usize), 2, "good for transport in set {index}");
    }
    context.sleep(Duration::from_secs(5)).await;
    track(&mut nodes, last);
    context.sleep(Duration::from_secs(60)).await;
    assert_eq!(nodes[2].say(99), 0, "its links are closed and stay closed");
    assert_eq!(nodes[0].say(50), 1);
    context.sleep(Duration::from_secs(5)).await;
    let expected: Vec<_> = (1..=last as usize).map(|length| (Lane::Vote, length)).collect();
    assert_eq!(nodes[0].heard_from(3), expected);
    assert_eq!(nodes[1].heard_from(1), [(Lane::Vote, 50)]);
}

#[test]
fn a_removed_node_keeps_its_links_for_two_sets_and_then_loses_them() {
    simulate(2, removal);
}

#[test]
fn a_seed_replays_the_network() {
    let first = simulate(5, removal);
    assert_eq!(first, simulate(5, removal));
    assert_ne!(first, simulate(6, removal));
}

#[test]
fn lanes_have_distinct_channels_in_order() {
    assert_eq!(Lane::ALL.map(Lane::channel), [0, 1, 2, 3, 4, 5]);
}
