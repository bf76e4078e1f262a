//! Runs the transactions of one block over their base, in order.

use crate::{
    error::{Fault, InvalidBlock, Refused},
    evm::Evm,
    overlay::{Base, Overlay},
    system::{self, Refusal},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use xl_primitives::{
    AccountId, Bounded, ChainParameters, CheckedTx, ContractId, Event, Failure, Hash, List, Receipt, Status, Text,
    account::{Account, account_key},
    contract::{self, CodeMachine, ContractRecord, ContractStatus},
    decode,
    receipt::{EVENTS_MAX, Frame},
};
use xl_vm::{
    Answer, Call, CallContext, CalleeFailure, CodeKey, CompiledModule, HostError, HostFault, HostState, Machine,
    Outcome, OutsideCall, limits::CALL_DEPTH_MAX,
};

/// The version of the rules of this module and below. A change of any result is a new version.
pub const PROTOCOL_VERSION: u32 = 1;

/// Gas of carrying, checking and recording a transaction, whatever it calls.
const BASE_GAS: u64 = 50_000;
/// Gas of one byte of a signed transaction.
const BYTE_GAS: u64 = 20;

/// Gas that a transaction of `bytes` signed bytes uses before its call starts.
#[must_use]
pub const fn intrinsic_gas(bytes: usize) -> u64 {
    BASE_GAS + bytes as u64 * BYTE_GAS
}

/// Name of the entry that runs once, at deployment.
pub const INIT: &str = "init";
/// Name of the entry that runs when its version is brought in by an upgrade.
pub const MIGRATE: &str = "migrate";
/// Entries that only the registry runs.
const NOT_CALLED: [&str; 2] = [INIT, MIGRATE];

/// Different contracts that a transaction's contract and those below it may call: each may have to be read and compiled
/// first.
const CALLED_MAX: usize = 32;

/// The code with which a contract passes the failure of its last outside call on, as its own.
const CALL_FAILED: &str = "CallFailed";

/// Where a block stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub chain: Hash,
    pub height: u64,
    pub time_ms: u64,
}

/// What a block did.
pub struct Executed {
    pub writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub receipts: Vec<Receipt>,
    pub gas_used: u64,
}

/// Checks a sender against the parent's state (protocol 13b).
pub fn check_sender(tx: &CheckedTx, account: Option<&Account>) -> Result<(), Refused> {
    let id = tx.body().sender;
    let account = account.ok_or(Refused::UnknownAccount { account: id })?;
    let key = *tx.key();
    let record = account.key(&key).ok_or(Refused::UnknownKey { account: id, key })?;
    if let Some(height) = record.revoked_height {
        return Err(Refused::RevokedKey { account: id, key, height });
    }
    if account.suspended {
        return Err(Refused::SuspendedAccount { account: id });
    }
    Ok(())
}

/// Checks time and gas against the header (protocol 12, 14).
pub fn check_limits(tx: &CheckedTx, time_ms: u64, parameters: &ChainParameters) -> Result<(), Refused> {
    let body = tx.body();
    let (valid_until_ms, lifetime_ms_max) = (body.valid_until_ms, parameters.lifetime_ms_max);
    if valid_until_ms < time_ms {
        return Err(Refused::Expired { valid_until_ms, time_ms });
    }
    if valid_until_ms - time_ms > lifetime_ms_max {
        return Err(Refused::TooLongLived { valid_until_ms, time_ms, lifetime_ms_max });
    }
    let (gas_limit, block_gas_max) = (body.gas_limit, parameters.block_gas_max);
    if gas_limit > block_gas_max {
        return Err(Refused::GasAboveBlock { gas_limit, block_gas_max });
    }
    let intrinsic_gas = intrinsic_gas(tx.bytes().len());
    if gas_limit < intrinsic_gas {
        return Err(Refused::GasTooLow { gas_limit, intrinsic_gas });
    }
    Ok(())
}

/// What a block has used of its bounds, in all and by organisation.
pub struct Room<'a> {
    parameters: &'a ChainParameters,
    bytes: usize,
    count: usize,
    gas: u64,
    organisations: BTreeMap<String, (usize, u64)>,
}

impl<'a> Room<'a> {
    pub fn new(parameters: &'a ChainParameters) -> Self {
        Self { parameters, bytes: 0, count: 0, gas: 0, organisations: BTreeMap::new() }
    }

