// Points in AssemblyScript: the interface and the state of examples/points.
import * as xl from "../../../sdk/assemblyscript/xianglian";

const CALLER = memory.data(20);

export function init(): i32 {
  xl.begin(7);
  xl.finish();
  xl.host.caller(CALLER);
  xl.field("issuer");
  xl.storeBytes(CALLER, xl.ADDRESS);
  return 0;
}

export function issue(): i32 {
  xl.begin(16);
  const target = xl.take(xl.ADDRESS), amount = xl.takeU128(), amountHigh = xl.high;
  xl.finish();

  xl.host.caller(CALLER);
  xl.field("issuer");
  if (!xl.same(CALLER, xl.loadAddress(22), xl.ADDRESS)) xl.fail("NotIssuer", 22);
  if ((amount | amountHigh) == 0) xl.fail("AmountIsZero", 23);
  xl.field("issued");
  const issued = xl.loadU128(25), issuedNow = xl.add(issued, xl.high, amount, amountHigh, 25);
  xl.storeU128(issuedNow, xl.high);
  credit(target, amount, amountHigh);

  xl.putBytes(target, xl.ADDRESS);
  xl.putU128(amount, amountHigh);
  xl.emit("Issued");
  return 0;
}

export function transfer(): i32 {
  xl.begin(36);
  const target = xl.take(xl.ADDRESS), amount = xl.takeU128(), amountHigh = xl.high;
  xl.finish();

  xl.host.caller(CALLER);
  xl.entryOf("balances/", CALLER);
  const held = xl.loadU128(42), heldHigh = xl.high;
  if ((amount | amountHigh) == 0) xl.fail("AmountIsZero", 43);
  if (xl.less(held, heldHigh, amount, amountHigh)) {
    xl.putU128(held, heldHigh);
    xl.putU128(amount, amountHigh);
    xl.failWith("InsufficientBalance", 47);
  }
  const left = xl.sub(held, heldHigh, amount, amountHigh, 49);
  xl.storeU128(left, xl.high); // before the credit: a transfer to oneself changes nothing
  credit(target, amount, amountHigh);

  xl.putBytes(CALLER, xl.ADDRESS);
  xl.putBytes(target, xl.ADDRESS);
  xl.putU128(amount, amountHigh);
  xl.emit("Transferred");
  return 0;
}

export function balance(): i32 {
  xl.begin(61);
  const owner = xl.take(xl.ADDRESS);
  xl.finish();
  xl.entryOf("balances/", owner);
  const held = xl.loadU128(65);
  xl.returnU128(held, xl.high);
  return 0;
}

export function supply(): i32 {
  xl.begin(71);
  xl.finish();
  xl.field("issued");
  const issued = xl.loadU128(74);
  xl.returnU128(issued, xl.high);
  return 0;
}

function credit(owner: usize, amount: u64, amountHigh: u64): void {
  xl.entryOf("balances/", owner);
  const held = xl.loadU128(81), now = xl.add(held, xl.high, amount, amountHigh, 81);
  xl.storeU128(now, xl.high);
}
