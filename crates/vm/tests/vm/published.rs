//! The public set of hostile modules in `spec/vectors/hostile.json`: what each is, and what every implementation must
//! answer: a refusal by its code, or the outcome and the gas of a call. `XL_APPROVE=1` writes the file again.
//!
//! Each call runs in a fresh instance over an empty state, with an argument of three bytes and one account (twenty zero
//! bytes) in the organisation "city". Whatever a module does, nothing here may be a fault of the node.

use crate::hostile::bomb;
use crate::support::{Bench, CONTEXT, wasm};
use serde_json::{Value, json};
use xl_vm::schedule::{HOST, HostFunction};
use xl_vm::{Failure, GAS_SCHEDULE_VERSION, INSTRUMENTER_VERSION, Outcome, Trap, prepare};

const INPUT: [u8; 3] = [1, 2, 3];
const GAS_LIMIT: u64 = 10_000_000;

/// What the answer must be; the vectors hold the exact one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Expected {
    /// Refused at deployment under this code.
    Refused(&'static str),
    /// Deployed; each entry ends so.
    Ends(&'static str),
}

use Expected::{Ends, Refused};

struct Case {
    /// Which attack of the list it is.
    attack: &'static str,
    name: String,
    code: Vec<u8>,
    expected: Expected,
}

const GO: &str = "(func (export \"go\") (result i32) (i32.const 0))";
const MEMORY: &str = "(memory (export \"memory\") 1)";

/// A module with one page and one entry of this body.
fn body(body: &str) -> String {
    format!("(module {MEMORY} (func (export \"go\") (result i32) {body}))")
}

/// A module with one page, the entry that returns 0, and these fields before it.
fn fields(fields: &str) -> String {
    format!("(module {fields} {MEMORY} {GO})")
}

/// The import of a host function, named by its name.
fn import(host: &HostFunction) -> String {
    let ty = |t| if t == wasmparser::ValType::I32 { "i32 " } else { "i64 " };
    let params: String = host.params.iter().map(|t| ty(*t)).collect();
    let result = host.result.map_or(String::new(), |t| format!("(result {})", ty(t)));
    format!("(import \"env\" \"{0}\" (func ${0} (param {params}) {result}))", host.name)
}

/// A module with one page that imports the host functions named in `body`.
fn hosted(fields: &str, body: &str) -> String {
    let used =
        HOST.iter().filter(|h| body.contains(&format!("${} ", h.name)) || body.contains(&format!("${})", h.name)));
    let imports: String = used.map(import).collect();
    format!("(module {imports} {MEMORY} {fields} (func (export \"go\") (result i32) {body}))")
}

/// Parameters of host functions that are numbers and neither pointers nor lengths that cost gas.
const NUMBERS: [(&str, u32); 5] = [("abort", 2), ("get", 3), ("input", 1), ("org_of", 2), ("returned", 1)];
/// Host functions that write only what another call left, which there is not.
const SILENT: [&str; 1] = ["returned"];

/// One module for each pointer of each host function, that pointer at the memory's last byte.
fn pointers() -> Vec<Case> {
    let mut cases = Vec::new();
    for host in HOST {
        for pointer in 0..host.params.len() as u32 {
            let number =
                NUMBERS.contains(&(host.name, pointer)) || host.params[pointer as usize] == wasmparser::ValType::I64;
            if number || host.lengths.contains(&pointer) || SILENT.contains(&host.name) {
                continue;
            }
            // Lengths are 2, so that each span crosses the end; answers are longer than that. A key of two bytes that
            // was written before, so that reading it has something to copy.
            let arguments: String = (0..host.params.len() as u32)
                .map(|p| match host.params[p as usize] {
                    wasmparser::ValType::I64 => "(i64.const 0) ".to_owned(),
                    _ if p == pointer => "(i32.const 65535) ".to_owned(),
                    _ if host.lengths.contains(&p) => "(i32.const 2) ".to_owned(),
                    _ if NUMBERS.contains(&(host.name, p)) => "(i32.const 8) ".to_owned(),
                    _ => "(i32.const 0) ".to_owned(),
                })
                .collect();
            let call = format!("(call ${} {arguments})", host.name);
            let call = if host.result.is_some() { format!("(drop {call})") } else { call };
            let seed = "(call $put (i32.const 0) (i32.const 2) (i32.const 0) (i32.const 8))";
            let before = if host.name == "get" { seed } else { "" };
            cases.push(Case {
                attack: "pointers out of bounds",
                name: format!("{} parameter {pointer}", host.name),
                code: wasm(&hosted("", &format!("{before} {call} (i32.const 0)"))),
                expected: Ends("TRAP_MEMORY"),
            });
        }
    }
    cases
}

/// Attack, name, text, expectation.
type Row = (&'static str, &'static str, String, Expected);

fn rows() -> Vec<Row> {
    let recursion = |f: &str| {
        format!("(module {MEMORY} {f} (func (export \"go\") (result i32) (call $f (i64.const 5)) (i32.const 0)))")
    };
    let memory = |pages: &str| format!("(module (memory (export \"memory\") {pages}) {GO})");
    let big =
        |body: &str| format!("(module (memory (export \"memory\") 64) (func (export \"go\") (result i32) {body}))");
    let many_locals: String = (0..250)
        .map(|i| format!("(local.set {} (i64.xor (i64.load offset={} (i32.const 0)) (local.get 0)))", i + 1, i * 8))
        .collect();
    let used_after: String =
        (0..250).map(|i| format!("(i64.store offset={} (i32.const 0) (local.get {}))", i * 8, i + 1)).collect();
    vec![
        ("infinite loop", "empty", body("(loop (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("infinite loop", "conditional", body("(loop (br_if 0 (i32.const 1))) (i32.const 0)"), Ends("OUT_OF_GAS")),
        ("infinite loop", "by branch table", body("(loop (br_table 0 0 (i32.const 0))) unreachable"), Ends("OUT_OF_GAS")),
        ("infinite loop", "of host calls", hosted("", "(loop (drop (call $height)) (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("infinite loop", "of divisions", body("(loop (drop (i64.rem_s (i64.const -1) (i64.const 3))) (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("infinite loop", "of refused growth", body("(loop (drop (memory.grow (i32.const 65535))) (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("start function", "empty", fields("(func $s) (start $s)"), Refused("XL-VM-START")),
        ("start function", "endless", fields("(func $s (loop (br 0))) (start $s)"), Refused("XL-VM-START")),
        ("start function", "imported", fields("(import \"env\" \"height\" (func (result i64))) (func $s) (start $s)"), Refused("XL-VM-START")),
        ("deep recursion", "direct", recursion("(func $f (param i64) (call $f (local.get 0)))"), Ends("STACK_OVERFLOW")),
        ("deep recursion", "mutual", recursion("(func $f (param i64) (call $g (local.get 0))) (func $g (param i64) (call $f (local.get 0)))"), Ends("STACK_OVERFLOW")),
        (
            "deep recursion",
            "indirect",
            recursion("(type $t (func (param i64))) (table 1 funcref) (elem (i32.const 0) $f) (func $f (type $t) (call_indirect (type $t) (local.get 0) (i32.const 0)))"),
            Ends("STACK_OVERFLOW"),
        ),
        (
            "deep recursion",
            "of large activations",
            recursion(&format!("(func $f (param i64) (local {}) {many_locals} (call $f (local.get 5)) {used_after})", "i64 ".repeat(250))),
            Ends("STACK_OVERFLOW"),
        ),
        (
            "deep recursion",
            "of many arguments",
            recursion(&format!("(func $f (param i64) (call $g {0})) (func $g (param {1}) (call $f (local.get 31)))", "(local.get 0) ".repeat(32), "i64 ".repeat(32))),
            Ends("STACK_OVERFLOW"),
        ),
        ("memory bomb", "65 pages", memory("65"), Refused("XL-VM-BOUND-MEMORY-PAGES")),
        ("memory bomb", "65 536 pages", memory("65536"), Refused("XL-VM-BOUND-MEMORY-PAGES")),
        ("memory bomb", "a maximum of 4 GiB", memory("1 65536"), Ends("OK")),
        ("memory bomb", "grows by 4 GiB", body("(memory.grow (i32.const 65535))"), Ends("OUT_OF_GAS")),
        ("memory bomb", "grows by -1", body("(memory.grow (i32.const -1))"), Ends("OUT_OF_GAS")),
        ("memory bomb", "grows until refused", body("(loop (br_if 0 (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) (i32.sub (memory.size) (i32.const 64))"), Ends("OK")),
        ("memory bomb", "two memories", fields("(memory 1)"), Refused("XL-VM-FEATURE")),
        ("memory bomb", "64-bit", memory("i64 1"), Refused("XL-VM-FEATURE")),
        ("memory bomb", "segment outside", fields("(data (i32.const 65536) \"x\")"), Refused("XL-VM-SEGMENT")),
        ("memory bomb", "segment at -1", fields("(data (i32.const -1) \"x\")"), Refused("XL-VM-SEGMENT")),
        ("table bomb", "4 097 elements", fields("(table 4097 funcref)"), Refused("XL-VM-BOUND-TABLE-ELEMENTS")),
        ("table bomb", "4 294 967 295 elements", fields("(table 4294967295 funcref)"), Refused("XL-VM-BOUND-TABLE-ELEMENTS")),
        ("table bomb", "two tables", fields("(table 1 funcref) (table 1 funcref)"), Refused("XL-VM-FEATURE")),
        ("table bomb", "growth", format!("(module {MEMORY} (table 1 funcref) (func (export \"go\") (result i32) (table.grow (ref.null func) (i32.const 100000))))"), Refused("XL-VM-FEATURE")),
        ("table bomb", "segment outside", fields("(table 2 funcref) (func $f) (elem (i32.const 2) $f)"), Refused("XL-VM-SEGMENT")),
        ("table bomb", "257 segments", fields(&format!("(table 1 funcref) (func $f) {}", "(elem (i32.const 0) $f)".repeat(257))), Refused("XL-VM-BOUND-ELEMENT-SEGMENTS")),
        ("floats", "constant", body("(drop (f64.const 1)) (i32.const 0)"), Refused("XL-VM-FEATURE")),
        ("floats", "parameter", fields("(func (param f32))"), Refused("XL-VM-FEATURE")),
        ("floats", "local", fields("(func (local f64))"), Refused("XL-VM-FEATURE")),
        ("floats", "global", fields("(global f32 (f32.const 0))"), Refused("XL-VM-FEATURE")),
        ("floats", "reinterpreted", body("(i32.reinterpret_f32 (f32.load (i32.const 0)))"), Refused("XL-VM-FEATURE")),
        ("floats", "saturating conversion", body("(i32.trunc_sat_f32_s (f32.const 1))"), Refused("XL-VM-FEATURE")),
        ("SIMD", "constant", body("(drop (v128.const i64x2 0 0)) (i32.const 0)"), Refused("XL-VM-FEATURE")),
        ("SIMD", "local", fields("(func (local v128))"), Refused("XL-VM-FEATURE")),
        ("SIMD", "load", body("(i32x4.extract_lane 0 (v128.load (i32.const 0)))"), Refused("XL-VM-FEATURE")),
        ("threads", "shared memory", memory("1 1 shared"), Refused("XL-VM-FEATURE")),
        ("threads", "atomic load", body("(i32.atomic.load (i32.const 0))"), Refused("XL-VM-FEATURE")),
        ("threads", "wait", body("(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))"), Refused("XL-VM-FEATURE")),
        ("other features", "tail call", fields("(func $f (return_call $f))"), Refused("XL-VM-FEATURE")),
        ("other features", "exception", fields("(tag $t) (func (throw $t))"), Refused("XL-VM-FEATURE")),
        ("other features", "several results", fields("(func (result i32 i32) (i32.const 0) (i32.const 0))"), Refused("XL-VM-FEATURE")),
        ("other features", "reference", body("(drop (ref.null func)) (i32.const 0)"), Refused("XL-VM-FEATURE")),
        ("other features", "passive data", fields("(data \"passive\")"), Refused("XL-VM-FEATURE")),
        ("other features", "computed constant", fields("(global i32 (i32.add (i32.const 1) (i32.const 1)))"), Refused("XL-VM-FEATURE")),
        ("unknown imports", "of env", fields("(import \"env\" \"scan\" (func))"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "of WASI", fields("(import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32)))"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "a host function of another module", fields("(import \"host\" \"height\" (func (result i64)))"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "memory", format!("(module (import \"env\" \"memory\" (memory 1)) {GO})"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "global", fields("(import \"env\" \"gas\" (global (mut i64)))"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "table", fields("(import \"env\" \"table\" (table 1 funcref))"), Refused("XL-VM-IMPORT-UNKNOWN")),
        ("unknown imports", "the wrong type", fields("(import \"env\" \"get\" (func (param i64)))"), Refused("XL-VM-IMPORT-TYPE")),
        ("unknown imports", "another result", fields("(import \"env\" \"time\" (func (result i32)))"), Refused("XL-VM-IMPORT-TYPE")),
        (
            "indirect call to an import",
            "pays like a call",
            hosted("(type $t (func (param i32 i32))) (table 1 funcref) (elem (i32.const 0) $ret)", "(call_indirect (type $t) (i32.const 0) (i32.const 3) (i32.const 0)) (i32.const 0) (; $ret ;)"),
            Ends("OK"),
        ),
        (
            "indirect call to an import",
            "endless",
            hosted("(type $t (func (result i64))) (table 1 funcref) (elem (i32.const 0) $time)", "(loop (drop (call_indirect (type $t) (i32.const 0))) (br 0)) unreachable (; $time ;)"),
            Ends("OUT_OF_GAS"),
        ),
        (
            "indirect call to an import",
            "under another type",
            hosted("(type $t (func)) (table 1 funcref) (elem (i32.const 0) $time)", "(call_indirect (type $t) (i32.const 0)) (i32.const 0) (; $time ;)"),
            Ends("TRAP_INDIRECT_CALL"),
        ),
        ("indirect call to an import", "of an empty element", format!("(module {MEMORY} (type $t (func)) (table 2 funcref) (func (export \"go\") (result i32) (call_indirect (type $t) (i32.const 1)) (i32.const 0)))"), Ends("TRAP_INDIRECT_CALL")),
        ("indirect call to an import", "exported as an entry", "(module (import \"env\" \"input_len\" (func (result i32))) (memory (export \"memory\") 1) (export \"go\" (func 0)))".into(), Ends("RETURNED")),
        ("bulk operations", "fill of 4 MiB", big("(memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)) (i32.const 0)"), Ends("OK")),
        ("bulk operations", "fills of 4 MiB without end", big("(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 4194304)) (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("bulk operations", "copies of 2 MiB without end", big("(loop (memory.copy (i32.const 0) (i32.const 2097152) (i32.const 2097152)) (br 0)) unreachable"), Ends("OUT_OF_GAS")),
        ("bulk operations", "a length of -1", body("(memory.fill (i32.const 0) (i32.const 0) (i32.const -1)) (i32.const 0)"), Ends("OUT_OF_GAS")),
        ("bulk operations", "fill across the end", body("(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000)) (i32.const 0)"), Ends("TRAP_MEMORY")),
        ("bulk operations", "copy across the end", body("(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000)) (i32.const 0)"), Ends("TRAP_MEMORY")),
        ("page touch", "64 pages at the start", memory("64"), Ends("OK")),
        (
            "page touch",
            "one byte of each page that it grows by",
            format!(
                "(module {MEMORY} (func (export \"go\") (result i32) (local i32) (drop (memory.grow (i32.const 63)))
                 (loop (i32.store8 (local.get 0) (i32.const 1)) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 4194304)))) (i32.const 0)))"
            ),
            Ends("OK"),
        ),
        (
            "page touch",
            "stores all over 4 MiB without end",
            "(module (memory (export \"memory\") 64) (func (export \"go\") (result i32) (local i32)
             (loop (i32.store (i32.and (local.tee 0 (i32.add (i32.mul (local.get 0) (i32.const 1664525)) (i32.const 1013904223))) (i32.const 0x3ffffc)) (local.get 0)) (br 0)) unreachable))".into(),
            Ends("OUT_OF_GAS"),
        ),
        ("host lengths", "an output of -1 bytes", hosted("", "(call $ret (i32.const 0) (i32.const -1)) (i32.const 0)"), Ends("OUT_OF_GAS")),
        ("host lengths", "a digest of -1 bytes", hosted("", "(call $sm3 (i32.const 0) (i32.const -1) (i32.const 0)) (i32.const 0)"), Ends("OUT_OF_GAS")),
        ("host lengths", "a key of 257 bytes", hosted("", "(call $put (i32.const 0) (i32.const 257) (i32.const 0) (i32.const 0)) (i32.const 0)"), Ends("LIMIT_KEY")),
        ("host lengths", "a flood of events", hosted("", "(loop (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 2000)) (br 0)) unreachable"), Ends("LIMIT_EVENT_BYTES")),
        ("host lengths", "an abort code with a space", hosted("(data (i32.const 0) \"a b\")", "(call $abort (i32.const 0) (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 0)) (i32.const 0)"), Ends("LIMIT_ABORT_CODE")),
        ("reserved names", "an entry named as the counter", format!("(module {MEMORY} (func (export \"__gas\") (result i32) (i32.const 0)))"), Refused("XL-VM-EXPORT-NAME")),
        ("reserved names", "an exported global", fields("(global (export \"g\") i32 (i32.const 0))"), Refused("XL-VM-EXPORT")),
        ("reserved names", "no entry", format!("(module {MEMORY})"), Refused("XL-VM-NO-ENTRY")),
        ("reserved names", "no memory", format!("(module {GO})"), Refused("XL-VM-MEMORY")),
    ]
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = rows()
        .into_iter()
        .map(|(attack, name, text, expected)| Case { attack, name: name.to_owned(), code: wasm(&text), expected })
        .collect();
    let mut add =
        |attack, name: &str, code, expected| cases.push(Case { attack, name: name.to_owned(), code, expected });
    let jit = "JIT bomb";
    add(jit, "100 branch tables, 250 locals", bomb(20, 100, 16, 250, 1), Refused("XL-VM-BOUND-EDGES-BY-LOCALS"));
    add(jit, "32 long branch tables, 250 locals", bomb(120, 32, 255, 250, 1), Refused("XL-VM-BOUND-EDGES"));
    add(jit, "500 blocks within each other", bomb(500, 4, 200, 2, 1), Refused("XL-VM-BOUND-NESTING"));
    add(jit, "many functions of it", bomb(20, 80, 16, 60, 5), Refused("XL-VM-BOUND-EDGES-BY-LOCALS-MODULE"));
    let flood = format!("(func {})", "(call_indirect (type $t) (i32.const 0))".repeat(3_000)).repeat(3);
    let flood = wasm(&fields(&format!("(type $t (func)) (table 1 funcref) {flood}")));
    add(jit, "9 000 indirect calls", flood, Refused("XL-VM-BOUND-EDGES-BY-LOCALS-MODULE"));
    let many_locals = wasm(&fields(&format!("(func (local {}))", "i32 ".repeat(257))));
    add(jit, "257 locals", many_locals, Refused("XL-VM-BOUND-LOCALS"));
    let nops = wasm(&fields(&format!("(func {})", "nop ".repeat(65_536))));
    add("oversized", "a function of 65 538 bytes", nops, Refused("XL-VM-BOUND-FUNCTION-BYTES"));
    let many = wasm(&fields(&"(func)".repeat(1_024)));
    add("oversized", "1 025 functions", many, Refused("XL-VM-BOUND-FUNCTIONS"));
    add("oversized", "262 145 bytes of zeros", vec![0; 262_145], Refused("XL-VM-BOUND-MODULE-BYTES"));
    let empty = wasm(&body("(i32.const 0)"));
    let padded = |custom: u32| {
        let mut code = empty.clone();
        code.push(0);
        leb128(&mut code, custom);
        code.extend(std::iter::repeat_n(0, custom as usize));
        code
    };
    // The custom section's head takes four bytes.
    let room = 262_144 - empty.len() as u32 - 4;
    add("oversized", "a custom section to the last byte", padded(room), Ends("OK"));
    add("oversized", "a custom section one byte too long", padded(room + 1), Refused("XL-VM-BOUND-MODULE-BYTES"));
    add("malformed", "no bytes", vec![], Refused("XL-VM-MALFORMED"));
    add("malformed", "a component", b"\0asm\x0d\0\x01\0".to_vec(), Refused("XL-VM-MALFORMED"));
    add("malformed", "cut in the middle", empty[..empty.len() / 2].to_vec(), Refused("XL-VM-MALFORMED"));
    cases.extend(pointers());
    cases
}

fn leb128(to: &mut Vec<u8>, mut number: u32) {
    while number > 0x7F {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Bytes as parts of hex, each with how often it is repeated: long runs of one byte are one part.
fn parts(code: &[u8]) -> Value {
    const RUN: usize = 64;
    let mut parts: Vec<(String, usize)> = Vec::new();
    let mut plain = Vec::new();
    for run in code.chunk_by(|a, b| a == b) {
        if run.len() < RUN {
            plain.extend_from_slice(run);
            continue;
        }
        if !plain.is_empty() {
            parts.push((hex::encode(std::mem::take(&mut plain)), 1));
        }
        parts.push((hex::encode(&run[..1]), run.len()));
    }
    if !plain.is_empty() {
        parts.push((hex::encode(plain), 1));
    }
    json!(parts)
}

fn answer(case: &Case) -> Value {
    let name = format!("{}: {}", case.attack, case.name);
    let mut row = json!({"attack": case.attack, "name": case.name, "code": parts(&case.code)});
    let prepared = match (prepare(&case.code), case.expected) {
        (Err(rejected), Refused(code)) => {
            assert_eq!(rejected.code(), code, "{name}");
            row["refused"] = json!(code);
            return row;
        }
        (Ok(prepared), Ends(_)) => prepared,
        (result, expected) => panic!("{name}: {expected:?}, but {result:?}"),
    };
    let mut bench = Bench { machine: crate::support::machine(), prepared, host: crate::support::MapHost::default() };
    let mut call = || {
        bench.host = crate::support::MapHost::default();
        bench.host.organisations.insert([0; 20], b"city".to_vec());
        bench.try_call("go", &INPUT, GAS_LIMIT).expect("never a fault of the node")
    };
    let outcome = call();
    assert_eq!(outcome, call(), "{name}: the second call in a cached module is like the first");
    let code = match &outcome {
        Outcome::Success { .. } => "OK",
        Outcome::Failed { failure, .. } => failure.code(),
    };
    assert_eq!(Ends(code), case.expected, "{name}");
    row["outcome"] = json!(code);
    row["gas_used"] = json!(outcome.gas_used().to_string());
    row["instrumented"] = parts(&bench.prepared.instrumented);
    row
}

#[test]
fn every_hostile_module_gets_its_published_answer() {
    let rows: Vec<_> = cases().iter().map(answer).collect();
    let now = json!({
        "about": "Hostile modules and what every node answers. `code` is a list of [hex, times]. Refused at deployment \
                  under `refused`, or `go` ends with `outcome` and `gas_used` in a fresh instance over an empty state. \
                  `instrumented` is what `code` becomes.",
        "instrumenter_version": INSTRUMENTER_VERSION,
        "gas_schedule_version": GAS_SCHEDULE_VERSION,
        "gas_limit": GAS_LIMIT.to_string(),
        "input": hex::encode(INPUT),
        "accounts": [{"address": hex::encode([0; 20]), "organisation": "city"}],
        "context": {
            "caller": hex::encode(CONTEXT.caller), "contract": hex::encode(CONTEXT.contract),
            "height": CONTEXT.height.to_string(), "time_ms": CONTEXT.time_ms.to_string(),
            "tx_id": hex::encode(CONTEXT.tx_id), "origin": hex::encode(CONTEXT.origin),
        },
        "modules": rows,
    });
    crate::vectors::compare("hostile.json", &now);
}

/// Every pointer of every host function is tried: a new function without a row of its own would go unnoticed.
#[test]
fn every_pointer_of_the_host_interface_is_attacked() {
    let attacked = pointers();
    for host in HOST.iter().filter(|h| h.params.contains(&wasmparser::ValType::I32)) {
        let prefix = format!("{} parameter", host.name);
        let covered = attacked.iter().any(|case| case.name.starts_with(&prefix));
        assert!(covered || SILENT.contains(&host.name), "{} has pointers that nothing attacks", host.name);
    }
}

/// The bounds check is the engine's trap and the host's alike: both are the same failure.
#[test]
fn a_pointer_at_the_end_is_the_same_failure_for_both() {
    let mut bench = Bench::new(&body("(i32.load (i32.const 65533))"));
    assert_eq!(bench.failure("go", &[]), Failure::Trap(Trap::MemoryOutOfBounds));
    let mut bench = Bench::new(&hosted("", "(call $caller (i32.const 65533)) (i32.const 0)"));
    assert_eq!(bench.failure("go", &[]), Failure::Trap(Trap::MemoryOutOfBounds));
}
