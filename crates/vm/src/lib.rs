//! WebAssembly contracts: validate, instrument gas, run one call behind a host trait (spec XL-VM).
//!
//! ```text
//! code ─ prepare ─▶ Prepared { instrumented, .. }          at deployment, a pure function of the bytes
//!                        │
//!        Machine::load ──┴─▶ CompiledModule                once for each machine, private to the node
//!        Machine::call ────▶ Outcome | Fault               a fresh instance for each call, behind HostState
//! ```
//!
//! Gas and failures are decided by the instrumented bytes alone, so nodes may run different engine versions. Refusals
//! are [`Rejected`], what a receipt tells is [`Outcome`], what this node could not do is [`Fault`].

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

mod artefacts;
pub mod host;
pub mod instrument;
mod lend;
pub mod limits;
pub mod machine;
pub mod outcome;
mod outside;
pub mod rejected;
pub mod schedule;
mod validate;

pub use artefacts::Artefacts;
pub use host::{CallContext, HostError, HostState};
pub use instrument::INSTRUMENTER_VERSION;
pub use machine::{Call, CodeKey, CompiledModule, ENGINE_STACK_BYTES, Machine, THREAD_STACK_BYTES_MIN};
pub use outcome::{Failure, Fault, HostFault, Limit, Outcome, Trap};
pub use outside::{Answer, CalleeFailure, OutsideCall};
pub use rejected::{Feature, Item, Rejected};
pub use schedule::GAS_SCHEDULE_VERSION;

/// A module that may be deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// SM3 of the code as given.
    pub code_hash: [u8; 32],
    /// The code with metering: what [`Machine::load`] takes.
    pub instrumented: Vec<u8>,
    /// Names of the entries in the order of the exports.
    pub exports: Vec<String>,
    /// Control edges x (locals + 1) and [`limits::INDIRECT_CALL_UNITS`], summed: what compiling may cost beyond the bytes.
    pub units: u64,
}

impl Prepared {
    /// The key under which a [`Machine`] keeps the compiled module.
    #[must_use]
    pub const fn key(&self) -> CodeKey {
        CodeKey { code_hash: self.code_hash, instrumenter_version: INSTRUMENTER_VERSION }
    }
}

/// Validates `code` and adds metering: a pure function, the same on every node.
///
/// # Errors
/// [`Rejected`]: why it cannot be deployed.
///
/// ```
/// let code = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "go") (result i32) i32.const 0))"#)?;
/// let prepared = xl_vm::prepare(&code)?;
/// assert_eq!(prepared.exports, ["go"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn prepare(code: &[u8]) -> Result<Prepared, Rejected> {
    let checked = validate::check(code)?;
    let instrumented = instrument::instrument(code, &checked)?;
    let code_hash = xl_crypto::sm3(&[code]);
    Ok(Prepared { code_hash, instrumented, exports: checked.entries, units: checked.units })
}

/// Gas of deploying a module of `code_bytes` bytes with [`Prepared::units`] `units`; `units` is 0 for one refused.
#[must_use]
pub const fn deploy_gas(code_bytes: usize, units: u64) -> u64 {
    schedule::DEPLOY + code_bytes as u64 * schedule::DEPLOY_BYTE + units * schedule::DEPLOY_UNIT
}
