//! The chain on the BFT engine of decision D2: our block, the SM2 scheme and the protocol's rules around the engine's
//! application wrapper. The agreement protocol itself is the engine's.
//!
//! ```text
//! gateway ─▶ SharedPool ─▶ gossip ─▶ every validator's pool
//!                │ reap
//!                ▼
//! engine ─▶ Adapter ─▶ Rules ─▶ Chain::propose / verify          executed before any vote
//!    │                                                           (protocol 1, 2, 7, 8, 14)
//!    ▼ final blocks, in order
//! Follower ─▶ Chain::commit ─▶ acknowledge ─▶ watchers           durable before anybody is told (protocol 5)
//! ```
//! [`start()`] is generic over the engine's runtime and peer network: the node gives it sockets and disks, the simulator
//! a seed.

mod adapter;
mod application;
mod archive;
pub mod block;
mod epoch;
mod evidence;
mod follower;
mod gossip;
mod halt;
mod install;
#[cfg(feature = "planted")]
pub mod planted;
mod pool;
pub mod scheme;
mod start;

pub use archive::ArchiveError;
pub use epoch::ValidatorSets;
pub use halt::{Cause, Halt};
pub use install::InstallationError;
pub use pool::{SharedPool, SubmitError};
pub use start::{Channels, Config, Handle, StartError, Timing, Tip, message_bytes_max, start};