    /// Takes the room for `tx`; the bound that it would pass otherwise.
    pub fn take(&mut self, tx: &CheckedTx, organisation: &str) -> Result<(), InvalidBlock> {
        let p = self.parameters;
        let permille = u64::from(p.organisation_share_permille);
        let (bytes, gas) = (tx.bytes().len() + 4, tx.body().gas_limit);
        let (count_held, gas_held) = self.organisations.get(organisation).copied().unwrap_or((0, 0));
        let bound = |what, holds: bool| if holds { Ok(()) } else { Err(InvalidBlock::Bound { what }) };
        bound("bytes", self.bytes + bytes <= p.block_bytes_max as usize)?;
        bound("transactions", self.count < p.block_count_max as usize)?;
        bound("gas", self.gas.saturating_add(gas) <= p.block_gas_max)?;
        // One transaction always fits, so that a small share cannot shut an organisation out.
        let count_share = (u64::from(p.block_count_max) * permille / 1000).max(1);
        let gas_share = (p.block_gas_max / 1000 * permille).max(gas);
        bound("an organisation's share of transactions", (count_held as u64) < count_share)?;
        bound("an organisation's share of gas", gas_held.saturating_add(gas) <= gas_share)?;
        self.bytes += bytes;
        self.count += 1;
        self.gas += gas;
        self.organisations.insert(organisation.to_owned(), (count_held + 1, gas_held + gas));
        Ok(())
    }
}

/// Records of contracts as they stood before the block.
pub type Records = HashMap<ContractId, Option<Arc<ContractRecord>>>;

/// The code of a contract, as far as its machine needs it before a call.
enum Loaded {
    Wasm(Arc<CompiledModule>),
    Evm,
}

/// Runs a block's transactions.
pub struct Run<'a> {
    pub overlay: Overlay<'a>,
    pub place: Place,
    machine: &'a Machine,
    /// Records as they stood before the block.
    pub contracts: Records,
    pub evm: Option<Evm>,
    accounts: HashMap<AccountId, Option<Arc<Account>>>,
    progress: Progress,
    receipts: Vec<Receipt>,
    gas_used: u64,
}

/// What the transaction in progress has done besides its writes.
#[derive(Default)]
struct Progress {
    /// Calls that are running, outermost first.
    path: Vec<Frame>,
    /// Contracts that contracts have called so far, each once.
    called: Vec<ContractId>,
    events: Vec<Event>,
    /// Bytes of the names and data of `events`.
    event_bytes: usize,
}

impl<'a> Run<'a> {
    pub fn new(base: &'a dyn Base, place: Place, machine: &'a Machine) -> Self {
        Self {
            overlay: Overlay::new(base),
            place,
            machine,
            contracts: Records::new(),
            evm: None,
            accounts: HashMap::new(),
            progress: Progress::default(),
            receipts: Vec::new(),
            gas_used: 0,
        }
    }

    /// The sender's account before the block.
    pub fn account_before(&mut self, id: &AccountId) -> Result<Option<Arc<Account>>, Fault> {
        if let Some(known) = self.accounts.get(id) {
            return Ok(known.clone());
        }
        let bytes = self.overlay.get_base(&account_key(id))?;
        let account = bytes.map(|bytes| record::<Account>(&bytes, "account").map(Arc::new)).transpose()?;
        self.accounts.insert(*id, account.clone());
        Ok(account)
    }

    /// Runs one transaction and keeps its receipt.
    pub fn transaction(&mut self, tx: &CheckedTx) -> Result<(), Fault> {
        let receipt = self.receipt_of(tx)?;
        self.gas_used += receipt.gas_used;
        self.receipts.push(receipt);
        Ok(())
    }

    /// Runs one transaction; what it wrote is kept or dropped.
    pub fn receipt_of(&mut self, tx: &CheckedTx) -> Result<Receipt, Fault> {
        let body = tx.body();
        let intrinsic = intrinsic_gas(tx.bytes().len());
        let call = CallContext {
            caller: body.sender.0,
            origin: body.sender.0,
            contract: body.call.contract.0,
            height: self.place.height,
            time_ms: self.place.time_ms,
            tx_id: tx.id().0,
        };
        let gas_limit = body.gas_limit.saturating_sub(intrinsic);
        let (result, events) = self.call(call, &body.call.method, &body.call.arguments, gas_limit, false)?;
        let gas_used = body.gas_limit.min(intrinsic.saturating_add(result.gas_used));
        let (status, events) = match result.outcome {
            Ok(output) => {
                self.overlay.keep();
                (Status::Success { output: Bounded::new(output).unwrap_or_default() }, events)
            }
            Err(refusal) => {
                self.overlay.discard();
                (Status::Failed(refusal.into_failure()), Vec::new())
            }
        };
        Ok(Receipt { tx_id: tx.id(), gas_used, status, events: List::new(events).unwrap_or_default() })
    }

