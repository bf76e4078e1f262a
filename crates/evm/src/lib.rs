//! Solidity contracts: run one EVM call or deployment behind a host trait (spec XL-EVM).
//!
//! ```text
//! creation code ─ Machine::deploy ─▶ runtime code        once, at deployment
//! call data ───── Machine::call ───▶ Outcome | Fault     journal of its own; writes and logs come back in the outcome
//! ```
//!
//! The EVM is the `revm` library, pinned; its settings here are consensus rules ([`rules`]). There is no currency, no
//! nonce and no fee: an address is a 20-byte id of the chain, and a contract is what the chain's registry says it is.

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

pub mod host;
pub mod machine;
pub mod outcome;
pub mod precompiles;
pub mod rules;

pub use host::{Code, Contract, Host, HostFault};
pub use machine::{Call, Context, Machine, keccak};
pub use outcome::{Failure, Log, Outcome, Write};
pub use rules::{EVM_RULES_VERSION, RAW};

/// Call data of a method named by its Solidity signature: the selector and the encoded arguments. Under the name
/// [`RAW`] the arguments are the whole call data.
///
/// ```
/// assert_eq!(hex::encode(xl_evm::call_data("transfer(address,uint256)", &[])), "a9059cbb");
/// ```
#[must_use]
pub fn call_data(method: &str, arguments: &[u8]) -> Vec<u8> {
    if method == RAW {
        return arguments.to_vec();
    }
    let selector = &keccak(method.as_bytes())[..4];
    [selector, arguments].concat()
}
