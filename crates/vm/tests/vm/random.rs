//! Small random modules: metering changes nothing but the counters, and counts what was executed.

use crate::draw::{COUNTER_TYPE, draw};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::LazyLock;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{self as we, Instruction as I};
use wasmtime::{Engine, Instance, Linker, Module, OptLevel, Store, Val};
use xl_vm::limits::STACK_UNITS_MAX;
use xl_vm::{Call, ENGINE_STACK_BYTES};

/// Counts instruction by instruction into an exported global `count`: slow, obvious, the measure for the real meter.
fn count_naively(code: &[u8]) -> Vec<u8> {
    struct Naive;
    impl Reencode for Naive {
        type Error = Infallible;

        fn parse_global_section(
            &mut self,
            globals: &mut we::GlobalSection,
            section: wasmparser::GlobalSectionReader<'_>,
        ) -> Result<(), Error<Infallible>> {
            we::reencode::utils::parse_global_section(self, globals, section)?;
            globals.global(COUNTER_TYPE, &we::ConstExpr::i64_const(0));
            Ok(())
        }

        fn parse_export_section(
            &mut self,
            exports: &mut we::ExportSection,
            section: wasmparser::ExportSectionReader<'_>,
        ) -> Result<(), Error<Infallible>> {
            we::reencode::utils::parse_export_section(self, exports, section)?;
            exports.export("count", we::ExportKind::Global, 1);
            Ok(())
        }

        fn parse_function_body(
            &mut self,
            code: &mut we::CodeSection,
            body: wasmparser::FunctionBody<'_>,
        ) -> Result<(), Error<Infallible>> {
            let mut function = self.new_function_with_parsed_locals(&body)?;
            for op in body.get_operators_reader()? {
                let op = op?;
                let weight = xl_vm::schedule::weight(&op).expect("an allowed instruction").gas;
                if weight > 0 {
                    for i in [I::GlobalGet(1), I::I64Const(weight as i64), I::I64Add, I::GlobalSet(1)] {
                        function.instruction(&i);
                    }
                }
                function.instruction(&self.instruction(op)?);
            }
            code.function(&function);
            Ok(())
        }
    }
    let mut module = we::Module::new();
    Naive.parse_core_module(&mut module, wasmparser::Parser::new(0), code).expect("re-encodes");
    module.finish()
}

const GAS: i64 = 1 << 40;
const STACK: i64 = STACK_UNITS_MAX as i64;

/// How a run ended, and everything that it leaves behind.
#[derive(Debug, PartialEq)]
pub struct End {
    pub result: Result<i32, String>,
    pub memory: [u8; 32],
}

pub struct Run {
    pub end: End,
    /// Gas, stack units and the naive count that are left, as far as the module has them.
    pub counters: [Option<i64>; 3],
}

fn engine(level: OptLevel) -> Engine {
    let mut config = wasmtime::Config::new();
    config.cranelift_opt_level(level).wasm_backtrace_max_frames(None).memory_reservation(1 << 20);
    config.max_wasm_stack(ENGINE_STACK_BYTES);
    Engine::new(&config).expect("the engine starts")
}

pub static FAST: LazyLock<Engine> = LazyLock::new(|| engine(OptLevel::Speed));
static PLAIN: LazyLock<Engine> = LazyLock::new(|| engine(OptLevel::None));

pub fn run(engine: &Engine, code: &[u8]) -> Run {
    run_entry(engine, &Module::new(engine, code).expect("compiles"), "go")
}

pub fn run_entry(engine: &Engine, module: &Module, entry: &str) -> Run {
    let mut linker: Linker<()> = Linker::new(engine);
    linker.func_wrap("env", "input_len", || 3i32).expect("new");
    linker
        .func_wrap("env", "get", |mut caller: wasmtime::Caller<'_, ()>, _: u32, _: u32, to: u32, cap: u32| {
            let memory = caller.get_export("memory").and_then(|e| e.into_memory()).expect("exported");
            let value = [7u8, 8, 9, 10];
            let fits = &value[..value.len().min(cap as usize)];
            memory
                .write(&mut caller, to as usize, fits)
                .map(|()| value.len() as i32)
                .map_err(|_| wasmtime::Trap::MemoryOutOfBounds.into()) as wasmtime::Result<i32>
        })
        .expect("new");
    linker.define_unknown_imports_as_traps(module).expect("new");
    let mut store = Store::new(engine, ());
    let instance: Instance = linker.instantiate(&mut store, module).expect("instantiates");
    let names = ["__gas", "__stack", "count"];
    for (name, value) in names.into_iter().zip([GAS, STACK, 0]) {
        if let Some(global) = instance.get_global(&mut store, name) {
            global.set(&mut store, Val::I64(value)).expect("a mutable i64");
        }
    }
    let go = instance.get_typed_func::<(), i32>(&mut store, entry).expect("the entry");
    let result = go.call(&mut store, ()).map_err(|e| format!("{:?}", e.downcast_ref::<wasmtime::Trap>()));
    let counters = names.map(|name| {
        let global = instance.get_global(&mut store, name)?;
        global.get(&mut store).i64()
    });
    let memory = instance.get_memory(&mut store, "memory").expect("exported");
    Run { end: End { result, memory: xl_crypto::sm3(&[memory.data(&store)]) }, counters }
}

