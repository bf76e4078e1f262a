//! What one call sees and does, host function by host function.

use crate::support::{Bench, CONTEXT, deploy, entry, machine, module};
use xl_vm::limits::{EVENT_BYTES_MAX, EVENTS_MAX, KEY_BYTES_MAX, OUTPUT_BYTES_MAX, VALUE_BYTES_MAX};
use xl_vm::{Call, CodeKey, Failure, Fault, Limit, Machine, Outcome, Trap};

const POINTS: &str = include_str!("points.wat");

fn transfer(target: [u8; 20], amount: u128) -> Vec<u8> {
    [&target[..], &amount.to_le_bytes()].concat()
}

fn balance_key(owner: [u8; 20]) -> Vec<u8> {
    [b"b/", &owner[..]].concat()
}

#[test]
fn points_move_and_are_conserved() {
    let mut bench = Bench::new(POINTS);
    bench.host.state.insert(balance_key(CONTEXT.caller), (u128::from(u64::MAX) + 5).to_le_bytes().to_vec());
    let (to, amount) = ([9; 20], 7u128);
    assert!(bench.output("transfer", &transfer(to, amount)).is_empty());
    let balance = |bench: &mut Bench, owner: [u8; 20]| {
        u128::from_le_bytes(bench.output("balance", &owner).try_into().expect("16 bytes"))
    };
    assert_eq!(balance(&mut bench, CONTEXT.caller), u128::from(u64::MAX) - 2);
    assert_eq!(balance(&mut bench, to), 7);
    let event = [&CONTEXT.caller[..], &transfer(to, amount)].concat();
    assert_eq!(bench.host.events, [(b"Transfer".to_vec(), event)]);
}

#[test]
fn points_refuse_with_code_line_and_detail() {
    let mut bench = Bench::new(POINTS);
    let failure = bench.failure("transfer", &transfer([9; 20], 1));
    assert_eq!(failure, Failure::Abort { code: "INSUFFICIENT".into(), line: 21, detail: vec![0; 16] });
    assert_eq!(failure.code(), "ABORT");
    assert_eq!(bench.failure("transfer", &[1, 2]), Failure::Returned { status: 1 });
    assert_eq!(bench.failure("mint", &[]), Failure::UnknownEntry);
    assert_eq!(bench.failure("memory", &[]), Failure::UnknownEntry);
    assert!(bench.host.state.is_empty());
}

#[test]
fn the_context_is_the_chains() {
    let mut bench = Bench::new(&entry(
        "(call $caller (i32.const 0)) (call $self_addr (i32.const 20)) (call $tx_id (i32.const 40))
         (i64.store (i32.const 72) (call $height)) (i64.store (i32.const 80) (call $time))
         (i32.store (i32.const 88) (call $input_len))
         (call $ret (i32.const 0) (i32.const 92)) (i32.const 0)",
    ));
    let expected = [
        &CONTEXT.caller[..],
        &CONTEXT.contract,
        &CONTEXT.tx_id,
        &CONTEXT.height.to_le_bytes(),
        &CONTEXT.time_ms.to_le_bytes(),
        &3u32.to_le_bytes(),
    ]
    .concat();
    assert_eq!(bench.output("go", &[1, 2, 3]), expected);
}

#[test]
fn get_copies_what_fits_and_tells_the_whole_length() {
    let mut bench = Bench::new(&entry(
        "(drop (call $input (i32.const 0) (i32.const 1)))
         (i32.store (i32.const 16) (call $get (i32.const 0) (i32.const 1) (i32.const 20) (i32.const 2)))
         (call $ret (i32.const 16) (i32.const 8)) (i32.const 0)",
    ));
    bench.host.state.insert(b"k".to_vec(), vec![1, 2, 3]);
    assert_eq!(bench.output("go", b"k"), [3, 0, 0, 0, 1, 2, 0, 0]);
    assert_eq!(bench.output("go", b"x"), [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], "absent is -1");
}

#[test]
fn put_and_del_reach_the_host() {
    let mut bench = Bench::new(&entry(
        "(call $put (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4))
         (call $put (i32.const 8) (i32.const 2) (i32.const 0) (i32.const 0))
         (call $del (i32.const 16) (i32.const 1)) (i32.const 0)",
    ));
    bench.host.state.insert(vec![0], vec![9]);
    bench.output("go", &[]);
    let state: Vec<_> = bench.host.state.into_iter().collect();
    assert_eq!(state, [(vec![], vec![0; 4]), (vec![0, 0], vec![])]);
}

