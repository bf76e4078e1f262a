//! What a contract sees of the chain: the functions of module `env`.
//!
//! Pointers and lengths are unsigned 32-bit; everything is little endian. A pointer outside the memory is
//! [`Trap::MemoryOutOfBounds`], a length beyond [`crate::limits`] is [`Failure::Limit`]; both end the call.
//!
//! | function | does |
//! |---|---|
//! | `get(key, key_len, to, cap) -> i32` | value's length, or -1 when absent; copies at most `cap` bytes |
//! | `put(key, key_len, value, value_len)` | writes |
//! | `del(key, key_len)` | deletes; absent keys too |
//! | `caller(to)` · `origin(to)` · `self_addr(to)` | 20 bytes: who called, account that signed, this contract |
//! | `tx_id(to)` | 32 bytes |
//! | `height() -> i64` · `time() -> i64` | of the block; time is its header's, UTC milliseconds |
//! | `input_len() -> i32` · `input(to, cap) -> i32` | argument's length; copies at most `cap` bytes |
//! | `ret(from, len)` | sets what the call returns; the last one counts |
//! | `emit(name, name_len, data, data_len)` | an event |
//! | `abort(code, code_len, line, detail, detail_len)` | ends the call without effect; does not return |
//! | `call(contract, method, method_len, args, args_len, gas) -> i32` | calls another contract: 0 when it succeeded, 1 when it failed |
//! | `returned_len() -> i32` · `returned(to, cap) -> i32` | what the last such call gave, or the [`CalleeFailure`]; copies at most `cap` bytes |
//! | `sm3(from, len, to)` | writes the 32-byte digest |
//! | `sm2_verify(key, signature, message, len) -> i32` | 1 when the signature (64 bytes) is the key's (33 bytes), else 0 |
//! | `has_role(account, role, len) -> i32` | 1 when the account (20 bytes) holds the role in its organisation, else 0 |
//! | `org_of(account, to, cap) -> i32` | length of the account's organisation, or -1; copies at most `cap` bytes |
//!
//! `call` gives the callee `gas`, at most all that is left but a 64th, and that much when `gas` is negative; what it does
//! not use comes back. Its caller is this contract.

use crate::lend::Lent;
use crate::limits::*;
use crate::outcome::{Failure, HostFault, Limit, Trap};
use crate::outside::{Answer, CalleeFailure, OutsideCall, gas_given};
use wasmtime::{Caller, Engine, Global, Linker, Memory, Val};

/// State, events and identities as one call sees them; views use a host that refuses to write.
///
/// Keys do not carry the contract's prefix: the implementer adds what it needs. Sizes are checked before.
pub trait HostState {
    /// The value at `key`, with what the call wrote itself.
    ///
    /// # Errors
    /// [`HostFault`]: the store failed.
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostFault>;

    /// Writes `value` at `key`.
    ///
    /// # Errors
    /// [`HostError`]
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError>;

    /// Removes `key`; it need not exist.
    ///
    /// # Errors
    /// [`HostError`]
    fn delete(&mut self, key: &[u8]) -> Result<(), HostError>;

    /// Records an event.
    ///
    /// # Errors
    /// [`HostError`]
    fn emit(&mut self, name: &[u8], data: &[u8]) -> Result<(), HostError>;

    /// Whether `account` holds `role` in its organisation.
    ///
    /// # Errors
    /// [`HostFault`]: the store failed.
    fn has_role(&mut self, account: &[u8; 20], role: &[u8]) -> Result<bool, HostFault>;

