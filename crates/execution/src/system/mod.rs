//! System contracts: trusted native code behind the same calls as any contract.

pub mod accounts;
pub mod audit;
pub mod contracts;
pub mod evm;
pub mod governance;
pub mod upgrade;

use crate::{error::Fault, run::Run};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_primitives::{
    AccountId, Bounded, ContractId, Event, Text,
    account::{self, ADMIN, Account},
    contract, encode, governance as rules,
    receipt::{EVENTS_MAX, Frame},
};
use xl_vm::{CallContext, Failure};

/// Why a call had no effect.
#[derive(Clone)]
pub struct Refusal {
    pub code: String,
    pub line: u32,
    pub detail: Vec<u8>,
    /// Calls that led to it, outermost first; empty for a refusal by the call itself.
    pub path: Vec<Frame>,
}

impl Refusal {
    pub fn new(code: &str) -> Self {
        Self::about(code, &[])
    }

    /// A refusal that names what it is about.
    pub fn about(code: &str, detail: &[u8]) -> Self {
        Self { code: code.to_owned(), line: 0, detail: detail.to_vec(), path: Vec::new() }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            // A contract may not speak in the platform's name.
            Failure::Abort { code, line, detail } if !code.starts_with("XL-") => {
                Self { code, line, detail, path: Vec::new() }
            }
            Failure::Abort { line, .. } => Self { line, ..Self::new("XL-VM-ABORT") },
            other => Self::new(&format!("XL-VM-{}", other.code())),
        }
    }
}

/// A call of a system contract in progress.
pub struct At<'r, 'a> {
    pub run: &'r mut Run<'a>,
    pub context: CallContext,
    pub events: Vec<Event>,
    pub gas_left: u64,
    pub read_only: bool,
}

/// Output of a system call, a refusal, or a fault of the node.
pub type SystemResult = Result<Result<Vec<u8>, Refusal>, Fault>;

/// Why a step of a system call goes no further.
pub enum Stop {
    Refused(Refusal),
    Fault(Fault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A step of a system call.
pub type Step<T> = Result<T, Stop>;

/// Ends the step with the refusal `code`.
pub fn refused<T>(code: &str) -> Step<T> {
    Err(Refusal::new(code).into())
}

/// Ends the step with the refusal `code` unless `holds`.
pub fn require(holds: bool, code: &str) -> Step<()> {
    if holds { Ok(()) } else { refused(code) }
}

/// A call's argument tuple, or a refusal.
pub fn decoded<T: BorshDeserialize>(input: &[u8]) -> Step<T> {
    T::try_from_slice(input).map_err(|_| Refusal::new("XL-CALL-ARGUMENTS").into())
}

fn settled(step: Step<Vec<u8>>) -> SystemResult {
    match step {
        Ok(output) => Ok(Ok(output)),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// Which system contract.
#[derive(Clone, Copy)]
pub enum System {
    Accounts,
    Contracts,
    Governance,
}

/// The system contract at an address.
pub fn find(id: &ContractId) -> Option<System> {
    if *id == account::address() {
        Some(System::Accounts)
    } else if *id == contract::address() {
        Some(System::Contracts)
    } else if *id == rules::address() {
        Some(System::Governance)
    } else {
        None
    }
}

impl System {
    pub fn call(self, at: &mut At<'_, '_>, method: &str, arguments: &[u8]) -> SystemResult {
        if at.read_only {
            return Ok(Err(Refusal::new("XL-VM-READ_ONLY")));
        }
        let result = match self {
            Self::Accounts => accounts::call(at, method, arguments)?,
            Self::Contracts => settled(contracts::call(at, method, arguments))?,
            Self::Governance => settled(governance::call(at, method, arguments))?,
        };
        // Events of `init` and `migrate` join those of the system.
        Ok(result.and_then(|output| match at.events.len() <= EVENTS_MAX {
            true => Ok(output),
            false => Err(Refusal::new("XL-VM-LIMIT_EVENTS")),
        }))
    }
}

impl At<'_, '_> {
    pub const fn caller(&self) -> AccountId {
        AccountId(self.context.caller)
    }

    /// Uses `gas`; false when there is not enough, and then all is used.
    pub fn charge(&mut self, gas: u64) -> bool {
        let enough = gas <= self.gas_left;
        self.gas_left = self.gas_left.saturating_sub(gas);
        enough
    }

    /// [`Self::charge`], or a refusal.
    pub fn pay(&mut self, gas: u64) -> Step<()> {
        require(self.charge(gas), "XL-VM-OUT_OF_GAS")
    }

    /// The caller's account, which governance and the registry judge as it is now.
    pub fn account(&self) -> Step<Account> {
        match self.read::<Account>(&account::account_key(&self.caller()), "account")? {
            Some(account) => Ok(account),
            None => refused("XL-ACCOUNT-UNKNOWN"),
        }
    }

    /// The caller's account, which must administer its organisation.
    pub fn administrator(&self) -> Step<Account> {
        let account = self.account()?;
        require(account.has_role(ADMIN) && !account.suspended, "XL-RIGHT-ADMIN")?;
        Ok(account)
    }

    pub fn read<T: BorshDeserialize + BorshSerialize>(
        &self,
        key: &[u8],
        what: &'static str,
    ) -> Result<Option<T>, Fault> {
        let bytes = self.run.overlay.get(key)?;
        bytes.map(|bytes| crate::run::record(&bytes, what)).transpose()
    }

    pub fn write<T: BorshSerialize>(&mut self, key: Vec<u8>, value: &T) {
        self.run.overlay.put(key, encode(value));
    }

    pub fn emit<T: BorshSerialize>(&mut self, name: &str, data: &T) {
        let event = Text::new(name).zip(Bounded::new(encode(data)));
        if let Some((name, data)) = event {
            self.events.push(Event { contract: ContractId(self.context.contract), name, data });
        }
    }
}

/// Ends a system call with a refusal.
macro_rules! refuse {
    ($code:literal) => {
        return Ok(Err($crate::system::Refusal::new($code)))
    };
}
pub(crate) use refuse;

/// Decodes a call's argument tuple or refuses.
macro_rules! arguments {
    ($bytes:expr, $type:ty) => {
        match <$type as borsh::BorshDeserialize>::try_from_slice($bytes) {
            Ok(arguments) => arguments,
            Err(_) => $crate::system::refuse!("XL-CALL-ARGUMENTS"),
        }
    };
}
pub(crate) use arguments;
