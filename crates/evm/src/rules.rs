//! Settings and prices: consensus rules, version 1 (spec XL-EVM). A change of any number here is a new version.
//!
//! The chain's gas unit stands for 0.1 ns. Instructions keep the prices of Ethereum in *EVM gas*, each counted as
//! [`UNITS_PER_GAS`] units; what touches the state costs what the same access costs a WebAssembly contract, expressed
//! in EVM gas so that `gasleft()` is right. Refunds do not exist: gas used is gas spent.

use revm::bytecode::opcode;
use revm::context_interface::cfg::{GasId, GasParams};
use revm::interpreter::instructions::{GasTable, gas_table_spec};
use revm::primitives::hardfork::SpecId;

/// Version of the rules in this file and of the library behind them; a code record keeps the one it was deployed under.
pub const EVM_RULES_VERSION: u32 = 1;

/// The instruction set and its prices: what solc 0.8 emits without a setting.
pub const SPEC: SpecId = SpecId::OSAKA;

/// Method name under which the arguments are the whole call data: fallback functions and long signatures.
pub const RAW: &str = "evm";

/// Units of the chain's gas for one EVM gas: 2 ns. Measured (`examples/measure_evm.rs`).
pub const UNITS_PER_GAS: u64 = 20;

/// Units of every call before its first instruction, the contract's code not counted.
pub const CALL: u64 = 30_000;
/// Units for each byte of the called contract's code: it is read and its jump targets are found.
pub const CODE_BYTE: u64 = 10;

/// EVM gas of the first access to an address: up to 24 576 bytes of code are read for it.
const COLD_ACCOUNT: u64 = 15_000;
/// EVM gas of the first read of a slot in a transaction: `get` of 32 bytes under a key of 32.
const COLD_SLOT: u64 = 1_100;
/// EVM gas of the first change of a slot in a transaction: `put` of 32 bytes under a key of 32.
const WRITE_SLOT: u64 = 3_900;
/// EVM gas of an access to what was accessed before in the transaction.
const WARM: u64 = 100;
/// EVM gas for each word that `KECCAK256` hashes.
const KECCAK_WORD: u64 = 80;
/// EVM gas for each byte of code that a constructor returns.
const CODE_DEPOSIT: u64 = 5;

/// Bytes of runtime code.
pub const CODE_BYTES_MAX: usize = 24_576;
/// Bytes of creation code with its arguments.
pub const CREATION_BYTES_MAX: usize = 49_152;
/// Events of one call: what a receipt holds.
pub const EVENTS_MAX: usize = 64;
/// Bytes of the topics and data of one event as a receipt keeps them.
pub const EVENT_BYTES_MAX: usize = 4_096;
/// Bytes of all events of one call.
pub const EVENTS_BYTES_MAX: usize = 65_536;
/// Bytes that a call returns.
pub const OUTPUT_BYTES_MAX: usize = 65_536;
/// Bytes of a revert's data that a receipt keeps.
pub const REVERT_BYTES_MAX: usize = 256;

/// What `GASLIMIT` tells. `COINBASE`, `PREVRANDAO`, `BASEFEE`, `BLOBBASEFEE`, `GASPRICE`, `BLOCKHASH`, `CALLVALUE` and
/// every balance are zero.
pub const BLOCK_GAS_LIMIT: u64 = 1 << 40;

/// Prices of the library with the state's replaced by ours.
#[must_use]
pub fn gas_params() -> GasParams {
    let mut params = GasParams::new_spec(SPEC);
    params.override_gas([
        (GasId::cold_account_additional_cost(), COLD_ACCOUNT - WARM),
        (GasId::cold_storage_additional_cost(), COLD_SLOT - WARM),
        (GasId::cold_storage_cost(), COLD_SLOT),
        (GasId::warm_storage_read_cost(), WARM),
        (GasId::sstore_static(), WARM),
        (GasId::sstore_set_without_load_cost(), WRITE_SLOT),
        (GasId::sstore_reset_without_cold_load_cost(), WRITE_SLOT),
        (GasId::keccak256_per_word(), KECCAK_WORD),
        (GasId::code_deposit_cost(), CODE_DEPOSIT),
    ]);
    params
}

/// Prices of instructions before what they touch is counted: Ethereum's, but for those that take longer than they say.
#[must_use]
pub const fn instruction_prices() -> GasTable {
    let mut table = gas_table_spec(SPEC);
    let mut at = 0;
    while at < DEARER.len() {
        table[DEARER[at].0 as usize] = DEARER[at].1;
        at += 1;
    }
    table
}

/// Instruction and its price in EVM gas where Ethereum's is below 2 ns a gas here.
const DEARER: [(u8, u16); 11] = [
    (opcode::DIV, 6),
    (opcode::MOD, 6),
    (opcode::ADDMOD, 12),
    (opcode::MULMOD, 20),
    (opcode::SELFBALANCE, 15),
    (opcode::TSTORE, 300),
    (opcode::KECCAK256, 300),
    (opcode::CALL, 150),
    (opcode::CALLCODE, 150),
    (opcode::DELEGATECALL, 150),
    (opcode::STATICCALL, 150),
];

/// `CHAINID`: the first six bytes of the chain's id, big endian, so that it fits the numbers of every tool.
#[must_use]
pub fn chain_id(chain: &[u8; 32]) -> u64 {
    chain[..6].iter().fold(0, |id, byte| id << 8 | u64::from(*byte))
}