    /// Runs the outermost call over the overlay; nothing is kept or dropped here.
    pub fn call(
        &mut self,
        context: CallContext,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        self.progress = Progress::default();
        let contract = ContractId(context.contract);
        if let Some(system) = system::find(&contract) {
            self.progress.path.push(frame(contract, method));
            let mut at = system::At { run: self, context, events: Vec::new(), gas_left: gas_limit, read_only };
            let outcome = system.call(&mut at, method, arguments)?;
            let (gas_used, events) = (gas_limit - at.gas_left, at.events);
            let outcome = outcome.map_err(|refusal| refusal.on(&self.progress.path));
            return Ok((CallResult { outcome, gas_used }, events));
        }
        match self.callable(&contract, method, read_only)? {
            Ok(Loaded::Wasm(module)) => self.wasm(&module, context, method, arguments, gas_limit, read_only),
            Ok(Loaded::Evm) => self.evm_call(context, method, arguments, gas_limit, read_only),
            Err(refusal) => {
                let outcome = Err(refusal.on(&[frame(contract, method)]));
                Ok((CallResult { outcome, gas_used: 0 }, Vec::new()))
            }
        }
    }

    /// Runs one entry of a module as the transaction's call, or within that of a system contract.
    pub fn wasm(
        &mut self,
        module: &CompiledModule,
        context: CallContext,
        entry: &str,
        input: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let result = self.enter(module, context, entry, input, gas_limit, read_only)?;
        self.progress.event_bytes = 0;
        Ok((result, std::mem::take(&mut self.progress.events)))
    }

