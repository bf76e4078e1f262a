//! The three ways in which something does not go through: a transaction is *refused*, a block is *invalid*, or this node
//! is at *fault*. What a contract refuses is none of them: it is a receipt.

use xl_primitives::{AccountId, DecodeError, Hash, PublicKey, TxError};
use xl_state::{StateError, StoreError};

/// This node could not find out what is right. Never a receipt, never a vote (protocol 18).
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The state or its store failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The contract machine failed.
    #[error(transparent)]
    Machine(#[from] xl_vm::Fault),
    /// The host of an EVM contract failed.
    #[error(transparent)]
    Evm(xl_evm::HostFault),
    /// A record of this node does not decode.
    #[error("a stored {what} is damaged: {source}")]
    Record {
        /// Which record.
        what: &'static str,
        /// Why.
        source: DecodeError,
    },
    /// A record that must be there is not.
    #[error("the stored {what} at height {height} is missing")]
    Missing {
        /// Which record.
        what: &'static str,
        /// Of which block.
        height: u64,
    },
    /// The database was made for another genesis.
    #[error("the database belongs to chain {got}, this node is of {expected}")]
    OtherChain {
        /// Chain of the database.
        got: Hash,
        /// Chain of the node.
        expected: Hash,
    },
    /// A final block is not what this node computes: halt for good (protocol 1).
    #[error("block {digest} at height {height} is final, but this node computes otherwise: {reason}")]
    Divergence {
        /// Its height.
        height: u64,
        /// Its digest.
        digest: Hash,
        /// What differs.
        reason: Box<InvalidBlock>,
    },
    /// A final block does not follow the committed one.
    #[error("block at height {height} does not follow height {tip}")]
    Order {
        /// Its height.
        height: u64,
        /// The committed height.
        tip: u64,
    },
    /// The execution thread ended.
    #[error("the execution thread has stopped")]
    ExecutorStopped,
}

impl From<xl_evm::HostFault> for Fault {
    fn from(fault: xl_evm::HostFault) -> Self {
        // The host is ours: what it hands through is one of these.
        match fault.0.downcast::<Self>() {
            Ok(own) => *own,
            Err(source) => Self::Evm(xl_evm::HostFault(source)),
        }
    }
}

/// Why a transaction may not stand in the next block (protocol 12, 13b, 14).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its time has passed.
    #[error("the transaction was valid until {valid_until_ms}, header time is {time_ms}")]
    Expired {
        /// Its last time, UTC milliseconds.
        valid_until_ms: u64,
        /// Header time, UTC milliseconds.
        time_ms: u64,
    },
    /// It claims a longer life than the chain grants.
    #[error("valid_until_ms {valid_until_ms} lies more than {lifetime_ms_max} ms after {time_ms}")]
    TooLongLived {
        /// Its last time, UTC milliseconds.
        valid_until_ms: u64,
        /// Header time, UTC milliseconds.
        time_ms: u64,
        /// Chain parameter.
        lifetime_ms_max: u64,
    },
    /// It is already in a block of this branch.
    #[error("transaction {tx_id} is already in a block")]
    Replayed {
        /// Its identity.
        tx_id: Hash,
    },
    /// Nobody admitted the sender.
    #[error("account {account} is not admitted")]
    UnknownAccount {
        /// The sender.
        account: AccountId,
    },
    /// The account is suspended.
    #[error("account {account} is suspended")]
    SuspendedAccount {
        /// The sender.
        account: AccountId,
    },
    /// The key was never a key of the account.
    #[error("key {key:?} is not a key of account {account}")]
    UnknownKey {
        /// The sender.
        account: AccountId,
        /// The key that signed.
        key: PublicKey,
    },
    /// The key was revoked.
    #[error("key {key:?} of account {account} was revoked at height {height}")]
    RevokedKey {
        /// The sender.
        account: AccountId,
        /// The key that signed.
        key: PublicKey,
        /// When.
        height: u64,
    },
    /// It asks for more gas than a block has.
    #[error("gas limit {gas_limit} is above the block's {block_gas_max}")]
    GasAboveBlock {
        /// Its limit.
        gas_limit: u64,
        /// Chain parameter.
        block_gas_max: u64,
    },
    /// Its gas does not even pay for carrying it.
    #[error("gas limit {gas_limit} is below {intrinsic_gas}, the price of its bytes and signature")]
    GasTooLow {
        /// Its limit.
        gas_limit: u64,
        /// What it costs before any call.
        intrinsic_gas: u64,
    },
    /// The block has no room left for it; the next one may.
    #[error("the block has no room left")]
    BlockFull,
}

