//! Why a module cannot be deployed. Every reason has a stable code and facts; none carries a parser's text, so two
//! nodes give the same answer byte for byte. Family: *Rejected*; sending the same bytes again never helps.

/// A refusal of [`crate::prepare`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The bytes are no valid WebAssembly module.
    #[error("not a valid WebAssembly module (at byte {offset}, function {function:?})")]
    Malformed {
        /// Byte of the module where reading stopped.
        offset: u64,
        /// Function whose body it is in, counted with imports.
        function: Option<u32>,
    },
    /// Valid WebAssembly that uses a feature contracts do not have.
    #[error("uses {feature:?}, which contracts do not have (at byte {offset}, function {function:?})")]
    Feature {
        /// Which one.
        feature: Feature,
        /// Byte of the module where it appears first.
        offset: u64,
        /// Function whose body it is in, counted with imports.
        function: Option<u32>,
    },
    /// An instruction that is not on the list of [`crate::schedule::weight`].
    #[error("instruction not allowed (at byte {offset}, function {function})")]
    Instruction {
        /// Byte of the module.
        offset: u64,
        /// Function, counted with imports.
        function: u32,
    },
    /// Something is larger or more than allowed.
    #[error("{item:?} is {found}, the limit is {limit} (function {function:?})")]
    Bound {
        /// What was counted.
        item: Item,
        /// What the module has (for a sum: where counting stopped).
        found: u64,
        /// What it may have at most.
        limit: u64,
        /// Function that it belongs to, counted with imports.
        function: Option<u32>,
    },
    /// A start section: contracts run nothing but their entries.
    #[error("has a start function")]
    Start,
    /// An import that the host does not offer: another module than `env`, an unknown name, or no function.
    #[error("import {import} is not offered by the host")]
    ImportUnknown {
        /// Position among the imports.
        import: u32,
    },
    /// A host function imported under another type.
    #[error("import {import} has another type than the host's {name}")]
    ImportType {
        /// Position among the imports.
        import: u32,
        /// Name of the host function.
        name: &'static str,
    },
    /// No memory, or a memory that is not exported as `memory`.
    #[error("the memory is missing or not exported as \"memory\"")]
    Memory,
    /// An export that is neither the memory nor a function `() -> i32`.
    #[error("export {export} is neither the memory nor an entry of type () -> i32")]
    Export {
        /// Position among the exports.
        export: u32,
    },
    /// An entry whose name is not 1 to 64 letters, digits and `_`, or begins with `__`.
    #[error("export {export} has no allowed name")]
    ExportName {
        /// Position among the exports.
        export: u32,
    },
    /// Nothing that could be called.
    #[error("exports no entry")]
    NoEntry,
    /// A data or element segment that is passive, or lies outside the initial memory or table.
    #[error("{item:?} {segment} is passive or lies outside the initial memory or table")]
    Segment {
        /// [`Item::DataSegments`] or [`Item::ElementSegments`].
        item: Item,
        /// Position among its kind.
        segment: u32,
    },
}

/// What a [`Rejected::Bound`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// Bytes of the module.
    ModuleBytes,
    /// Function types.
    Types,
    /// Parameters of a function type.
    Parameters,
    /// Imports.
    Imports,
    /// Functions with a body.
    Functions,
    /// Bytes of a function.
    FunctionBytes,
    /// Parameters and locals of a function.
    Locals,
    /// Operands of a function.
    Operands,
    /// Blocks within each other.
    Nesting,
    /// Targets of one `br_table`.
    BranchTable,
    /// Targets of all of them.
    BranchTables,
    /// Control edges of one function.
    Edges,
    /// Control edges of the module.
    EdgesModule,
    /// Control edges x locals of one function.
    EdgesByLocals,
    /// Control edges x locals of the module.
    EdgesByLocalsModule,
    /// Globals.
    Globals,
    /// Data segments.
    DataSegments,
    /// Element segments.
    ElementSegments,
    /// Tables.
    Tables,
    /// Elements of the table.
    TableElements,
    /// Memories.
    Memories,
    /// Initial pages of the memory.
    MemoryPages,
    /// Exports.
    Exports,
}

