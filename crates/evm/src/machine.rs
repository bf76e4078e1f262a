//! One call or deployment on the library, with our own host below it and none of its transaction rules above.
//!
//! The library's handler of Ethereum transactions is not used: it would move balances and nonces and read accounts that
//! do not exist here. A call is its first frame, run to the end.

use crate::host::{Code, Contract, Host, HostFault};
use crate::outcome::{Failure, Log, Outcome, Write};
use crate::precompiles::Native;
use crate::rules::{
    BLOCK_GAS_LIMIT, CALL, CODE_BYTE, CODE_BYTES_MAX, CREATION_BYTES_MAX, EVENT_BYTES_MAX, EVENTS_BYTES_MAX,
    EVENTS_MAX, OUTPUT_BYTES_MAX, REVERT_BYTES_MAX, SPEC, UNITS_PER_GAS, gas_params, instruction_prices,
};
use revm::context::journal::{JournalEntry, JournalInner};
use revm::context::{BlockEnv, CfgEnv, Evm, FrameStack, Journal, JournalTr, LocalContext, LocalContextTr, TxEnv};
use revm::context_interface::CreateScheme;
use revm::context_interface::context::ContextError;
use revm::database_interface::DBErrorMarker;
use revm::handler::{EthFrame, EvmTr, FrameResult, ItemOrResult, instructions::EthInstructions};
use revm::interpreter::interpreter::EthInterpreter;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{
    CallInput, CallInputs, CallScheme, CallValue, CreateInputs, FrameInput, InstructionResult, SharedMemory,
};
use revm::primitives::{Address, B256, Bytes, U256, keccak256};
use revm::state::{AccountInfo, Bytecode, EvmState};
use revm::{Context as LibraryContext, Database};

/// Keccak-256, which Solidity's selectors and event names are made with.
#[must_use]
pub fn keccak(bytes: &[u8]) -> [u8; 32] {
    keccak256(bytes).0
}

/// The facts of a call that the chain gives and the contract cannot choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Account that calls: `msg.sender`.
    pub caller: [u8; 20],
    /// Account that signed the transaction: `tx.origin`.
    pub origin: [u8; 20],
    /// The contract.
    pub contract: [u8; 20],
    /// Height of the block: `block.number`.
    pub height: u64,
    /// Header time in UTC milliseconds; `block.timestamp` is its whole seconds.
    pub time_ms: u64,
    /// `block.chainid`, from [`crate::rules::chain_id`].
    pub chain_id: u64,
}

/// One call of a contract.
#[derive(Debug)]
pub struct Call<'a> {
    /// Call data: selector and encoded arguments.
    pub input: &'a [u8],
    /// Units of gas that the call may use.
    pub gas_limit: u64,
    /// Facts that the chain gives.
    pub context: Context,
    /// Whether the call is a view.
    pub read_only: bool,
}

/// Buffers of the library, kept from call to call.
#[derive(Debug)]
pub struct Machine {
    native: Native,
    frames: FrameStack<EthFrame>,
    journal: JournalInner<JournalEntry>,
    local: LocalContext,
    settings: CfgEnv,
}

impl Default for Machine {
    fn default() -> Self {
        let native = Native::default();
        let mut journal = JournalInner::new();
        journal.warm_addresses.set_precompile_addresses(native.addresses());
        let mut settings = CfgEnv::new_with_spec(SPEC).with_gas_params(gas_params());
        settings.limit_contract_code_size = Some(CODE_BYTES_MAX);
        settings.limit_contract_initcode_size = Some(CREATION_BYTES_MAX);
        Self { native, frames: FrameStack::new(), journal, local: LocalContext::default(), settings }
    }
}

