//! Contracts without a chain: validation, and a sandbox for tests.

use crate::errors::raise;
use parking_lot::Mutex;
use pyo3::prelude::*;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use xl_vm::{
    Call, CallContext, CompiledModule, Fault, HostError, HostFault, HostState, Machine, Outcome, Prepared, prepare,
};

pub fn prepared(code: &[u8]) -> PyResult<Prepared> {
    prepare(code).map_err(|rejected| raise("ContractRefused", rejected.code(), &rejected, false))
}

pub fn fault(error: &Fault) -> PyErr {
    raise("NodeFault", "", error, false)
}

#[pyfunction]
pub fn check_contract(py: Python<'_>, code: &[u8]) -> PyResult<String> {
    let made = py.detach(|| prepared(code))?;
    Ok(json!({
        "code_hash": hex::encode(made.code_hash),
        "exports": made.exports,
        "instrumented_bytes": made.instrumented.len(),
        "units": made.units,
    })
    .to_string())
}

/// One contract over a state in memory.
#[pyclass(frozen, module = "xianglian._core")]
pub struct ContractSandbox(Mutex<Inner>);

struct Inner {
    machine: Machine,
    module: Arc<CompiledModule>,
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    accounts: HashMap<[u8; 20], (String, Vec<String>)>,
}

#[pymethods]
impl ContractSandbox {
    #[new]
    fn new(py: Python<'_>, code: &[u8]) -> PyResult<Self> {
        py.detach(|| {
            let made = prepared(code)?;
            let machine = Machine::new(0).map_err(|e| fault(&e))?;
            let module = machine.load(made.key(), &made.instrumented).map_err(|e| fault(&e))?;
            Ok(Self(Mutex::new(Inner { machine, module, state: BTreeMap::new(), accounts: HashMap::new() })))
        })
    }

    fn set_account(&self, address: [u8; 20], organisation: String, roles: Vec<String>) {
        self.0.lock().accounts.insert(address, (organisation, roles));
    }

    #[pyo3(signature = (*, entry, arguments, caller, contract, height, time_ms, tx_id, gas_limit, read_only = false, origin = None))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only on the Python side")]
    fn call(
        &self,
        py: Python<'_>,
        entry: &str,
        arguments: &[u8],
        caller: [u8; 20],
        contract: [u8; 20],
        height: u64,
        time_ms: u64,
        tx_id: [u8; 32],
        gas_limit: u64,
        read_only: bool,
        origin: Option<[u8; 20]>,
    ) -> PyResult<String> {
        let origin = origin.unwrap_or(caller);
        let context = CallContext { caller, origin, contract, height, time_ms, tx_id };
        py.detach(|| self.0.lock().call(entry, arguments, context, gas_limit, read_only)).map_err(|e| fault(&e))
    }
}

impl Inner {
    fn call(
        &mut self,
        entry: &str,
        input: &[u8],
        context: CallContext,
        gas_limit: u64,
        read_only: bool,
    ) -> Result<String, Fault> {
        let Self { machine, module, state, accounts } = self;
        let mut host = Host { writes: BTreeMap::new(), events: Vec::new(), state, accounts, read_only };
        let outcome = machine.call(Call { module, entry, input, gas_limit, context, host: &mut host })?;
        let Host { writes, events, .. } = host;
        let mut report = json!({
            "status": "success", "output": "", "gas_used": outcome.gas_used(), "code": "", "line": 0, "detail": "", "events": [],
        });
        match outcome {
            Outcome::Success { output, .. } => {
                for (key, value) in writes {
                    match value {
                        Some(value) => drop(state.insert(key, value)),
                        None => drop(state.remove(&key)),
                    }
                }
                let event = |(name, data): &(String, Vec<u8>)| json!({ "name": name, "data": hex::encode(data) });
                report["output"] = hex::encode(output).into();
                report["events"] = events.iter().map(event).collect();
            }
            Outcome::Failed { failure, .. } => {
                let (code, line, detail) = match &failure {
                    xl_vm::Failure::Abort { code, line, detail } => (code.clone(), *line, hex::encode(detail)),
                    other => (format!("XL-VM-{}", other.code()), 0, String::new()),
                };
                report["status"] = "failed".into();
                report["code"] = code.into();
                report["line"] = line.into();
                report["detail"] = detail.into();
            }
        }
        Ok(report.to_string())
    }
}

struct Host<'a> {
    state: &'a BTreeMap<Vec<u8>, Vec<u8>>,
    accounts: &'a HashMap<[u8; 20], (String, Vec<String>)>,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    events: Vec<(String, Vec<u8>)>,
    read_only: bool,
}

impl Host<'_> {
    const fn writable(&self) -> Result<(), HostError> {
        if self.read_only { Err(HostError::ReadOnly) } else { Ok(()) }
    }
}

impl HostState for Host<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(match self.writes.get(key) {
            Some(written) => written.clone(),
            None => self.state.get(key).cloned(),
        })
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.writes.insert(key.to_vec(), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.writes.insert(key.to_vec(), None);
        Ok(())
    }

    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.events.push((String::from_utf8_lossy(name).into_owned(), data.to_vec()));
        Ok(())
    }

    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault> {
        let held = |roles: &[String]| roles.iter().any(|held| held.as_bytes() == role);
        Ok(self.accounts.get(account).is_some_and(|(_, roles)| held(roles)))
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(self.accounts.get(account).map(|(organisation, _)| organisation.as_bytes().to_vec()))
    }
}