    /// The organisation that admitted `account`, or `None` when there is no such account.
    ///
    /// # Errors
    /// [`HostFault`]: the store failed.
    fn organisation_of(&mut self, account: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault>;

    /// Calls another contract to its end: what it wrote stays when it succeeded and is gone when it failed. A host of
    /// one contract, which this is unless it says otherwise, knows no other.
    ///
    /// # Errors
    /// [`HostFault`]: this node could not find out what the callee does.
    fn call(&mut self, _asked: OutsideCall<'_>) -> Result<Answer, HostFault> {
        Ok(Answer { result: Err(CalleeFailure::of("XL-CONTRACT-UNKNOWN")), gas_used: 0 })
    }
}

/// Why the host did not do what the contract asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A limit of the host's own; the same on every node.
    #[error("beyond the limit on {0:?}")]
    Limit(Limit),
    /// This call is a view.
    #[error("a view cannot change state or emit events")]
    ReadOnly,
    /// The store failed.
    #[error(transparent)]
    Fault(#[from] HostFault),
}

/// The facts of a call that the chain gives and the contract cannot choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallContext {
    /// Who calls: the account that signed the transaction (or asks for the view), or another contract.
    pub caller: [u8; 20],
    /// Account that signed the transaction or asks for the view.
    pub origin: [u8; 20],
    /// The contract.
    pub contract: [u8; 20],
    /// Height of the block.
    pub height: u64,
    /// Time of the block's header, UTC milliseconds.
    pub time_ms: u64,
    /// Identity of the transaction.
    pub tx_id: [u8; 32],
}

/// What ended a call from within the host.
#[derive(Debug)]
pub(crate) enum Exit {
    Failure(Failure),
    Fault(HostFault),
}

