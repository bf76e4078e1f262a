//! Runs the transactions of one block over their base, in order.

use crate::{
    error::{Fault, InvalidBlock, Refused},
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
    contract::{self, ContractRecord, ContractStatus},
    decode,
    receipt::{EVENTS_MAX, Frame},
};
use xl_vm::{Call, CallContext, CodeKey, CompiledModule, HostError, HostFault, HostState, Machine, Outcome};

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

/// Where a block stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
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

/// Runs a block's transactions.
pub struct Run<'a> {
    pub overlay: Overlay<'a>,
    pub place: Place,
    machine: &'a mut Machine,
    modules: HashMap<ContractId, (ContractStatus, Option<Arc<CompiledModule>>)>,
    /// Contracts whose record the transaction in progress has changed.
    changed: Vec<ContractId>,
    accounts: HashMap<AccountId, Option<Arc<Account>>>,
    receipts: Vec<Receipt>,
    gas_used: u64,
}

impl<'a> Run<'a> {
    pub fn new(base: &'a dyn Base, place: Place, machine: &'a mut Machine) -> Self {
        Self {
            overlay: Overlay::new(base),
            place,
            machine,
            modules: HashMap::new(),
            changed: Vec::new(),
            accounts: HashMap::new(),
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
                let frame = Frame { contract: body.call.contract, method: body.call.method.clone() };
                (Status::Failed(refusal.into_failure(frame)), Vec::new())
            }
        };
        // Whatever was loaded since may be of a version that is not kept.
        for id in std::mem::take(&mut self.changed) {
            self.modules.remove(&id);
        }
        Ok(Receipt { tx_id: tx.id(), gas_used, status, events: List::new(events).unwrap_or_default() })
    }

    /// Runs one call over the overlay; nothing is kept or dropped here.
    pub fn call(
        &mut self,
        context: CallContext,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let contract = ContractId(context.contract);
        if let Some(system) = system::find(&contract) {
            let mut at = system::At { run: self, context, events: Vec::new(), gas_left: gas_limit, read_only };
            let outcome = system.call(&mut at, method, arguments)?;
            let (gas_used, events) = (gas_limit - at.gas_left, at.events);
            return Ok((CallResult { outcome, gas_used }, events));
        }
        let module = match self.runnable(&contract, read_only)? {
            Ok(module) => module,
            Err(code) => return Ok((CallResult::refused(code), Vec::new())),
        };
        if method == INIT || method == MIGRATE {
            return Ok((CallResult::refused("XL-VM-UNKNOWN_ENTRY"), Vec::new()));
        }
        self.wasm(&module, context, method, arguments, gas_limit, read_only)
    }

    /// Runs one entry of a module.
    pub fn wasm(
        &mut self,
        module: &CompiledModule,
        context: CallContext,
        entry: &str,
        input: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let mut host =
            Host { overlay: &mut self.overlay, contract: ContractId(context.contract), events: Vec::new(), read_only };
        let outcome = self.machine.call(Call { module, entry, input, gas_limit, context, host: &mut host })?;
        let events = host.events;
        let gas_used = outcome.gas_used();
        let outcome = match outcome {
            Outcome::Success { output, .. } => Ok(output),
            Outcome::Failed { failure, .. } => Err(Refusal::from(failure)),
        };
        Ok((CallResult { outcome, gas_used }, events))
    }

    /// The code of a contract as the transaction in progress sees it, compiled; the code of the refusal where it may not
    /// run now.
    pub fn runnable(
        &mut self,
        id: &ContractId,
        read_only: bool,
    ) -> Result<Result<Arc<CompiledModule>, &'static str>, Fault> {
        let (status, module) = match self.modules.get(id) {
            Some((status, module)) => (*status, module.clone()),
            None => {
                let Some(bytes) = self.overlay.get(&contract::record_key(id))? else {
                    return Ok(Err("XL-CONTRACT-UNKNOWN"));
                };
                let found: ContractRecord = record(&bytes, "contract")?;
                let module = match found.status {
                    ContractStatus::Destroyed => None,
                    ContractStatus::Active | ContractStatus::Frozen => Some(self.module(id, &found)?),
                };
                self.modules.insert(*id, (found.status, module.clone()));
                (found.status, module)
            }
        };
        Ok(match (status, module) {
            (ContractStatus::Frozen, _) if !read_only => Err("XL-CONTRACT-FROZEN"),
            (_, Some(module)) => Ok(module),
            (_, None) => Err("XL-CONTRACT-DESTROYED"),
        })
    }

    fn module(&mut self, id: &ContractId, found: &ContractRecord) -> Result<Arc<CompiledModule>, Fault> {
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

    /// Told by whoever writes the record of a contract: the next call reads it again.
    pub fn forget(&mut self, id: &ContractId) {
        self.modules.remove(id);
        self.changed.push(*id);
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

impl CallResult {
    fn refused(code: &'static str) -> Self {
        Self { outcome: Err(Refusal::new(code)), gas_used: 0 }
    }
}

impl Refusal {
    fn into_failure(self, frame: Frame) -> Failure {
        Failure {
            code: Text::new(self.code).unwrap_or_default(),
            line: self.line,
            path: List::new(vec![frame]).unwrap_or_default(),
            detail: Bounded::new(self.detail).unwrap_or_default(),
        }
    }
}

/// The machine's view of the overlay.
struct Host<'o, 'a> {
    overlay: &'o mut Overlay<'a>,
    contract: ContractId,
    events: Vec<Event>,
    read_only: bool,
}

impl Host<'_, '_> {
    fn key(&self, key: &[u8]) -> Vec<u8> {
        let mut full = Vec::with_capacity(20 + key.len());
        full.extend_from_slice(&self.contract.0);
        full.extend_from_slice(key);
        full
    }

    fn account(&self, id: &[u8; 20]) -> Result<Option<Account>, HostFault> {
        let bytes = self.overlay.get(&account_key(&AccountId(*id))).map_err(host_fault)?;
        bytes.map(|bytes| record(&bytes, "account")).transpose().map_err(host_fault)
    }
}

fn host_fault(fault: Fault) -> HostFault {
    HostFault(Box::new(fault))
}

impl HostState for Host<'_, '_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        self.overlay.get(&self.key(key)).map_err(host_fault)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        self.overlay.put(self.key(key), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        self.overlay.delete(self.key(key));
        Ok(())
    }

    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        if self.events.len() >= EVENTS_MAX {
            return Err(HostError::Limit(xl_vm::Limit::Events));
        }
        let name = std::str::from_utf8(name).ok().and_then(Text::new);
        let name = name.ok_or(HostError::Limit(xl_vm::Limit::EventName))?;
        let data = Bounded::new(data).ok_or(HostError::Limit(xl_vm::Limit::EventBytes))?;
        self.events.push(Event { contract: self.contract, name, data });
        Ok(())
    }

    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault> {
        let account = self.account(account)?;
        Ok(account.is_some_and(|a| !a.suspended && std::str::from_utf8(role).is_ok_and(|role| a.has_role(role))))
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(self.account(account)?.map(|account| account.organisation.as_bytes().to_vec()))
    }
}

/// Merkle root over encoded receipts.
pub fn receipts_root(receipts: &[Receipt]) -> Hash {
    let encoded: Vec<Vec<u8>> = receipts.iter().map(xl_primitives::encode).collect();
    xl_primitives::merkle::root(&encoded)
}
