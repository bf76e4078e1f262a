//! Native functions at fixed addresses: national cryptography at our own, and the four of Ethereum that are priced here.
//!
//! The other addresses of Ethereum's list (big-number, pairing and blob functions) fail the call that names them, so
//! that no contract takes an empty answer for success.

use crate::rules::UNITS_PER_GAS;
use revm::context::ContextTr;
use revm::handler::PrecompileProvider;
use revm::interpreter::{CallInputs, Gas, InstructionResult, InterpreterResult};
use revm::precompile::{PrecompileSpecId, Precompiles};
use revm::primitives::{Address, AddressSet, Bytes};

/// `0x…534d33`, "SM3" in ASCII: any bytes -> 32 bytes, their SM3.
pub const SM3: Address = Address::new(*b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SM3");
/// `0x…534d32`, "SM2" in ASCII: key (33 bytes, compressed) ‖ signature (64) ‖ message -> one word, 1 when the signature
/// is the key's over the message under the default identifier, else 0.
pub const SM2: Address = Address::new(*b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SM2");

/// Units as for WebAssembly contracts (spec XL-VM-5), for the four of Ethereum too: the library does them in pure Rust,
/// and takes longer than Ethereum's prices say.
const HASH_UNITS: u64 = 5_000;
const SM2_UNITS: u64 = 1_500_000;
const ECRECOVER_UNITS: u64 = 3_000_000;
const BYTE_UNITS: u64 = 60;

/// Last address of Ethereum's contiguous list, and its P-256 function apart.
const LISTED: u64 = 0x11;
const P256: u64 = 0x100;

/// The set of this chain.
#[derive(Debug)]
pub struct Native {
    library: &'static Precompiles,
    addresses: AddressSet,
}

impl Default for Native {
    fn default() -> Self {
        let listed = (1..=LISTED).chain([P256]).map(|number| Address::left_padding_from(&number.to_be_bytes()));
        let addresses = listed.chain([SM3, SM2]).collect();
        Self { library: Precompiles::new(PrecompileSpecId::CANCUN), addresses }
    }
}

impl Native {
    /// Addresses that hold no contract and need no look-up.
    #[must_use]
    pub const fn addresses(&self) -> &AddressSet {
        &self.addresses
    }

    /// Price in EVM gas of `bytes` of input at `address`; `None` where nothing is offered.
    fn price(address: &Address, bytes: usize) -> Option<u64> {
        let base = match *address {
            SM3 => HASH_UNITS,
            SM2 => SM2_UNITS,
            _ if address[..19].iter().any(|byte| *byte != 0) => return None,
            _ => match address[19] {
                1 => ECRECOVER_UNITS,
                2..=4 => HASH_UNITS,
                _ => return None,
            },
        };
        Some((base + bytes as u64 * BYTE_UNITS).div_ceil(UNITS_PER_GAS))
    }

    /// Result of `input` at an address that has a price; `None` where the function fails.
    fn answer(&self, address: &Address, input: &[u8]) -> Option<Bytes> {
        match *address {
            SM3 => Some(xl_crypto::sm3(&[input]).into()),
            SM2 => Some(sm2_word(input).into()),
            _ => {
                let output = self.library.get(address)?.execute(input, u64::MAX, 0).ok()?;
                output.status.is_success().then_some(output.bytes)
            }
        }
    }
}

fn sm2_word(input: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    if let Some((key, rest)) = input.split_at_checked(33)
        && let Some((signature, message)) = rest.split_at_checked(64)
    {
        word[31] = u8::from(verify(key, signature, message));
    }
    word
}

fn verify(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    match (xl_crypto::PublicKey::from_slice(key), xl_crypto::Signature::from_slice(signature)) {
        (Ok(key), Ok(signature)) => xl_crypto::verify(&key, message, &signature).is_ok(),
        _ => false,
    }
}

impl<C: ContextTr> PrecompileProvider<C> for Native {
    type Output = InterpreterResult;

    fn set_spec(&mut self, _: <C::Cfg as revm::context::Cfg>::Spec) -> bool {
        false
    }

    fn run(&mut self, context: &mut C, inputs: &CallInputs) -> Result<Option<InterpreterResult>, String> {
        if !self.addresses.contains(&inputs.bytecode_address) {
            return Ok(None);
        }
        let mut gas = Gas::new(inputs.gas_limit);
        let input = inputs.input.as_bytes(context);
        let (result, output) = match Self::price(&inputs.bytecode_address, input.len()) {
            Some(price) if gas.record_regular_cost(price) => match self.answer(&inputs.bytecode_address, &input) {
                Some(output) => return Ok(Some(InterpreterResult::new(InstructionResult::Return, output, gas))),
                None => (InstructionResult::PrecompileError, Bytes::new()),
            },
            Some(_) => (InstructionResult::PrecompileOOG, Bytes::new()),
            None => (InstructionResult::PrecompileError, Bytes::new()),
        };
        gas.spend_all();
        Ok(Some(InterpreterResult::new(result, output, gas)))
    }

    fn warm_addresses(&self) -> &AddressSet {
        &self.addresses
    }
}
