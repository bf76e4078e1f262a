//! Looks for the worst that a contract within every limit can do to a node: to its compiler, and for its gas.
//!
//! `cargo run --release -p xl-vm --example search_worst compile|gas [SECONDS] [SEED]`. It climbs: a candidate that is
//! worse for the node than the worst so far is where the next ones are drawn from; now and then it starts anew.
//! Times are CPU time of this thread (Linux).

#![allow(clippy::disallowed_methods)] // measuring needs a clock

use std::fmt::Write;
use std::time::{Duration, Instant};
use xl_vm::{
    Call, CallContext, HostError, HostFault, HostState, Item, Machine, Outcome, Prepared, Rejected, deploy_gas, prepare,
};

/// Numbers that tell what to draw: a generator that gives the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % u64::from(bound)) as u32
    }
}

fn cpu_ns() -> u64 {
    std::thread::yield_now(); // the counter is brought up to date when the thread is scheduled
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|ns| ns.parse().ok()).expect("a number")
}

/// A shape: values of dials, each below its bound.
type Shape = Vec<u32>;

/// Climbs for a time from random starts. `cost` tells how bad a shape is, or nothing when it is not allowed.
fn climb(
    bounds: &[u32],
    random: &mut Random,
    time: Duration,
    mut cost: impl FnMut(&mut Shape) -> Option<(f64, String)>,
) -> (u32, u32) {
    let started = Instant::now();
    let (mut tried, mut allowed) = (0, 0);
    let mut worst = 0.0;
    let mut here: (Shape, f64) = (Vec::new(), 0.0);
    let mut since = 0;
    while started.elapsed() < time {
        let mut shape: Shape = if here.0.is_empty() {
            bounds.iter().map(|bound| random.below(*bound) >> random.below(8)).collect()
        } else {
            let mut shape = here.0.clone();
            for _ in 0..1 + random.below(3) {
                let dial = random.below(bounds.len() as u32) as usize;
                let bound = bounds[dial];
                shape[dial] = match random.below(3) {
                    0 => random.below(bound),
                    1 => (shape[dial] + 1 + random.below(bound / 8 + 1)).min(bound - 1),
                    _ => shape[dial].saturating_sub(1 + random.below(bound / 8 + 1)),
                };
            }
            shape
        };
        tried += 1;
        since += 1;
        if let Some((found, text)) = cost(&mut shape) {
            allowed += 1;
            if found > here.1 {
                here = (shape.clone(), found);
                since = 0;
            }
            if found > worst {
                worst = found;
                println!("{text}\n  {shape:?}");
            }
        }
        if since > 40 {
            here = (Vec::new(), 0.0);
            since = 0;
        }
    }
    (tried, allowed)
}

/// What a function of a module for the compiler is filled with; each takes (locals, number) and leaves nothing.
const FILLINGS: [&str; 16] = [
    "arithmetic",
    "loads",
    "stores",
    "calls",
    "indirect",
    "globals",
    "host",
    "division",
    "bulk",
    "select",
    "deep",
    "grow",
    "chains",
    "constants",
    "rotates",
    "narrow",
];

fn filling(kind: usize, locals: u32, number: u32) -> String {
    let a = number % locals;
    let b = (number * 7 + 1) % locals;
    match FILLINGS[kind] {
        "arithmetic" => {
            format!("(local.set {a} (i64.add (i64.mul (local.get {b}) (local.get {a})) (i64.const {number})))")
        }
        "loads" => format!("(local.set {a} (i64.load offset={} (i32.wrap_i64 (local.get {b}))))", number % 60_000),
        "stores" => format!("(i64.store offset={} (i32.wrap_i64 (local.get {b})) (local.get {a}))", number % 60_000),
        "calls" => "(call $leaf)".into(),
        "indirect" => format!("(call_indirect (type $none) (i32.const {}))", number % 4_096),
        "globals" => format!("(global.set {} (global.get {}))", number % 128, (number + 1) % 128),
        "host" => format!("(call $put (i32.const {number}) (i32.const 8) (i32.const 0) (i32.const 8))"),
        "division" => format!("(local.set {a} (i64.rem_s (local.get {b}) (local.get {a})))"),
        "bulk" => "(memory.copy (i32.const 0) (i32.const 8) (i32.const 8))".into(),
        "select" => format!("(local.set {a} (select (local.get {b}) (local.get {a}) (i32.wrap_i64 (local.get {a}))))"),
        "deep" => format!("{}{}", "(local.get 0)".repeat(64), "drop ".repeat(64)),
        "grow" => "(drop (memory.grow (i32.const 0)))".into(),
        "chains" => format!(
            "(local.set {a} (i64.xor (i64.clz (i64.ctz (i64.popcnt (local.get {b})))) (i64.extend8_s (local.get {a}))))"
        ),
        "constants" => format!("(local.set {a} (i64.const {}))", i64::from(number) * 0x1234_5678_9ABC),
        "rotates" => format!("(local.set {a} (i64.rotl (local.get {a}) (i64.shr_s (local.get {b}) (local.get {a}))))"),
        _ => format!("(i32.store8 (i32.wrap_i64 (local.get {a})) (i32.load8_s (i32.wrap_i64 (local.get {b}))))"),
    }
}

