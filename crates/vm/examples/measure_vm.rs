//! What a Points transfer costs on this machine, and how many nanoseconds a unit of gas takes at worst.
//!
//! `cargo run --release -p xl-vm --example measure_vm [Points.wasm]`, the module being what
//! `xl contract build examples/points -o FOLDER` makes. Times are CPU time of this thread (Linux), best of five.

#![allow(clippy::disallowed_methods)] // measuring needs a clock

use std::collections::HashMap;
use std::sync::{Arc, Barrier};
use std::time::Instant;
use xl_vm::{
    Answer, Call, CallContext, CalleeFailure, CompiledModule, Failure, HostError, HostFault, HostState, Machine,
    Outcome, OutsideCall, prepare, schedule,
};

const POINTS: &str = include_str!("../tests/vm/points.wat");
const GAS_LIMIT: u64 = 10_000_000;

/// State as an executor keeps it: what the call wrote over what stood before it.
#[derive(Default)]
struct Overlay {
    base: HashMap<Vec<u8>, Vec<u8>>,
    written: Vec<(Vec<u8>, Vec<u8>)>,
    events: usize,
}

impl Overlay {
    fn commit(&mut self) {
        self.base.extend(self.written.drain(..));
    }
}

impl HostState for Overlay {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        let written = self.written.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v);
        Ok(written.or_else(|| self.base.get(key)).cloned())
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.written.push((key.to_vec(), value.to_vec()));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.base.remove(key);
        Ok(())
    }

    fn emit(&mut self, _: &[u8], data: &[u8]) -> Result<(), HostError> {
        self.events += data.len();
        Ok(())
    }

    fn has_role(&mut self, _: &[u8; 20], _: &[u8]) -> Result<bool, HostFault> {
        Ok(true)
    }

    fn organisation_of(&mut self, _: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(Some(b"city".to_vec()))
    }
}

/// CPU time of this thread in nanoseconds.
fn cpu_ns() -> u64 {
    std::thread::yield_now(); // the counter is brought up to date when the thread is scheduled
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number")
}

/// Nanoseconds of one run, best of five rounds of `rounds` runs.
fn best(rounds: u32, mut run: impl FnMut()) -> f64 {
    let round = |run: &mut dyn FnMut()| {
        let start = cpu_ns();
        (0..rounds).for_each(|_| run());
        (cpu_ns() - start) as f64 / f64::from(rounds)
    };
    (0..5).map(|_| round(&mut run)).fold(f64::MAX, f64::min)
}

fn account(number: u32) -> [u8; 20] {
    let digest = xl_crypto::sm3(&[&number.to_le_bytes()]);
    std::array::from_fn(|i| digest[i])
}

fn context(caller: [u8; 20]) -> CallContext {
    CallContext { caller, origin: caller, contract: [0xC0; 20], height: 1, time_ms: 1, tx_id: [0; 32] }
}

fn load(machine: &Machine, text: &str) -> Arc<CompiledModule> {
    compile(machine, &wat::parse_str(text).expect("parses"))
}

fn compile(machine: &Machine, code: &[u8]) -> Arc<CompiledModule> {
    let prepared = prepare(code).expect("may be deployed");
    machine.load(prepared.key(), &prepared.instrumented).expect("compiles")
}

/// A Points contract and where it keeps balances: state keys are this and the account's address.
struct Points {
    title: String,
    code: Vec<u8>,
    prefix: &'static [u8],
}

/// Accounts that hold points, and a machine to move them.
struct Transfers {
    machine: Machine,
    module: Arc<CompiledModule>,
    host: Overlay,
    names: Vec<[u8; 20]>,
    random: u32,
    gas: u64,
}

impl Transfers {
    fn new(points: &Points, accounts: u32) -> Self {
        let machine = Machine::new(0).expect("starts");
        let module = compile(&machine, &points.code);
        let mut host = Overlay::default();
        let names: Vec<_> = (0..accounts).map(account).collect();
        for name in &names {
            host.base.insert([points.prefix, &name[..]].concat(), 1_000_000u128.to_le_bytes().to_vec());
        }
        Self { machine, module, host, names, random: 12_345, gas: 0 }
    }

    /// One point from one account to another one.
    fn next(&mut self) {
        let accounts = self.names.len() as u32;
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let from = (self.random >> 8) % accounts;
        let to = self.names[((from + 1 + (self.random & 7)) % accounts) as usize];
        let mut input = [0; 36];
        input[..20].copy_from_slice(&to);
        input[20..].copy_from_slice(&1u128.to_le_bytes());
        let context = context(self.names[from as usize]);
        let host = &mut self.host;
        let call = Call { module: &self.module, entry: "transfer", input: &input, gas_limit: GAS_LIMIT, context, host };
        let outcome = self.machine.call(call).expect("no fault");
        assert!(matches!(outcome, Outcome::Success { .. }), "{outcome:?}");
        self.gas = outcome.gas_used();
        self.host.commit();
    }
}

