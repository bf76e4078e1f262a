//! How a call ends: an [`Outcome`], the same on every node and fit for a receipt, or a [`Fault`] of this node.

/// What a call did. Gas is in units of [`crate::schedule`] and never above the call's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The entry returned 0.
    Success {
        /// What the contract handed to `ret`; empty when it did not.
        output: Vec<u8>,
        /// Gas used.
        gas_used: u64,
    },
    /// The call has no effect but the gas it used. The host discards what it wrote.
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

/// Why a call failed: canonical kinds only, never an engine's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The contract called `abort`.
    #[error("the contract aborted with {code} at line {line}")]
    Abort {
        /// The contract's own code: 1 to 64 printable ASCII characters without spaces.
        code: String,
        /// Line of the contract's source, 0 when unknown.
        line: u32,
        /// At most 256 bytes whose meaning is the contract's.
        detail: Vec<u8>,
    },
    /// The entry returned another number than 0.
    #[error("the entry returned {status}")]
    Returned {
        /// What it returned.
        status: i32,
    },
    /// An instruction trapped.
    #[error("the contract trapped: {0:?}")]
    Trap(Trap),
    /// The gas limit was reached.
    #[error("out of gas")]
    OutOfGas,
    /// Calls within calls used up the stack's units.
    #[error("the contract's calls are nested too deep")]
    StackOverflow,
    /// The host was given something beyond a limit.
    #[error("beyond the limit on {0:?}")]
    Limit(Limit),
    /// A view tried to change something.
    #[error("a view cannot change state or emit events")]
    ReadOnly,
    /// The contract has no such entry.
    #[error("the contract has no such entry")]
    UnknownEntry,
}

impl Failure {
    /// Stable name of the kind, for receipts. An abort's own code is beside it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Abort { .. } => "ABORT",
            Self::Returned { .. } => "RETURNED",
            Self::Trap(trap) => trap.code(),
            Self::OutOfGas => "OUT_OF_GAS",
            Self::StackOverflow => "STACK_OVERFLOW",
            Self::Limit(limit) => limit.code(),
            Self::ReadOnly => "READ_ONLY",
            Self::UnknownEntry => "UNKNOWN_ENTRY",
        }
    }
}

/// What can trap in WebAssembly's integer part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    /// `unreachable`.
    Unreachable,
    /// An address outside the memory, by the contract's instructions or by a pointer given to the host.
    MemoryOutOfBounds,
    /// `call_indirect` of no function, or of one with another type.
    IndirectCall,
    /// Division or remainder by zero.
    DivisionByZero,
    /// The quotient of the least integer and -1.
    IntegerOverflow,
}

impl Trap {
    /// Stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "TRAP_UNREACHABLE",
            Self::MemoryOutOfBounds => "TRAP_MEMORY",
            Self::IndirectCall => "TRAP_INDIRECT_CALL",
            Self::DivisionByZero => "TRAP_DIVISION_BY_ZERO",
            Self::IntegerOverflow => "TRAP_INTEGER_OVERFLOW",
        }
    }
}

/// Limits on what a call hands to the host; numbers in [`crate::limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Bytes of a key.
    Key,
    /// Bytes of a value.
    Value,
    /// What one transaction may write in all (the host's own limit).
    Writes,
    /// Number of events.
    Events,
    /// Bytes of an event's name.
    EventName,
    /// Bytes of all events.
    EventBytes,
    /// Bytes returned.
    Output,
    /// Length or characters of an abort code.
    AbortCode,
    /// Bytes of an abort's detail.
    AbortDetail,
    /// Bytes of a role's name.
    Role,
    /// Bytes of the name of a method called outside.
    Method,
    /// Bytes of the arguments of a call of another contract.
    Arguments,
}

impl Limit {
    /// Stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Key => "LIMIT_KEY",
            Self::Value => "LIMIT_VALUE",
            Self::Writes => "LIMIT_WRITES",
            Self::Events => "LIMIT_EVENTS",
            Self::EventName => "LIMIT_EVENT_NAME",
            Self::EventBytes => "LIMIT_EVENT_BYTES",
            Self::Output => "LIMIT_OUTPUT",
            Self::AbortCode => "LIMIT_ABORT_CODE",
            Self::AbortDetail => "LIMIT_ABORT_DETAIL",
            Self::Role => "LIMIT_ROLE",
            Self::Method => "LIMIT_METHOD",
            Self::Arguments => "LIMIT_ARGUMENTS",
        }
    }
}

/// The cause of a fault, for the node's log.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The host's store could not answer: a fault of this node.
#[derive(Debug, thiserror::Error)]
#[error("the state store could not answer")]
pub struct HostFault(#[source] pub Cause);

/// A fault of this node: never a receipt. The node abstains or halts (protocol rule 18).
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The engine refuses its settings on this machine.
    #[error("the engine cannot start with its settings")]
    Engine(#[source] Cause),
    /// Instrumented code does not compile, or is not the instrumenter's output.
    #[error("a module that was accepted does not compile")]
    Compile(#[source] Cause),
    /// Code that was not made by [`crate::prepare`]: a counter or the memory is missing.
    #[error("the code is not instrumented")]
    NotInstrumented,
    /// The module was loaded by another machine.
    #[error("the module belongs to another machine")]
    ForeignModule,
    /// No instance could be made: the pool or memory is exhausted.
    #[error("no instance could be made")]
    Instance(#[source] Cause),
    /// The native stack ended before the stack units did.
    #[error("the native stack is exhausted")]
    NativeStack,
    /// The host's store failed.
    #[error(transparent)]
    Host(#[from] HostFault),
    /// The engine ended the call in a way that contracts cannot cause.
    #[error("the engine stopped for no reason of the contract's")]
    Unexpected(#[source] Cause),
}
