//! Transactions that this node's clients submitted go to all validators at once, so that whoever leads next has them
//! (protocol 7). Not relayed further: the network is a full mesh.

use crate::{application::now_ms, epoch::Sets, pool::SharedPool};
use commonware_consensus::types::Epoch;
use commonware_cryptography::certificate::Scheme as _;
use commonware_macros::select;
use commonware_p2p::{Receiver, Recipients, Sender};
use commonware_runtime::{Clock, Spawner};
use commonware_utils::channel::{mpsc, watch};
use std::{collections::BTreeMap, time::Duration};
use xl_network::identity::PublicKey;
use xl_primitives::{Bounded, CheckedTx, Hash, List, decode, encode, transaction::TX_BYTES_MAX};
use xl_state::Store;

/// A frame is sent as soon as it holds this much, or after [`LINGER`].
const FRAME_BYTES: usize = 256 * 1024;
/// Most transactions of a frame.
const FRAME_COUNT_MAX: usize = 2_048;
/// Largest frame on the wire: one transaction may start when the frame is almost full.
pub(crate) const FRAME_BYTES_MAX: usize = FRAME_BYTES + TX_BYTES_MAX + 4 * FRAME_COUNT_MAX + 64;
/// How long a transaction waits for company.
const LINGER: Duration = Duration::from_millis(2);
/// A frame may be lost: what is still in the pool after this long is sent again.
const AGAIN: Duration = Duration::from_secs(3);
/// Most transactions that are sent again at a time.
const AGAIN_COUNT_MAX: usize = FRAME_COUNT_MAX;

type Frame = List<Bounded<TX_BYTES_MAX>, FRAME_COUNT_MAX>;

/// Starts sending and receiving on the transaction channel.
pub(crate) fn start<E, S, Tx, Rx>(
    runtime: &E,
    pool: &SharedPool<S>,
    me: PublicKey,
    sets: Sets,
    epoch: watch::Receiver<u64>,
    (sender, receiver): (Tx, Rx),
) where
    E: Spawner + Clock,
    S: Store + 'static,
    Tx: Sender<PublicKey = PublicKey>,
    Rx: Receiver<PublicKey = PublicKey>,
{
    if let Some(submitted) = pool.outgoing() {
        let outgoing = Outgoing { pool: pool.clone(), me, sets, epoch, sender, sent: BTreeMap::new() };
        runtime.child("gossip_send").spawn(move |runtime| outgoing.run(runtime, submitted));
    }
    let pool = pool.clone();
    // Signatures are checked here: a thread of its own, so that a flood never delays a vote.
    runtime.child("gossip_receive").shared(true).spawn(move |runtime| receive(runtime, pool, receiver));
}

async fn receive<E, S, Rx>(runtime: E, pool: SharedPool<S>, mut receiver: Rx)
where
    E: Clock,
    S: Store + 'static,
    Rx: Receiver<PublicKey = PublicKey>,
{
    while let Ok((peer, bytes)) = receiver.recv().await {
        let Ok(frame) = decode::<Frame>(bytes.as_ref(), "transaction frame") else {
            tracing::warn!(%peer, "gossip.malformed");
            continue;
        };
        let transactions = frame.into_vec().into_iter().map(Bounded::into_vec).collect();
        for error in pool.admit_many(transactions, now_ms(&runtime)) {
            tracing::debug!(%peer, %error, "gossip.refused");
        }
    }
}

struct Outgoing<S: Store, Tx> {
    pool: SharedPool<S>,
    me: PublicKey,
    sets: Sets,
    epoch: watch::Receiver<u64>,
    sender: Tx,
    /// Sent and perhaps still waiting, oldest first by number.
    sent: BTreeMap<u64, (Hash, CheckedTx)>,
}

impl<S: Store + 'static, Tx: Sender<PublicKey = PublicKey>> Outgoing<S, Tx> {
    async fn run<E: Clock>(mut self, runtime: E, mut submitted: mpsc::Receiver<CheckedTx>) {
        let mut number = 0u64;
        let mut again = runtime.current() + AGAIN;
        loop {
            let has_sent = !self.sent.is_empty();
            let resend = async {
                if !has_sent {
                    std::future::pending::<()>().await;
                }
                runtime.sleep_until(again).await;
            };
            let first = select! {
                first = submitted.recv() => first,
                _ = resend => {
                    again = runtime.current() + AGAIN;
                    self.send_again();
                    continue;
                },
            };
            let Some(first) = first else { return };
            if !has_sent {
                again = runtime.current() + AGAIN;
            }
            let (mut bytes, mut frame) = (first.bytes().len(), vec![first]);
            let deadline = runtime.current() + LINGER;
            while bytes < FRAME_BYTES && frame.len() < FRAME_COUNT_MAX {
                let next = select! {
                    next = submitted.recv() => next,
                    _ = runtime.sleep_until(deadline) => None,
                };
                let Some(next) = next else { break };
                bytes += next.bytes().len();
                frame.push(next);
            }
            self.send(&frame);
            for tx in frame {
                number += 1;
                self.sent.insert(number, (tx.id(), tx));
            }
        }
    }

    fn send_again(&mut self) {
        let pool = &self.pool;
        self.sent.retain(|_, (id, _)| pool.contains(id));
        let (mut bytes, mut frame) = (0, Vec::new());
        for (_, tx) in self.sent.values().take(AGAIN_COUNT_MAX) {
            if bytes >= FRAME_BYTES {
                break;
            }
            bytes += tx.bytes().len();
            frame.push(tx.clone());
        }
        if !frame.is_empty() {
            self.send(&frame);
        }
    }

    fn send(&mut self, transactions: &[CheckedTx]) {
        let Some(scheme) = self.sets.get(Epoch::new(*self.epoch.borrow())) else { return };
        let others: Vec<PublicKey> = scheme.participants().iter().filter(|key| **key != self.me).copied().collect();
        let frame = transactions.iter().filter_map(|tx| Bounded::new(tx.bytes())).collect::<Vec<_>>();
        let frame: Option<Frame> = List::new(frame);
        if let (Some(frame), false) = (frame, others.is_empty()) {
            let _ = self.sender.send(Recipients::Some(others), encode(&frame), false);
        }
    }
}
