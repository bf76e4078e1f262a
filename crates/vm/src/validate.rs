//! The deploy-time validator: a pure function from bytes to what the instrumenter needs, or a typed refusal.
//!
//! Whatever the module is, the work is linear in its size. The type checker is `wasmparser`'s with the features of
//! [`FEATURES`]; the limits are ours. Its version is pinned exactly and belongs to [`crate::INSTRUMENTER_VERSION`].

use crate::limits::*;
use crate::rejected::{Feature, Item, Rejected, bound};
use crate::schedule::{self, HostFunction};
use wasmparser::{
    CompositeInnerType, ConstExpr, DataKind, ElementItems, ElementKind, Encoding, ExternalKind, FuncToValidate,
    FuncType, FuncValidatorAllocations, FunctionBody, Operator, Parser, Payload, TypeRef, ValType, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// What contracts may use beyond the first version of WebAssembly: the integers' part of it, exported mutable globals
/// (none of which may be exported), sign extension, `memory.fill` and `memory.copy`.
pub(crate) const FEATURES: WasmFeatures =
    WasmFeatures::MUTABLE_GLOBAL.union(WasmFeatures::SIGN_EXTENSION).union(WasmFeatures::BULK_MEMORY_OPT);

/// A module that may be deployed.
pub(crate) struct Checked<'a> {
    /// Imports in order: the host function and the index of its type.
    pub imports: Vec<(&'static HostFunction, u32)>,
    pub functions: Vec<Function<'a>>,
    pub globals: u32,
    /// Names of the entries in the order of the exports.
    pub entries: Vec<String>,
    /// Sum of control edges x (locals + 1).
    pub units: u64,
}

/// A function with a body.
pub(crate) struct Function<'a> {
    pub body: FunctionBody<'a>,
    pub result: Option<ValType>,
    /// Parameters and locals.
    pub locals: u32,
    /// (index of an instruction, gas of the basic block that starts there), ascending.
    pub charges: Vec<(u32, u64)>,
    /// Stack units of one activation.
    pub stack: u64,
    /// Whether it calls nothing.
    pub leaf: bool,
}

pub(crate) fn check(code: &[u8]) -> Result<Checked<'_>, Rejected> {
    bound(Item::ModuleBytes, code.len() as u64, MODULE_BYTES_MAX as u64, None)?;
    Reader::default().read(code).map_err(|rejected| match rejected {
        Rejected::Malformed { offset, function } => match unsupported_feature(code) {
            Some(feature) => Rejected::Feature { feature, offset, function },
            None => rejected,
        },
        _ => rejected,
    })
}

/// A reader for contracts' bytes, at the features they may use.
pub(crate) fn parser() -> Parser {
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    parser
}

pub(crate) fn malformed(error: &wasmparser::Error) -> Rejected {
    Rejected::Malformed { offset: error.offset(), function: None }
}

macro_rules! ok {
    ($result:expr) => {
        $result.map_err(|e| malformed(&e))?
    };
}

#[derive(Default)]
struct Reader<'a> {
    types: Vec<FuncType>,
    /// Type of each function, imports first.
    function_types: Vec<u32>,
    imports: Vec<(&'static HostFunction, u32)>,
    functions: Vec<Function<'a>>,
    entries: Vec<String>,
    globals: u32,
    memory_pages: Option<u64>,
    memory_exported: bool,
    table_elements: u64,
    branch_targets: u64,
    edges: u64,
    units: u64,
}

