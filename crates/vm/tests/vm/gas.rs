//! What things cost, to the unit.

use crate::support::{Bench, entry, module};
use xl_vm::schedule::{BULK, CALL, DATA_BYTE, GROWN_PAGE, HOST, PAGE, TABLE_ELEMENT, host_function};
use xl_vm::{Failure, Outcome, deploy_gas};

/// An entry that only returns.
const EMPTY: u64 = CALL + PAGE + 1;

fn gas(text: &str) -> u64 {
    match Bench::new(text).try_call("go", &[7; 40], 1 << 40).expect("no fault") {
        Outcome::Success { gas_used, .. } => gas_used,
        failed => panic!("{text}: {failed:?}"),
    }
}

/// Gas of `body` beyond that of an entry that only returns.
fn body(body: &str) -> u64 {
    gas(&entry(&format!("{body} (i32.const 0)"))) - EMPTY
}

#[test]
fn a_call_pays_for_its_instance() {
    assert_eq!(gas(&entry("(i32.const 0)")), EMPTY);
    let more = module("(table 3 funcref) (data (i32.const 0) \"12345\")", "(i32.const 0)");
    assert_eq!(gas(&more), EMPTY + 3 * TABLE_ELEMENT + 5 * DATA_BYTE);
    assert_eq!(gas(&entry("(i32.const 0)").replace("\"memory\") 1)", "\"memory\") 3)")), EMPTY + 2 * PAGE);
}

#[test]
fn instructions_are_paid_for_as_often_as_they_run() {
    assert_eq!(body("(drop (i32.add (i32.const 1) (i32.const 2)))"), 3);
    assert_eq!(body("(drop (i32.div_u (i32.const 1) (i32.const 2)))"), 26);
    // const, set, then five rounds of get, const, sub, tee, and br_if, which is four.
    let rounds = "(local i32) (local.set 0 (i32.const 5))
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))";
    assert_eq!(body(rounds), 2 + 5 * 8);
    // Only the arm that runs.
    let arms = |condition: u32| {
        format!("(if (i32.const {condition}) (then (drop (i64.load (i32.const 0)))) (else nop (drop (i32.const 1))))")
    };
    assert_eq!((body(&arms(1)), body(&arms(0))), (5 + 17, 5 + 1));
}

#[test]
fn bulk_operations_are_paid_for_by_length() {
    for (length, units) in [(0u32, 0), (1, 1), (4, 1), (5, 2), (65_536, 16_384)] {
        let arguments = format!("(i32.const 0) (i32.const 0) (i32.const {length})");
        assert_eq!(body(&format!("(memory.fill {arguments})")), 3 + BULK + units, "fill {length}");
        assert_eq!(body(&format!("(memory.copy {arguments})")), 3 + BULK + units, "copy {length}");
    }
    assert_eq!(body("(drop (memory.grow (i32.const 3)))"), 1 + BULK + 3 * GROWN_PAGE);
    assert_eq!(body("(drop (memory.grow (i32.const 1000)))"), 1 + BULK + 1000 * GROWN_PAGE, "refused, but paid for");
}

#[test]
fn every_host_function_costs_its_base_and_its_bytes() {
    for host in HOST.iter().filter(|h| h.name != "abort") {
        let call = |length: u32| {
            let arguments: String = (0u32..)
                .zip(host.params)
                .map(|(p, ty)| format!("({ty}.const {})", if host.lengths.contains(&p) { length } else { 0 }))
                .collect();
            let call = format!("(call ${} {arguments})", host.name);
            body(&if host.result.is_some() { format!("(drop {call})") } else { call })
        };
        // The argument is 40 bytes, and its length is charged whatever is copied; nothing else is there to be found.
        let answered = if host.name == "input" { 40 } else { 0 };
        let expected = |length: u64| {
            12 + host.params.len() as u64
                + u64::from(host.base)
                + u64::from(host.per_byte) * (length * host.lengths.len() as u64 + answered)
        };
        assert_eq!((call(0), call(50)), (expected(0), expected(50)), "{}", host.name);
    }
}

#[test]
fn a_value_read_is_paid_for_by_its_length() {
    let mut bench =
        Bench::new(&entry("(drop (call $get (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 4))) (i32.const 0)"));
    let mut used = |value: Option<Vec<u8>>| {
        bench.host.state.clear();
        bench.host.state.extend(value.map(|v| (vec![0], v)));
        bench.call("go", &[]).gas_used()
    };
    let absent = used(None);
    let per_byte = u64::from(host_function("get").expect("offered").per_byte);
    assert_eq!(used(Some(vec![])), absent);
    assert_eq!(used(Some(vec![1; 1000])), absent + 1000 * per_byte);
}

#[test]
fn an_indirect_call_of_an_import_is_charged_like_a_call() {
    let text = |call: &str| {
        module(
            "(type $i64 (func (result i64))) (table 1 funcref) (elem (i32.const 0) $time)",
            &format!("(drop {call}) (i32.const 0)"),
        )
    };
    let direct = gas(&text("(call $time)"));
    // One constant more, and forty units instead of twelve.
    assert_eq!(gas(&text("(call_indirect (type $i64) (i32.const 0))")), direct + 1 + 28);
}

#[test]
fn an_exported_import_is_charged_as_well() {
    let mut bench = Bench::new(&module("(export \"length\" (func $input_len))", "(i32.const 0)"));
    let outcome = bench.call("length", &[]);
    let base = u64::from(host_function("input_len").expect("offered").base);
    assert_eq!(outcome, Outcome::Success { output: vec![], gas_used: CALL + PAGE + base });
}

#[test]
fn a_limit_is_enough_or_one_too_little() {
    let mut bench = Bench::new(include_str!("points.wat"));
    bench.host.state.insert([&b"b/"[..], &[0xA1; 20]].concat(), 1000u128.to_le_bytes().to_vec());
    let input = [&[9; 20][..], &1u128.to_le_bytes()].concat();
    bench.call("transfer", &input);
    let needed = bench.call("transfer", &input).gas_used();
    let mut with = |limit: u64| bench.try_call("transfer", &input, limit).expect("no fault");
    assert_eq!(with(needed), Outcome::Success { output: vec![], gas_used: needed });
    for limit in [0, 1, CALL, needed / 2, needed - 1] {
        assert_eq!(with(limit), Outcome::Failed { failure: Failure::OutOfGas, gas_used: limit }, "limit {limit}");
    }
    assert_eq!(with(u64::MAX), Outcome::Success { output: vec![], gas_used: needed });
}

#[test]
fn a_trap_costs_what_was_entered_and_an_unknown_entry_the_instance() {
    let mut bench = Bench::new(&entry("(i32.div_u (i32.const 1) (i32.const 0))"));
    assert_eq!(bench.call("go", &[]).gas_used(), CALL + PAGE + 26);
    assert_eq!(bench.call("gone", &[]).gas_used(), CALL + PAGE);
}

#[test]
fn deploying_is_paid_for_by_bytes_and_units() {
    assert_eq!(deploy_gas(0, 0), 1_000_000);
    assert_eq!(deploy_gas(1_000, 10), 1_000_000 + 17_500_000 + 75_000);
}
