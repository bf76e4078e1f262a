//! The instrumenter: adds metering to a checked module, so that gas and failures depend on the module's bytes alone and
//! not on the engine, its version or its optimiser (spec XL-VM-GAS). Golden vectors: `spec/vectors/vm.json`.
//!
//! # Gas
//! A mutable global counts down. Each basic block subtracts its whole price when it is entered and traps when the
//! counter falls below zero. Imports are replaced by wrappers that subtract a base and a price per byte *before* the
//! host runs, in calls, exports and element segments alike; lengths that only the result tells are charged after it.
//! `memory.fill`, `memory.copy` and `memory.grow` become calls of functions that charge by length first. Prices are
//! products of an unsigned 32-bit length and a 32-bit price in 64 bits and the counter starts at zero or above, so no
//! subtraction wraps before the test that follows it. The counter may overshoot by much: receipts clamp it.
//!
//! # Stack
//! A second global counts down [`stack_units`] for each activation and shares the gas test, `(gas | stack) < 0`. The
//! body becomes a block and `return` a branch to its end, so the units come back in one place. Small functions that
//! call nothing do not count.
//!
//! The units bound native memory as well. A compiler keeps at most the locals and the operands of an activation alive
//! at one time *as written*, but it also keeps results that it moved out of loops or found to be equal, so each
//! instruction that makes a value adds a quarter of a unit. With 32 bytes for a unit that is one 8-byte slot for each
//! such value and four for each local or operand; [`STACK_UNITS_MAX`] units fit the engine's stack, and a native
//! overflow is a fault of the node, never a result.

use crate::limits::{MEMORY_PAGES_MAX, STACK_UNITS_MAX};
use crate::rejected::Rejected;
use crate::schedule::{BULK_BYTES_PER_UNIT_LOG2, CALL, DATA_BYTE, GROWN_PAGE, HostFunction, PAGE, TABLE_ELEMENT};
use crate::validate::{Checked, Function, malformed, parser};
use std::convert::Infallible;
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, ExportKind, ExportSection, FunctionSection,
    GlobalSection, GlobalType, ImportSection, Instruction as I, MemorySection, MemoryType, Module, TableSection,
    TypeSection, ValType,
};
use wasmparser::{Operator, Payload};

/// Version of validator and instrumenter together, `wasmparser` and `wasm-encoder` included.
pub const INSTRUMENTER_VERSION: u32 = 1;

/// Export of the gas counter, a mutable `i64`.
pub(crate) const GAS_EXPORT: &str = "__gas";
/// Export of the stack counter, a mutable `i64`.
pub(crate) const STACK_EXPORT: &str = "__stack";

/// Functions that call nothing and need at most this many units do not count them.
const UNCOUNTED_UNITS_MAX: u64 = 64;
/// Units of an activation's fixed parts: return address, frame pointer, saved registers.
const ACTIVATION_UNITS: u64 = 8;

/// Stack units of one activation.
pub(crate) fn stack_units(locals: u32, operands: u32, values: u64) -> u64 {
    ACTIVATION_UNITS + u64::from(locals) + u64::from(operands) + values.div_ceil(4)
}

/// Bytes of native stack that [`STACK_UNITS_MAX`] units may take, with room for the functions that do not count.
pub(crate) const NATIVE_STACK_BYTES: usize = STACK_UNITS_MAX as usize * 32 + (64 << 10);

/// Sends every use of an import to its wrapper: calls, exports and element segments all pass here.
struct ToWrappers {
    imports: u32,
    /// Index of the first wrapper.
    wrappers: u32,
}

impl Reencode for ToWrappers {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Infallible>> {
        Ok(if function < self.imports { self.wrappers + function } else { function })
    }
}

type Encoded<T> = Result<T, reencode::Error<Infallible>>;