impl<'a> Reader<'a> {
    fn read(mut self, code: &'a [u8]) -> Result<Checked<'a>, Rejected> {
        let mut validator = Validator::new_with_features(FEATURES);
        let mut allocations = FuncValidatorAllocations::default();
        for payload in parser().parse_all(code) {
            let payload = ok!(payload);
            if let Payload::DataCountSection { .. } = payload {
                // Compilers write it as soon as they may use bulk operations. The reader holds it against the data
                // section; the type checker must not know of it, so that what it is for (passive segments) stays refused.
                continue;
            }
            match ok!(validator.payload(&payload)) {
                ValidPayload::Func(function, body) => allocations = self.function(function, body, allocations)?,
                _ => self.section(payload)?,
            }
        }
        if !self.memory_exported {
            return Err(Rejected::Memory);
        }
        if self.entries.is_empty() {
            return Err(Rejected::NoEntry);
        }
        let Self { imports, functions, globals, entries, units, .. } = self;
        Ok(Checked { imports, functions, globals, entries, units })
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Rejected> {
        match payload {
            Payload::Version { encoding: Encoding::Module, .. }
            | Payload::CodeSectionStart { .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => Ok(()),
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => {
                bound(Item::Functions, section.count().into(), FUNCTIONS_MAX.into(), None)?;
                for ty in section {
                    self.function_types.push(ok!(ty));
                }
                Ok(())
            }
            Payload::TableSection(section) => {
                bound(Item::Tables, section.count().into(), 1, None)?;
                for table in section {
                    self.table_elements = ok!(table).ty.initial;
                    bound(Item::TableElements, self.table_elements, TABLE_ELEMENTS_MAX, None)?;
                }
                Ok(())
            }
            Payload::MemorySection(section) => {
                bound(Item::Memories, section.count().into(), 1, None)?;
                for memory in section {
                    let pages = ok!(memory).initial;
                    bound(Item::MemoryPages, pages, MEMORY_PAGES_MAX, None)?;
                    self.memory_pages = Some(pages);
                }
                Ok(())
            }
            Payload::GlobalSection(section) => {
                self.globals = section.count();
                bound(Item::Globals, self.globals.into(), GLOBALS_MAX.into(), None)
            }
            Payload::ExportSection(section) => self.exports(section),
            Payload::StartSection { .. } => Err(Rejected::Start),
            Payload::ElementSection(section) => self.elements(section),
            Payload::DataSection(section) => self.data(section),
            _ => Err(Rejected::Malformed { offset: 0, function: None }),
        }
    }

    fn types(&mut self, section: wasmparser::TypeSectionReader<'a>) -> Result<(), Rejected> {
        bound(Item::Types, section.count().into(), TYPES_MAX.into(), None)?;
        for group in section.into_iter_with_offsets() {
            let (offset, group) = ok!(group);
            for ty in group.into_types() {
                let CompositeInnerType::Func(function) = ty.composite_type.inner else {
                    return Err(Rejected::Malformed { offset, function: None });
                };
                bound(Item::Parameters, function.params().len() as u64, PARAMS_MAX.into(), None)?;
                self.types.push(function);
            }
        }
        Ok(())
    }

    fn imports(&mut self, section: wasmparser::ImportSectionReader<'a>) -> Result<(), Rejected> {
        bound(Item::Imports, section.count().into(), IMPORTS_MAX.into(), None)?;
        for (import, item) in (0u32..).zip(section.into_imports()) {
            let item = ok!(item);
            let host = if item.module == "env" { schedule::host_function(item.name) } else { None };
            let (Some(host), TypeRef::Func(ty)) = (host, item.ty) else {
                return Err(Rejected::ImportUnknown { import });
            };
            let function = &self.types[ty as usize];
            if function.params() != host.params || function.results() != host.result.as_slice() {
                return Err(Rejected::ImportType { import, name: host.name });
            }
            self.imports.push((host, ty));
            self.function_types.push(ty);
        }
        Ok(())
    }

    fn exports(&mut self, section: wasmparser::ExportSectionReader<'a>) -> Result<(), Rejected> {
        bound(Item::Exports, section.count().into(), EXPORTS_MAX.into(), None)?;
        for (export, item) in (0u32..).zip(section) {
            let item = ok!(item);
            match item.kind {
                ExternalKind::Memory if item.name == "memory" => self.memory_exported = true,
                ExternalKind::Func => {
                    let ty = &self.types[self.function_types[item.index as usize] as usize];
                    if !ty.params().is_empty() || ty.results() != [ValType::I32] {
                        return Err(Rejected::Export { export });
                    }
                    let named = (1..=ENTRY_NAME_MAX).contains(&item.name.len())
                        && item.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                        && !item.name.starts_with("__");
                    if !named {
                        return Err(Rejected::ExportName { export });
                    }
                    self.entries.push(item.name.to_owned());
                }
                _ => return Err(Rejected::Export { export }),
            }
        }
        Ok(())
    }

    fn elements(&mut self, section: wasmparser::ElementSectionReader<'a>) -> Result<(), Rejected> {
        bound(Item::ElementSegments, section.count().into(), ELEMENT_SEGMENTS_MAX.into(), None)?;
        for (segment, element) in (0u32..).zip(section) {
            let element = ok!(element);
            let end = match (&element.kind, &element.items) {
                (ElementKind::Active { offset_expr, .. }, ElementItems::Functions(items)) => {
                    constant(offset_expr).map(|start| u64::from(start) + u64::from(items.count()))
                }
                _ => None,
            };
            if end.is_none_or(|end| end > self.table_elements) {
                return Err(Rejected::Segment { item: Item::ElementSegments, segment });
            }
        }
        Ok(())
    }

    fn data(&mut self, section: wasmparser::DataSectionReader<'a>) -> Result<(), Rejected> {
        bound(Item::DataSegments, section.count().into(), DATA_SEGMENTS_MAX.into(), None)?;
        let memory_bytes = self.memory_pages.unwrap_or(0) << 16;
        for (segment, data) in (0u32..).zip(section) {
            let data = ok!(data);
            let end = match &data.kind {
                DataKind::Active { offset_expr, .. } => {
                    constant(offset_expr).map(|start| u64::from(start) + data.data.len() as u64)
                }
                DataKind::Passive => None,
            };
            if end.is_none_or(|end| end > memory_bytes) {
                return Err(Rejected::Segment { item: Item::DataSegments, segment });
            }
        }
        Ok(())
    }

    /// Checks a body and cuts it into basic blocks.
    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: FunctionBody<'a>,
        allocations: FuncValidatorAllocations,
    ) -> Result<FuncValidatorAllocations, Rejected> {
        let index = function.index;
        let at = |error: &wasmparser::Error| Rejected::Malformed { offset: error.offset(), function: Some(index) };
        let limit = |item, found: u64, limit: u64| bound(item, found, limit, Some(index));
        limit(Item::FunctionBytes, body.as_bytes().len() as u64, FUNCTION_BYTES_MAX as u64)?;

        let ty = &self.types[function.ty as usize];
        let mut locals = ty.params().len() as u32;
        let result = ty.results().first().copied();
        let mut validator = function.into_validator(allocations);
        let mut groups = body.get_locals_reader().map_err(|e| at(&e))?;
        for _ in 0..groups.get_count() {
            let offset = groups.original_position();
            let (count, ty) = groups.read().map_err(|e| at(&e))?;
            locals = locals.saturating_add(count);
            limit(Item::Locals, locals.into(), LOCALS_MAX.into())?;
            validator.define_locals(offset, count, ty).map_err(|e| at(&e))?;
        }

        let mut blocks = Blocks::new();
        let (mut edges, mut indirect_calls, mut operands, mut values, mut leaf) = (1u64, 0u64, 0u32, 0u64, true);
        let mut reader = body.get_operators_reader().map_err(|e| at(&e))?;
        let mut instruction = 0u32;
        while !reader.eof() {
            let (op, offset) = reader.read_with_offset().map_err(|e| at(&e))?;
            let weight = schedule::weight(&op);
            validator.op(offset, &op).map_err(|e| at(&e))?;
            let weight = weight.ok_or(Rejected::Instruction { offset, function: index })?;
            operands = operands.max(validator.operand_stack_height());
            values += u64::from(weight.value);
            match &op {
                Operator::BrTable { targets } => {
                    let count = u64::from(targets.len());
                    self.branch_targets += count;
                    limit(Item::BranchTable, count, BRANCH_TABLE_MAX.into())?;
                    limit(Item::BranchTables, self.branch_targets, BRANCH_TABLES_MAX.into())?;
                    edges += count + 2;
                }
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Else
                | Operator::Br { .. }
                | Operator::BrIf { .. }
                | Operator::Return => edges += 1,
                Operator::Call { .. } => leaf = false,
                Operator::CallIndirect { .. } => {
                    leaf = false;
                    indirect_calls += 1;
                }
                _ => {}
            }
            instruction += 1;
            blocks.step(&op, weight.gas, instruction).map_err(|e| at(&e))?;
            limit(Item::Nesting, blocks.open.len() as u64, NESTING_MAX.into())?;
        }
        reader.finish().map_err(|e| at(&e))?;
        limit(Item::Operands, operands.into(), OPERANDS_MAX.into())?;
        limit(Item::Edges, edges, EDGES_MAX)?;
        self.edges += edges;
        limit(Item::EdgesModule, self.edges, EDGES_MODULE_MAX)?;
        let units = edges * (u64::from(locals) + 1) + indirect_calls * INDIRECT_CALL_UNITS;
        limit(Item::EdgesByLocals, units, EDGES_BY_LOCALS_MAX)?;
        self.units += units;
        limit(Item::EdgesByLocalsModule, self.units, EDGES_BY_LOCALS_MODULE_MAX)?;

        let stack = crate::instrument::stack_units(locals, operands, values);
        self.functions.push(Function { body, result, locals, charges: blocks.finish(), stack, leaf });
        Ok(validator.into_allocations())
    }
}

/// An open block, by how control can arrive at its end other than from the instruction before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// Nothing branches there (so far).
    Quiet,
    /// A branch, or the other arm of an `if`.
    Reached,
    /// A loop: branches to it go to its start.
    Loop,
}

/// Basic blocks, as instructions arrive.
struct Blocks {
    open: Vec<Open>,
    start: u32,
    gas: u64,
    charges: Vec<(u32, u64)>,
}

impl Blocks {
    fn new() -> Self {
        Self { open: vec![Open::Reached], start: 0, gas: 0, charges: Vec::new() }
    }