impl Refused {
    /// Stable code of the error catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "XL-TX-EXPIRED",
            Self::TooLongLived { .. } => "XL-TX-TOO-LONG-LIVED",
            Self::Replayed { .. } => "XL-TX-REPLAYED",
            Self::UnknownAccount { .. } => "XL-ACCOUNT-UNKNOWN",
            Self::SuspendedAccount { .. } => "XL-ACCOUNT-SUSPENDED",
            Self::UnknownKey { .. } => "XL-KEY-UNKNOWN",
            Self::RevokedKey { .. } => "XL-KEY-REVOKED",
            Self::GasAboveBlock { .. } => "XL-TX-GAS-ABOVE-BLOCK",
            Self::GasTooLow { .. } => "XL-TX-GAS-TOO-LOW",
            Self::BlockFull => "XL-BLOCK-FULL",
        }
    }

    /// True when the transaction should stay in the pool: a later block may take it.
    #[must_use]
    pub const fn retry(&self) -> bool {
        matches!(self, Self::BlockFull)
    }
}

/// Why a block can never be right on top of its parent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBlock {
    /// A header field contradicts the parent, genesis or the rules.
    #[error("header field {field} is wrong")]
    Header {
        /// Name of the field.
        field: &'static str,
    },
    /// The body is not the one the header commits to.
    #[error("the body does not have the header's transaction root")]
    Body,
    /// More bytes, transactions, gas or one organisation's share than a block may hold.
    #[error("the block passes the bound on {what}")]
    Bound {
        /// What is bounded.
        what: &'static str,
    },
    /// A transaction that is not valid in itself.
    #[error("transaction {index} is invalid: {error}")]
    Transaction {
        /// Its place.
        index: usize,
        /// Why.
        error: TxError,
    },
    /// A transaction that must not stand in this block.
    #[error("transaction {index} is refused: {refused}")]
    Refused {
        /// Its place.
        index: usize,
        /// Why.
        refused: Refused,
    },
    /// Execution gives another result than the header says.
    #[error("execution gives another {what} than the header")]
    Result {
        /// `state root`, `receipts root` or `gas`.
        what: &'static str,
    },
}

impl InvalidBlock {
    /// True when the block is well made but executes differently here: a local fault where others notarised it.
    #[must_use]
    pub const fn is_root_mismatch(&self) -> bool {
        matches!(self, Self::Result { .. })
    }
}

/// Why a block was not executed.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// Never right on top of this parent.
    #[error(transparent)]
    Invalid(#[from] InvalidBlock),
    /// The parent is neither committed last nor pending here.
    #[error("parent {parent} is not executed here")]
    UnknownParent {
        /// Its digest.
        parent: Hash,
    },
    /// Too many uncommitted ancestors; wait for a commit.
    #[error("the block stands on {depth} uncommitted blocks")]
    TooDeep {
        /// How many.
        depth: usize,
    },
    /// This node could not tell.
    #[error(transparent)]
    Fault(#[from] Fault),
}

macro_rules! into_execute_error {
    ($($source:ty),*) => { $(
        impl From<$source> for ExecuteError {
            fn from(source: $source) -> Self { Self::Fault(source.into()) }
        }
    )* };
}
into_execute_error!(StateError, StoreError, xl_vm::Fault);