impl Machine {
    /// Runs one call. The host must hold a contract of this machine at the context's address.
    ///
    /// # Errors
    /// [`HostFault`]: this node could not find out what the call does.
    pub fn call(&mut self, host: &mut dyn Host, call: &Call<'_>) -> Result<Outcome, HostFault> {
        let contract = Address::from(call.context.contract);
        let Code::Evm(Contract { code, hash }) = host.code(&call.context.contract)? else {
            return Ok(failed(Failure::Unavailable, 0));
        };
        let start = CALL + code.original_byte_slice().len() as u64 * CODE_BYTE;
        let Some(budget) = Budget::new(call.gas_limit, start) else {
            return Ok(failed(Failure::OutOfGas, call.gas_limit));
        };
        self.run(host, &call.context, budget, |database, gas_limit| {
            database.called = Some((contract, account(code.clone(), hash)));
            FrameInput::Call(Box::new(CallInputs {
                input: CallInput::Bytes(Bytes::copy_from_slice(call.input)),
                gas_limit,
                target_address: contract,
                bytecode_address: contract,
                known_bytecode: (B256::from(hash), code),
                caller: Address::from(call.context.caller),
                value: CallValue::Transfer(U256::ZERO),
                scheme: CallScheme::Call,
                is_static: call.read_only,
                return_memory_offset: 0..0,
                reservoir: 0,
                charged_new_account_state_gas: false,
            }))
        })
    }

    /// Runs creation code with its encoded arguments behind it. The output of a success is the runtime code.
    ///
    /// # Errors
    /// [`HostFault`]: this node could not find out what the constructor does.
    pub fn deploy(
        &mut self,
        host: &mut dyn Host,
        context: &Context,
        creation: Vec<u8>,
        gas_limit: u64,
    ) -> Result<Outcome, HostFault> {
        let start = CALL + creation.len() as u64 * CODE_BYTE;
        let Some(budget) = Budget::new(gas_limit, start) else {
            return Ok(failed(Failure::OutOfGas, gas_limit));
        };
        if creation.len() > CREATION_BYTES_MAX {
            return Ok(failed(Failure::CodeSize, budget.start));
        }
        let contract = Address::from(context.contract);
        let outcome = self.run(host, context, budget, |_, gas_limit| {
            let scheme = CreateScheme::Custom { address: contract };
            let caller = Address::from(context.caller);
            FrameInput::Create(Box::new(CreateInputs::new(caller, scheme, U256::ZERO, creation.into(), gas_limit, 0)))
        })?;
        Ok(match outcome {
            Outcome::Success { output, gas_used, .. } if output.is_empty() => failed(Failure::NoCode, gas_used),
            other => other,
        })
    }

    fn run(
        &mut self,
        host: &mut dyn Host,
        context: &Context,
        budget: Budget,
        first: impl FnOnce(&mut HostDatabase<'_>, u64) -> FrameInput,
    ) -> Result<Outcome, HostFault> {
        let mut database = HostDatabase { host, called: None };
        let frame_input = first(&mut database, budget.evm_gas);
        let mut cfg = self.settings.clone();
        cfg.chain_id = context.chain_id;
        let mut journal = Journal::new_with_inner(database, std::mem::take(&mut self.journal));
        journal.set_spec_id(SPEC);
        let ctx = LibraryContext {
            block: BlockEnv {
                number: U256::from(context.height),
                timestamp: U256::from(context.time_ms / 1000),
                gas_limit: BLOCK_GAS_LIMIT,
                prevrandao: Some(B256::ZERO),
                difficulty: U256::ZERO,
                ..BlockEnv::default()
            },
            tx: TxEnv { caller: Address::from(context.origin), gas_price: 0, ..TxEnv::default() },
            cfg,
            journaled_state: journal,
            chain: (),
            local: std::mem::take(&mut self.local),
            error: Ok(()),
        };
        let mut evm = Evm {
            ctx,
            inspector: (),
            instruction: EthInstructions::new(
                revm::interpreter::instructions::instruction_table(),
                instruction_prices(),
                SPEC,
            ),
            precompiles: &mut self.native,
            frame_stack: std::mem::take(&mut self.frames),
        };
        let contract = Address::from(context.contract);
        let ended = frames(&mut evm, contract, frame_input);
        let state = evm.ctx.journaled_state.finalize();
        let logs = ended.logs;
        evm.ctx.local.clear();
        evm.frame_stack.clear();
        self.frames = evm.frame_stack;
        self.local = evm.ctx.local;
        self.journal = evm.ctx.journaled_state.inner;

        let (result, spent, output) = match ended.end {
            Ok(end) => end,
            Err(Stop::Fault(fault)) => return Err(fault),
            // Which instruction stopped the call is known, what it had spent of its frame is not: it takes all.
            Err(Stop::Failure(failure)) => return Ok(failed(failure, budget.limit)),
        };
        let gas_used = budget.used(spent);
        Ok(match outcome(result, output) {
            Ok(output) if output.len() > OUTPUT_BYTES_MAX => failed(Failure::Output, gas_used),
            Ok(_) if !events_fit(&logs) => failed(Failure::Events, gas_used),
            Ok(output) => Outcome::Success { output, gas_used, writes: writes(state), logs },
            Err(failure) => failed(failure, gas_used),
        })
    }
}

const fn failed(failure: Failure, gas_used: u64) -> Outcome {
    Outcome::Failed { failure, gas_used }
}

/// Units of a call, and how much EVM gas they are.
#[derive(Clone, Copy)]
struct Budget {
    limit: u64,
    start: u64,
    evm_gas: u64,
}

impl Budget {
    const fn new(limit: u64, start: u64) -> Option<Self> {
        match limit.checked_sub(start) {
            Some(rest) => Some(Self { limit, start, evm_gas: rest / UNITS_PER_GAS }),
            None => None,
        }
    }

