//! What must hold in every run, whatever goes wrong.

use crate::{disk::Disk, scenario::Sometimes};
use std::collections::{BTreeMap, BTreeSet};
use xl_consensus::Halt;
use xl_crypto::{Sm3, Verifier};
use xl_execution::{Chain, Fault};
use xl_primitives::{Hash, PublicKey, Status};

/// A broken promise, with the facts.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// Two histories.
    #[error("node {node} has block {got} at height {height}, others have {expected}")]
    Disagreement {
        /// Who differs.
        node: usize,
        /// Where.
        height: u64,
        /// Its block.
        got: Hash,
        /// The block that was seen first.
        expected: Hash,
    },
    /// A transaction that nobody submitted.
    #[error("block {height} holds transaction {tx_id}, which nobody submitted")]
    Foreign {
        /// Where.
        height: u64,
        /// What.
        tx_id: Hash,
    },
    /// A transaction in two blocks.
    #[error("transaction {tx_id} stands in blocks {first} and {second}")]
    Twice {
        /// What.
        tx_id: Hash,
        /// Lower height.
        first: u64,
        /// Higher height.
        second: u64,
    },
    /// A restarted node lost what it had acknowledged.
    #[error("node {node} had acknowledged height {acknowledged} and came back with {found}")]
    Lost {
        /// Who.
        node: usize,
        /// What it had told.
        acknowledged: u64,
        /// What it has.
        found: u64,
    },
    /// A node stopped for good although its disk works.
    #[error("node {node} halted: {halt:?}")]
    Halted {
        /// Who.
        node: usize,
        /// Why.
        halt: Halt,
    },
    /// A node did not start again.
    #[error("node {node} did not start: {error}")]
    Start {
        /// Who.
        node: usize,
        /// Why.
        error: xl_consensus::StartError,
    },
    /// A chain could not be opened or read.
    #[error("node {node} cannot read its chain: {fault}")]
    Unreadable {
        /// Who.
        node: usize,
        /// Why.
        fault: Fault,
    },
    /// No new block after everything was healed.
    #[error("node {node} stands at height {height} and should have passed {expected}")]
    Stuck {
        /// Who.
        node: usize,
        /// Where.
        height: u64,
        /// What others have, or had before.
        expected: u64,
    },
    /// A committed block without a proof of finality, or with a bad one.
    #[error("node {node} cannot prove height {height}")]
    Unproven {
        /// Who.
        node: usize,
        /// Where.
        height: u64,
    },
    /// A task panicked although its disk works.
    #[error("a task panicked: {message}")]
    Panicked {
        /// What it said.
        message: String,
    },
    /// An idle network made blocks.
    #[error("{blocks} blocks were made, at most {limit} are allowed")]
    NotIdle {
        /// How many.
        blocks: u64,
        /// Bound of the scenario.
        limit: u64,
    },
    /// The scenario did not show what it is for.
    #[error("never seen: {missing:?}")]
    Never {
        /// What did not happen.
        missing: Vec<Sometimes>,
    },
}

/// Everything that was seen in one run.
pub struct Book {
    pub(crate) submitted: BTreeSet<Hash>,
    blocks: BTreeMap<u64, (Hash, u64)>,
    included: BTreeMap<Hash, u64>,
    /// Highest height that each node has acknowledged, over all its lives.
    pub(crate) acknowledged: Vec<u64>,
    pub(crate) events: BTreeSet<&'static str>,
    trace: Sm3,
}

impl Book {
    pub(crate) fn new(nodes: usize) -> Self {
        Self {
            submitted: BTreeSet::new(),
            blocks: BTreeMap::new(),
            included: BTreeMap::new(),
            acknowledged: vec![0; nodes],
            events: BTreeSet::new(),
            trace: Sm3::default(),
        }
    }

    /// Number of committed transactions.
    #[must_use]
    pub fn transactions(&self) -> usize {
        self.included.len()
    }

    pub(crate) fn height(&self) -> u64 {
        self.acknowledged.iter().copied().max().unwrap_or(0)
    }