    /// Runs one entry at the end of the call path.
    fn enter(
        &mut self,
        module: &CompiledModule,
        context: CallContext,
        entry: &str,
        input: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<CallResult, Fault> {
        self.progress.path.push(frame(ContractId(context.contract), entry));
        let machine = self.machine;
        let mut host = Host { run: self, context, read_only, failed: None };
        let outcome = machine.call(Call { module, entry, input, gas_limit, context, host: &mut host })?;
        let failed = host.failed;
        let gas_used = outcome.gas_used();
        let outcome = match outcome {
            Outcome::Success { output, .. } => Ok(output),
            Outcome::Failed { failure, .. } => {
                let own = Refusal::from(failure);
                Err(match failed {
                    Some(cause) if own.code == CALL_FAILED => cause,
                    _ => own.on(&self.progress.path),
                })
            }
        };
        self.progress.path.pop();
        Ok(CallResult { outcome, gas_used })
    }

    /// Runs a call of one contract by another; what a failed one did is undone.
    fn outside(&mut self, from: &CallContext, asked: OutsideCall<'_>, read_only: bool) -> Result<CallResult, Fault> {
        let contract = ContractId(asked.contract);
        // No entry has a name that is no text.
        let method = std::str::from_utf8(asked.method).unwrap_or_default();
        let module = match self.reachable(&contract, method, read_only)? {
            Ok(module) => module,
            Err(refusal) => {
                let mut path = self.progress.path.clone();
                path.push(frame(contract, method));
                return Ok(CallResult { outcome: Err(refusal.on(&path)), gas_used: 0 });
            }
        };
        let checkpoint = self.overlay.checkpoint();
        let events = (self.progress.events.len(), self.progress.event_bytes);
        let context = CallContext { caller: from.contract, contract: asked.contract, ..*from };
        let ended = self.enter(&module, context, method, asked.arguments, asked.gas_limit, read_only)?;
        if ended.outcome.is_ok() {
            self.overlay.accept(checkpoint);
        } else {
            self.overlay.undo(checkpoint);
            self.progress.events.truncate(events.0);
            self.progress.event_bytes = events.1;
        }
        Ok(ended)
    }

    /// [`Self::callable`] by another contract.
    fn reachable(
        &mut self,
        id: &ContractId,
        method: &str,
        read_only: bool,
    ) -> Result<Result<Arc<CompiledModule>, Refusal>, Fault> {
        let refused = |code| Ok(Err(Refusal::new(code)));
        let Progress { path, called, .. } = &self.progress;
        // Rights are of accounts: a contract that carried its caller's into the registry would be trusted with them.
        if system::find(id).is_some() {
            return refused("XL-CONTRACT-SYSTEM");
        }
        if path.iter().any(|running| running.contract == *id) {
            return refused("XL-VM-REENTRANT");
        }
        if path.len() >= CALL_DEPTH_MAX {
            return refused("XL-VM-DEPTH");
        }
        let first = !called.contains(id);
        if first && called.len() >= CALLED_MAX {
            return refused("XL-VM-LIMIT_CONTRACTS");
        }
        let module = match self.callable(id, method, read_only)? {
            Ok(Loaded::Wasm(module)) => module,
            Ok(Loaded::Evm) => return refused("XL-CONTRACT-MACHINE"),
            Err(refusal) => return Ok(Err(refusal)),
        };
        if first {
            self.progress.called.push(*id);
        }
        Ok(Ok(module))
    }

    /// The code behind a method that may be called, or why it may not.
    fn callable(&mut self, id: &ContractId, method: &str, read_only: bool) -> Result<Result<Loaded, Refusal>, Fault> {
        let refused = |code| Ok(Err(Refusal::new(code)));
        let Some(record) = self.contract(id)? else { return refused("XL-CONTRACT-UNKNOWN") };
        match record.status {
            ContractStatus::Destroyed => return refused("XL-CONTRACT-DESTROYED"),
            ContractStatus::Frozen if !read_only => return refused("XL-CONTRACT-FROZEN"),
            ContractStatus::Frozen | ContractStatus::Active => {}
        }
        if NOT_CALLED.contains(&method) {
            return refused("XL-VM-UNKNOWN_ENTRY");
        }
        Ok(Ok(match record.machine {
            CodeMachine::Wasm => Loaded::Wasm(self.module(id, &record)?),
            CodeMachine::Evm => Loaded::Evm,
        }))
    }

    /// A contract's record as the transaction in progress sees it.
    pub fn contract(&mut self, id: &ContractId) -> Result<Option<Arc<ContractRecord>>, Fault> {
        contract_record(&self.overlay, &mut self.contracts, id)
    }

    /// What is running and failed here, told by the calls that led to it.
    pub fn failed_in(&self, refusal: Refusal, contract: ContractId, method: &str) -> Refusal {
        let mut path = self.progress.path.clone();
        path.push(frame(contract, method));
        refusal.on(&path)
    }

    /// The code that a contract's record names, compiled.
    pub fn module(&self, id: &ContractId, found: &ContractRecord) -> Result<Arc<CompiledModule>, Fault> {
        let key = CodeKey { code_hash: found.code_hash.0, instrumenter_version: found.instrumenter_version };
        if let Some(module) = self.machine.loaded(&key) {
            return Ok(module);
        }
        let code = read_pieces(found.code_bytes, |piece| {
            self.overlay.get(&contract::piece_key(id, b'x', found.version, piece))
        })?;
        let prepared = xl_vm::prepare(&code)
            .map_err(|_| Fault::Missing { what: "contract code", height: found.changed_height })?;
        Ok(self.machine.load(prepared.key(), &prepared.instrumented)?)
    }

    /// Compiles code that is being deployed, before it is kept.
    pub fn load(&mut self, prepared: &xl_vm::Prepared) -> Result<Arc<CompiledModule>, Fault> {
        Ok(self.machine.load(prepared.key(), &prepared.instrumented)?)
    }

    /// The block's result.
    pub fn finish(self) -> Executed {
        Executed { writes: self.overlay.into_writes(), receipts: self.receipts, gas_used: self.gas_used }
    }
}

/// A contract's record over `overlay`; `known` keeps those that stood before the block.
pub fn contract_record(
    overlay: &Overlay<'_>,
    known: &mut Records,
    id: &ContractId,
) -> Result<Option<Arc<ContractRecord>>, Fault> {
    let key = contract::record_key(id);
    let found = |bytes: &[u8]| record::<ContractRecord>(bytes, "contract").map(Arc::new);
    if let Some(written) = overlay.changed(&key) {
        return written.map(found).transpose();
    }
    if let Some(known) = known.get(id) {
        return Ok(known.clone());
    }
    let before = overlay.get_base(&key)?.as_deref().map(found).transpose()?;
    known.insert(*id, before.clone());
    Ok(before)
}

/// Joins the pieces of a code or an interface of `length` bytes.
pub fn read_pieces(length: u32, get: impl Fn(u16) -> Result<Option<Vec<u8>>, Fault>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(length as usize);
    let mut piece = 0;
    while bytes.len() < length as usize {
        bytes.extend(get(piece)?.ok_or(Fault::Missing { what: "piece of a contract", height: 0 })?);
        piece += 1;
    }
    Ok(bytes)
}

/// Decodes a record of the state.
pub fn record<T: borsh::BorshDeserialize + borsh::BorshSerialize>(
    bytes: &[u8],
    what: &'static str,
) -> Result<T, Fault> {
    decode(bytes, what).map_err(|source| Fault::Record { what, source })
}

/// How a call ended.
pub struct CallResult {
    pub outcome: Result<Vec<u8>, Refusal>,
    pub gas_used: u64,
}

fn frame(contract: ContractId, method: &str) -> Frame {
    Frame { contract, method: Text::new(method).unwrap_or_default() }
}

impl Refusal {
    /// Says by which calls it was reached, unless that is known.
    fn on(mut self, path: &[Frame]) -> Self {
        if self.path.is_empty() {
            self.path = path.to_vec();
        }
        self
    }