impl From<HostFault> for Exit {
    fn from(fault: HostFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<HostError> for Exit {
    fn from(error: HostError) -> Self {
        match error {
            HostError::Limit(limit) => Self::Failure(Failure::Limit(limit)),
            HostError::ReadOnly => Self::Failure(Failure::ReadOnly),
            HostError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// What the host knows during one call.
pub(crate) struct Frame {
    pub lent: Lent,
    pub context: CallContext,
    pub memory: Option<Memory>,
    /// The gas counter, of which a callee takes its share.
    pub gas: Option<Global>,
    pub output: Vec<u8>,
    /// What the last outside call gave.
    returned: Vec<u8>,
    pub exit: Option<Exit>,
    events: usize,
    event_bytes: usize,
}

impl Frame {
    pub fn new(lent: Lent, context: CallContext) -> Self {
        Self {
            lent,
            context,
            memory: None,
            gas: None,
            output: Vec::new(),
            returned: Vec::new(),
            exit: None,
            events: 0,
            event_bytes: 0,
        }
    }
}

/// Tells the engine to unwind; the reason is in [`Frame::exit`].
#[derive(Debug, thiserror::Error)]
#[error("the host ended the call")]
struct Stopped;

/// Runs a host function over the contract's memory and keeps the reason when it ends the call.
fn answer<T>(
    mut caller: Caller<'_, Frame>,
    run: impl FnOnce(&mut [u8], &mut Frame) -> Result<T, Exit>,
) -> wasmtime::Result<T> {
    answer_in(&mut caller, run)
}

fn answer_in<T>(
    caller: &mut Caller<'_, Frame>,
    run: impl FnOnce(&mut [u8], &mut Frame) -> Result<T, Exit>,
) -> wasmtime::Result<T> {
    let memory = caller.data().memory.ok_or(Stopped)?;
    let (bytes, frame) = memory.data_and_store_mut(caller);
    run(bytes, frame).map_err(|exit| {
        frame.exit = Some(exit);
        Stopped.into()
    })
}

const OUT_OF_BOUNDS: Exit = Exit::Failure(Failure::Trap(Trap::MemoryOutOfBounds));

fn limit(limit: Limit, found: u32, most: usize) -> Result<(), Exit> {
    if found as usize > most { Err(Exit::Failure(Failure::Limit(limit))) } else { Ok(()) }
}

fn span(from: u32, length: usize) -> std::ops::Range<usize> {
    // A memory has at most 4 MiB, so saturation is out of bounds as well.
    from as usize..(from as usize).saturating_add(length)
}

fn slice(memory: &[u8], from: u32, length: u32) -> Result<&[u8], Exit> {
    memory.get(span(from, length as usize)).ok_or(OUT_OF_BOUNDS)
}

fn array<const N: usize>(memory: &[u8], from: u32) -> Result<&[u8; N], Exit> {
    memory.get(span(from, N)).and_then(|s| s.try_into().ok()).ok_or(OUT_OF_BOUNDS)
}

fn write(memory: &mut [u8], to: u32, bytes: &[u8]) -> Result<(), Exit> {
    memory.get_mut(span(to, bytes.len())).ok_or(OUT_OF_BOUNDS)?.copy_from_slice(bytes);
    Ok(())
}

/// Copies what fits and tells the whole length.
fn write_capped(memory: &mut [u8], to: u32, cap: u32, bytes: &[u8]) -> Result<i32, Exit> {
    write(memory, to, &bytes[..bytes.len().min(cap as usize)])?;
    Ok(length(bytes))
}

fn length(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).unwrap_or(i32::MAX)
}

type At<'a> = Caller<'a, Frame>;

/// Runs a callee with gas of this call's counter, which nothing else uses meanwhile: the wrapper has taken the price of
/// the call and found the counter at zero or above, and the callee gives back what it did not use.
fn outside(
    mut at: At<'_>,
    (contract, method, method_len, args, args_len): (u32, u32, u32, u32, u32),
    gas: i64,
) -> wasmtime::Result<i32> {
    let counter = at.data().gas.ok_or(Stopped)?;
    let left = counter.get(&mut at).i64().unwrap_or(0).max(0).cast_unsigned();
    let gas_limit = gas_given(left, gas);
    let (status, used) = answer_in(&mut at, |memory, frame| {
        limit(Limit::Method, method_len, ENTRY_NAME_MAX)?;
        limit(Limit::Arguments, args_len, ARGUMENT_BYTES_MAX)?;
        let Answer { result, gas_used } = frame.lent.host().call(OutsideCall {
            contract: *array(memory, contract)?,
            method: slice(memory, method, method_len)?,
            arguments: slice(memory, args, args_len)?,
            gas_limit,
        })?;
        let status = i32::from(result.is_err());
        frame.returned = result.unwrap_or_else(|failure| failure.encode());
        Ok((status, gas_used.min(gas_limit)))
    })?;
    counter.set(&mut at, Val::I64((left - used).cast_signed()))?;
    Ok(status)
}

pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<Frame>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("env", "get", |at: At<'_>, key: u32, key_len: u32, to: u32, cap: u32| {
        answer(at, |memory, frame| {
            limit(Limit::Key, key_len, KEY_BYTES_MAX)?;
            match frame.lent.host().get(slice(memory, key, key_len)?)? {
                Some(value) => write_capped(memory, to, cap, &value),
                None => Ok(-1),
            }
        })
    })?;
    linker.func_wrap("env", "put", |at: At<'_>, key: u32, key_len: u32, value: u32, value_len: u32| {
        answer(at, |memory, frame| {
            limit(Limit::Key, key_len, KEY_BYTES_MAX)?;
            limit(Limit::Value, value_len, VALUE_BYTES_MAX)?;
            Ok(frame.lent.host().put(slice(memory, key, key_len)?, slice(memory, value, value_len)?)?)
        })
    })?;
    linker.func_wrap("env", "del", |at: At<'_>, key: u32, key_len: u32| {
        answer(at, |memory, frame| {
            limit(Limit::Key, key_len, KEY_BYTES_MAX)?;
            Ok(frame.lent.host().delete(slice(memory, key, key_len)?)?)
        })
    })?;
    linker.func_wrap("env", "caller", |at: At<'_>, to: u32| {
        answer(at, |memory, frame| write(memory, to, &frame.context.caller))
    })?;
    linker.func_wrap("env", "origin", |at: At<'_>, to: u32| {
        answer(at, |memory, frame| write(memory, to, &frame.context.origin))
    })?;
    linker.func_wrap("env", "self_addr", |at: At<'_>, to: u32| {
        answer(at, |memory, frame| write(memory, to, &frame.context.contract))
    })?;
    linker.func_wrap("env", "tx_id", |at: At<'_>, to: u32| {
        answer(at, |memory, frame| write(memory, to, &frame.context.tx_id))
    })?;
    linker.func_wrap("env", "height", |at: At<'_>| at.data().context.height.cast_signed())?;
    linker.func_wrap("env", "time", |at: At<'_>| at.data().context.time_ms.cast_signed())?;
    linker.func_wrap("env", "input_len", |at: At<'_>| length(at.data().lent.input()))?;
    linker.func_wrap("env", "input", |at: At<'_>, to: u32, cap: u32| {
        answer(at, |memory, frame| write_capped(memory, to, cap, frame.lent.input()))
    })?;
    linker.func_wrap("env", "ret", |at: At<'_>, from: u32, len: u32| {
        answer(at, |memory, frame| {
            limit(Limit::Output, len, OUTPUT_BYTES_MAX)?;
            frame.output.clear();
            frame.output.extend_from_slice(slice(memory, from, len)?);
            Ok(())
        })
    })?;
    linker.func_wrap("env", "emit", |at: At<'_>, name: u32, name_len: u32, data: u32, data_len: u32| {
        answer(at, |memory, frame| {
            limit(Limit::EventName, name_len, EVENT_NAME_BYTES_MAX)?;
            limit(Limit::EventBytes, data_len, EVENT_BYTES_MAX)?;
            frame.events += 1;
            frame.event_bytes += name_len as usize + data_len as usize;
            if frame.events > EVENTS_MAX {
                return Err(Exit::Failure(Failure::Limit(Limit::Events)));
            }
            if frame.event_bytes > EVENT_BYTES_MAX {
                return Err(Exit::Failure(Failure::Limit(Limit::EventBytes)));
            }
            Ok(frame.lent.host().emit(slice(memory, name, name_len)?, slice(memory, data, data_len)?)?)
        })
    })?;
    linker.func_wrap(
        "env",
        "abort",
        |at: At<'_>, code: u32, code_len: u32, line: u32, detail: u32, detail_len: u32| {
            answer(at, |memory, _| -> Result<(), Exit> {
                limit(Limit::AbortCode, code_len, ABORT_CODE_BYTES_MAX)?;
                limit(Limit::AbortDetail, detail_len, ABORT_DETAIL_BYTES_MAX)?;
                let detail = slice(memory, detail, detail_len)?.to_vec();
                let code = slice(memory, code, code_len)?;
                let printable = !code.is_empty() && code.iter().all(u8::is_ascii_graphic);
                Err(Exit::Failure(match std::str::from_utf8(code) {
                    Ok(code) if printable => Failure::Abort { code: code.to_owned(), line, detail },
                    _ => Failure::Limit(Limit::AbortCode),
                }))
            })
        },
    )?;
    linker.func_wrap(
        "env",
        "call",
        |at: At<'_>, contract: u32, method: u32, method_len: u32, args: u32, args_len: u32, gas: i64| {
            outside(at, (contract, method, method_len, args, args_len), gas)
        },
    )?;
    linker.func_wrap("env", "returned_len", |at: At<'_>| length(&at.data().returned))?;
    linker.func_wrap("env", "returned", |at: At<'_>, to: u32, cap: u32| {
        answer(at, |memory, frame| write_capped(memory, to, cap, &frame.returned))
    })?;
    linker.func_wrap("env", "sm3", |at: At<'_>, from: u32, len: u32, to: u32| {
        answer(at, |memory, _| {
            let digest = xl_crypto::sm3(&[slice(memory, from, len)?]);
            write(memory, to, &digest)
        })
    })?;
    linker.func_wrap("env", "sm2_verify", |at: At<'_>, key: u32, signature: u32, message: u32, len: u32| {
        answer(at, |memory, _| {
            let key = array::<33>(memory, key)?;
            let signature = array::<64>(memory, signature)?;
            let message = slice(memory, message, len)?;
            let verified = match (xl_crypto::PublicKey::from_slice(key), xl_crypto::Signature::from_slice(signature)) {
                (Ok(key), Ok(signature)) => xl_crypto::verify(&key, message, &signature).is_ok(),
                _ => false,
            };
            Ok(i32::from(verified))
        })
    })?;
    linker.func_wrap("env", "has_role", |at: At<'_>, account: u32, role: u32, role_len: u32| {
        answer(at, |memory, frame| {
            limit(Limit::Role, role_len, ROLE_BYTES_MAX)?;
            let held = frame.lent.host().has_role(array(memory, account)?, slice(memory, role, role_len)?)?;
            Ok(i32::from(held))
        })
    })?;
    linker.func_wrap("env", "org_of", |at: At<'_>, account: u32, to: u32, cap: u32| {
        answer(at, |memory, frame| match frame.lent.host().organisation_of(array(memory, account)?)? {
            Some(organisation) => write_capped(memory, to, cap, &organisation),
            None => Ok(-1),
        })
    })?;
    Ok(linker)
}
