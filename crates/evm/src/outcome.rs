//! How a call ends: an [`Outcome`], the same on every node and fit for a receipt; a [`crate::HostFault`] otherwise.

/// A changed slot. Zero deletes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Write {
    /// The contract it belongs to.
    pub contract: [u8; 20],
    /// The slot.
    pub slot: [u8; 32],
    /// Its new value.
    pub value: [u8; 32],
}

/// A log of a contract, in the order of emission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The contract that emitted it.
    pub contract: [u8; 20],
    /// At most four words; the first one of a named event is the Keccak-256 of its signature.
    pub topics: Vec<[u8; 32]>,
    /// ABI-encoded fields that are not indexed.
    pub data: Vec<u8>,
}

/// What a call did. Gas is in units of the chain and never above the call's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The call returned.
    Success {
        /// What it returned: ABI-encoded values, or the runtime code of a deployment.
        output: Vec<u8>,
        /// Gas used.
        gas_used: u64,
        /// Changed slots, sorted.
        writes: Vec<Write>,
        /// Logs.
        logs: Vec<Log>,
    },
    /// The call has no effect but the gas it used.
    Failed {
        /// Why.
        failure: Failure,
        /// Gas used.
        gas_used: u64,
    },
}

impl Outcome {
    /// Gas used.
    #[must_use]
    pub const fn gas_used(&self) -> u64 {
        match self {
            Self::Success { gas_used, .. } | Self::Failed { gas_used, .. } => *gas_used,
        }
    }
}

/// Why a call failed: canonical kinds only, never a library's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The contract reverted: `revert`, `require`, a custom error or a panic.
    #[error("the contract reverted")]
    Revert {
        /// ABI-encoded error, at most the receipt's 256 bytes of it.
        data: Vec<u8>,
    },
    /// The gas limit was reached.
    #[error("out of gas")]
    OutOfGas,
    /// An instruction that does not exist, or `INVALID`.
    #[error("an invalid instruction")]
    Invalid,
    /// A jump to where no jump may go.
    #[error("an invalid jump")]
    Jump,
    /// More than 1024 operands, or fewer than an instruction needs.
    #[error("the operand stack is exhausted")]
    Stack,
    /// Returned data was read beyond its end.
    #[error("returned data was read beyond its end")]
    Offset,
    /// A contract tried to create a contract: only the registry does.
    #[error("a contract cannot create contracts")]
    Create,
    /// A contract touched one that cannot be called from here: another machine's, the platform's own, or a closed one.
    #[error("the contract cannot be called from here")]
    Unavailable,
    /// Deployment: the code is larger than 24 576 bytes, or the creation code than 49 152.
    #[error("the code is too large")]
    CodeSize,
    /// Deployment: the constructor returned no code, or code that begins with the byte EF.
    #[error("the constructor returned no code that can be called")]
    NoCode,
    /// A view tried to change something.
    #[error("a view cannot change state or emit events")]
    ReadOnly,
    /// More events, or more bytes in one, than a receipt holds.
    #[error("beyond the limit on events")]
    Events,
    /// More was returned than a receipt holds.
    #[error("beyond the limit on the output")]
    Output,
}

impl Failure {
    /// Stable code for receipts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Revert { .. } => "XL-EVM-REVERT",
            Self::OutOfGas => "XL-EVM-OUT_OF_GAS",
            Self::Invalid => "XL-EVM-INVALID",
            Self::Jump => "XL-EVM-JUMP",
            Self::Stack => "XL-EVM-STACK",
            Self::Offset => "XL-EVM-OFFSET",
            Self::Create => "XL-EVM-CREATE",
            Self::Unavailable => "XL-EVM-UNAVAILABLE",
            Self::CodeSize => "XL-EVM-CODE_SIZE",
            Self::NoCode => "XL-EVM-NO_CODE",
            Self::ReadOnly => "XL-EVM-READ_ONLY",
            Self::Events => "XL-EVM-LIMIT_EVENTS",
            Self::Output => "XL-EVM-LIMIT_OUTPUT",
        }
    }
}