/// Adds metering to `checked`, which was read from `code`.
pub(crate) fn instrument(code: &[u8], checked: &Checked<'_>) -> Result<Vec<u8>, Rejected> {
    encode(code, checked).map_err(|error| match error {
        reencode::Error::ParseError(error) => malformed(&error),
        // Unsupported or unexpected parts: the validator lets none of them through.
        _ => Rejected::Malformed { offset: 0, function: None },
    })
}

fn encode(code: &[u8], checked: &Checked<'_>) -> Encoded<Vec<u8>> {
    let imports = checked.imports.len() as u32;
    let wrappers = imports + checked.functions.len() as u32;
    let bulk = wrappers + imports;
    let mut to = ToWrappers { imports, wrappers };
    let counters = Counters { gas: checked.globals, stack: checked.globals + 1 };

    let mut types = TypeSection::new();
    let mut import_section = ImportSection::new();
    let mut functions = FunctionSection::new();
    let mut tables = TableSection::new();
    let mut memories = MemorySection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut elements = ElementSection::new();
    let mut data = DataSection::new();
    for payload in parser().parse_all(code) {
        match payload? {
            Payload::TypeSection(s) => to.parse_type_section(&mut types, s)?,
            Payload::ImportSection(s) => to.parse_import_section(&mut import_section, s)?,
            Payload::FunctionSection(s) => to.parse_function_section(&mut functions, s)?,
            Payload::TableSection(s) => to.parse_table_section(&mut tables, s)?,
            Payload::MemorySection(s) => {
                for memory in s {
                    let memory = memory?;
                    memories.memory(MemoryType {
                        minimum: memory.initial,
                        maximum: Some(memory.maximum.unwrap_or(MEMORY_PAGES_MAX).min(MEMORY_PAGES_MAX)),
                        memory64: false,
                        shared: false,
                        page_size_log2: None,
                    });
                }
            }
            Payload::GlobalSection(s) => to.parse_global_section(&mut globals, s)?,
            Payload::ExportSection(s) => to.parse_export_section(&mut exports, s)?,
            Payload::ElementSection(s) => to.parse_element_section(&mut elements, s)?,
            Payload::DataSection(s) => to.parse_data_section(&mut data, s)?,
            _ => {}
        }
    }

    let bulk_type = types.len();
    types.ty().function([ValType::I32; 3], []);
    types.ty().function([ValType::I32], [ValType::I32]);
    for (_, ty) in &checked.imports {
        functions.function(*ty);
    }
    functions.function(bulk_type).function(bulk_type).function(bulk_type + 1);
    for _ in 0..2 {
        let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i64_const(0));
    }
    exports.export(GAS_EXPORT, ExportKind::Global, counters.gas);
    exports.export(STACK_EXPORT, ExportKind::Global, counters.stack);

    let mut bodies = CodeSection::new();
    for function in &checked.functions {
        bodies.function(&counters.body(&mut to, function, bulk)?);
    }
    for (import, (host, _)) in (0u32..).zip(&checked.imports) {
        bodies.function(&counters.wrapper(&mut to, import, host)?);
    }
    bodies.function(&counters.bulk(I::MemoryFill(0)));
    bodies.function(&counters.bulk(I::MemoryCopy { src_mem: 0, dst_mem: 0 }));
    bodies.function(&counters.grow());

    let mut module = Module::new();
    module.section(&types);
    if !import_section.is_empty() {
        module.section(&import_section);
    }
    module.section(&functions);
    if !tables.is_empty() {
        module.section(&tables);
    }
    module.section(&memories).section(&globals).section(&exports);
    if !elements.is_empty() {
        module.section(&elements);
    }
    module.section(&bodies);
    if !data.is_empty() {
        module.section(&data);
    }
    Ok(module.finish())
}

/// Indices of the two counters, and the code that uses them.
struct Counters {
    gas: u32,
    stack: u32,
}

