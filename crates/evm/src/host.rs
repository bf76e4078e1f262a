//! What the machine asks of the chain. Nothing is written through it: the outcome lists what a successful call changes.

use revm::state::Bytecode;

/// The host's store could not answer: a fault of this node, never a receipt.
#[derive(Debug, thiserror::Error)]
#[error("the state store could not answer")]
pub struct HostFault(#[source] pub Box<dyn std::error::Error + Send + Sync + 'static>);

/// Runtime code, with its jump targets found. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Contract {
    pub(crate) code: Bytecode,
    pub(crate) hash: [u8; 32],
}

impl Contract {
    /// Of `code`, whose record has the digest `hash`, SM3 of the code: what `EXTCODEHASH` tells.
    #[must_use]
    pub fn new(code: Vec<u8>, hash: [u8; 32]) -> Self {
        Self { code: Bytecode::new_legacy(code.into()), hash }
    }
}

/// What stands at an address.
#[derive(Debug, Clone)]
pub enum Code {
    /// No contract: an account, or nothing.
    None,
    /// A contract of this machine.
    Evm(Contract),
    /// A contract that cannot be called from here: another machine's, the platform's own, or one that is closed.
    Unavailable,
}

/// State as one call sees it.
pub trait Host {
    /// The contract at `address`.
    ///
    /// # Errors
    /// [`HostFault`]: the store failed.
    fn code(&mut self, address: &[u8; 20]) -> Result<Code, HostFault>;

    /// The value of a slot of `contract`, `None` when it was never written or is zero.
    ///
    /// # Errors
    /// [`HostFault`]: the store failed.
    fn slot(&mut self, contract: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault>;
}