    const fn used(self, spent: u64) -> u64 {
        self.start + spent * UNITS_PER_GAS
    }
}

/// Why the frames stopped before their end.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error(transparent)]
    Fault(#[from] HostFault),
    #[error(transparent)]
    Failure(Failure),
}

impl DBErrorMarker for Stop {}

impl From<ContextError<Stop>> for Stop {
    fn from(error: ContextError<Stop>) -> Self {
        match error {
            ContextError::Db(stop) => stop,
            // The library says so of functions of ours at fixed addresses, which never do.
            ContextError::Custom(text) => Self::Fault(HostFault(text.into())),
        }
    }
}

struct Ended {
    end: Result<(InstructionResult, u64, Bytes), Stop>,
    logs: Vec<Log>,
}

type Library<'h> = LibraryContext<BlockEnv, TxEnv, CfgEnv, HostDatabase<'h>>;
type LibraryEvm<'h, 'n> = Evm<Library<'h>, (), EthInstructions<EthInterpreter, Library<'h>>, &'n mut Native, EthFrame>;

/// Runs the first frame and what it calls to the end.
fn frames(evm: &mut LibraryEvm<'_, '_>, contract: Address, input: FrameInput) -> Ended {
    let end = frames_to_end(evm, contract, input);
    let logs = match &end {
        Ok((result, ..)) if result.is_ok() => evm.ctx.journaled_state.take_logs().into_iter().map(log).collect(),
        _ => Vec::new(),
    };
    Ended { end, logs }
}

fn frames_to_end(
    evm: &mut LibraryEvm<'_, '_>,
    contract: Address,
    input: FrameInput,
) -> Result<(InstructionResult, u64, Bytes), Stop> {
    if matches!(input, FrameInput::Call(_)) {
        evm.ctx.journaled_state.load_account(contract)?;
    }
    let memory = SharedMemory::new_with_buffer(evm.ctx.local.shared_memory_buffer().clone());
    if let ItemOrResult::Result(result) = evm.frame_init(FrameInit { depth: 0, memory, frame_input: input })? {
        return ended(evm, result);
    }
    loop {
        let result = match evm.frame_run()? {
            ItemOrResult::Item(inner) => {
                if matches!(inner.frame_input, FrameInput::Create(_)) {
                    return Err(Stop::Failure(Failure::Create));
                }
                match evm.frame_init(inner)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                }
            }
            ItemOrResult::Result(result) => result,
        };
        if let Some(last) = evm.frame_return_result(result)? {
            return ended(evm, last);
        }
    }
}