fn transfers(points: &Points, accounts: u32) {
    let mut transfers = Transfers::new(points, accounts);
    let ns = best(20_000, || transfers.next());
    println!("transfer, {}, {accounts} accounts: {:.2} us ({} gas)", points.title, ns / 1e3, transfers.gas);
}

/// Machines on threads of their own, over states of their own: transfers a second of them all, and the CPU of each.
fn threads(points: &Points) {
    const EACH: u32 = 100_000;
    let run = |threads: usize| {
        let barrier = Barrier::new(threads);
        let spawn = || {
            let mut transfers = Transfers::new(points, 2_000);
            barrier.wait();
            let (wall, cpu) = (Instant::now(), cpu_ns());
            (0..EACH).for_each(|_| transfers.next());
            (wall.elapsed().as_nanos() as f64, (cpu_ns() - cpu) as f64 / f64::from(EACH))
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(spawn)).collect();
            let all: Vec<_> = all.into_iter().map(|t| t.join().expect("ends")).collect();
            let wall = all.iter().fold(0f64, |most, (wall, _)| most.max(*wall));
            let cpu = all.iter().fold(0f64, |most, (_, cpu)| most.max(*cpu));
            (f64::from(EACH) * threads as f64 / wall * 1e9, cpu)
        })
    };
    let best = |threads| {
        (0..3).map(|_| run(threads)).fold((0f64, f64::MAX), |best, now| (best.0.max(now.0), best.1.min(now.1)))
    };
    let (one, two) = (best(1), best(2));
    println!(
        "threads, {}: one {:.0}/s ({:.2} us CPU), two {:.0}/s ({:.2} us CPU each): {:.2} times by the clock, {:.2} by CPU",
        points.title,
        one.0,
        one.1 / 1e3,
        two.0,
        two.1 / 1e3,
        two.0 / one.0,
        2.0 * one.1 / two.1
    );
}

fn calls() {
    let machine = Machine::new(64 << 20).expect("starts");
    let empty = r#"(module (memory (export "memory") PAGES) (func (export "go") (result i32) BODY))"#;
    for (name, pages, body) in [
        ("a call that returns", "1", "i32.const 0"),
        ("the same with 1 MiB of memory", "16", "i32.const 0"),
        ("a call that traps", "1", "unreachable"),
    ] {
        let module = load(&machine, &empty.replace("PAGES", pages).replace("BODY", body));
        let mut host = Overlay::default();
        let ns = best(20_000, || {
            let context = context([0; 20]);
            let call =
                Call { module: &module, entry: "go", input: &[], gas_limit: GAS_LIMIT, context, host: &mut host };
            machine.call(call).expect("no fault");
        });
        println!("{name}: {:.2} us", ns / 1e3);
    }
}

/// A host whose contract calls another one on the same machine: what an executor does for a call but its records.
struct Caller<'m> {
    machine: &'m Machine,
    callee: &'m CompiledModule,
    calls: u64,
    gas: u64,
}