/// So many cases, or what `PROPTEST_CASES` says. A failure prints the seed that draws the same again.
fn cases(count: u32) -> ProptestConfig {
    use std::hash::{BuildHasher, RandomState};
    let given = std::env::var_os("PROPTEST_CASES").is_some();
    let mut config = if given { ProptestConfig::default() } else { ProptestConfig::with_cases(count) };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(RandomState::new().hash_one(count));
    }
    if let RngSeed::Fixed(seed) = config.rng_seed {
        println!("PROPTEST_RNG_SEED={seed}");
    }
    config
}

fn modules() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1500)
}

proptest! {
    #![proptest_config(cases(150))]

    /// Metered or not, optimised or not: same result, same trap, same memory; and the same gas for both compilers.
    #[test]
    fn metering_changes_nothing_but_the_counters(bytes in modules()) {
        let code = draw(&bytes, true);
        let metered = xl_vm::prepare(&code).expect("what is drawn may be deployed").instrumented;
        let raw = run(&FAST, &code);
        let fast = run(&FAST, &metered);
        let plain = run(&PLAIN, &metered);
        prop_assert_eq!(&raw.end, &fast.end);
        prop_assert_eq!(&raw.end, &plain.end);
        prop_assert_eq!(fast.counters, plain.counters);
        if fast.end.result.is_ok() {
            prop_assert_eq!(fast.counters[1], Some(STACK), "every unit of stack comes back");
        }
    }

    /// A call that does not trap costs the sum of the instructions that it executed.
    #[test]
    fn blocks_cost_what_their_instructions_cost(bytes in modules()) {
        let code = draw(&bytes, false);
        let metered = run(&FAST, &xl_vm::prepare(&code).expect("may be deployed").instrumented);
        let counted = run(&FAST, &count_naively(&code));
        prop_assert_eq!(&metered.end, &counted.end);
        if metered.end.result.is_ok() {
            prop_assert_eq!(metered.counters[0].map(|left| GAS - left), counted.counters[2]);
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// Bytes changed at random: refused, or a contract like any other. Never a panic, never a fault of the node.
    #[test]
    fn mutants_are_refused_or_run(
        bytes in modules(),
        changes in prop::collection::vec(prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3), 24),
    ) {
        let code = draw(&bytes, true);
        let machine = crate::support::machine();
        for change in changes {
            let mut mutant = code.clone();
            for (at, byte) in change {
                let at = at.index(mutant.len());
                mutant[at] = byte;
            }
            let Ok(prepared) = xl_vm::prepare(&mutant) else { continue };
            let module = machine.load(prepared.key(), &prepared.instrumented).expect("what is accepted compiles");
            let mut host = crate::support::MapHost::default();
            for entry in prepared.exports.iter().take(2) {
                let context = crate::support::CONTEXT;
                let call = Call { module: &module, entry, input: b"abc", gas_limit: 3_000_000, context, host: &mut host };
                machine.call(call).expect("no fault");
            }
        }
    }
}

/// Modules drawn from fixed numbers.
fn fixed(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut state = 1u32;
    (0..count).map(move |_| {
        let bytes: Vec<u8> = (0..2000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        draw(&bytes, true)
    })
}

/// `spec/vectors/metering.json`: drawn modules with metering, and what is left of both counters when they end. Another
/// engine must leave the same (`tests/vectors/test_machine.py`).
#[test]
fn drawn_modules_end_as_published() {
    let rows = fixed(60).map(|code| {
        let metered = xl_vm::prepare(&code).expect("what is drawn may be deployed").instrumented;
        let end = run(&PLAIN, &metered);
        let fast = run(&FAST, &metered);
        assert_eq!((&end.end, end.counters), (&fast.end, fast.counters), "both compilers");
        let (status, trap) = match &end.end.result {
            Ok(status) => (json!(status), Value::Null),
            Err(trap) => (Value::Null, json!(trap)),
        };
        json!({"code": hex::encode(&code), "instrumented": hex::encode(&metered), "status": status, "trap": trap,
               "gas_left": end.counters[0].map(|n| n.to_string()),
               "stack_left": end.counters[1].map(|n| n.to_string()), "memory_sm3": hex::encode(end.end.memory)})
    });
    let now = json!({
        "about": "Drawn modules with metering. `go` runs with both counters set; `input_len` answers 3 and `get` the \
                  bytes 0708090a. `trap` is null where `status` is not.",
        "instrumenter_version": xl_vm::INSTRUMENTER_VERSION,
        "gas": GAS.to_string(),
        "stack": STACK.to_string(),
        "modules": rows.collect::<Vec<_>>(),
    });
    crate::vectors::compare("metering.json", &now);
}

#[test]
fn drawn_modules_are_not_trivial() {
    // Else the properties above would hold for nothing.
    let mut seen = [0u32; 3];
    for code in fixed(60) {
        let counted = run(&FAST, &count_naively(&code));
        seen[0] += u32::from(counted.end.result.is_ok());
        seen[1] += u32::from(counted.end.result.is_err());
        seen[2] += u32::from(counted.counters[2] > Some(300));
    }
    assert!(seen[0] >= 15 && seen[1] >= 5 && seen[2] >= 5, "{seen:?}");
}
