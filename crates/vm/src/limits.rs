//! Structural limits of a contract module and of what one call may hand to the host. Consensus rules (spec XL-VM).
//!
//! Most bound the work of a compiler rather than the program: a 27 KB module of nested blocks, branch tables and locals
//! that passes every simple limit takes seconds to compile. The product of control edges and locals bounds the number
//! of values that a compiler has to join at block borders, which is what those seconds go into.

/// Bytes of a module as deployed.
pub const MODULE_BYTES_MAX: usize = 256 << 10;
/// Function types.
pub const TYPES_MAX: u32 = 1_024;
/// Imported functions.
pub const IMPORTS_MAX: u32 = 64;
/// Functions with a body.
pub const FUNCTIONS_MAX: u32 = 1_024;
/// Parameters of a function type.
pub const PARAMS_MAX: u32 = 32;
/// Bytes of one function's body.
pub const FUNCTION_BYTES_MAX: usize = 64 << 10;
/// Parameters and locals of one function together.
pub const LOCALS_MAX: u32 = 256;
/// Operands on the stack of one function at one time.
pub const OPERANDS_MAX: u32 = 1_024;
/// Blocks within each other, the body included.
pub const NESTING_MAX: u32 = 128;
/// Targets of one `br_table`, its default not counted.
pub const BRANCH_TABLE_MAX: u32 = 256;
/// Targets of all `br_table`s of a module.
pub const BRANCH_TABLES_MAX: u32 = 8_192;
/// Control edges of one function: one for each block, loop, `if`, `else`, branch and `return`, and for a `br_table` its
/// targets and two more. Compilers take time that grows with their square.
pub const EDGES_MAX: u64 = 2_000;
/// The same, summed over a module.
pub const EDGES_MODULE_MAX: u64 = 8_192;
/// Control edges x (locals + 1) of one function.
pub const EDGES_BY_LOCALS_MAX: u64 = 100_000;
/// The same, summed over a module, with [`INDIRECT_CALL_UNITS`].
pub const EDGES_BY_LOCALS_MODULE_MAX: u64 = 200_000;
/// What a `call_indirect` adds to these units: it is the instruction that takes a compiler longest, by far more than its
/// few bytes say.
pub const INDIRECT_CALL_UNITS: u64 = 32;
/// Globals.
pub const GLOBALS_MAX: u32 = 128;
/// Data segments.
pub const DATA_SEGMENTS_MAX: u32 = 1_024;
/// Element segments.
pub const ELEMENT_SEGMENTS_MAX: u32 = 256;
/// Elements of the one table.
pub const TABLE_ELEMENTS_MAX: u64 = 4_096;
/// Exports: the memory and the entries.
pub const EXPORTS_MAX: u32 = 257;
/// Bytes of an entry's name.
pub const ENTRY_NAME_MAX: usize = 64;
/// Pages of 64 KiB that the memory may start with or grow to (4 MiB).
pub const MEMORY_PAGES_MAX: u64 = 64;

/// Units of [`crate::schedule`]'s stack count that a call may use; see [`crate::instrument`].
pub const STACK_UNITS_MAX: u64 = 30_000;

/// Calls within each other, the first included.
pub const CALL_DEPTH_MAX: usize = 16;

/// Bytes of a state key, the contract's prefix not counted (protocol rule 16).
pub const KEY_BYTES_MAX: usize = 256;
/// Bytes of a state value (protocol rule 16).
pub const VALUE_BYTES_MAX: usize = 65_535;
/// Events of a call, with all that it calls.
pub use xl_primitives::receipt::EVENTS_MAX;
/// Bytes of an event's name.
pub const EVENT_NAME_BYTES_MAX: usize = 64;
/// Bytes of names and data of all events of one call.
pub const EVENT_BYTES_MAX: usize = 64 << 10;
/// Bytes that a call returns.
pub const OUTPUT_BYTES_MAX: usize = 64 << 10;
/// Bytes of an abort code, which is printable ASCII without spaces.
pub const ABORT_CODE_BYTES_MAX: usize = 64;
/// Bytes of an abort's detail.
pub const ABORT_DETAIL_BYTES_MAX: usize = 256;
/// Bytes of the arguments of a call of another contract.
pub const ARGUMENT_BYTES_MAX: usize = 64 << 10;
/// Bytes of a role's name.
pub const ROLE_BYTES_MAX: usize = 64;
