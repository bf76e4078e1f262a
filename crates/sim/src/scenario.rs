//! Scenarios as data: nodes, links, load, faults, and what must have happened (`tests/scenarios/*.toml`).

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, for people.
    pub title: String,
    /// Validators; node numbers start with them.
    #[serde(default = "four")]
    pub validators: usize,
    /// Access nodes; they come after the validators.
    #[serde(default = "one")]
    pub access: usize,
    /// Simulated length.
    pub duration_ms: u64,
    /// Chain parameters that differ from the defaults.
    #[serde(default)]
    pub chain: ChainSettings,
    /// Every link at the start.
    #[serde(default)]
    pub link: LinkSettings,
    /// Offsets of the nodes' clocks; missing ones are right.
    #[serde(default)]
    pub clocks_ms: Vec<i64>,
    /// What clients do.
    #[serde(default)]
    pub workload: Vec<Workload>,
    /// What goes wrong, in order of time.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// Nodes that vote twice.
    #[serde(default)]
    pub equivocators: Vec<usize>,
    /// After the last fault, every live node must commit something new within this time, if there is load.
    #[serde(default = "ten_seconds")]
    pub live_within_ms: u64,
    /// Most blocks that may exist at the end, for idle networks.
    pub blocks_max: Option<u64>,
    /// Events without which the scenario shows nothing.
    #[serde(default)]
    pub sometimes: Vec<Sometimes>,
}

const fn four() -> usize {
    4
}
const fn one() -> usize {
    1
}
const fn ten_seconds() -> u64 {
    10_000
}

/// Chain parameters of a scenario.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChainSettings {
    /// Blocks of an epoch.
    pub epoch_blocks: u64,
    /// Wait for a leader.
    pub leader_timeout_ms: u32,
    /// An idle chain makes a block after this.
    pub heartbeat_ms: u64,
    /// Most transactions of a block.
    pub block_count_max: u32,
}

impl Default for ChainSettings {
    fn default() -> Self {
        Self { epoch_blocks: 1_000_000, leader_timeout_ms: 1_000, heartbeat_ms: 300_000, block_count_max: 1_000 }
    }
}

/// A link in one direction.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkSettings {
    /// Mean delay.
    pub latency_ms: u64,
    /// Its standard deviation.
    pub jitter_ms: u64,
    /// Share of messages that get lost.
    pub loss: f64,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self { latency_ms: 20, jitter_ms: 4, loss: 0.0 }
    }
}

/// Signed transactions of many accounts, sent to changing nodes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// First one.
    pub from_ms: u64,
    /// Last one.
    pub until_ms: u64,
    /// How many.
    pub per_second: f64,
}

/// Something that goes wrong at a time.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// When.
    pub at_ms: u64,
    /// What.
    #[serde(flatten)]
    pub act: Act,
}

/// What can go wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Act {
    /// Only nodes of one group reach each other.
    Partition {
        /// Groups of node numbers.
        groups: Vec<Vec<usize>>,
    },
    /// All links work again.
    Heal,
    /// All links change.
    Link {
        /// To this.
        #[serde(flatten)]
        link: LinkSettings,
    },
    /// The process dies; what the store had not synced is lost.
    Crash {
        /// Node number.
        node: usize,
        /// Restarted after this; never if missing.
        down_ms: Option<u64>,
    },
    /// All processes die at once.
    CrashAll {
        /// Restarted after this.
        down_ms: u64,
    },
    /// The power fails: all processes die, and neither store nor journals keep what was not synced.
    PowerLoss,
    /// The process dies at one of its next writes, drawn by the seed, before or after the write took effect.
    CrashAtWrite {
        /// Node number.
        node: usize,
        /// At the latest at this one.
        within: u64,
        /// Restarted after this.
        down_ms: u64,
    },
    /// One node after the other dies and comes back, drawn by the seed.
    RollingCrashes {
        /// How many.
        count: u64,
        /// Time between two.
        every_ms: u64,
        /// Restarted after this.
        down_ms: u64,
    },
}

/// Events of which a scenario needs at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sometimes {
    /// A view without a block, or with one that did not become part of the chain.
    ViewChange,
    /// A node came back and had to fetch blocks.
    CatchUp,
    /// A write of a commit was hit by a crash.
    CrashInWrite,
    /// An epoch ended.
    EpochChange,
    /// Conflicting votes were written down.
    Evidence,
    /// A transaction was committed after the chain had been idle.
    Wake,
    /// A transaction failed and has a receipt.
    FailedReceipt,
}

/// Why a scenario cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// No such file.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Not a scenario.
    #[error("{} is not a scenario", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

/// Reads `name` from `folder`.
///
/// # Errors
/// [`ScenarioError`].
pub fn load(folder: &Path, name: &str) -> Result<Scenario, ScenarioError> {
    let path = folder.join(format!("{name}.toml"));
    let text =
        std::fs::read_to_string(&path).map_err(|source| ScenarioError::Unreadable { path: path.clone(), source })?;
    toml::from_str(&text).map_err(|source| ScenarioError::Malformed { path, source: Box::new(source) })
}

/// Names of the scenarios in `folder`, sorted.
///
/// # Errors
/// [`ScenarioError::Unreadable`].
pub fn names(folder: &Path) -> Result<Vec<String>, ScenarioError> {
    let unreadable = |source| ScenarioError::Unreadable { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}
