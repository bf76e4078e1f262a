//! Contracts of the EVM: their code and slots out of the running state, their writes into it, their logs as events.
//!
//! A slot is the state value under the contract's prefix and its 32 bytes; zero is no value. A log is an event named by
//! the contract's [`EventNames`], `log` where it has no name, whose data are the borsh of (topics, data).

use crate::{
    error::Fault,
    overlay::Overlay,
    run::{CallResult, Records, Run, contract_record, read_pieces, record},
    system::{self, Refusal},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use xl_evm::{Call, Code, Context, Contract, HostFault, Log, Machine, Outcome, rules};
use xl_primitives::{
    Bounded, ContractId, Event, Hash, Text,
    contract::{CodeMachine, ContractRecord, ContractStatus, EventNames, event_names_key, piece_key},
    encode,
};
use xl_vm::CallContext;

/// Name of a log that has none.
const LOG: &str = "log";
/// What a path of calls says of the code that runs at deployment.
const CONSTRUCTOR: &str = "constructor";

type Names = BTreeMap<Hash, Text<64>>;

/// The machine of one block and what it has read.
#[derive(Default)]
pub struct Evm {
    machine: Machine,
    /// By the digest of the code, so that none is ever out of date.
    codes: HashMap<Hash, Contract>,
    names: HashMap<ContractId, Arc<Names>>,
}

impl Run<'_> {
    /// Runs a method of an EVM contract over the overlay.
    pub fn evm_call(
        &mut self,
        context: CallContext,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
        read_only: bool,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let input = xl_evm::call_data(method, arguments);
        let call = Call { input: &input, gas_limit, context: self.evm_context(&context), read_only };
        let Evm { machine, codes, .. } = self.evm.get_or_insert_default();
        let mut host = Host { overlay: &self.overlay, records: &mut self.contracts, codes, read_only };
        let outcome = machine.call(&mut host, &call)?;
        self.evm_ended(outcome, ContractId(context.contract), method, None)
    }

    /// Runs creation code with its arguments behind it; the output is the runtime code. `names` are its events'.
    pub fn evm_deploy(
        &mut self,
        context: CallContext,
        creation: Vec<u8>,
        names: &EventNames,
        gas_limit: u64,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let at = self.evm_context(&context);
        let Evm { machine, codes, .. } = self.evm.get_or_insert_default();
        let mut host = Host { overlay: &self.overlay, records: &mut self.contracts, codes, read_only: false };
        let outcome = machine.deploy(&mut host, &at, creation, gas_limit)?;
        self.evm_ended(outcome, ContractId(context.contract), CONSTRUCTOR, Some(names))
    }

    fn evm_context(&self, context: &CallContext) -> Context {
        Context {
            caller: context.caller,
            origin: context.origin,
            contract: context.contract,
            height: context.height,
            time_ms: context.time_ms,
            chain_id: rules::chain_id(&self.place.chain.0),
        }
    }

    /// `names` are those of a contract that is being deployed, which the state does not have yet.
    fn evm_ended(
        &mut self,
        outcome: Outcome,
        contract: ContractId,
        method: &str,
        names: Option<&EventNames>,
    ) -> Result<(CallResult, Vec<Event>), Fault> {
        let (output, gas_used, writes, logs) = match outcome {
            Outcome::Success { output, gas_used, writes, logs } => (output, gas_used, writes, logs),
            Outcome::Failed { failure, gas_used } => {
                let mut refusal = Refusal::new(failure.code());
                if let xl_evm::Failure::Revert { data } = failure {
                    refusal.detail = data;
                }
                let outcome = Err(self.failed_in(refusal, contract, method));
                return Ok((CallResult { outcome, gas_used }, Vec::new()));
            }
        };
        for write in writes {
            let key = slot_key(&write.contract, &write.slot);
            if write.value == [0; 32] {
                self.overlay.delete(key);
            } else {
                self.overlay.put(key, write.value.to_vec());
            }
        }
        let own: Option<Arc<Names>> = names.map(|names| Arc::new(names.iter().cloned().collect()));
        let mut events = Vec::with_capacity(logs.len());
        for log in logs {
            let emitter = ContractId(log.contract);
            let names = match &own {
                Some(own) if emitter == contract => Arc::clone(own),
                _ => self.evm_names(&emitter)?,
            };
            events.push(event(log, &names));
        }
        Ok((CallResult { outcome: Ok(output), gas_used }, events))
    }

    fn evm_names(&mut self, contract: &ContractId) -> Result<Arc<Names>, Fault> {
        let evm = self.evm.get_or_insert_default();
        if let Some(names) = evm.names.get(contract) {
            return Ok(Arc::clone(names));
        }
        let bytes = self.overlay.get(&event_names_key(contract))?;
        let names = bytes.map(|bytes| record::<EventNames>(&bytes, "event names")).transpose()?;
        let names: Arc<Names> = Arc::new(names.unwrap_or_default().into_vec().into_iter().collect());
        evm.names.insert(*contract, Arc::clone(&names));
        Ok(names)
    }
}

fn event(log: Log, names: &Names) -> Event {
    let name = log.topics.first().and_then(|topic| names.get(&Hash(*topic)).cloned());
    let name = name.or_else(|| Text::new(LOG)).unwrap_or_default();
    // The machine's limit on an event is the receipt's.
    let data = Bounded::new(encode(&(log.topics, log.data))).unwrap_or_default();
    Event { contract: ContractId(log.contract), name, data }
}

fn slot_key(contract: &[u8; 20], slot: &[u8; 32]) -> Vec<u8> {
    [&contract[..], slot].concat()
}

/// The machine's view of the overlay.
struct Host<'r, 'a> {
    overlay: &'r Overlay<'a>,
    records: &'r mut Records,
    codes: &'r mut HashMap<Hash, Contract>,
    read_only: bool,
}

impl Host<'_, '_> {
    fn load(&mut self, id: ContractId) -> Result<Code, Fault> {
        if system::find(&id).is_some() {
            return Ok(Code::Unavailable);
        }
        let Some(found) = contract_record(self.overlay, self.records, &id)? else { return Ok(Code::None) };
        let open = match found.status {
            ContractStatus::Active => true,
            ContractStatus::Frozen => self.read_only,
            ContractStatus::Destroyed => false,
        };
        if !open || found.machine != CodeMachine::Evm {
            return Ok(Code::Unavailable);
        }
        if let Some(known) = self.codes.get(&found.code_hash) {
            return Ok(Code::Evm(known.clone()));
        }
        let contract = self.contract(&id, &found)?;
        self.codes.insert(found.code_hash, contract.clone());
        Ok(Code::Evm(contract))
    }

    fn contract(&self, id: &ContractId, found: &ContractRecord) -> Result<Contract, Fault> {
        let code = read_pieces(found.code_bytes, |piece| self.overlay.get(&piece_key(id, b'x', found.version, piece)))?;
        Ok(Contract::new(code, found.code_hash.0))
    }
}

impl xl_evm::Host for Host<'_, '_> {
    fn code(&mut self, address: &[u8; 20]) -> Result<Code, HostFault> {
        self.load(ContractId(*address)).map_err(host_fault)
    }

    fn slot(&mut self, contract: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault> {
        let Some(value) = self.overlay.get(&slot_key(contract, slot)).map_err(host_fault)? else { return Ok(None) };
        let value = <[u8; 32]>::try_from(value).map_err(|_| Fault::Missing { what: "word of a slot", height: 0 });
        value.map(Some).map_err(host_fault)
    }
}

fn host_fault(fault: Fault) -> HostFault {
    HostFault(Box::new(fault))
}
