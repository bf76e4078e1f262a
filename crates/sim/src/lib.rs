//! A network in one process under a seed: the production wiring of consensus, pool, execution and state on the engine's
//! deterministic runtime, with a simulated network and a store whose crashes lose what was not synced.
//!
//! ```text
//! tests/scenarios/*.toml ─▶ Scenario ─▶ lab::run(scenario, seed) ─▶ Outcome { violation, trace, ... }
//! ```
//! The same seed gives the same trace. A seed that breaks a promise becomes a scenario of its own.

mod byzantine;
mod checks;
mod disk;
mod lab;
mod people;
mod scenario;
mod skew;

pub use checks::Violation;
pub use lab::{Outcome, Plants, run};
pub use scenario::{Scenario, ScenarioError, load, names};