/// Features of WebAssembly that contracts do not have, by the family that a toolchain switches on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Floating point: results may differ between machines.
    Floats,
    /// Vector instructions.
    Simd,
    /// Shared memory and atomics.
    Threads,
    /// 64-bit memories and tables.
    Memory64,
    /// More than one memory.
    MultiMemory,
    /// Reference types, typed function references, garbage collection.
    References,
    /// More than one result, or parameters of blocks.
    MultiValue,
    /// Tail calls.
    TailCalls,
    /// Exceptions.
    Exceptions,
    /// Passive segments and the instructions on tables.
    BulkTables,
    /// Computed initial values.
    ExtendedConst,
}

impl Rejected {
    /// Stable name for catalogues, receipts and programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "XL-VM-MALFORMED",
            Self::Feature { .. } => "XL-VM-FEATURE",
            Self::Instruction { .. } => "XL-VM-INSTRUCTION",
            Self::Bound { item, .. } => item.code(),
            Self::Start => "XL-VM-START",
            Self::ImportUnknown { .. } => "XL-VM-IMPORT-UNKNOWN",
            Self::ImportType { .. } => "XL-VM-IMPORT-TYPE",
            Self::Memory => "XL-VM-MEMORY",
            Self::Export { .. } => "XL-VM-EXPORT",
            Self::ExportName { .. } => "XL-VM-EXPORT-NAME",
            Self::NoEntry => "XL-VM-NO-ENTRY",
            Self::Segment { .. } => "XL-VM-SEGMENT",
        }
    }
}

impl Item {
    /// The code of a [`Rejected::Bound`] on this item.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ModuleBytes => "XL-VM-BOUND-MODULE-BYTES",
            Self::Types => "XL-VM-BOUND-TYPES",
            Self::Parameters => "XL-VM-BOUND-PARAMETERS",
            Self::Imports => "XL-VM-BOUND-IMPORTS",
            Self::Functions => "XL-VM-BOUND-FUNCTIONS",
            Self::FunctionBytes => "XL-VM-BOUND-FUNCTION-BYTES",
            Self::Locals => "XL-VM-BOUND-LOCALS",
            Self::Operands => "XL-VM-BOUND-OPERANDS",
            Self::Nesting => "XL-VM-BOUND-NESTING",
            Self::BranchTable => "XL-VM-BOUND-BRANCH-TABLE",
            Self::BranchTables => "XL-VM-BOUND-BRANCH-TABLES",
            Self::Edges => "XL-VM-BOUND-EDGES",
            Self::EdgesModule => "XL-VM-BOUND-EDGES-MODULE",
            Self::EdgesByLocals => "XL-VM-BOUND-EDGES-BY-LOCALS",
            Self::EdgesByLocalsModule => "XL-VM-BOUND-EDGES-BY-LOCALS-MODULE",
            Self::Globals => "XL-VM-BOUND-GLOBALS",
            Self::DataSegments => "XL-VM-BOUND-DATA-SEGMENTS",
            Self::ElementSegments => "XL-VM-BOUND-ELEMENT-SEGMENTS",
            Self::Tables => "XL-VM-BOUND-TABLES",
            Self::TableElements => "XL-VM-BOUND-TABLE-ELEMENTS",
            Self::Memories => "XL-VM-BOUND-MEMORIES",
            Self::MemoryPages => "XL-VM-BOUND-MEMORY-PAGES",
            Self::Exports => "XL-VM-BOUND-EXPORTS",
        }
    }
}

pub(crate) fn bound(item: Item, found: u64, limit: u64, function: Option<u32>) -> Result<(), Rejected> {
    if found > limit { Err(Rejected::Bound { item, found, limit, function }) } else { Ok(()) }
}