#[test]
fn roles_and_organisations_are_asked_of_the_host() {
    let mut bench = Bench::new(&module(
        "(data (i32.const 64) \"clerk\")",
        "(call $caller (i32.const 0))
         (i32.store (i32.const 100) (call $has_role (i32.const 0) (i32.const 64) (i32.const 5)))
         (i32.store (i32.const 104) (call $org_of (i32.const 0) (i32.const 108) (i32.const 8)))
         (call $ret (i32.const 100) (i32.const 12)) (i32.const 0)",
    ));
    assert_eq!(bench.output("go", &[]), [0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
    bench.host.roles.insert((CONTEXT.caller, b"clerk".to_vec()));
    bench.host.organisations.insert(CONTEXT.caller, b"city".to_vec());
    assert_eq!(bench.output("go", &[]), *b"\x01\0\0\0\x04\0\0\0city");
}

#[test]
fn hashes_and_signatures_are_the_national_ones() {
    let text = entry(
        "(drop (call $input (i32.const 0) (i32.const 200)))
         (i32.store (i32.const 300) (call $sm2_verify (i32.const 0) (i32.const 33) (i32.const 97) (i32.const 3)))
         (call $sm3 (i32.const 97) (i32.const 3) (i32.const 304))
         (call $ret (i32.const 300) (i32.const 36)) (i32.const 0)",
    );
    let mut bench = Bench::new(&text);
    let key = xl_crypto::SecretKey::from_slice(&[7; 32]).expect("in range");
    let input = [&key.public_key().as_bytes()[..], key.sign(b"abc").as_bytes(), b"abc"].concat();
    let expected = [&1u32.to_le_bytes()[..], &xl_crypto::sm3(&[b"abc"])].concat();
    assert_eq!(bench.output("go", &input), expected);
    for flipped in [0, 1, 40, 80, 98] {
        let mut input = input.clone();
        input[flipped] ^= 0x10;
        assert_eq!(bench.output("go", &input)[..4], [0; 4], "byte {flipped}");
    }
}

#[test]
fn a_view_cannot_write() {
    for body in [
        "(call $put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const 0)",
        "(call $del (i32.const 0) (i32.const 1)) (i32.const 0)",
        "(call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const 0)",
    ] {
        let mut bench = Bench::new(&entry(body));
        bench.host.read_only = true;
        assert_eq!(bench.failure("go", &[]), Failure::ReadOnly);
    }
}

#[test]
fn sizes_beyond_a_limit_fail_and_those_at_it_pass() {
    let (key, value, output, events) = (KEY_BYTES_MAX, VALUE_BYTES_MAX, OUTPUT_BYTES_MAX, EVENT_BYTES_MAX);
    let many = EVENTS_MAX;
    let emits = |count: usize| {
        format!(
            "(local i32) (loop (call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0))
             (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const {count}))))"
        )
    };
    let cases = [
        (format!("(call $put (i32.const 0) (i32.const {key}) (i32.const 0) (i32.const {value}))"), None),
        (format!("(call $put (i32.const 0) (i32.const {}) (i32.const 0) (i32.const 0))", key + 1), Some(Limit::Key)),
        (format!("(call $del (i32.const 0) (i32.const {}))", key + 1), Some(Limit::Key)),
        (
            format!("(drop (call $get (i32.const 0) (i32.const {}) (i32.const 0) (i32.const 0)))", key + 1),
            Some(Limit::Key),
        ),
        (
            format!("(call $put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const {}))", value + 1),
            Some(Limit::Value),
        ),
        (format!("(call $ret (i32.const 0) (i32.const {output}))"), None),
        (format!("(call $ret (i32.const 0) (i32.const {}))", output + 1), Some(Limit::Output)),
        ("(call $emit (i32.const 0) (i32.const 65) (i32.const 0) (i32.const 0))".into(), Some(Limit::EventName)),
        (format!("(call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const {}))", events - 1), None),
        (
            format!("(call $emit (i32.const 0) (i32.const 1) (i32.const 0) (i32.const {events}))"),
            Some(Limit::EventBytes),
        ),
        (emits(many), None),
        (emits(many + 1), Some(Limit::Events)),
        ("(drop (call $has_role (i32.const 0) (i32.const 0) (i32.const 65)))".into(), Some(Limit::Role)),
        (
            "(call $abort (i32.const 0) (i32.const 65) (i32.const 0) (i32.const 0) (i32.const 0))".into(),
            Some(Limit::AbortCode),
        ),
        // No code, and one that is not printable.
        (
            "(call $abort (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))".into(),
            Some(Limit::AbortCode),
        ),
        (
            "(call $abort (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))".into(),
            Some(Limit::AbortCode),
        ),
        (
            "(call $abort (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 257))".into(),
            Some(Limit::AbortDetail),
        ),
    ];
    for (body, expected) in cases {
        let mut bench = Bench::new(&entry(&format!("{body} (i32.const 0)")));
        match (bench.call("go", &[]), expected) {
            (Outcome::Success { .. }, None) => {}
            (Outcome::Failed { failure: Failure::Limit(limit), .. }, Some(expected)) => assert_eq!(limit, expected),
            (outcome, _) => panic!("{body}: {outcome:?}"),
        }
    }
}