impl Counters {
    fn body(&self, to: &mut ToWrappers, function: &Function<'_>, bulk: u32) -> Encoded<wasm_encoder::Function> {
        let mut locals = Vec::new();
        for group in function.body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, to.val_type(ty)?));
        }
        locals.push((1, ValType::I64));
        let scratch = function.locals;
        let counted = !(function.leaf && function.stack <= UNCOUNTED_UNITS_MAX);

        let mut code = wasm_encoder::Function::new(locals);
        let mut charges = function.charges.iter().copied().peekable();
        if counted {
            let first = charges.next_if(|(at, _)| *at == 0).map_or(0, |(_, gas)| gas);
            self.enter(&mut code, first, function.stack, scratch);
            let result = function.result.map(|ty| to.val_type(ty)).transpose()?;
            code.instruction(&I::Block(result.map_or(BlockType::Empty, BlockType::Result)));
        }
        let mut depth = 0u32;
        let mut reader = function.body.get_operators_reader()?;
        let mut index = 0u32;
        while !reader.eof() {
            let op = reader.read()?;
            if let Some((_, gas)) = charges.next_if(|(at, _)| *at == index) {
                self.charge(&mut code, gas, scratch);
            }
            index += 1;
            match &op {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End if !reader.eof() => depth -= 1,
                _ => {}
            }
            match op {
                Operator::Return if counted => code.instruction(&I::Br(depth)),
                Operator::MemoryFill { .. } => code.instruction(&I::Call(bulk)),
                Operator::MemoryCopy { .. } => code.instruction(&I::Call(bulk + 1)),
                Operator::MemoryGrow { .. } => code.instruction(&I::Call(bulk + 2)),
                Operator::End if counted && reader.eof() => {
                    code.instruction(&I::End);
                    self.leave(&mut code, function.stack);
                    code.instruction(&I::End)
                }
                op => code.instruction(&to.instruction(op)?),
            };
        }
        Ok(code)
    }

    /// Takes gas and stack units and tests both at once.
    fn enter(&self, code: &mut wasm_encoder::Function, gas: u64, stack: u64, scratch: u32) {
        emit(
            code,
            &[
                I::GlobalGet(self.stack),
                I::I64Const(stack.cast_signed()),
                I::I64Sub,
                I::LocalTee(scratch),
                I::GlobalSet(self.stack),
                I::GlobalGet(self.gas),
                I::I64Const(gas.cast_signed()),
                I::I64Sub,
                I::GlobalSet(self.gas),
                I::LocalGet(scratch),
                I::GlobalGet(self.gas),
                I::I64Or,
            ],
        );
        trap_if_negative(code);
    }

    fn leave(&self, code: &mut wasm_encoder::Function, stack: u64) {
        emit(code, &[I::GlobalGet(self.stack), I::I64Const(stack.cast_signed()), I::I64Add, I::GlobalSet(self.stack)]);
    }

    /// Takes the gas of a basic block.
    fn charge(&self, code: &mut wasm_encoder::Function, gas: u64, scratch: u32) {
        emit(
            code,
            &[
                I::GlobalGet(self.gas),
                I::I64Const(gas.cast_signed()),
                I::I64Sub,
                I::LocalTee(scratch),
                I::GlobalSet(self.gas),
                I::LocalGet(scratch),
            ],
        );
        trap_if_negative(code);
    }

    /// Stands for an import: base and bytes before the host runs, bytes of its answer after.
    fn wrapper(&self, to: &mut ToWrappers, import: u32, host: &HostFunction) -> Encoded<wasm_encoder::Function> {
        let parameters = host.params.len() as u32;
        let mut locals = Vec::new();
        if let Some(ty) = host.result.filter(|_| host.charges_result) {
            locals.push((1, to.val_type(ty)?));
        }
        let mut code = wasm_encoder::Function::new(locals);
        emit(&mut code, &[I::GlobalGet(self.gas), I::I64Const(host.base.into()), I::I64Sub]);
        for &length in host.lengths {
            take_bytes(&mut code, length, host.per_byte);
        }
        emit(&mut code, &[I::GlobalSet(self.gas), I::GlobalGet(self.gas)]);
        trap_if_negative(&mut code);
        for parameter in 0..parameters {
            code.instruction(&I::LocalGet(parameter));
        }
        code.instruction(&I::Call(import));
        if host.charges_result {
            emit(
                &mut code,
                &[I::LocalTee(parameters), I::I32Const(0), I::I32GtS, I::If(BlockType::Empty), I::GlobalGet(self.gas)],
            );
            take_bytes(&mut code, parameters, host.per_byte);
            emit(&mut code, &[I::GlobalSet(self.gas), I::GlobalGet(self.gas)]);
            trap_if_negative(&mut code);
            emit(&mut code, &[I::End, I::LocalGet(parameters)]);
        }
        code.instruction(&I::End);
        Ok(code)
    }

    /// `(to, value or from, length)`: takes the length's gas, then does `op`.
    fn bulk(&self, op: I<'_>) -> wasm_encoder::Function {
        let mut code = wasm_encoder::Function::new([]);
        emit(
            &mut code,
            &[
                I::GlobalGet(self.gas),
                I::LocalGet(2),
                I::I64ExtendI32U,
                I::I64Const((1 << BULK_BYTES_PER_UNIT_LOG2) - 1),
                I::I64Add,
                I::I64Const(BULK_BYTES_PER_UNIT_LOG2.into()),
                I::I64ShrU,
                I::I64Sub,
                I::GlobalSet(self.gas),
                I::GlobalGet(self.gas),
            ],
        );
        trap_if_negative(&mut code);
        emit(&mut code, &[I::LocalGet(0), I::LocalGet(1), I::LocalGet(2), op, I::End]);
        code
    }

    /// `(pages) -> pages before or -1`: takes the pages' gas, whether or not the memory may grow so far.
    fn grow(&self) -> wasm_encoder::Function {
        let mut code = wasm_encoder::Function::new([]);
        emit(
            &mut code,
            &[
                I::GlobalGet(self.gas),
                I::LocalGet(0),
                I::I64ExtendI32U,
                I::I64Const(GROWN_PAGE.cast_signed()),
                I::I64Mul,
                I::I64Sub,
                I::GlobalSet(self.gas),
                I::GlobalGet(self.gas),
            ],
        );
        trap_if_negative(&mut code);
        emit(&mut code, &[I::LocalGet(0), I::MemoryGrow(0), I::End]);
        code
    }
}