/// Control around the filling: (open, close) for one nesting.
fn around(kind: u32, local: u32) -> (String, &'static str) {
    match kind {
        0 => ("(block ".into(), ")"),
        1 => ("(loop ".into(), ")"),
        2 => (format!("(if (i32.wrap_i64 (local.get {local})) (then "), "))"),
        _ => (format!("(if (i32.wrap_i64 (local.get {local})) (then) (else "), "))"),
    }
}

/// Dials of a module for the compiler: functions, locals, nesting, kind of control, statements, branches, tables, targets,
/// elements, data segments, exports, parameters, and a share for each filling.
const COMPILE: [u32; 12 + FILLINGS.len()] = {
    let mut bounds = [8; 12 + FILLINGS.len()];
    let first = [1_000, 250, 120, 4, 6_000, 1_900, 60, 250, 4_096, 1_000, 200, 30];
    let mut dial = 0;
    while dial < first.len() {
        bounds[dial] = first[dial];
        dial += 1;
    }
    bounds
};

/// Text of a module of this shape, or nothing when it is certainly too long.
fn module(shape: &Shape) -> Option<String> {
    let [
        functions,
        locals,
        nesting,
        control,
        statements,
        branches,
        tables,
        targets,
        elements,
        segments,
        exports,
        parameters,
    ] = shape[..12]
    else {
        return None;
    };
    let (functions, locals) = (functions + 1, locals + 1);
    let shares = &shape[12..];
    let whole: u32 = shares.iter().sum::<u32>().max(1);
    // The statements are those of the whole module.
    let each = (statements * 12 / functions).max(1);
    let mut text = String::from(
        "(module (import \"env\" \"put\" (func $put (param i32 i32 i32 i32))) (memory (export \"memory\") 64) (type $none (func))",
    );
    let _ =
        write!(text, "(table {} funcref) (elem (i32.const 0) {})", elements.max(1), "$leaf ".repeat(elements as usize));
    text.push_str(&"(global (mut i64) (i64.const 0))".repeat(128));
    for segment in 0..segments {
        let _ = write!(text, "(data (i32.const {}) \"xxxxxxxx\")", segment * 4_000);
    }
    text.push_str("(func $leaf)");
    for function in 0..functions {
        let export =
            if function < exports.max(1) { format!("(export \"f{function}\") (result i32)") } else { String::new() };
        let arguments =
            if export.is_empty() { format!("(param {})", "i64 ".repeat(parameters as usize)) } else { String::new() };
        let own = if export.is_empty() { locals.saturating_sub(parameters).max(1) } else { locals };
        let _ = write!(text, "(func {export} {arguments} (local {})", "i64 ".repeat(own as usize));
        let usable = if export.is_empty() { own + parameters } else { own };
        let mut closing = Vec::new();
        for level in 0..nesting {
            let (open, close) = around((control + level) % 4, level % usable);
            text.push_str(&open);
            closing.push(close);
        }
        for number in 0..each {
            let mut at = (number * 31 + function) % whole;
            let kind = shares.iter().position(|share| match at.checked_sub(*share) {
                Some(rest) => {
                    at = rest;
                    false
                }
                None => true,
            });
            text.push_str(&filling(kind.unwrap_or(0), usable, number));
            if number < branches / functions {
                let _ = write!(
                    text,
                    "(br_if {} (i32.wrap_i64 (local.get {})))",
                    number % (nesting + 1).min(100),
                    number % usable
                );
                if nesting == 0 && !export.is_empty() {
                    return None; // a branch out of the function would need its result
                }
            }
            if number < tables {
                let _ = write!(text, "(block (br_table ");
                for target in 0..targets {
                    let _ = write!(text, "{} ", target % nesting.max(1));
                }
                let _ = write!(text, "0 (i32.wrap_i64 (local.get {}))))", number % usable);
            }
            if text.len() > 4 << 20 {
                return None;
            }
        }
        for level in (0..nesting).rev() {
            text.push_str(closing[level as usize]);
            text.push_str(&filling(0, usable, level));
        }
        text.push_str(if export.is_empty() { ")" } else { "(i32.const 0))" });
    }
    text.push(')');
    Some(text)
}

