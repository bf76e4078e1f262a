//! Modules that want to harm a node: refused with a typed reason, or stopped while they run.

use crate::random::{FAST, run};
use crate::support::{Bench, entry, machine, module, wasm};
use std::borrow::Cow;
use wasm_encoder as we;
use xl_vm::{Failure, Feature, Item, Limit, Outcome, Rejected, Trap, prepare};

fn refused(text: &str) -> Rejected {
    prepare(&wasm(text)).expect_err("refused")
}

/// The item of a refusal by a bound.
fn bound(rejected: Rejected) -> Item {
    match rejected {
        Rejected::Bound { item, found, limit, .. } => {
            assert!(found > limit);
            item
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn features_that_contracts_do_not_have() {
    let with = |body: &str| entry(&format!("{body} (i32.const 0)"));
    let memory = |memory: &str| format!("(module {memory} (func (export \"go\") (result i32) (i32.const 0)))");
    let cases = [
        (with("(drop (f64.const 1))"), Feature::Floats),
        (with("(drop (i32.trunc_sat_f32_s (f32.const 1)))"), Feature::Floats),
        (module("(global f32 (f32.const 0))", "(i32.const 0)"), Feature::Floats),
        (with("(drop (v128.const i64x2 0 0))"), Feature::Simd),
        (with("(drop (i32.atomic.load (i32.const 0)))"), Feature::Threads),
        (memory("(memory (export \"memory\") 1 1 shared)"), Feature::Threads),
        (memory("(memory (export \"memory\") i64 1)"), Feature::Memory64),
        (memory("(memory (export \"memory\") 1) (memory 1)"), Feature::MultiMemory),
        (module("(func (result i32 i32) (i32.const 0) (i32.const 0))", "(i32.const 0)"), Feature::MultiValue),
        (module("(func $f (return_call $f))", "(i32.const 0)"), Feature::TailCalls),
        (module("(tag $t)", "(throw $t)"), Feature::Exceptions),
        (with("(drop (ref.null func))"), Feature::References),
        (module("(table 1 funcref)", "(table.size)"), Feature::References),
        (
            with("(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))")
                .replace("(func (export", "(data \"x\") (func (export"),
            Feature::BulkTables,
        ),
        (module("(data \"passive\")", "(i32.const 0)"), Feature::BulkTables),
        (module("(global i32 (i32.add (i32.const 1) (i32.const 1)))", "(i32.const 0)"), Feature::ExtendedConst),
    ];
    for (text, expected) in cases {
        match refused(&text) {
            Rejected::Feature { feature, .. } => assert_eq!(feature, expected, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn the_number_of_data_segments_may_be_announced() {
    let announced = |count: u32, segments: u32| {
        let mut data = wasm_encoder::DataSection::new();
        for _ in 0..segments {
            data.active(0, &wasm_encoder::ConstExpr::i32_const(0), *b"x");
        }
        let code = wat::parse_str(entry("(i32.const 0)")).expect("text");
        let mut module = wasm_encoder::Module::new();
        for payload in wasmparser::Parser::new(0).parse_all(&code) {
            let payload = payload.expect("valid");
            if let wasmparser::Payload::CodeSectionStart { .. } = payload {
                module.section(&wasm_encoder::DataCountSection { count });
            }
            if let Some((id, range)) = payload.as_section() {
                let data = &code[range.start as usize..range.end as usize];
                module.section(&wasm_encoder::RawSection { id, data });
            }
        }
        module.section(&data);
        module.finish()
    };
    assert!(prepare(&announced(2, 2)).is_ok());
    assert!(matches!(prepare(&announced(1, 2)), Err(Rejected::Malformed { .. })));
    assert!(matches!(prepare(&announced(2, 0)), Err(Rejected::Malformed { .. })));
}

#[test]
fn the_outline_of_a_contract() {
    let go = "(func (export \"go\") (result i32) (i32.const 0))";
    let memory = "(memory (export \"memory\") 1)";
    let cases = [
        (module("(func $s) (start $s)", "(i32.const 0)"), Rejected::Start),
        (module("(func $s (loop (br 0))) (start $s)", "(i32.const 0)"), Rejected::Start),
        (format!("(module {go})"), Rejected::Memory),
        (format!("(module (memory 1) {go})"), Rejected::Memory),
        (format!("(module {memory})"), Rejected::NoEntry),
        (format!("(module (import \"env\" \"scan\" (func)) {memory} {go})"), Rejected::ImportUnknown { import: 0 }),
        (
            format!("(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32))) {memory} {go})"),
            Rejected::ImportUnknown { import: 0 },
        ),
        (format!("(module (import \"env\" \"memory\" (memory 1)) {go})"), Rejected::ImportUnknown { import: 0 }),
        (format!("(module (import \"env\" \"g\" (global i32)) {memory} {go})"), Rejected::ImportUnknown { import: 0 }),
        (
            format!(
                "(module (import \"env\" \"time\" (func (result i64))) (import \"env\" \"get\" (func (param i64))) {memory} {go})"
            ),
            Rejected::ImportType { import: 1, name: "get" },
        ),
        (format!("(module {memory} (func (export \"go\")))"), Rejected::Export { export: 1 }),
        (
            format!("(module {memory} (func (export \"go\") (param i32) (result i32) (i32.const 0)))"),
            Rejected::Export { export: 1 },
        ),
        (format!("(module {memory} {go} (global (export \"g\") i32 (i32.const 0)))"), Rejected::Export { export: 2 }),
        (format!("(module {memory} {go} (table (export \"t\") 1 funcref))"), Rejected::Export { export: 2 }),
        (format!("(module {memory} {go} (export \"m2\" (memory 0)))"), Rejected::Export { export: 2 }),
        (format!("(module {memory} {})", go.replace("\"go\"", "\"__gas\"")), Rejected::ExportName { export: 1 }),
        (format!("(module {memory} {})", go.replace("\"go\"", "\"\"")), Rejected::ExportName { export: 1 }),
        (format!("(module {memory} {})", go.replace("\"go\"", "\"转账\"")), Rejected::ExportName { export: 1 }),
        (
            module("(data (i32.const 65535) \"xx\")", "(i32.const 0)"),
            Rejected::Segment { item: Item::DataSegments, segment: 0 },
        ),
        (
            module("(data (i32.const -1) \"x\")", "(i32.const 0)"),
            Rejected::Segment { item: Item::DataSegments, segment: 0 },
        ),
        (
            module("(table 2 funcref) (elem (i32.const 0) $get) (elem (i32.const 2) $get)", "(i32.const 0)"),
            Rejected::Segment { item: Item::ElementSegments, segment: 1 },
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

#[test]
fn each_bound_refuses_one_more_than_it_allows() {
    let fields = |fields: String| module(&fields, "(i32.const 0)");
    let body = |body: String| entry(&format!("{body} (i32.const 0)"));
    let ifs = |n: usize| "(if (i32.const 0) (then))".repeat(n);
    let nested = |n: usize| body(format!("{}{}", "(block ".repeat(n), ")".repeat(n)));
    let table = |n: usize| body(format!("(block (br_table {} 0 (i32.const 0)))", "0 ".repeat(n)));
    let cases: [(Item, String, String); 15] = [
        // The body itself is an edge, and so is each `if`.
        (Item::Edges, body(ifs(1_999)), body(ifs(2_000))),
        (
            Item::EdgesModule,
            fields(format!("(func {})", ifs(1_999)).repeat(4)),
            fields(format!("(func {})", ifs(1_999)).repeat(5)),
        ),
        (
            Item::Locals,
            body(format!("(local {})", "i32 ".repeat(256))),
            body(format!("(local {})", "i32 ".repeat(257))),
        ),
        (Item::Nesting, nested(127), nested(128)),
        (Item::BranchTable, table(256), table(257)),
        (
            Item::Parameters,
            fields(format!("(func (param {}))", "i32 ".repeat(32))),
            fields(format!("(func (param {}))", "i32 ".repeat(33))),
        ),
        (
            Item::Operands,
            body(format!("{}{}", "(i32.const 0) ".repeat(1024), "drop ".repeat(1024))),
            body(format!("{}{}", "(i32.const 0) ".repeat(1025), "drop ".repeat(1025))),
        ),
        (
            Item::Globals,
            fields("(global i32 (i32.const 0))".repeat(128)),
            fields("(global i32 (i32.const 0))".repeat(129)),
        ),
        (
            Item::DataSegments,
            fields("(data (i32.const 0) \"x\")".repeat(1024)),
            fields("(data (i32.const 0) \"x\")".repeat(1025)),
        ),
        (
            Item::ElementSegments,
            fields(format!("(table 1 funcref) {}", "(elem (i32.const 0) $get)".repeat(256))),
            fields(format!("(table 1 funcref) {}", "(elem (i32.const 0) $get)".repeat(257))),
        ),
        (Item::TableElements, fields("(table 4096 funcref)".into()), fields("(table 1000000 funcref)".into())),
        (Item::Functions, fields("(func)".repeat(1023)), fields("(func)".repeat(1024))),
        (
            Item::MemoryPages,
            entry("(i32.const 0)").replace("\"memory\") 1)", "\"memory\") 64)"),
            entry("(i32.const 0)").replace("\"memory\") 1)", "\"memory\") 1000)"),
        ),
        (Item::FunctionBytes, body("nop ".repeat(65_000)), body("nop ".repeat(66_000))),
        (
            Item::Exports,
            fields((0..255).map(|i| format!("(func (export \"f{i}\") (result i32) (i32.const 0))")).collect()),
            fields((0..256).map(|i| format!("(func (export \"f{i}\") (result i32) (i32.const 0))")).collect()),
        ),
    ];
    for (item, allowed, refused_text) in cases {
        prepare(&wasm(&allowed)).unwrap_or_else(|e| panic!("{item:?} within its bound: {e:?}"));
        assert_eq!(bound(refused(&refused_text)), item);
    }
    let imports = "(import \"env\" \"height\" (func (result i64)))".repeat(65);
    let text = format!("(module {imports} (memory (export \"memory\") 1))");
    assert_eq!(bound(refused(&text)), Item::Imports);
    let types: String = (0..1025).map(|i| format!("(type $t{i} (func (param i32)))")).collect();
    assert_eq!(bound(refused(&fields(types))), Item::Types);
    let tables = format!("(block (br_table {} 0 (i32.const 0)))", "0 ".repeat(256)).repeat(33);
    assert_eq!(bound(refused(&body(tables))), Item::BranchTables);
    let padding = format!("(data (i32.const 0) \"{}\")", "x".repeat(65_000)).repeat(5);
    assert_eq!(bound(refused(&fields(padding))), Item::ModuleBytes);
}

/// `nest` blocks, `tables` branch tables of `targets` each, `locals` locals written everywhere: the shape that makes
/// compilers join values without end.
pub fn bomb(nest: u32, tables: u32, targets: u32, locals: u32, functions: u32) -> Vec<u8> {
    use we::Instruction as I;
    let mut types = we::TypeSection::new();
    types.ty().function([], [we::ValType::I32]);
    let mut memories = we::MemorySection::new();
    memories.memory(we::MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = we::ExportSection::new();
    exports.export("memory", we::ExportKind::Memory, 0);
    let (mut section, mut code) = (we::FunctionSection::new(), we::CodeSection::new());
    for index in 0..functions {
        section.function(0);
        exports.export(&format!("f{index}"), we::ExportKind::Func, index);
        let mut body = we::Function::new([(locals, we::ValType::I32)]);
        let mut step = |instruction| {
            body.instruction(&instruction);
        };
        for _ in 0..nest {
            step(I::Block(we::BlockType::Empty));
        }
        for table in 0..tables {
            step(I::Block(we::BlockType::Empty));
            step(I::LocalGet(0));
            let targets: Vec<u32> = (0..targets).map(|target| target % nest + 1).collect();
            step(I::BrTable(Cow::Owned(targets), 0));
            step(I::End);
            step(I::LocalGet((table + 1) % locals));
            step(I::LocalGet(0));
            step(I::I32Add);
            step(I::LocalSet(table % locals));
        }
        for level in 0..nest {
            step(I::End);
            step(I::LocalGet((level * 7 + 1) % locals));
            step(I::LocalGet(0));
            step(I::I32Add);
            step(I::LocalSet(level % locals));
        }
        for local in 0..locals {
            step(I::I32Const(0));
            step(I::LocalGet(local));
            step(I::I32Store(we::MemArg {
                offset: u64::from(local) * 4,
                align: 2,
                target: we::MemArgTarget::Memory(0),
                ordering: None,
            }));
        }
        step(I::I32Const(0));
        step(I::End);
        code.function(&body);
    }
    let mut module = we::Module::new();
    module.section(&types).section(&section).section(&memories).section(&exports).section(&code);
    module.finish()
}

#[test]
fn compiler_bombs_are_refused() {
    // (shape, the first bound it breaks); all were seen to take from 0.2 s to minutes in an optimising compiler.
    let cases = [
        ((1000, 4, 200, 2, 1), Item::Nesting),
        ((1000, 50, 1000, 200, 1), Item::FunctionBytes),
        ((120, 1000, 8, 250, 1), Item::Edges),
        ((120, 2000, 4, 250, 1), Item::Edges),
        ((120, 32, 255, 250, 1), Item::Edges),
        ((20, 100, 16, 250, 1), Item::EdgesByLocals),
        ((120, 1000, 8, 60, 1), Item::Edges),
        ((120, 1100, 8, 5, 1), Item::BranchTables),
        ((20, 100, 16, 15, 5), Item::EdgesModule),
        ((20, 80, 16, 60, 5), Item::EdgesByLocalsModule),
    ];
    for ((nest, tables, targets, locals, functions), expected) in cases {
        let code = bomb(nest, tables, targets, locals, functions);
        let rejected = prepare(&code).expect_err("refused");
        assert_eq!(bound(rejected), expected, "{nest} {tables}x{targets} {locals} {functions}");
    }
}

/// A `call_indirect` is few bytes and much work for a compiler: 32 units each, or a quarter of a megabyte of them takes
/// more than a second.
#[test]
fn a_flood_of_indirect_calls_is_refused() {
    let calls = |functions: usize, each: usize| {
        let body = "(call_indirect (type $none) (i32.const 0))".repeat(each);
        let flood = format!("(func {body})").repeat(functions);
        module(&format!("(type $none (func)) (table 1 funcref) {flood}"), "(i32.const 0)")
    };
    let allowed = prepare(&wasm(&calls(2, 3_000))).expect("within the bound");
    assert!(allowed.units > 190_000, "{} is not at the edge", allowed.units);
    assert_eq!(bound(refused(&calls(3, 3_000))), Item::EdgesByLocalsModule);
    assert_eq!(bound(refused(&calls(1, 3_200))), Item::EdgesByLocals);
}

#[test]
fn the_worst_shapes_within_the_bounds_compile() {
    // Each at the edge of the product bound; the wall clock is generous because test machines are shared.
    let machine = machine();
    for (nest, tables, targets, locals) in [(120, 7, 250, 48), (120, 70, 16, 60), (20, 280, 4, 49)] {
        let prepared = prepare(&bomb(nest, tables, targets, locals, 1)).expect("within the bounds");
        assert!(prepared.units > 80_000, "{} is not at the edge", prepared.units);
        let started = std::time::Instant::now();
        machine.load(prepared.key(), &prepared.instrumented).expect("compiles");
        assert!(started.elapsed().as_secs() < 10, "took {:?}", started.elapsed());
    }
}

#[test]
fn broken_bytes_are_malformed_wherever_they_break() {
    let code = wasm(&module(
        "(table 2 funcref) (elem (i32.const 0) $get) (data (i32.const 0) \"abc\") (global (mut i64) (i64.const 5))",
        "(local i64) (block (loop (br_if 1 (i32.const 1)) (br 0))) (i32.const 0)",
    ));
    let accepted = (0..code.len()).filter(|end| prepare(&code[..*end]).is_ok()).count();
    assert!(accepted <= 2, "a truncated module stands only without its data and names, which come last");
    // Any one bit: a refusal or a module that compiles, never a panic.
    let machine = machine();
    for bit in 0..code.len() * 8 {
        let mut flipped = code.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(prepared) = prepare(&flipped)
            && bit % 5 == 0
        {
            machine.load(prepared.key(), &prepared.instrumented).expect("what is accepted compiles");
        }
    }
    assert!(matches!(prepare(b""), Err(Rejected::Malformed { .. })));
    // A component, not a module.
    assert!(matches!(prepare(b"\0asm\x0d\0\x01\0"), Err(Rejected::Malformed { .. })));
}

#[test]
fn a_body_without_its_end_is_malformed() {
    let code = wasm(r#"(module (memory (export "memory") 1) (func (export "go") (result i32) i32.const 0))"#);
    // The body is `00 41 00 0b`: length 4, no locals, i32.const 0, end. Cut the end and repair both lengths.
    let mut cut = code[..code.len() - 1].to_vec();
    let body = cut.len() - 4;
    assert_eq!(cut[body], 4);
    cut[body] -= 1;
    cut[body - 2] -= 1;
    assert!(matches!(prepare(&cut), Err(Rejected::Malformed { function: Some(0), .. })));
}

#[test]
fn loops_and_recursion_end_by_their_counters() {
    let mut bench = Bench::new(&module(
        "(func $again (param i32) (result i32) (i32.add (i32.const 1) (call $again (local.get 0))))
         (func $ping (call $pong)) (func $pong (call $ping))
         (table 1 funcref) (elem (i32.const 0) $self) (type $t (func))
         (func $self (call_indirect (type $t) (i32.const 0)))
         (func (export \"empty_loop\") (result i32) (loop (br 0)) unreachable)
         (func (export \"recursion\") (result i32) (call $again (i32.const 1)))
         (func (export \"mutual\") (result i32) (call $ping) (i32.const 0))
         (func (export \"indirect\") (result i32) (call $self) (i32.const 0))",
        "(loop (drop (call $height)) (br 0)) unreachable",
    ));
    for entry in ["empty_loop", "go"] {
        let outcome = bench.call(entry, &[]);
        assert_eq!(outcome, Outcome::Failed { failure: Failure::OutOfGas, gas_used: 100_000_000 }, "{entry}");
    }
    for entry in ["recursion", "mutual", "indirect"] {
        let outcome = bench.call(entry, &[]);
        assert!(matches!(outcome, Outcome::Failed { failure: Failure::StackOverflow, .. }), "{entry}: {outcome:?}");
    }
}

/// Recursion through activations that are as large as a compiler can be made to make them: values moved out of loops
/// and values found equal before and after a call stay alive although nothing in the module's text keeps them.
#[test]
fn stack_units_end_before_the_native_stack_does() {
    let computed: String = (0..1500)
        .map(|i| {
            format!("(i64.store offset={} (i32.const 0) (i64.mul (local.get 0) (i64.const {})))", i * 8, i * 7919 + 3)
        })
        .collect();
    let invariant: String = (0..900)
        .map(|i| {
            format!(
                "(i64.store offset={} (local.get 1) (i64.rotl (i64.mul (local.get 0) (i64.const {})) (i64.const 9)))",
                i * 8,
                i * 7919 + 3
            )
        })
        .collect();
    let many_locals: String = (0..250)
        .map(|i| format!("(local.set {} (i64.xor (i64.load offset={} (i32.const 0)) (local.get 0)))", i + 1, i * 8))
        .collect();
    let used_after: String =
        (0..250).map(|i| format!("(i64.store offset={} (i32.const 0) (local.get {}))", i * 8, i + 1)).collect();
    let thirty_two = "(local.get 0) ".repeat(32);
    let functions = [
        // Equal values on both sides of the call.
        format!("(func $f (param i64) {computed} (call $f (i64.add (local.get 0) (i64.const 1))) {computed})"),
        // Values that do not change in a loop, with the call inside it.
        format!(
            "(func $f (param i64) (local i32) (loop {invariant}
              (call $f (i64.add (local.get 0) (i64.const 1)))
              (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 8))) (i32.const 64)))))"
        ),
        format!(
            "(func $f (param i64) (local {}) {many_locals} (call $f (local.get 5)) {used_after})",
            "i64 ".repeat(250)
        ),
        // Many arguments.
        format!(
            "(func $g (param {}) (call $f (local.get 3))) (func $f (param i64) (call $g {thirty_two}) (call $g {thirty_two}))",
            "i64 ".repeat(32)
        ),
        "(func $f (param i64) (call $f (local.get 0)))".to_owned(),
    ];
    for function in functions {
        let mut bench = Bench::new(&module(&function, "(call $f (i64.const 5)) (i32.const 0)"));
        let outcome = bench.try_call("go", &[], 1 << 40).expect("no fault: the units ended first");
        let Outcome::Failed { failure, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(failure, Failure::StackOverflow, "{}", &function[..60]);
        // The same on a compiler that moves and shares values as far as it can.
        let optimised = run(&FAST, &bench.prepared.instrumented);
        assert_eq!(optimised.end.result, Err("Some(UnreachableCodeReached)".into()), "{}", &function[..60]);
        assert!(optimised.counters[1] < Some(0));
    }
}

#[test]
fn traps_have_canonical_kinds() {
    let cases = [
        ("unreachable", Trap::Unreachable),
        ("(i32.load (i32.const 65533))", Trap::MemoryOutOfBounds),
        ("(i32.load offset=4294967295 (i32.const -1))", Trap::MemoryOutOfBounds),
        ("(i64.store (i32.const -1) (i64.const 0)) (i32.const 0)", Trap::MemoryOutOfBounds),
        ("(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000)) (i32.const 0)", Trap::MemoryOutOfBounds),
        ("(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000)) (i32.const 0)", Trap::MemoryOutOfBounds),
        ("(i32.div_u (i32.const 1) (i32.const 0))", Trap::DivisionByZero),
        ("(i32.wrap_i64 (i64.rem_s (i64.const 1) (i64.const 0)))", Trap::DivisionByZero),
        ("(i32.div_s (i32.const 0x80000000) (i32.const -1))", Trap::IntegerOverflow),
        ("(call_indirect (type $none) (i32.const 0)) (i32.const 0)", Trap::IndirectCall),
        ("(call_indirect (type $none) (i32.const 1)) (i32.const 0)", Trap::IndirectCall),
        ("(call_indirect (type $none) (i32.const 9)) (i32.const 0)", Trap::IndirectCall),
    ];
    for (body, expected) in cases {
        let mut bench = Bench::new(&module("(type $none (func)) (table 2 funcref) (elem (i32.const 0) $get)", body));
        assert_eq!(bench.failure("go", &[]), Failure::Trap(expected), "{body}");
    }
}

#[test]
fn memory_grows_to_its_maximum_and_no_further() {
    let mut bench = Bench::new(&entry(
        "(i32.store (i32.const 0) (memory.grow (i32.const 63)))
         (i32.store (i32.const 4) (memory.grow (i32.const 1)))
         (i32.store (i32.const 8) (memory.grow (i32.const 65536)))
         (i32.store (i32.const 12) (memory.size))
         (i32.store8 (i32.const 4194303) (i32.const 1))
         (call $ret (i32.const 0) (i32.const 16)) (i32.const 0)",
    ));
    let expected: Vec<u8> = [1i32, -1, -1, 64].into_iter().flat_map(i32::to_le_bytes).collect();
    let outcome = bench.try_call("go", &[], 1 << 40).expect("no fault");
    assert!(matches!(&outcome, Outcome::Success { output, .. } if *output == expected), "{outcome:?}");
    // With a maximum of its own.
    let text = entry("(memory.grow (i32.const 2))").replace("\"memory\") 1)", "\"memory\") 1 2)");
    assert_eq!(Bench::new(&text).failure("go", &[]), Failure::Returned { status: -1 });
    // Pages that cannot be had are paid for all the same, and the receipt stays within its limit.
    let mut greedy = Bench::new(&entry("(memory.grow (i32.const -1))"));
    assert_eq!(greedy.call("go", &[]), Outcome::Failed { failure: Failure::OutOfGas, gas_used: 100_000_000 });
}

#[test]
fn a_flood_of_events_is_stopped() {
    let mut bench = Bench::new(&entry(
        "(loop (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 2000)) (br 0)) unreachable",
    ));
    let outcome = bench.try_call("go", &[], 1 << 40).expect("no fault");
    assert!(matches!(outcome, Outcome::Failed { failure: Failure::Limit(Limit::EventBytes), .. }), "{outcome:?}");
    assert!(bench.host.events.len() <= 65);
}

#[test]
fn codes_are_stable_and_distinct() {
    assert_eq!(refused(&module("(func $s) (start $s)", "(i32.const 0)")).code(), "XL-VM-START");
    assert_eq!(refused(&entry("(drop (f64.const 1)) (i32.const 0)")).code(), "XL-VM-FEATURE");
    assert_eq!(prepare(&[0; 300_000]).expect_err("refused").code(), "XL-VM-BOUND-MODULE-BYTES");
}
