//! Draws a contract module from bytes: valid, ending, and full of what metering has to get right.

use std::borrow::Cow;
use wasm_encoder::{self as we, BlockType, Instruction as I, ValType};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    /// A block without a result: what branches may go to.
    Plain,
    /// A block with a result.
    Value,
    /// A loop: only its own end branches to it, after counting down.
    Loop,
}

/// Draws a module from bytes, so that shorter and smaller bytes are simpler modules. Everything it draws passes the
/// type checker and ends: loops count down, and functions call only those behind them.
struct Draw<'a> {
    bytes: std::slice::Iter<'a, u8>,
    /// Parameter and result of each function; the entry is the first.
    signatures: Vec<(ValType, ValType)>,
    function: usize,
    /// Open blocks, innermost last.
    labels: Vec<Label>,
    loops: u32,
    code: we::Function,
    /// Whether to use what costs more than its instruction: the host, bulk operations, growth.
    metered_apart: bool,
}

const LOCALS: [ValType; 5] = [ValType::I32, ValType::I64, ValType::I32, ValType::I64, ValType::I32];
/// Locals 1.. are [`LOCALS`]; behind them one counter for each loop.
const COUNTERS: u32 = 1 + LOCALS.len() as u32;
const LOOPS_MAX: u32 = 3;
const MEM: fn(u64, u32) -> we::MemArg =
    |offset, align| we::MemArg { offset, align, target: we::MemArgTarget::Memory(0), ordering: None };

