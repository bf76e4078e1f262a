//! One node from its parts: wiring, one role table, and the documents it answers with.
//!
//! ```text
//! Configuration ─▶ Node::start ─▶ store, chain, pool ─▶ consensus over the SM channel (its own runtime threads)
//!                     │ status, submit, wait, documents, proofs, events            ▲
//!                     └──────────── callers' threads, never the runtime's ─────────┘
//! ```

pub mod configuration;
pub mod documents;
pub mod error;
pub mod events;
pub mod genesis_document;
pub mod lifecycle;
mod lock;
pub mod node;
pub mod proofs;
pub mod reads;
pub mod role;

pub use configuration::Configuration;
pub use error::NodeError;
pub use node::Node;