    /// Takes `op`; `next` is the index of the instruction after it.
    fn step(&mut self, op: &Operator<'_>, gas: u64, next: u32) -> wasmparser::Result<()> {
        self.gas += gas;
        let splits = match op {
            Operator::Block { .. } => {
                self.open.push(Open::Quiet);
                false
            }
            Operator::Loop { .. } => {
                self.open.push(Open::Loop);
                true
            }
            Operator::If { .. } => {
                self.open.push(Open::Reached);
                true
            }
            Operator::End => self.open.pop() == Some(Open::Reached),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.reach(*relative_depth);
                true
            }
            Operator::BrTable { targets } => {
                for target in targets.targets() {
                    self.reach(target?);
                }
                self.reach(targets.default());
                true
            }
            Operator::Else | Operator::Return | Operator::Unreachable => true,
            _ => false,
        };
        if splits {
            self.cut(next);
        }
        Ok(())
    }

    /// Notes a branch to the block `depth` levels out.
    fn reach(&mut self, depth: u32) {
        let at = self.open.iter_mut().rev().nth(depth as usize);
        if let Some(open @ Open::Quiet) = at {
            *open = Open::Reached;
        }
    }

    fn cut(&mut self, next: u32) {
        if self.gas > 0 {
            self.charges.push((self.start, self.gas));
        }
        self.start = next;
        self.gas = 0;
    }

