//! Contracts in a node's machine over a host in Python: the gas and the failures of the chain, for tests and reports.
//! Nothing of a node comes through here.

use crate::contracts::{fault, prepared};
use parking_lot::Mutex;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple},
};
use std::collections::HashMap;
use xl_vm::{
    Answer, Call, CallContext, CalleeFailure, Failure, Fault, HostError, HostFault, HostState, Machine, Outcome,
    OutsideCall, Prepared, THREAD_STACK_BYTES_MIN,
};

/// Bytes of compiled contracts that one machine keeps.
const MODULE_BYTES_MAX: usize = 64 << 20;

/// Runs calls; a call within a call takes another machine, since each runs one call at a time.
#[pyclass(frozen, module = "xianglian._core")]
pub struct ContractMachine {
    idle: Mutex<Vec<Machine>>,
    prepared: Mutex<HashMap<[u8; 32], Prepared>>,
    /// Gas given to and used by the outside calls that are running, the innermost last.
    outside: Mutex<Vec<(u64, u64)>>,
}

#[pymethods]
impl ContractMachine {
    #[new]
    fn new() -> Self {
        Self { idle: Mutex::default(), prepared: Mutex::default(), outside: Mutex::default() }
    }

    #[pyo3(signature = (*, code, entry, arguments, host, gas_limit = None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        code: &[u8],
        entry: &str,
        arguments: &[u8],
        host: Bound<'py, PyAny>,
        gas_limit: Option<u64>,
    ) -> PyResult<(String, u32, Bound<'py, PyBytes>, u64)> {
        let context = CallContext {
            caller: host.getattr("caller")?.extract()?,
            origin: host.getattr("origin")?.extract()?,
            contract: host.getattr("self_address")?.extract()?,
            height: host.getattr("height")?.extract()?,
            time_ms: host.getattr("time_ms")?.extract()?,
            tx_id: host.getattr("tx_id")?.extract()?,
        };
        let read_only = host.getattr("read_only")?.extract()?;
        let given = self.outside.lock().last().map(|(given, _)| *given);
        let gas_limit = gas_limit.or(given).unwrap_or(u64::MAX >> 1);
        let host = host.unbind();
        let outcome = py.detach(|| {
            let prepared = self.prepared(code)?;
            let mut host = PythonHost { host, read_only, outside: &self.outside };
            // The caller's thread has whatever stack it has; the machine needs its own.
            std::thread::scope(|scope| {
                let call = || self.call(&prepared, entry, arguments, context, gas_limit, &mut host);
                let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES_MIN);
                let thread =
                    thread.spawn_scoped(scope, call).map_err(|error| fault(&Fault::Host(HostFault(error.into()))))?;
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
        })?;
        let gas_used = outcome.gas_used();
        if let Some(last) = self.outside.lock().last_mut() {
            last.1 = gas_used;
        }
        Ok(match outcome {
            Outcome::Success { output, .. } => (String::new(), 0, PyBytes::new(py, &output), gas_used),
            Outcome::Failed { failure: Failure::Abort { code, line, detail }, .. } => {
                (code, line, PyBytes::new(py, &detail), gas_used)
            }
            Outcome::Failed { failure, .. } => {
                (format!("XL-VM-{}", failure.code()), 0, PyBytes::new(py, &[]), gas_used)
            }
        })
    }
}

impl ContractMachine {
    fn prepared(&self, code: &[u8]) -> PyResult<Prepared> {
        let hash = xl_crypto::sm3(&[code]);
        if let Some(known) = self.prepared.lock().get(&hash) {
            return Ok(known.clone());
        }
        let made = prepared(code)?;
        self.prepared.lock().insert(hash, made.clone());
        Ok(made)
    }

