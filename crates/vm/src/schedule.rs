//! Gas schedule, version 1: one table of prices, a consensus rule (spec XL-VM-GAS).
//!
//! One unit stands for 0.1 ns of one core of the reference machine. An instruction costs one unit unless listed below;
//! what happens outside the contract's own instructions (host, memory, storage) costs what it was measured at, rounded
//! up. A change of any number here is a new [`GAS_SCHEDULE_VERSION`], and old versions stay in use for the code
//! records that name them (protocol rule 18).
//!
//! | instruction | units |
//! |---|---|
//! | `nop`, `block`, `loop`, `else`, `end`, `drop` | 0 |
//! | `if`, `br_if` | 4 |
//! | `br_table` | 24 |
//! | stores | 8 |
//! | loads | 16 |
//! | `call` | 12 |
//! | `call_indirect` | 40 |
//! | `memory.fill`, `memory.copy` | 60 and one for each 4 bytes begun |
//! | `memory.grow` | 60 and 24 000 a page, granted or not |
//! | division and remainder | 24 |
//! | every other one of the list in [`weight`] | 1 |
//! | every call of an entry | 30 000, 8 000 a page of initial memory, 1 a byte of data, 10 a table element |
//!
//! Host functions: [`HOST`]. Deployment: [`crate::deploy_gas`]. Measured by `examples/measure_vm.rs`; what makes a
//! processor wait (a load that misses every cache, a branch that it cannot foresee) is looked for by
//! `examples/search_worst.rs`. A call of another contract takes 3 us in the machine and 8 us with the records and
//! checkpoints of a chain, of which the callee's start of 30 000 and its pages pay a part; one that fails takes 8 us more.

use wasmparser::{Operator, ValType};

/// Version of the prices in this file.
pub const GAS_SCHEDULE_VERSION: u32 = 1;

/// Every call: a fresh instance, the context, the way in and out.
pub const CALL: u64 = 30_000;
/// A page of 64 KiB that the memory starts with.
pub const PAGE: u64 = 8_000;
/// A page that the memory grows by: unlike the first ones it is new to the instance's slot each time.
pub const GROWN_PAGE: u64 = 24_000;
/// A byte of a data segment, copied into the memory of every instance.
pub const DATA_BYTE: u64 = 1;
/// A table element, initialised in every instance.
pub const TABLE_ELEMENT: u64 = 10;
/// `memory.fill` and `memory.copy` cost one unit for each such number of bytes begun, on top of [`BULK`].
pub const BULK_BYTES_PER_UNIT_LOG2: u32 = 2;
/// `memory.fill`, `memory.copy` and `memory.grow` before their length is counted.
pub const BULK: u64 = 60;
/// A deployment, before its size is counted.
pub const DEPLOY: u64 = 1_000_000;
/// A byte of a deployed module: it is validated, instrumented, compiled on every node and kept.
pub const DEPLOY_BYTE: u64 = 17_500;
/// A unit of a deployed module ([`crate::Prepared::units`]): what its compilation may cost beyond its bytes.
pub const DEPLOY_UNIT: u64 = 7_500;

/// A host function of module `env`: its type and its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostFunction {
    /// Name of the import.
    pub name: &'static str,
    /// Types of the parameters.
    pub params: &'static [ValType],
    /// Type of the result.
    pub result: Option<ValType>,
    /// Units for each call.
    pub base: u32,
    /// Units for each byte of the lengths named next.
    pub per_byte: u32,
    /// Which parameters are lengths in bytes, read as unsigned.
    pub lengths: &'static [u32],
    /// Whether a positive result is a length in bytes and is charged as well, once it is known.
    pub charges_result: bool,
}

const I: ValType = ValType::I32;
const L: ValType = ValType::I64;

const fn host(
    name: &'static str,
    params: &'static [ValType],
    result: Option<ValType>,
    base: u32,
    per_byte: u32,
    lengths: &'static [u32],
    charges_result: bool,
) -> HostFunction {
    HostFunction { name, params, result, base, per_byte, lengths, charges_result }
}