impl Draw<'_> {
    fn next(&mut self, below: u8) -> u8 {
        self.bytes.next().map_or(0, |byte| byte % below)
    }

    fn put(&mut self, instruction: I<'_>) {
        self.code.instruction(&instruction);
    }

    fn ty(&mut self) -> ValType {
        if self.next(2) == 0 { ValType::I32 } else { ValType::I64 }
    }

    fn local(&mut self, ty: ValType) -> u32 {
        let of_type: Vec<u32> = (1..).zip(LOCALS).filter(|(_, t)| *t == ty).map(|(i, _)| i).collect();
        of_type[self.next(of_type.len() as u8) as usize]
    }

    /// Leaves a value of `ty`.
    fn value(&mut self, ty: ValType, depth: u32) {
        let wide = ty == ValType::I64;
        let choice = if depth == 0 { self.next(2) } else { self.next(14) };
        match choice {
            0 => {
                let small = i64::from(self.next(255)) - 3;
                self.put(if wide { I::I64Const(small << self.loops) } else { I::I32Const(small as i32) });
            }
            1 => {
                let local = self.local(ty);
                self.put(I::LocalGet(local));
            }
            2..=4 => {
                self.value(ty, depth - 1);
                self.value(ty, depth - 1);
                let narrow =
                    [I::I32Add, I::I32Sub, I::I32Mul, I::I32Xor, I::I32ShrU, I::I32DivS, I::I32RemU, I::I32Rotl];
                let broad =
                    [I::I64Add, I::I64Sub, I::I64Mul, I::I64Xor, I::I64ShrU, I::I64DivS, I::I64RemU, I::I64Rotl];
                let index = self.next(8) as usize;
                self.put(if wide { broad[index].clone() } else { narrow[index].clone() });
            }
            5 => {
                let other = if wide { ValType::I32 } else { ValType::I64 };
                self.value(other, depth - 1);
                self.put(if wide { I::I64ExtendI32S } else { I::I32WrapI64 });
            }
            6 => {
                self.address(depth - 1);
                let offset = u64::from(self.next(200));
                self.put(if wide { I::I64Load(MEM(offset, 3)) } else { I::I32Load16S(MEM(offset, 1)) });
            }
            7 => {
                self.value(ty, depth - 1);
                self.value(ty, depth - 1);
                self.value(ValType::I32, depth - 1);
                self.put(I::Select);
            }
            8 => {
                self.value(ValType::I32, depth - 1);
                self.put(I::If(BlockType::Result(ty)));
                self.labels.push(Label::Value);
                self.body(Some(ty), depth - 1);
                self.put(I::Else);
                self.body(Some(ty), depth - 1);
                self.close();
            }
            9 => {
                self.put(I::Block(BlockType::Result(ty)));
                self.labels.push(Label::Value);
                self.body(Some(ty), depth - 1);
                self.close();
            }
            10 | 11 if self.function + 1 < self.signatures.len() => {
                let later = self.signatures.len() - self.function - 1;
                let callee = self.function + 1 + self.next(later as u8) as usize;
                let (parameter, result) = self.signatures[callee];
                self.value(parameter, depth - 1);
                let callee_index = callee as u32 + HOST_IMPORTS;
                if self.next(3) == 0 {
                    self.put(I::I32Const(callee as i32));
                    self.put(I::CallIndirect { type_index: type_of(parameter, result), table_index: 0 });
                } else {
                    self.put(I::Call(callee_index));
                }
                self.convert(result, ty);
            }
            12 if self.metered_apart => {
                match self.next(3) {
                    0 => self.put(I::Call(0)),
                    1 => {
                        let pages = i32::from(self.next(3));
                        self.put(I::I32Const(pages));
                        self.put(I::MemoryGrow(0));
                    }
                    _ => {
                        self.address(0);
                        self.put(I::I32Const(5));
                        self.address(0);
                        self.put(I::I32Const(9));
                        self.put(I::Call(1));
                    }
                }
                self.convert(ValType::I32, ty);
            }
            _ => {
                self.put(I::GlobalGet(0));
                self.convert(ValType::I64, ty);
            }
        }
    }

    fn convert(&mut self, from: ValType, to: ValType) {
        match (from, to) {
            (ValType::I32, ValType::I64) => self.put(I::I64ExtendI32U),
            (ValType::I64, ValType::I32) => self.put(I::I32WrapI64),
            _ => {}
        }
    }

    /// An address that is mostly inside the memory.
    fn address(&mut self, depth: u32) {
        self.value(ValType::I32, depth);
        if self.next(16) > 0 {
            self.put(I::I32Const(0x7FFF));
            self.put(I::I32And);
        }
    }

    /// Some statements, then a value if `result` asks for one.
    fn body(&mut self, result: Option<ValType>, depth: u32) {
        for _ in 0..self.next(3) {
            self.statement(depth);
        }
        if let Some(ty) = result {
            self.value(ty, depth);
        }
    }

    fn close(&mut self) {
        self.labels.pop();
        self.put(I::End);
    }

    fn statement(&mut self, depth: u32) {
        let inner = depth.saturating_sub(1);
        match self.next(if depth == 0 { 3 } else { 12 }) {
            0 | 1 => {
                let ty = self.ty();
                let local = self.local(ty);
                self.value(ty, inner);
                self.put(I::LocalSet(local));
            }
            2 => {
                self.value(ValType::I64, inner);
                self.put(I::GlobalSet(0));
            }
            3 | 4 => {
                self.address(inner);
                self.value(ValType::I64, inner);
                self.put(I::I64Store(MEM(16, 3)));
            }
            5 => {
                self.put(I::Block(BlockType::Empty));
                self.labels.push(Label::Plain);
                self.body(None, inner);
                self.close();
            }
            6 => {
                self.value(ValType::I32, inner);
                self.put(I::If(BlockType::Empty));
                self.labels.push(Label::Plain);
                self.body(None, inner);
                if self.next(2) == 0 {
                    self.put(I::Else);
                    self.body(None, inner);
                }
                self.close();
            }
            7 if self.loops < LOOPS_MAX => {
                let counter = COUNTERS + self.loops;
                self.loops += 1;
                let rounds = i32::from(self.next(4)) + 1;
                self.put(I::I32Const(rounds));
                self.put(I::LocalSet(counter));
                // Branches out of the loop's body pass the block around it, those to the loop would not count down.
                self.put(I::Block(BlockType::Empty));
                self.labels.push(Label::Plain);
                self.put(I::Loop(BlockType::Empty));
                self.put(I::Block(BlockType::Empty));
                self.labels.extend([Label::Loop, Label::Plain]);
                self.body(None, inner);
                self.close();
                for i in [I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter)] {
                    self.put(i);
                }
                self.put(I::BrIf(0));
                self.close();
                self.close();
                self.loops -= 1;
            }
            8 | 9 => self.branch(inner),
            10 => {
                let (_, result) = self.signatures[self.function];
                self.value(ValType::I32, inner);
                self.put(I::If(BlockType::Empty));
                self.labels.push(Label::Plain);
                self.value(result, inner);
                self.put(I::Return);
                self.close();
            }
            11 if self.metered_apart => {
                self.address(0);
                self.address(0);
                let length = i32::from(self.next(100));
                self.put(I::I32Const(length));
                let fill = self.next(2) == 0;
                self.put(if fill { I::MemoryFill(0) } else { I::MemoryCopy { src_mem: 0, dst_mem: 0 } });
            }
            _ => {
                let ty = self.ty();
                self.value(ty, inner);
                self.put(I::Drop);
            }
        }
    }

    /// A conditional branch or a branch table.
    fn branch(&mut self, depth: u32) {
        let plain = self.labels.iter().rev().zip(0u32..).filter(|(label, _)| **label == Label::Plain);
        let targets: Vec<u32> = plain.map(|(_, target)| target).collect();
        let Ok(count @ 1..) = u8::try_from(targets.len()) else { return };
        if self.next(3) == 0 {
            self.put(I::Block(BlockType::Empty));
            self.labels.push(Label::Plain);
            self.value(ValType::I32, depth);
            let table: Vec<u32> = (0..self.next(4)).map(|_| targets[self.next(count) as usize] + 1).collect();
            self.put(I::BrTable(Cow::Owned(table), 0));
            self.close();
        } else {
            self.value(ValType::I32, depth);
            let target = targets[self.next(count) as usize];
            self.put(I::BrIf(target));
        }
    }
}

