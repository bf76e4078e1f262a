// Contracts in AssemblyScript: the chain's host functions, and arguments, state and events in Borsh.
//
// Arguments are read in the order of the interface description, then `finish`: left-over or missing bytes are
// `BadArguments`. State keys are those of a contract in typed Python: a field's name, a map's name, "/" and the key.
// Everything is at fixed places of memory and nothing is allocated: a call is one fresh instance. Meaning and price of
// each host function: spec/10-vm.md, XL-VM-5.

export namespace host {
  @external("env", "get") export declare function get(key: usize, keyLen: u32, to: usize, cap: u32): i32;
  @external("env", "put") export declare function put(key: usize, keyLen: u32, value: usize, valueLen: u32): void;
  @external("env", "del") export declare function del(key: usize, keyLen: u32): void;
  @external("env", "caller") export declare function caller(to: usize): void;
  @external("env", "origin") export declare function origin(to: usize): void;
  @external("env", "self_addr") export declare function selfAddress(to: usize): void;
  @external("env", "tx_id") export declare function txId(to: usize): void;
  @external("env", "height") export declare function height(): i64;
  @external("env", "time") export declare function time(): i64;
  @external("env", "input_len") export declare function inputLen(): u32;
  @external("env", "input") export declare function input(to: usize, cap: u32): u32;
  @external("env", "ret") export declare function ret(from: usize, len: u32): void;
  @external("env", "emit") export declare function emit(name: usize, nameLen: u32, data: usize, dataLen: u32): void;
  @external("env", "abort")
  export declare function abort(code: usize, codeLen: u32, line: u32, detail: usize, detailLen: u32): void;
  @external("env", "call")
  export declare function call(
    contract: usize, method: usize, methodLen: u32, args: usize, argsLen: u32, gas: i64): i32;
  @external("env", "returned_len") export declare function returnedLen(): u32;
  @external("env", "returned") export declare function returned(to: usize, cap: u32): u32;
  @external("env", "sm3") export declare function sm3(from: usize, len: u32, to: usize): void;
  @external("env", "sm2_verify")
  export declare function sm2Verify(key: usize, signature: usize, message: usize, len: u32): i32;
  @external("env", "has_role") export declare function hasRole(account: usize, role: usize, len: u32): i32;
  @external("env", "org_of") export declare function orgOf(account: usize, to: usize, cap: u32): i32;
}

const INPUT = memory.data(1024), INPUT_MAX: u32 = 1024;
const NAME = memory.data(64), NAME_MAX: u32 = 64;
const KEY = memory.data(256), KEY_MAX: u32 = 256;
const DATA = memory.data(256), DATA_MAX: u32 = 256;
const NUMBER = memory.data(16);
const FOUND = memory.data(32);

/** Bytes of an account's or contract's address. */
export const ADDRESS: u32 = 20;