/// The host interface, sorted by name: all that a contract may import. See [`crate::host`] for what each does.
pub const HOST: [HostFunction; 21] = [
    host("abort", &[I, I, I, I, I], None, 1_000, 30, &[1, 4], false),
    host("call", &[I, I, I, I, I, L], Some(I), 30_000, 10, &[2, 4], false),
    host("caller", &[I], None, 500, 0, &[], false),
    host("del", &[I, I], None, 70_000, 100, &[1], false),
    host("emit", &[I, I, I, I], None, 10_000, 100, &[1, 3], false),
    host("get", &[I, I, I, I], Some(I), 20_000, 30, &[1], true),
    host("has_role", &[I, I, I], Some(I), 20_000, 30, &[2], false),
    host("height", &[], Some(ValType::I64), 500, 0, &[], false),
    host("input", &[I, I], Some(I), 1_000, 10, &[], true),
    host("input_len", &[], Some(I), 500, 0, &[], false),
    host("org_of", &[I, I, I], Some(I), 20_000, 30, &[], true),
    host("origin", &[I], None, 500, 0, &[], false),
    host("put", &[I, I, I, I], None, 70_000, 100, &[1, 3], false),
    host("ret", &[I, I], None, 1_000, 30, &[1], false),
    host("returned", &[I, I], Some(I), 1_000, 10, &[], true),
    host("returned_len", &[], Some(I), 500, 0, &[], false),
    host("self_addr", &[I], None, 500, 0, &[], false),
    host("sm2_verify", &[I, I, I, I], Some(I), 1_500_000, 60, &[3], false),
    host("sm3", &[I, I, I], None, 5_000, 60, &[1], false),
    host("time", &[], Some(ValType::I64), 500, 0, &[], false),
    host("tx_id", &[I], None, 500, 0, &[], false),
];

/// Finds a host function by name.
#[must_use]
pub fn host_function(name: &str) -> Option<&'static HostFunction> {
    HOST.binary_search_by(|h| h.name.cmp(name)).ok().map(|i| &HOST[i])
}

/// What an instruction weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Units of gas.
    pub gas: u64,
    /// Whether it makes a value that a compiler may keep alive beyond the operand stack (see [`crate::instrument`]).
    pub value: bool,
}

/// The weight of `op`, or `None` when contracts may not use it: this is the list of allowed instructions.
#[must_use]
pub fn weight(op: &Operator<'_>) -> Option<Weight> {
    use Operator::*;
    let (gas, value) = match op {
        Nop | Block { .. } | Loop { .. } | Else | End | Drop => (0, false),
        Unreachable
        | Br { .. }
        | Return
        | LocalGet { .. }
        | LocalSet { .. }
        | LocalTee { .. }
        | GlobalSet { .. }
        | I32Const { .. }
        | I64Const { .. } => (1, false),
        If { .. } | BrIf { .. } => (4, false),
        BrTable { .. } => (24, false),
        Call { .. } => (12, true),
        CallIndirect { .. } => (40, true),
        MemoryFill { .. } | MemoryCopy { .. } => (BULK, false),
        MemoryGrow { .. } => (BULK, true),
        I32Store { .. }
        | I64Store { .. }
        | I32Store8 { .. }
        | I32Store16 { .. }
        | I64Store8 { .. }
        | I64Store16 { .. }
        | I64Store32 { .. } => (8, false),
        I32Load { .. }
        | I64Load { .. }
        | I32Load8S { .. }
        | I32Load8U { .. }
        | I32Load16S { .. }
        | I32Load16U { .. }
        | I64Load8S { .. }
        | I64Load8U { .. }
        | I64Load16S { .. }
        | I64Load16U { .. }
        | I64Load32S { .. }
        | I64Load32U { .. } => (16, true),
        I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU => (24, true),
        Select | GlobalGet { .. } | MemorySize { .. } => (1, true),
        I32Eqz | I32Eq | I32Ne | I32LtS | I32LtU | I32GtS | I32GtU | I32LeS | I32LeU | I32GeS | I32GeU => (1, true),
        I64Eqz | I64Eq | I64Ne | I64LtS | I64LtU | I64GtS | I64GtU | I64LeS | I64LeU | I64GeS | I64GeU => (1, true),
        I32Clz | I32Ctz | I32Popcnt | I32Add | I32Sub | I32Mul | I32And | I32Or | I32Xor | I32Shl | I32ShrS
        | I32ShrU | I32Rotl | I32Rotr => (1, true),
        I64Clz | I64Ctz | I64Popcnt | I64Add | I64Sub | I64Mul | I64And | I64Or | I64Xor | I64Shl | I64ShrS
        | I64ShrU | I64Rotl | I64Rotr => (1, true),
        I32WrapI64 | I64ExtendI32S | I64ExtendI32U | I32Extend8S | I32Extend16S | I64Extend8S | I64Extend16S
        | I64Extend32S => (1, true),
        _ => return None,
    };
    Some(Weight { gas, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_functions_are_sorted_and_found() {
        assert!(HOST.windows(2).all(|w| w[0].name < w[1].name));
        assert!(HOST.iter().all(|h| host_function(h.name) == Some(h)));
        assert_eq!(host_function("scan"), None);
    }

    #[test]
    fn lengths_name_parameters() {
        for h in HOST {
            assert!(h.lengths.iter().all(|&p| h.params.get(p as usize) == Some(&I)), "{}", h.name);
            assert!(!h.charges_result || h.result == Some(I), "{}", h.name);
        }
    }
}