#[test]
fn pointers_outside_the_memory_end_the_call() {
    for body in [
        "(call $caller (i32.const 65517))",
        "(call $caller (i32.const -1))",
        "(call $self_addr (i32.const 65536))",
        "(call $tx_id (i32.const 65505))",
        "(call $sm3 (i32.const 0) (i32.const 65537) (i32.const 0))",
        "(call $sm3 (i32.const -8) (i32.const 16) (i32.const 0))",
        "(call $sm3 (i32.const 0) (i32.const 1) (i32.const 65520))",
        "(call $put (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 1))",
        "(call $put (i32.const 0) (i32.const 1) (i32.const 65535) (i32.const 2))",
        "(drop (call $get (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 1)))",
        "(drop (call $input (i32.const 65535) (i32.const 100)))",
        "(drop (call $sm2_verify (i32.const 65510) (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(drop (call $sm2_verify (i32.const 0) (i32.const 65510) (i32.const 0) (i32.const 0)))",
        "(drop (call $has_role (i32.const 65530) (i32.const 0) (i32.const 0)))",
        "(drop (call $org_of (i32.const 65530) (i32.const 0) (i32.const 0)))",
        "(call $ret (i32.const 65535) (i32.const 2))",
        "(call $emit (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 0))",
        "(call $abort (i32.const 65535) (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0))",
    ] {
        let mut bench = Bench::new(&entry(&format!("{body} (i32.const 0)")));
        assert_eq!(bench.failure("go", &[1, 2, 3]), Failure::Trap(Trap::MemoryOutOfBounds), "{body}");
    }
}

#[test]
fn negative_lengths_are_huge_and_paid_for_first() {
    let mut bench = Bench::new(&entry("(call $ret (i32.const 0) (i32.const -1)) (i32.const 0)"));
    let outcome = bench.call("go", &[]);
    assert_eq!(outcome, Outcome::Failed { failure: Failure::OutOfGas, gas_used: 100_000_000 });
    let rich = bench.try_call("go", &[], 1 << 60).expect("no fault");
    assert!(matches!(rich, Outcome::Failed { failure: Failure::Limit(Limit::Output), .. }), "{rich:?}");
}

#[test]
fn a_broken_store_is_a_fault_and_never_a_receipt() {
    for body in [
        "(call $put (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1)) (i32.const 0)",
        "(call $get (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))",
        "(call $org_of (i32.const 0) (i32.const 1) (i32.const 0))",
    ] {
        let mut bench = Bench::new(&entry(body));
        bench.host.broken = true;
        let fault = bench.try_call("go", &[], 100_000_000).expect_err("a fault");
        assert!(matches!(fault, Fault::Host(_)), "{fault:?}");
        bench.host.broken = false;
        bench.call("go", &[]);
    }
}

#[test]
fn nothing_stays_from_one_instance_to_the_next() {
    // Adds one to a global, a byte of the first page and one of a page it grows by: each must have been 0.
    let mut bench = Bench::new(&module(
        "(global $g (mut i32) (i32.const 0))",
        "(if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then unreachable))
         (if (i32.or (global.get $g) (i32.or (i32.load (i32.const 40000)) (i32.load (i32.const 200000))))
          (then unreachable))
         (global.set $g (i32.const 1)) (i32.store (i32.const 40000) (i32.const -1))
         (i32.store (i32.const 200000) (i32.const -1)) (i32.const 0)",
    ));
    let mut trapping = deploy(&entry("(i32.store (i32.const 40000) (i32.const -1)) unreachable"));
    for round in 0..50 {
        bench.output("go", &[]);
        if round % 2 == 0 {
            // The other contract dirties the slot and traps.
            std::mem::swap(&mut bench.prepared, &mut trapping);
            assert_eq!(bench.failure("go", &[]), Failure::Trap(Trap::Unreachable));
            std::mem::swap(&mut bench.prepared, &mut trapping);
        }
    }
}

#[test]
fn modules_are_kept_up_to_a_size_and_belong_to_their_machine() {
    let machine = Machine::new(0).expect("starts");
    let code: Vec<_> = (0..3).map(|i| deploy(&entry(&format!("(i32.const {i})")))).collect();
    for prepared in &code {
        machine.load(prepared.key(), &prepared.instrumented).expect("compiles");
    }
    let loaded = |i: usize| machine.loaded(&code[i].key()).is_some();
    assert_eq!([0, 1, 2].map(loaded), [false, false, true]);

    let other = super::support::machine().load(code[0].key(), &code[0].instrumented).expect("compiles");
    assert_eq!(other.entries().collect::<Vec<_>>(), ["go"]);
    let mut host = crate::support::MapHost::default();
    let call = Call { module: &other, entry: "go", input: &[], gas_limit: 1 << 40, context: CONTEXT, host: &mut host };
    assert!(matches!(machine.call(call), Err(Fault::ForeignModule)));
}

#[test]
fn only_the_instrumenters_output_loads() {
    let machine = machine();
    let key = CodeKey { code_hash: [0; 32], instrumenter_version: 1 };
    let raw =
        crate::support::wasm(r#"(module (memory (export "memory") 1) (func (export "go") (result i32) i32.const 0))"#);
    assert!(matches!(machine.load(key, &raw), Err(Fault::NotInstrumented)));
    assert!(matches!(machine.load(key, b"\0asm"), Err(Fault::Compile(_))));
}