/// Validated, or nothing.
fn deployable(text: &str) -> Option<(Vec<u8>, Prepared)> {
    let code = wat::parse_str(text).ok()?;
    let prepared = prepare(&code).ok()?;
    Some((code, prepared))
}

/// The module of a shape, after turning the dials back until it is within the limits.
fn repaired(shape: &mut Shape) -> Option<(Vec<u8>, Prepared)> {
    for _ in 0..12 {
        let Some(text) = module(shape) else {
            shape[4] /= 2;
            continue;
        };
        let code = wat::parse_str(&text).ok()?;
        let Rejected::Bound { item, found, limit, .. } = (match prepare(&code) {
            Ok(prepared) => return Some((code, prepared)),
            Err(rejected) => rejected,
        }) else {
            return None;
        };
        let less = |dial: u32| (u64::from(dial) * limit / found * 31 / 32) as u32;
        match item {
            Item::ModuleBytes => {
                shape[4] = less(shape[4]);
                shape[8] = shape[8].min(1_000);
                shape[6] = less(shape[6]);
            }
            Item::FunctionBytes => shape[0] = (shape[0] * 2 + 1).min(999),
            Item::EdgesByLocals | Item::EdgesByLocalsModule => shape[1] = less(shape[1]),
            Item::Edges | Item::EdgesModule | Item::BranchTables => {
                shape[5] = less(shape[5]);
                shape[6] = less(shape[6]);
                shape[2] = less(shape[2]);
            }
            Item::Locals => shape[11] = 0,
            _ => return None,
        }
    }
    None
}

fn load_ms(prepared: &Prepared) -> f64 {
    let machine = Machine::new(0).expect("starts");
    let start = cpu_ns();
    machine.load(prepared.key(), &prepared.instrumented).expect("what is accepted compiles");
    (cpu_ns() - start) as f64 / 1e6
}

fn compile(random: &mut Random, time: Duration) {
    for (kind, name) in FILLINGS.iter().enumerate() {
        // 16 functions of it alone, in a few kilobytes.
        let mut shape = vec![0; COMPILE.len()];
        (shape[0], shape[1], shape[4], shape[8], shape[12 + kind]) = (15, 7, 800, 1, 1);
        let (code, prepared) = repaired(&mut shape).expect("allowed");
        let ms = (0..3).map(|_| load_ms(&prepared)).fold(f64::MAX, f64::min);
        println!(
            "{name}: {:.2} us a byte, {:.2} us for each of {}",
            ms * 1e3 / code.len() as f64,
            ms * 1e3 / (600.0 * 16.0),
            600 * 16
        );
    }
    let mut by_gas = 0.0;
    let (tried, allowed) = climb(&COMPILE, random, time, |shape| {
        let (code, prepared) = repaired(shape)?;
        let start = cpu_ns();
        prepare(&code).ok()?;
        let prepare_ms = (cpu_ns() - start) as f64 / 1e6;
        let ms = load_ms(&prepared) + prepare_ms;
        let ms = if ms > 100.0 { ms.min(load_ms(&prepared) + prepare_ms) } else { ms };
        let gas = deploy_gas(code.len(), prepared.units);
        let rate = ms * 1e6 / gas as f64;
        if rate > by_gas {
            by_gas = rate;
            println!("most for its gas: {rate:.3} ns a unit, {ms:.0} ms, {} bytes\n  {shape:?}", code.len());
        }
        let text = format!(
            "worst: {ms:.0} ms ({prepare_ms:.1} of it validated and metered), {} bytes, {} metered, {} units, {gas} gas",
            code.len(),
            prepared.instrumented.len(),
            prepared.units
        );
        Some((ms, text))
    });
    println!("{tried} candidates, {allowed} within the limits");
}