/// With the counter on the stack: takes `price` for each of the bytes that local `length` counts.
fn take_bytes(code: &mut wasm_encoder::Function, length: u32, price: u32) {
    emit(code, &[I::LocalGet(length), I::I64ExtendI32U, I::I64Const(price.into()), I::I64Mul, I::I64Sub]);
}

/// With a value on the stack: traps when it is negative.
fn trap_if_negative(code: &mut wasm_encoder::Function) {
    emit(code, &[I::I64Const(0), I::I64LtS, I::If(BlockType::Empty), I::Unreachable, I::End]);
}

fn emit(code: &mut wasm_encoder::Function, instructions: &[I<'_>]) {
    for instruction in instructions {
        code.instruction(instruction);
    }
}

/// Gas that a call pays before its first instruction: the instance, its pages, its data and its table.
pub(crate) fn start_gas(instrumented: &[u8]) -> wasmparser::Result<u64> {
    let mut gas = CALL;
    for payload in parser().parse_all(instrumented) {
        match payload? {
            Payload::MemorySection(section) => {
                for memory in section {
                    gas += memory?.initial * PAGE;
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    gas += table?.ty.initial * TABLE_ELEMENT;
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    gas += data?.data.len() as u64 * DATA_BYTE;
                }
            }
            _ => {}
        }
    }
    Ok(gas)
}
