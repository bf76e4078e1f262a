//! A host over a map, and short ways to deploy and call.

use std::collections::{BTreeMap, BTreeSet};
use xl_vm::{Call, CallContext, Fault, HostError, HostFault, HostState, Machine, Outcome, Prepared, prepare};

pub const CONTEXT: CallContext = CallContext {
    caller: [0xA1; 20],
    origin: [0x0A; 20],
    contract: [0xC0; 20],
    height: 7,
    time_ms: 1_760_000_000_123,
    tx_id: [0x7D; 32],
};

#[derive(Default)]
pub struct MapHost {
    pub state: BTreeMap<Vec<u8>, Vec<u8>>,
    pub events: Vec<(Vec<u8>, Vec<u8>)>,
    pub roles: BTreeSet<([u8; 20], Vec<u8>)>,
    pub organisations: BTreeMap<[u8; 20], Vec<u8>>,
    pub read_only: bool,
    pub broken: bool,
}

impl MapHost {
    fn check(&self) -> Result<(), HostFault> {
        if self.broken { Err(HostFault("disk".into())) } else { Ok(()) }
    }

    fn writable(&self) -> Result<(), HostError> {
        self.check()?;
        if self.read_only { Err(HostError::ReadOnly) } else { Ok(()) }
    }
}

impl HostState for MapHost {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        self.check()?;
        Ok(self.state.get(key).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.state.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.state.remove(key);
        Ok(())
    }

    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError> {
        self.writable()?;
        self.events.push((name.to_vec(), data.to_vec()));
        Ok(())
    }

    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault> {
        self.check()?;
        Ok(self.roles.contains(&(*account, role.to_vec())))
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        self.check()?;
        Ok(self.organisations.get(account).cloned())
    }
}

pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's module parses")
}

pub fn deploy(text: &str) -> Prepared {
    prepare(&wasm(text)).expect("the test's module may be deployed")
}

pub fn machine() -> Machine {
    Machine::new(64 << 20).expect("the engine starts")
}

pub struct Bench {
    pub machine: Machine,
    pub prepared: Prepared,
    pub host: MapHost,
}

impl Bench {
    pub fn new(text: &str) -> Self {
        Self::of(&wasm(text))
    }

    pub fn of(code: &[u8]) -> Self {
        Self { machine: machine(), prepared: xl_vm::prepare(code).expect("deploys"), host: MapHost::default() }
    }

    pub fn try_call(&mut self, entry: &str, input: &[u8], gas_limit: u64) -> Result<Outcome, Fault> {
        let module = self.machine.load(self.prepared.key(), &self.prepared.instrumented)?;
        let host = &mut self.host;
        self.machine.call(Call { module: &module, entry, input, gas_limit, context: CONTEXT, host })
    }

    pub fn call(&mut self, entry: &str, input: &[u8]) -> Outcome {
        self.try_call(entry, input, 100_000_000).expect("no fault")
    }

    pub fn output(&mut self, entry: &str, input: &[u8]) -> Vec<u8> {
        match self.call(entry, input) {
            Outcome::Success { output, .. } => output,
            failed => panic!("{failed:?}"),
        }
    }

    pub fn failure(&mut self, entry: &str, input: &[u8]) -> xl_vm::Failure {
        match self.call(entry, input) {
            Outcome::Failed { failure, .. } => failure,
            success => panic!("{success:?}"),
        }
    }
}

/// A module of one page whose entry `go` has `body`, with all host functions imported under their names.
pub fn entry(body: &str) -> String {
    module("", body)
}

/// The same with more fields.
pub fn module(fields: &str, body: &str) -> String {
    let imports: String = xl_vm::schedule::HOST
        .iter()
        .map(|h| {
            let ty = |t| if t == wasmparser::ValType::I32 { "i32" } else { "i64" };
            let params: Vec<_> = h.params.iter().map(|t| ty(*t)).collect();
            let result = h.result.map_or(String::new(), |t| format!("(result {})", ty(t)));
            format!("(import \"env\" \"{0}\" (func ${0} (param {1}) {result}))", h.name, params.join(" "))
        })
        .collect();
    format!("(module {imports} (memory (export \"memory\") 1) {fields} (func (export \"go\") (result i32) {body}))")
}