    pub(crate) fn saw(&mut self, event: Sometimes) {
        self.events.insert(name(event));
    }

    pub(crate) fn missing(&self, wanted: &[Sometimes]) -> Vec<Sometimes> {
        wanted.iter().copied().filter(|event| !self.events.contains(name(*event))).collect()
    }

    /// Digest over everything that was acknowledged, by whom and when.
    pub(crate) fn trace(&mut self) -> [u8; 32] {
        self.trace.finalize_reset()
    }

    /// Takes note of what `node` acknowledges up to `height`.
    pub(crate) fn acknowledge(
        &mut self,
        node: usize,
        chain: &Chain<Disk>,
        height: u64,
        now_ms: u64,
    ) -> Result<(), Violation> {
        for height in self.acknowledged[node] + 1..=height {
            let block = chain.stored_block(height).map_err(|fault| Violation::Unreadable { node, fault })?;
            let Some(block) = block else {
                return Err(Violation::Lost { node, acknowledged: height, found: height - 1 });
            };
            self.trace.update(&[now_ms.to_be_bytes(), (node as u64).to_be_bytes(), height.to_be_bytes()].concat());
            self.trace.update(&block.digest.0);
            self.acknowledged[node] = height;
            let header = &block.block.header;
            let (expected, _) = *self.blocks.entry(height).or_insert((block.digest, header.time_ms));
            if expected != block.digest {
                return Err(Violation::Disagreement { node, height, got: block.digest, expected });
            }
            if header.view != header.parent_view + 1 {
                self.saw(Sometimes::ViewChange);
            }
            let (view, parent_view, time_ms) = (header.view, header.parent_view, header.time_ms);
            tracing::debug!(node, height, view, parent_view, time_ms, txs = block.receipts.len(), now_ms, "sim.block");
            let earlier = self.blocks.get(&(height - 1)).map_or(header.time_ms, |(_, time_ms)| *time_ms);
            if !block.receipts.is_empty() && header.time_ms.saturating_sub(earlier) > 5_000 {
                self.saw(Sometimes::Wake);
            }
            for receipt in &block.receipts {
                let tx_id = receipt.tx_id;
                if !self.submitted.contains(&tx_id) {
                    return Err(Violation::Foreign { height, tx_id });
                }
                let first = *self.included.entry(tx_id).or_insert(height);
                if first != height {
                    return Err(Violation::Twice { tx_id, first, second: height });
                }
                if matches!(receipt.status, Status::Failed(_)) {
                    self.saw(Sometimes::FailedReceipt);
                }
            }
        }
        Ok(())
    }
}

const fn name(event: Sometimes) -> &'static str {
    match event {
        Sometimes::ViewChange => "view-change",
        Sometimes::CatchUp => "catch-up",
        Sometimes::CrashInWrite => "crash-in-write",
        Sometimes::EpochChange => "epoch-change",
        Sometimes::Evidence => "evidence",
        Sometimes::Wake => "wake",
        Sometimes::FailedReceipt => "failed-receipt",
    }
}

/// Heights near the tip may wait for the certificate of a descendant.
const UNPROVEN_MAX: u64 = 16;
/// Heights whose proof is checked in each run and node.
const PROOFS: u64 = 12;

/// Checks proofs of finality over the whole chain of `node`.
pub(crate) fn proofs(
    node: usize,
    chain: &Chain<Disk>,
    validators: &[PublicKey],
    verifier: &Verifier,
) -> Result<(), Violation> {
    let tip = chain.tip().height;
    let step = (tip / PROOFS).max(1);
    for height in (1..=tip.saturating_sub(UNPROVEN_MAX)).step_by(step as usize) {
        let proof = chain.finality(height).map_err(|fault| Violation::Unreadable { node, fault })?;
        let proven = proof.is_some_and(|proof| {
            proof.verify(&chain.chain_id(), validators, verifier).is_ok_and(|header| header.height == height)
        });
        if !proven {
            return Err(Violation::Unproven { node, height });
        }
    }
    Ok(())
}