/// A host that does what is asked over nothing: what is measured is the machine.
struct Nothing;

impl HostState for Nothing {
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
        Ok(false)
    }

    fn organisation_of(&mut self, _: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(None)
    }
}

/// What a loop that runs for its gas does in each round; `$r` is a number that changes unforeseeably, `$n` counts.
const STEPS: [&str; 18] = [
    "(local.set $r (i64.add (i64.mul (local.get $r) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))",
    "(if (i64.lt_s (local.get $r) (i64.const 0)) (then (local.set $n (i64.add (local.get $n) (i64.const 1)))))",
    "(block $a (block $b (block $c (block $d (br_table $a $b $c $d $a $c $b $d (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 33))) (i32.const 7))))
      (local.set $n (i64.add (local.get $n) (i64.const 1)))) (local.set $n (i64.xor (local.get $n) (i64.const 3)))) (local.set $n (i64.rotl (local.get $n) (i64.const 1))))",
    "(call_indirect (type $none) (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 40))) (i32.const 15)))",
    "(local.set $n (i64.xor (local.get $n) (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 29))) (i32.const 0x3ffff8)))))",
    "(i64.store (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 29))) (i32.const 0x3ffff8)) (local.get $n))",
    "(local.set $r (i64.xor (local.get $r) (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 29))) (i32.const 0x3ffff8)))))",
    "(i64.store offset=61 (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 29))) (i32.const 0x3ff000)) (local.get $r))",
    "(local.set $n (i64.div_s (local.get $r) (i64.or (local.get $n) (i64.const 1))))",
    "(call $leaf)",
    "(call $counted)",
    "(global.set 0 (i64.add (global.get 0) (i64.const 1)))",
    "(memory.copy (i32.and (i32.wrap_i64 (local.get $r)) (i32.const 0x1fffff)) (i32.and (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 22))) (i32.const 0x1fffff)) (i32.const 1))",
    "(memory.fill (i32.and (i32.wrap_i64 (local.get $r)) (i32.const 0x1fffff)) (i32.const 1) (i32.const 4096))",
    "(memory.copy (i32.and (i32.wrap_i64 (local.get $r)) (i32.const 0x1fffff)) (i32.const 0x200001) (i32.const 65536))",
    "(local.set $n (select (local.get $r) (local.get $n) (i32.wrap_i64 (i64.shr_u (local.get $r) (i64.const 50)))))",
    "(br_if 0 (i64.eqz (i64.and (local.get $r) (i64.const 1))))",
    "(i64.store (i32.const 64) (local.get $n)) (local.set $n (i64.load (i32.const 61)))",
];

fn spinning(shape: &Shape) -> String {
    let body: String = STEPS.iter().zip(shape).map(|(step, times)| step.repeat(*times as usize)).collect();
    format!(
        "(module (memory (export \"memory\") 64) (type $none (func)) (table 16 funcref) (global (mut i64) (i64.const 0))
         (elem (i32.const 0) {functions})
         {leaves} (func $leaf) (func $counted (drop (i64.add (global.get 0) (i64.const 1))) (call $leaf))
         (func (export \"go\") (result i32) (local $r i64) (local $n i64) (local.set $r (i64.const 88172645463325252))
          (loop {step} {body} (br 0)) unreachable))",
        functions = (0..16).map(|f| format!("$f{f} ")).collect::<String>(),
        leaves = (0..16)
            .map(|f| format!("(func $f{f} (global.set 0 (i64.add (global.get 0) (i64.const {f}))))"))
            .collect::<String>(),
        step = STEPS[0],
    )
}