    fn finish(mut self) -> Vec<(u32, u64)> {
        self.cut(0);
        self.charges
    }
}

/// The value of an offset that is one constant; with [`FEATURES`] nothing else passes the type checker.
fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    let mut reader = expression.get_operators_reader();
    let Ok(Operator::I32Const { value }) = reader.read() else { return None };
    matches!(reader.read(), Ok(Operator::End)).then_some(value.cast_unsigned())
}

/// The first feature without which `code` is not valid WebAssembly, if it is valid with all of them.
fn unsupported_feature(code: &[u8]) -> Option<Feature> {
    use WasmFeatures as F;
    let families = [
        (Feature::Floats, F::FLOATS),
        (Feature::Simd, F::SIMD),
        (Feature::Threads, F::THREADS),
        (Feature::Memory64, F::MEMORY64),
        (Feature::MultiMemory, F::MULTI_MEMORY),
        (Feature::MultiValue, F::MULTI_VALUE),
        (Feature::TailCalls, F::TAIL_CALL),
        (Feature::Exceptions, F::EXCEPTIONS),
        (Feature::ExtendedConst, F::EXTENDED_CONST),
        (Feature::References, F::REFERENCE_TYPES.union(F::CALL_INDIRECT_OVERLONG)),
        (Feature::BulkTables, F::BULK_MEMORY.difference(F::BULK_MEMORY_OPT)),
    ];
    let conversions = F::SATURATING_FLOAT_TO_INT.union(F::GC_TYPES);
    let all = families.iter().fold(FEATURES.union(conversions), |all, (_, family)| all.union(*family));
    let valid = |features| Validator::new_with_features(features).validate_all(code).is_ok();
    if !valid(all) {
        return None;
    }
    families.iter().find(|(_, family)| !valid(all.difference(*family))).map(|(feature, _)| *feature)
}