    fn into_failure(mut self) -> Failure {
        self.path.truncate(CALL_DEPTH_MAX);
        Failure {
            code: Text::new(self.code).unwrap_or_default(),
            line: self.line,
            path: List::new(self.path).unwrap_or_default(),
            detail: Bounded::new(self.detail).unwrap_or_default(),
        }
    }
}

/// What one call sees of the run.
struct Host<'r, 'a> {
    run: &'r mut Run<'a>,
    context: CallContext,
    read_only: bool,
    /// The failure of the last outside call, if it failed.
    failed: Option<Refusal>,
}

impl Host<'_, '_> {
    fn key(&self, key: &[u8]) -> Vec<u8> {
        let mut full = Vec::with_capacity(20 + key.len());
        full.extend_from_slice(&self.context.contract);
        full.extend_from_slice(key);
        full
    }

    fn account(&self, id: &[u8; 20]) -> Result<Option<Account>, HostFault> {
        let bytes = self.run.overlay.get(&account_key(&AccountId(*id))).map_err(host_fault)?;
        bytes.map(|bytes| record(&bytes, "account")).transpose().map_err(host_fault)
    }
}

fn host_fault(fault: Fault) -> HostFault {
    HostFault(Box::new(fault))
}

impl HostState for Host<'_, '_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        self.run.overlay.get(&self.key(key)).map_err(host_fault)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        let key = self.key(key);
        self.run.overlay.put(key, value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        let key = self.key(key);
        self.run.overlay.delete(key);
        Ok(())
    }

    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        let progress = &mut self.run.progress;
        let event_bytes = progress.event_bytes + name.len() + data.len();
        if progress.events.len() >= EVENTS_MAX {
            return Err(HostError::Limit(xl_vm::Limit::Events));
        }
        if event_bytes > xl_vm::limits::EVENT_BYTES_MAX {
            return Err(HostError::Limit(xl_vm::Limit::EventBytes));
        }
        let name = std::str::from_utf8(name).ok().and_then(Text::new);
        let name = name.ok_or(HostError::Limit(xl_vm::Limit::EventName))?;
        let data = Bounded::new(data).ok_or(HostError::Limit(xl_vm::Limit::EventBytes))?;
        progress.events.push(Event { contract: ContractId(self.context.contract), name, data });
        progress.event_bytes = event_bytes;
        Ok(())
    }

    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault> {
        let account = self.account(account)?;
        Ok(account.is_some_and(|a| !a.suspended && std::str::from_utf8(role).is_ok_and(|role| a.has_role(role))))
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(self.account(account)?.map(|account| account.organisation.as_bytes().to_vec()))
    }

    fn call(&mut self, asked: OutsideCall<'_>) -> Result<Answer, HostFault> {
        let CallResult { outcome, gas_used } =
            self.run.outside(&self.context, asked, self.read_only).map_err(host_fault)?;
        self.failed = outcome.as_ref().err().cloned();
        let result = outcome.map_err(|Refusal { code, line, detail, .. }| CalleeFailure { code, line, detail });
        Ok(Answer { result, gas_used })
    }
}

/// Merkle root over encoded receipts.
pub fn receipts_root(receipts: &[Receipt]) -> Hash {
    let encoded: Vec<Vec<u8>> = receipts.iter().map(xl_primitives::encode).collect();
    xl_primitives::merkle::root(&encoded)
}