function copy(to: usize, from: usize, length: u32): void {
  let i: u32 = 0;
  for (; i + 4 <= length; i += 4) store<u32>(to + i, load<u32>(from + i));
  for (; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

/** Writes the characters of an ASCII literal as bytes; their number. Beyond `most`: `TooLong`. */
function ascii(text: string, to: usize, most: u32): u32 {
  const length = <u32>text.length;
  if (length > most) tooLong();
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u16>(changetype<usize>(text) + (i << 1)));
  return length;
}

/** Ends the call without effect. */
export function fail(code: string, line: u32): void {
  written = 0;
  failWith(code, line);
}
/** Ends the call without effect; the detail is what was written by `putBytes` and its like. */
export function failWith(code: string, line: u32): void {
  host.abort(NAME, ascii(code, NAME, NAME_MAX), line, DATA, written);
  unreachable();
}
function tooLong(): void {
  fail("TooLong", 0);
}

// --- numbers of 128 bits: the upper half of a result stays in `high` -------------------------------------------------

export let high: u64 = 0;

/** Sum; `Overflow` where it leaves the range. */
export function add(al: u64, ah: u64, bl: u64, bh: u64, line: u32): u64 {
  const low = al + bl, carry = u64(low < al), middle = ah + bh;
  high = middle + carry;
  if (middle < ah || high < middle) fail("Overflow", line);
  return low;
}
/** Difference; `Overflow` where it leaves the range. */
export function sub(al: u64, ah: u64, bl: u64, bh: u64, line: u32): u64 {
  if (less(al, ah, bl, bh)) fail("Overflow", line);
  high = ah - bh - u64(al < bl);
  return al - bl;
}
export function less(al: u64, ah: u64, bl: u64, bh: u64): bool {
  return ah == bh ? al < bl : ah < bh;
}

// --- arguments -------------------------------------------------------------------------------------------------------

let inputLength: u32 = 0, position: u32 = 0, argumentsLine: u32 = 0;

/** Reads the arguments of this call; `line` is told where they do not decode. */
export function begin(line: u32): void {
  argumentsLine = line;
  inputLength = host.inputLen();
  if (inputLength > INPUT_MAX) fail("BadArguments", line);
  host.input(INPUT, INPUT_MAX);
}
/** Where the next `length` bytes of the arguments stand. */
export function take(length: u32): usize {
  if (length > inputLength - position) fail("BadArguments", argumentsLine);
  const at = INPUT + position;
  position += length;
  return at;
}
/** The lower half; the upper is in `high`. */
export function takeU128(): u64 {
  const at = take(16);
  high = load<u64>(at, 8);
  return load<u64>(at);
}
export function takeU64(): u64 {
  return load<u64>(take(8));
}
export function takeU32(): u32 {
  return load<u32>(take(4));
}
export function finish(): void {
  if (position != inputLength) fail("BadArguments", argumentsLine);
}

// --- bytes to write: events and details of errors --------------------------------------------------------------------

let written: u32 = 0;

export function putBytes(from: usize, length: u32): void {
  if (length > DATA_MAX - written) tooLong();
  copy(DATA + written, from, length);
  written += length;
}
export function putU128(low: u64, high: u64): void {
  store<u64>(NUMBER, low);
  store<u64>(NUMBER, high, 8);
  putBytes(NUMBER, 16);
}
/** An event of what was written. */
export function emit(name: string): void {
  host.emit(NAME, ascii(name, NAME, NAME_MAX), DATA, written);
  written = 0;
}
export function returnU128(low: u64, high: u64): void {
  store<u64>(NUMBER, low);
  store<u64>(NUMBER, high, 8);
  host.ret(NUMBER, 16);
}

// --- state -----------------------------------------------------------------------------------------------------------

let keyLength: u32 = 0;

/** The loads and stores that follow are of this field. */
export function field(name: string): void {
  keyLength = ascii(name, KEY, KEY_MAX);
}
/** The loads and stores that follow are of an address's entry in a map, named with its "/". */
export function entryOf(name: string, address: usize): void {
  keyLength = ascii(name, KEY, KEY_MAX - ADDRESS);
  copy(KEY + keyLength, address, ADDRESS);
  keyLength += ADDRESS;
}
/** A number, 0 where nothing was written: the lower half; the upper is in `high`. */
export function loadU128(line: u32): u64 {
  const length = host.get(KEY, keyLength, NUMBER, 16);
  high = 0;
  if (length == -1) return 0;
  if (length != 16) fail("BadState", line);
  high = load<u64>(NUMBER, 8);
  return load<u64>(NUMBER);
}
export function storeU128(low: u64, high: u64): void {
  store<u64>(NUMBER, low);
  store<u64>(NUMBER, high, 8);
  host.put(KEY, keyLength, NUMBER, 16);
}
/** Where a stored address stands until the next such load; `NotFound` where nothing was written. */
export function loadAddress(line: u32): usize {
  const length = host.get(KEY, keyLength, FOUND, ADDRESS);
  if (length == -1) fail("NotFound", line);
  if (length != ADDRESS) fail("BadState", line);
  return FOUND;
}
export function storeBytes(from: usize, length: u32): void {
  host.put(KEY, keyLength, from, length);
}
export function same(a: usize, b: usize, length: u32): bool {
  let difference: u32 = 0;
  for (let i: u32 = 0; i < length; i++) difference |= load<u8>(a + i) ^ load<u8>(b + i);
  return difference == 0;
}
