//! What the targets for modules share: a host over a map, and both ways to run a module.
#![allow(dead_code)] // each target uses its part

use std::cell::RefCell;
use std::collections::BTreeMap;
use wasmtime::{Engine, Linker, Module, Store, Val};
use xl_vm::{Call, CallContext, HostError, HostFault, HostState, Machine, Prepared};

#[derive(Default)]
struct Host(BTreeMap<Vec<u8>, Vec<u8>>);

impl HostState for Host {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(self.0.get(key).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.0.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.0.remove(key);
        Ok(())
    }

    fn emit(&mut self, _: &[u8], _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn has_role(&mut self, account: &[u8; 20], _: &[u8]) -> Result<bool, HostFault> {
        Ok(account[0] & 1 == 1)
    }

    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok((account[0] & 1 == 1).then(|| b"city".to_vec()))
    }
}

thread_local! {
    static MACHINE: RefCell<Machine> =
        RefCell::new(Machine::new(0).expect("the engine starts"));
    static PLAIN: Engine = {
        let mut config = wasmtime::Config::new();
        config.wasm_backtrace_max_frames(None).memory_reservation(1 << 20).max_wasm_stack(1 << 20);
        Engine::new(&config).expect("the engine starts")
    };
}

/// Calls the first entries, each in a fresh instance and again: equal outcomes, equal gas, equal state.
pub fn run_twice(prepared: &Prepared) {
    MACHINE.with_borrow_mut(|machine| {
        let module = machine.load(prepared.key(), &prepared.instrumented).expect("what is accepted compiles");
        for entry in prepared.exports.iter().take(3) {
            let mut ends = Vec::new();
            for _ in 0..2 {
                let mut host = Host::default();
                let context = CallContext {
                    caller: [1; 20],
                    origin: [1; 20],
                    contract: [2; 20],
                    height: 3,
                    time_ms: 4,
                    tx_id: [5; 32],
                };
                let gas_limit = 3_000_000;
                let call = Call { module: &module, entry, input: b"abc", gas_limit, context, host: &mut host };
                let outcome = machine.call(call).expect("no fault");
                assert!(outcome.gas_used() <= gas_limit);
                ends.push((outcome, host.0));
            }
            assert_eq!(ends[0], ends[1]);
        }
    });
}

const GAS: i64 = 50_000_000;
const STACK: i64 = xl_vm::limits::STACK_UNITS_MAX as i64;

#[derive(Debug, PartialEq)]
struct End {
    result: Result<i32, String>,
    memory: [u8; 32],
}

/// Runs `go` with every import answering zero. The counters are there when the module is metered.
fn run(code: &[u8]) -> (End, Option<[i64; 2]>) {
    PLAIN.with(|engine| {
        let module = Module::new(engine, code).expect("compiles");
        let mut store = Store::new(engine, ());
        let mut linker: Linker<()> = Linker::new(engine);
        linker.define_unknown_imports_as_default_values(&mut store, &module).expect("functions");
        let instance = linker.instantiate(&mut store, &module).expect("instantiates");
        let counters: Option<Vec<_>> =
            ["__gas", "__stack"].iter().map(|name| instance.get_global(&mut store, name)).collect();
        for (counter, units) in counters.iter().flatten().zip([GAS, STACK]) {
            counter.set(&mut store, Val::I64(units)).expect("a mutable i64");
        }
        let go = instance.get_typed_func::<(), i32>(&mut store, "go").expect("the entry");
        let result = go.call(&mut store, ()).map_err(|e| format!("{:?}", e.downcast_ref::<wasmtime::Trap>()));
        let left = counters.map(|c| [c[0].get(&mut store).unwrap_i64(), c[1].get(&mut store).unwrap_i64()]);
        let memory = instance.get_memory(&mut store, "memory").expect("exported");
        let memory = xl_crypto::sm3(&[memory.data(&store)]);
        (End { result, memory }, left)
    })
}

/// A module that ends by itself: metered and plain leave the same, unless a counter ended it.
pub fn compare(code: &[u8], prepared: &Prepared) {
    let (metered, left) = run(&prepared.instrumented);
    let left = left.expect("metered");
    if left[0] < 0 || left[1] < 0 {
        assert_eq!(metered.result, Err("Some(UnreachableCodeReached)".into()));
        return;
    }
    let (plain, _) = run(code);
    assert_eq!(plain, metered);
    if metered.result.is_ok() {
        assert_eq!(left[1], STACK, "every unit of stack comes back");
    }
    assert_eq!(run(&prepared.instrumented).1, Some(left), "the same gas twice");
}
