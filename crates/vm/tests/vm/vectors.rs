//! Golden vectors in `spec/vectors/vm.json`: instrumented bytes, gas totals, refusals.
//!
//! A difference is a change of consensus: it needs a new instrumenter or schedule version. `XL_APPROVE=1 cargo test -p
//! xl-vm` writes the file again.

use crate::support::{Bench, CONTEXT, entry, module, wasm};
use serde_json::{Value, json};
use std::path::PathBuf;
use xl_vm::{GAS_SCHEDULE_VERSION, INSTRUMENTER_VERSION, Outcome, prepare};

const GAS_LIMIT: u64 = 1_000_000;

/// Entry and argument.
type Calls = Vec<(&'static str, Vec<u8>)>;

/// Points as compilers make it: of the same source, whose compiled bytes `tests/vectors` holds to the compiler, and of
/// the other languages.
const COMPILED: [(&str, &[u8]); 4] = [
    ("Points in typed Python", include_bytes!("../../../../spec/vectors/points.wasm")),
    ("Points in C", include_bytes!("../../../../examples/languages/c/points.wasm")),
    ("Points in Rust", include_bytes!("../../../../examples/languages/rust/points.wasm")),
    ("Points in AssemblyScript", include_bytes!("../../../../examples/languages/assemblyscript/points.wasm")),
];

fn compiled_modules() -> impl Iterator<Item = (&'static str, Vec<u8>, Calls)> {
    let to = |account: [u8; 20], amount: u128| [&account[..], &amount.to_le_bytes()].concat();
    let calls: Calls = vec![
        ("init", vec![]),
        ("issue", to(CONTEXT.caller, 100)),
        ("issue", to(CONTEXT.caller, 0)),
        ("transfer", to([9; 20], 30)),
        ("transfer", to([9; 20], 30)),
        ("transfer", to([9; 20], 41)),
        ("transfer", vec![1]),
        ("balance", vec![9; 20]),
        ("supply", vec![]),
    ];
    COMPILED.into_iter().map(move |(name, code)| (name, code.to_vec(), calls.clone()))
}

fn modules() -> Vec<(&'static str, String, Calls)> {
    let transfer = |amount: u128| [&[9; 20][..], &amount.to_le_bytes()].concat();
    vec![
        ("empty", entry("(i32.const 0)"), vec![("go", vec![]), ("gone", vec![])]),
        (
            "points",
            include_str!("points.wat").to_owned(),
            vec![
                ("transfer", transfer(1)),
                ("transfer", transfer(1 << 100)),
                ("transfer", vec![1]),
                ("balance", CONTEXT.caller.to_vec()),
            ],
        ),
        (
            "control",
            module(
                "(func $fib (param i32) (result i32)
                  (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
                   (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
                 (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
                 (func $early (param i32) (result i32)
                  (block $b (loop $l (br_if $b (i32.eqz (local.get 0)))
                   (if (i32.eq (local.get 0) (i32.const 7)) (then (return (i32.const 0))))
                   (local.set 0 (i32.sub (local.get 0) (i32.const 2))) (br $l))) (i32.const 9))
                 (func $table (param i32) (result i32)
                  (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 3))) (return (i32.const 4))) (i32.const 5))
                 (table 3 funcref) (elem (i32.const 0) $height $table) (type $t (func (param i32) (result i32)))
                 (func (export \"fib\") (result i32) (call $fib (i32.const 12)))
                 (func (export \"deep\") (result i32) (call $deep (i32.const 0)))
                 (func (export \"early\") (result i32) (call $early (i32.const 21)))
                 (func (export \"indirect\") (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 1)))
                 (func (export \"null\") (result i32) (call_indirect (type $t) (i32.const 1) (i32.const 2)))
                 (func (export \"endless\") (result i32) (loop (br 0)) unreachable)
                 (func (export \"div0\") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))",
                "(i32.const 0)",
            ),
            ["fib", "deep", "early", "indirect", "null", "endless", "div0"].map(|e| (e, vec![])).to_vec(),
        ),
        (
            "memory",
            module(
                "(data (i32.const 8) \"abcdefgh\") (global $g (mut i64) (i64.const 3))
                 (func (export \"bulk\") (result i32) (memory.fill (i32.const 0) (i32.const 7) (i32.const 65536))
                  (memory.copy (i32.const 1) (i32.const 0) (i32.const 1000)) (i32.const 0))
                 (func (export \"grow\") (result i32) (drop (memory.grow (i32.const 3))) (i32.sub (memory.size) (i32.const 4)))
                 (func (export \"outside\") (result i32) (i32.load (i32.const 65533)))",
                "(global.set $g (i64.load (i32.const 8))) (call $ret (i32.const 8) (i32.const 8)) (i32.const 0)",
            ),
            ["bulk", "grow", "outside", "go"].map(|e| (e, vec![])).to_vec(),
        ),
    ]
}

fn refusals() -> Vec<(&'static str, String)> {
    vec![
        ("floats", entry("(drop (f64.const 1)) (i32.const 0)")),
        ("start", module("(func $s) (start $s)", "(i32.const 0)")),
        ("unknown import", "(module (import \"env\" \"scan\" (func)) (memory (export \"memory\") 1))".into()),
        ("thousand pages", entry("(i32.const 0)").replace("\"memory\") 1)", "\"memory\") 1000)")),
        ("no memory", "(module (func (export \"go\") (result i32) (i32.const 0)))".into()),
        ("vectors", entry("(drop (v128.const i64x2 0 0)) (i32.const 0)")),
    ]
}

fn vectors() -> Value {
    let written = modules().into_iter().map(|(name, text, calls)| (name, wasm(&text), calls));
    let accepted = written.chain(compiled_modules()).map(|(name, code, calls)| {
        let mut bench = Bench::of(&code);
        bench.host.state.insert([&b"b/"[..], &CONTEXT.caller].concat(), 100u128.to_le_bytes().to_vec());
        let calls: Vec<_> = calls
            .into_iter()
            .map(|(entry, input)| {
                let outcome = bench.try_call(entry, &input, GAS_LIMIT).expect("no fault");
                let (code, output) = match &outcome {
                    Outcome::Success { output, .. } => ("OK", hex::encode(output)),
                    Outcome::Failed { failure, .. } => (failure.code(), String::new()),
                };
                json!({"entry": entry, "input": hex::encode(&input), "code": code, "output": output,
                       "gas_used": outcome.gas_used().to_string()})
            })
            .collect();
        json!({
            "name": name,
            "code": hex::encode(&code),
            "code_hash": hex::encode(bench.prepared.code_hash),
            "instrumented": hex::encode(&bench.prepared.instrumented),
            "entries": bench.prepared.exports,
            "units": bench.prepared.units.to_string(),
            "calls": calls,
        })
    });
    let refused = refusals().into_iter().map(|(name, text)| {
        let code = wasm(&text);
        let rejected = prepare(&code).expect_err("refused");
        json!({"name": name, "code": hex::encode(&code), "rejected": rejected.code()})
    });
    let schedule = xl_vm::schedule::HOST.map(|h| {
        json!({"name": h.name, "base": h.base, "per_byte": h.per_byte, "lengths": h.lengths,
               "charges_result": h.charges_result})
    });
    json!({
        "about": "Contract machine: metering and refusals. Calls run in order over one state; before the first, \
                  \"b/\" + caller holds 100 as u128, little endian.",
        "instrumenter_version": INSTRUMENTER_VERSION,
        "gas_schedule_version": GAS_SCHEDULE_VERSION,
        "gas_limit": GAS_LIMIT.to_string(),
        "context": {
            "caller": hex::encode(CONTEXT.caller), "contract": hex::encode(CONTEXT.contract),
            "height": CONTEXT.height.to_string(), "time_ms": CONTEXT.time_ms.to_string(),
            "tx_id": hex::encode(CONTEXT.tx_id), "origin": hex::encode(CONTEXT.origin),
        },
        "host": schedule,
        "accepted": accepted.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
    })
}

/// Holds `now` against the file of this name in `spec/vectors`, after writing it when `XL_APPROVE` says so.
pub fn compare(name: &str, now: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors").join(name);
    let now = format!("{}\n", serde_json::to_string_pretty(now).expect("JSON"));
    if std::env::var_os("XL_APPROVE").is_some() {
        std::fs::write(&path, &now).expect("writes the vectors");
    }
    let golden = std::fs::read_to_string(&path).expect("the vectors are there");
    // Not `assert_eq`: the documents are long, and the first line that differs tells what changed.
    let first = now.lines().zip(golden.lines()).find(|(now, golden)| now != golden);
    assert!(now == golden, "{name}: a change of consensus, see the first lines of vectors.rs: {first:?}");
}

#[test]
fn golden() {
    compare("vm.json", &vectors());
}