/// The end of the first frame: its kind, the EVM gas spent and the returned bytes.
fn ended(evm: &mut LibraryEvm<'_, '_>, last: FrameResult) -> Result<(InstructionResult, u64, Bytes), Stop> {
    std::mem::replace(&mut evm.ctx.error, Ok(()))?;
    let last = last.into_interpreter_result();
    let spent = if last.result.is_halt() { last.gas.limit() } else { last.gas.total_gas_spent() };
    Ok((last.result, spent, last.output))
}

/// The canonical kind of an end.
fn outcome(result: InstructionResult, output: Bytes) -> Result<Vec<u8>, Failure> {
    use InstructionResult as R;
    Err(match result {
        R::Stop | R::Return | R::SelfDestruct => return Ok(output.into()),
        R::Revert => Failure::Revert { data: output[..output.len().min(REVERT_BYTES_MAX)].to_vec() },
        R::OutOfGas
        | R::MemoryOOG
        | R::MemoryLimitOOG
        | R::PrecompileOOG
        | R::InvalidOperandOOG
        | R::ReentrancySentryOOG => Failure::OutOfGas,
        R::InvalidJump => Failure::Jump,
        R::StackUnderflow | R::StackOverflow => Failure::Stack,
        R::OutOfOffset => Failure::Offset,
        R::StateChangeDuringStaticCall | R::CallNotAllowedInsideStatic => Failure::ReadOnly,
        R::CreateContractSizeLimit | R::CreateInitCodeSizeLimit => Failure::CodeSize,
        R::CreateContractStartingWithEF | R::CreateCollision => Failure::NoCode,
        _ => Failure::Invalid,
    })
}

fn log(log: revm::primitives::Log) -> Log {
    let topics = log.data.topics().iter().map(|topic| topic.0).collect();
    Log { contract: log.address.into_array(), topics, data: log.data.data.into() }
}

fn events_fit(logs: &[Log]) -> bool {
    // As a receipt keeps it: the count and the words of the topics, the length and the bytes of the data.
    let bytes = |log: &Log| 4 + log.topics.len() * 32 + 4 + log.data.len();
    logs.len() <= EVENTS_MAX
        && logs.iter().all(|log| bytes(log) <= EVENT_BYTES_MAX)
        && logs.iter().map(bytes).sum::<usize>() <= EVENTS_BYTES_MAX
}

#[expect(clippy::iter_over_hash_type, reason = "sorted before anyone sees it")]
fn writes(state: EvmState) -> Vec<Write> {
    let mut writes = Vec::new();
    for (address, account) in state {
        for (slot, value) in account.storage {
            if value.is_changed() {
                let (slot, value) = (slot.to_be_bytes(), value.present_value().to_be_bytes());
                writes.push(Write { contract: address.into_array(), slot, value });
            }
        }
    }
    writes.sort_unstable();
    writes
}

fn account(code: Bytecode, hash: [u8; 32]) -> AccountInfo {
    AccountInfo { code_hash: B256::from(hash), code: Some(code), ..AccountInfo::default() }
}

/// The host as the library's database.
struct HostDatabase<'h> {
    host: &'h mut dyn Host,
    /// The called contract, which is read before the frame starts.
    called: Option<(Address, AccountInfo)>,
}

impl Database for HostDatabase<'_> {
    type Error = Stop;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, Stop> {
        if let Some((called, info)) = &self.called
            && *called == address
        {
            return Ok(Some(info.clone()));
        }
        match self.host.code(&address.into_array())? {
            Code::None => Ok(None),
            Code::Unavailable => Err(Stop::Failure(Failure::Unavailable)),
            Code::Evm(Contract { code, hash }) => Ok(Some(account(code, hash))),
        }
    }

    fn code_by_hash(&mut self, _: B256) -> Result<Bytecode, Stop> {
        // Every account comes with its code.
        Ok(Bytecode::default())
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, Stop> {
        let value = self.host.slot(&address.into_array(), &slot.to_be_bytes())?;
        Ok(value.map(U256::from_be_bytes).unwrap_or_default())
    }

    fn block_hash(&mut self, _: u64) -> Result<B256, Stop> {
        Ok(B256::ZERO)
    }
}