impl HostState for Caller<'_> {
    fn get(&mut self, _: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(None)
    }

    fn put(&mut self, _: &[u8], _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn delete(&mut self, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn emit(&mut self, _: &[u8], _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn has_role(&mut self, _: &[u8; 20], _: &[u8]) -> Result<bool, HostFault> {
        Ok(true)
    }

    fn organisation_of(&mut self, _: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(None)
    }

    fn call(&mut self, asked: OutsideCall<'_>) -> Result<Answer, HostFault> {
        let entry = std::str::from_utf8(asked.method).unwrap_or_default();
        let context = CallContext { contract: asked.contract, ..context([0; 20]) };
        let mut host = Overlay::default();
        let (input, gas_limit) = (asked.arguments, asked.gas_limit);
        let call = Call { module: self.callee, entry, input, gas_limit, context, host: &mut host };
        let outcome = self.machine.call(call).map_err(|fault| HostFault(Box::new(fault)))?;
        self.calls += 1;
        self.gas += outcome.gas_used();
        let gas_used = outcome.gas_used();
        let result = match outcome {
            Outcome::Success { output, .. } => Ok(output),
            Outcome::Failed { failure, .. } => Err(CalleeFailure::of(failure.code())),
        };
        Ok(Answer { result, gas_used })
    }
}

/// A contract that calls another in a loop: what an outside call takes, and what it costs in gas.
fn outside() {
    let machine = Machine::new(64 << 20).expect("starts");
    let caller = load(
        &machine,
        r#"(module (import "env" "call" (func $call (param i32 i32 i32 i32 i32 i64) (result i32)))
            (memory (export "memory") 1) (data (i32.const 32) "go")
            (func (export "go") (result i32)
             (loop (drop (call $call (i32.const 0) (i32.const 32) (i32.const 2) (i32.const 64) (i32.const 36) (i64.const -1))) (br 0))
             unreachable))"#,
    );
    let empty = r#"(module (memory (export "memory") PAGES) (func (export "go") (result i32) BODY))"#;
    for (name, pages, body) in [
        ("an outside call that returns", "1", "i32.const 0"),
        ("one with 1 MiB of memory", "16", "i32.const 0"),
        ("one that traps", "1", "unreachable"),
    ] {
        let callee = load(&machine, &empty.replace("PAGES", pages).replace("BODY", body));
        let (mut calls, mut gas) = (0, 0);
        let gas_limit = 1_000_000_000;
        let ns = best(1, || {
            let mut host = Caller { machine: &machine, callee: &callee, calls: 0, gas: 0 };
            let context = context([0; 20]);
            let call = Call { module: &caller, entry: "go", input: &[], gas_limit, context, host: &mut host };
            machine.call(call).expect("no fault");
            (calls, gas) = (host.calls, host.gas);
        });
        let each = ns / calls as f64;
        let price = gas_limit / calls;
        println!(
            "{name}: {:.2} us, {price} gas, of which the callee's run {}; {:.3} ns per unit",
            each / 1e3,
            gas / calls,
            ns / gas_limit as f64
        );
    }
}

/// Endless loops until the gas is gone: how long a unit takes.
fn units() {
    let host = |name: &str, call: &str| (name.to_owned(), format!("(loop {call} (br 0))"));
    let mut loops = vec![
        host("addition", "(local.set 1 (i64.add (local.get 1) (i64.const 3)))"),
        host("division, each waiting for the last", "(local.set 1 (i64.div_u (i64.const -1) (i64.or (local.get 1) (i64.const 3))))"),
        host(
            "loads all over 4 MiB, each waiting for the last",
            "(local.set 0 (i32.load (i32.and (i32.add (i32.mul (local.get 0) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 0x3ffff0))))
             (local.set 0 (i32.add (local.get 0) (local.tee 2 (i32.add (local.get 2) (i32.const 4097)))))",
        ),
        host("fill of 4 MiB", "(memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304))"),
        host("copy of 64 KiB", "(memory.copy (i32.const 0) (i32.const 65536) (i32.const 65536))"),
        host("calls of a counted function", "(call $f)"),
    ];
    for h in schedule::HOST.iter().filter(|h| !matches!(h.name, "abort" | "emit")) {
        for length in [0, 60].into_iter().take(1 + usize::from(!h.lengths.is_empty())) {
            let arguments: String = (0u32..)
                .zip(h.params)
                .map(|(p, ty)| format!("({ty}.const {})", if h.lengths.contains(&p) { length } else { 2048 }))
                .collect();
            let call = format!("(call ${} {arguments})", h.name);
            let call = if h.result.is_some() { format!("(drop {call})") } else { call };
            loops.push(host(&format!("{} ({length} bytes)", h.name), &call));
        }
    }
    let imports: String = schedule::HOST
        .iter()
        .map(|h| {
            let ty = |t: wasmparser::ValType| format!("{t} ");
            let params: String = h.params.iter().map(|t| ty(*t)).collect();
            let result = h.result.map_or(String::new(), |t| format!("(result {})", ty(t)));
            format!("(import \"env\" \"{0}\" (func ${0} (param {params}) {result}))", h.name)
        })
        .collect();
    let key = xl_crypto::SecretKey::from_slice(&[7; 32]).expect("in range");
    let bytes = [&key.public_key().as_bytes()[..], &[0; 31], key.sign(b"abc").as_bytes(), b"abc"].concat();
    let data: String = bytes.iter().map(|b| format!("\\{b:02x}")).collect();
    for (name, body) in loops {
        let text = format!(
            "(module {imports} (memory (export \"memory\") 64) (data (i32.const 2048) \"{data}\")
             (func $f (drop (call $height_2))) (func $height_2 (result i64) (i64.const 0))
             (func (export \"go\") (result i32) (local i32 i64 i32) {body} unreachable))"
        );
        let machine = Machine::new(0).expect("starts");
        let module = load(&machine, &text);
        let gas_limit = 1_000_000_000u64;
        let ns = best(1, || {
            let mut host = Overlay::default();
            let context = context([0; 20]);
            let call = Call { module: &module, entry: "go", input: &[1; 64], gas_limit, context, host: &mut host };
            let outcome = machine.call(call).expect("no fault");
            assert!(matches!(outcome, Outcome::Failed { failure: Failure::OutOfGas, .. }), "{name}: {outcome:?}");
        });
        println!("{name}: {:.3} ns per unit", ns / gas_limit as f64);
    }
}

fn main() {
    let by_hand = wat::parse_str(POINTS).expect("parses");
    let mut all = vec![Points { title: "by hand".into(), code: by_hand, prefix: b"b/" }];
    all.extend(std::env::args().nth(1).map(|path| {
        let code = std::fs::read(&path).expect("a module");
        Points { title: "from Python".into(), code, prefix: b"balances/" }
    }));
    for points in &all {
        transfers(points, 2_000);
        transfers(points, 200_000);
        threads(points);
        let prepared = best(1_000, || {
            prepare(&points.code).expect("may be deployed");
        });
        println!("prepare, {}, {} bytes: {:.0} us", points.title, points.code.len(), prepared / 1e3);
    }
    calls();
    outside();
    units();
}