/// `input_len` and `get`.
const HOST_IMPORTS: u32 = 2;

fn type_of(parameter: ValType, result: ValType) -> u32 {
    HOST_IMPORTS + 2 * u32::from(parameter == ValType::I64) + u32::from(result == ValType::I64)
}

/// A module with one entry `go`.
pub fn draw(bytes: &[u8], metered_apart: bool) -> Vec<u8> {
    let widths = [ValType::I32, ValType::I64];
    let mut types = we::TypeSection::new();
    types.ty().function([], [ValType::I32]);
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    for parameter in widths {
        for result in widths {
            types.ty().function([parameter], [result]);
        }
    }
    let mut imports = we::ImportSection::new();
    imports.import("env", "input_len", we::EntityType::Function(0));
    imports.import("env", "get", we::EntityType::Function(1));

    let mut bytes = bytes.iter();
    let mut pick = |below: u8| bytes.next().map_or(0, |byte| byte % below);
    let count = 1 + pick(4);
    let signatures: Vec<_> = (0..count).map(|_| (widths[pick(2) as usize], widths[pick(2) as usize])).collect();
    let mut functions = we::FunctionSection::new();
    let mut code = we::CodeSection::new();
    for (function, (parameter, result)) in signatures.iter().enumerate() {
        functions.function(type_of(*parameter, *result));
        let locals: Vec<_> = LOCALS.iter().map(|ty| (1, *ty)).chain([(LOOPS_MAX, ValType::I32)]).collect();
        let mut draw = Draw {
            bytes,
            signatures: signatures.clone(),
            function,
            labels: Vec::new(),
            loops: 0,
            code: we::Function::new(locals),
            metered_apart,
        };
        let copy = if *parameter == ValType::I32 { 1 } else { 2 };
        draw.put(I::LocalGet(0));
        draw.put(I::LocalSet(copy));
        for _ in 0..draw.next(8) {
            draw.statement(4);
        }
        draw.body(Some(*result), 4);
        draw.put(I::End);
        code.function(&draw.code);
        bytes = draw.bytes;
    }
    functions.function(0);
    let mut go = we::Function::new([]);
    let (parameter, result) = signatures[0];
    go.instruction(&if parameter == ValType::I64 { I::I64Const(77) } else { I::I32Const(77) });
    go.instruction(&I::Call(HOST_IMPORTS));
    if result == ValType::I64 {
        go.instruction(&I::I32WrapI64);
    }
    go.instruction(&I::End);
    code.function(&go);

    let mut tables = we::TableSection::new();
    tables.table(we::TableType {
        element_type: we::RefType::FUNCREF,
        minimum: u64::from(count),
        maximum: None,
        table64: false,
        shared: false,
    });
    let mut elements = we::ElementSection::new();
    let indices: Vec<u32> = (0..u32::from(count)).map(|f| f + HOST_IMPORTS).collect();
    elements.active(None, &we::ConstExpr::i32_const(0), we::Elements::Functions(Cow::Owned(indices)));
    let mut memories = we::MemorySection::new();
    let pages = we::MemoryType { minimum: 1, maximum: Some(3), memory64: false, shared: false, page_size_log2: None };
    memories.memory(pages);
    let mut globals = we::GlobalSection::new();
    globals.global(COUNTER_TYPE, &we::ConstExpr::i64_const(-9));
    let mut exports = we::ExportSection::new();
    exports.export("memory", we::ExportKind::Memory, 0);
    exports.export("go", we::ExportKind::Func, HOST_IMPORTS + u32::from(count));
    let mut data = we::DataSection::new();
    data.active(0, &we::ConstExpr::i32_const(100), (0..200u8).collect::<Vec<_>>());
    let mut module = we::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code).section(&data);
    module.finish()
}

pub const COUNTER_TYPE: we::GlobalType = we::GlobalType { val_type: ValType::I64, mutable: true, shared: false };