    fn call(
        &self,
        prepared: &Prepared,
        entry: &str,
        input: &[u8],
        context: CallContext,
        gas_limit: u64,
        host: &mut PythonHost<'_>,
    ) -> PyResult<Outcome> {
        let idle = self.idle.lock().pop();
        let machine = idle.map_or_else(|| Machine::new(MODULE_BYTES_MAX), Ok).map_err(|error| fault(&error))?;
        let module = machine.load(prepared.key(), &prepared.instrumented).map_err(|error| fault(&error))?;
        let done = machine.call(Call { module: &module, entry, input, gas_limit, context, host });
        self.idle.lock().push(machine);
        done.map_err(|error| match error {
            Fault::Host(HostFault(inner)) => match inner.downcast::<PyErr>() {
                Ok(raised) => *raised,
                Err(inner) => fault(&Fault::Host(HostFault(inner))),
            },
            other => fault(&other),
        })
    }
}

/// `xianglian.contract.context.Host`.
struct PythonHost<'a> {
    host: Py<PyAny>,
    read_only: bool,
    outside: &'a Mutex<Vec<(u64, u64)>>,
}

impl PythonHost<'_> {
    fn ask<T>(
        &self,
        method: &str,
        arguments: impl FnOnce(Python<'_>) -> PyResult<Bound<'_, PyTuple>>,
        take: impl FnOnce(Bound<'_, PyAny>) -> PyResult<T>,
    ) -> PyResult<T> {
        Python::attach(|py| take(self.host.bind(py).call_method1(method, arguments(py)?)?))
    }

    fn change(
        &self,
        method: &str,
        arguments: impl FnOnce(Python<'_>) -> PyResult<Bound<'_, PyTuple>>,
    ) -> Result<(), HostError> {
        if self.read_only {
            return Err(HostError::ReadOnly);
        }
        self.ask(method, arguments, |_| Ok(())).map_err(|raised| match aborted(&raised) {
            // A view may run as what an entry called; only its host knows.
            Some(failure) if failure.code == "XL-VM-READ_ONLY" => HostError::ReadOnly,
            _ => HostError::Fault(host_fault(raised)),
        })
    }
}

fn host_fault(raised: PyErr) -> HostFault {
    HostFault(Box::new(raised))
}

/// The code, line and detail of `xianglian.contract.context.Aborted`; `None` for any other exception.
fn aborted(raised: &PyErr) -> Option<CalleeFailure> {
    Python::attach(|py| {
        let value = raised.value(py);
        let class = py.import("xianglian.contract.context").ok()?.getattr("Aborted").ok()?;
        value.is_instance(&class).ok()?.then_some(())?;
        Some(CalleeFailure {
            code: value.getattr("code").ok()?.extract().ok()?,
            line: value.getattr("line").ok()?.extract().ok()?,
            detail: value.getattr("detail").ok()?.extract().ok()?,
        })
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl HostState for PythonHost<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        self.ask("get", |py| (PyBytes::new(py, key),).into_pyobject(py), |value| value.extract()).map_err(host_fault)
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.change("put", |py| (PyBytes::new(py, key), PyBytes::new(py, value)).into_pyobject(py))
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.change("delete", |py| (PyBytes::new(py, key),).into_pyobject(py))
    }

    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError> {
        self.change("emit", |py| (text(name), PyBytes::new(py, data)).into_pyobject(py))
    }

    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault> {
        self.ask("has_role", |py| (PyBytes::new(py, account), text(role)).into_pyobject(py), |value| value.extract())
            .map_err(host_fault)
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        self.ask(
            "organisation_of",
            |py| (PyBytes::new(py, account),).into_pyobject(py),
            |value| Ok(value.extract::<Option<String>>()?.map(String::into_bytes)),
        )
        .map_err(host_fault)
    }

    fn call(&mut self, asked: OutsideCall<'_>) -> Result<Answer, HostFault> {
        self.outside.lock().push((asked.gas_limit, 0));
        let answer = self.ask(
            "call",
            |py| {
                let OutsideCall { contract, method, arguments, .. } = asked;
                (PyBytes::new(py, &contract), text(method), PyBytes::new(py, arguments)).into_pyobject(py)
            },
            |value| value.extract::<Vec<u8>>(),
        );
        let gas_used = self.outside.lock().pop().map_or(0, |(_, used)| used);
        let result = match answer {
            Ok(output) => Ok(output),
            Err(raised) => Err(aborted(&raised).ok_or_else(|| host_fault(raised))?),
        };
        Ok(Answer { result, gas_used })
    }
}