/// Nanoseconds for a unit of gas, of a call that uses `gas_limit`, and how it ended.
fn rate(machine: &mut Machine, prepared: &Prepared, gas_limit: u64) -> (f64, Outcome) {
    let module = machine.load(prepared.key(), &prepared.instrumented).expect("compiles");
    let context =
        CallContext { caller: [1; 20], origin: [1; 20], contract: [2; 20], height: 1, time_ms: 1, tx_id: [0; 32] };
    let once = || {
        let entry = "go";
        let start = cpu_ns();
        let call = Call { module: &module, entry, input: &[], gas_limit, context, host: &mut Nothing };
        let outcome = machine.call(call).expect("no fault");
        ((cpu_ns() - start) as f64 / outcome.gas_used() as f64, outcome)
    };
    let first = once();
    [once(), once()].into_iter().fold(first, |best, now| if now.0 < best.0 { now } else { best })
}

/// Short calls, one after another: what a fresh instance costs beyond what it pays.
fn instances() {
    let touch = |pages: u32, step: u32| {
        format!(
            "(module (memory (export \"memory\") {pages}) (func (export \"go\") (result i32) (local i32)
             (loop (i32.store8 (local.get 0) (i32.const 1))
              (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const {step}))) (i32.const {})))) (i32.const 0)))",
            pages << 16
        )
    };
    let data = "(data (i32.const 0) \"".to_owned() + &"x".repeat(200_000) + "\")";
    let rows = [
        ("returns at once", touch(1, 65_536)),
        ("touches each 4 KiB of 64 KiB", touch(1, 4_096)),
        ("touches each 4 KiB of 4 MiB", touch(64, 4_096)),
        ("touches each 64 KiB of 4 MiB", touch(64, 65_536)),
        ("200 KB of data, all touched", touch(64, 4_096).replace("(func", &format!("{data} (func"))),
        ("a table of 4 096", touch(1, 65_536).replace("(func", "(table 4096 funcref) (func")),
        ("traps", "(module (memory (export \"memory\") 1) (func (export \"go\") (result i32) unreachable))".into()),
        (
            "grows to 4 MiB and touches each 4 KiB",
            touch(64, 4_096)
                .replace("\"memory\") 64", "\"memory\") 1")
                .replace("(loop", "(drop (memory.grow (i32.const 63))) (loop"),
        ),
    ];
    for (name, text) in rows {
        let (_, prepared) = deployable(&text).expect("allowed");
        let machine = Machine::new(0).expect("starts");
        let module = machine.load(prepared.key(), &prepared.instrumented).expect("compiles");
        let context =
            CallContext { caller: [1; 20], origin: [1; 20], contract: [2; 20], height: 1, time_ms: 1, tx_id: [0; 32] };
        let mut gas = 0;
        let mut round = || {
            let start = cpu_ns();
            for _ in 0..500 {
                let (entry, gas_limit) = ("go", 1 << 40);
                let call = Call { module: &module, entry, input: &[], gas_limit, context, host: &mut Nothing };
                gas = machine.call(call).expect("no fault").gas_used();
            }
            (cpu_ns() - start) as f64 / 500.0
        };
        let ns = (0..5).map(|_| round()).fold(f64::MAX, f64::min);
        println!("a call that {name}: {:.1} us, {gas} gas, {:.3} ns a unit", ns / 1e3, ns / gas as f64);
    }
}

fn gas(random: &mut Random, time: Duration) {
    instances();
    let mut machine = Machine::new(0).expect("starts");
    for (number, step) in STEPS.iter().enumerate() {
        let shape = (0..STEPS.len()).map(|at| u32::from(at == number)).collect();
        let (_, prepared) = deployable(&spinning(&shape)).expect("allowed");
        let (ns, _) = rate(&mut machine, &prepared, 50_000_000);
        println!("{ns:.3} ns a unit: {}", step.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    let (tried, _) = climb(&[4; STEPS.len()], random, time, |shape| {
        let (_, prepared) = deployable(&spinning(shape))?;
        let (ns, _) = rate(&mut machine, &prepared, 20_000_000);
        let ns = if ns > 0.2 { ns.min(rate(&mut machine, &prepared, 50_000_000).0) } else { ns };
        Some((ns, format!("worst: {ns:.3} ns a unit")))
    });
    println!("{tried} candidates");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let seconds = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(60);
    let seed = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("seed {seed}, {seconds} s");
    let (mut random, time) = (Random(seed * 2 + 1), Duration::from_secs(seconds));
    match what.as_str() {
        "compile" => compile(&mut random, time),
        "gas" => gas(&mut random, time),
        _ => eprintln!("compile or gas"),
    }
}
