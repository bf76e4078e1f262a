//! Calls between contracts in a block: what a failed one leaves, who is told what, and what may not be called.

mod lab;

use lab::{Lab, failure, key};
use std::collections::BTreeMap;
use xl_primitives::{
    AccountId, ContractId, Event, Receipt, Status,
    account::ACCOUNTS,
    contract::CONTRACTS,
    receipt::{EVENTS_MAX, Failure},
};

/// Runs its argument as a program of steps, see [`Step`].
const SCRIPT: &str = r#"(module
  (import "env" "input" (func $input (param i32 i32) (result i32)))
  (import "env" "put" (func $put (param i32 i32 i32 i32)))
  (import "env" "del" (func $del (param i32 i32)))
  (import "env" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "env" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "env" "ret" (func $ret (param i32 i32)))
  (import "env" "abort" (func $abort (param i32 i32 i32 i32 i32)))
  (import "env" "caller" (func $caller (param i32)))
  (import "env" "origin" (func $origin (param i32)))
  (import "env" "call" (func $call (param i32 i32 i32 i32 i32 i64) (result i32)))
  (import "env" "returned_len" (func $returned_len (result i32)))
  (import "env" "returned" (func $returned (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "OwnCallFailed")
  (func $is (param $at i32) (param $letter i32) (result i32)
    (i32.eq (i32.load8_u (local.get $at)) (local.get $letter)))
  (func (export "init") (result i32) (i32.const 0))
  (func (export "run") (result i32) (local $at i32) (local $end i32) (local $status i32) (local $length i32)
    (local.set $at (i32.const 1024))
    (local.set $end (i32.add (i32.const 1024) (call $input (i32.const 1024) (i32.const 60000))))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (if (call $is (local.get $at) (i32.const 80)) (then ;; P
        (call $put (i32.add (local.get $at) (i32.const 1)) (i32.const 1) (i32.add (local.get $at) (i32.const 2)) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 3))) (br $next)))
      (if (call $is (local.get $at) (i32.const 68)) (then ;; D
        (call $del (i32.add (local.get $at) (i32.const 1)) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 2))) (br $next)))
      (if (call $is (local.get $at) (i32.const 71)) (then ;; G
        (local.set $length (call $get (i32.add (local.get $at) (i32.const 1)) (i32.const 1) (i32.const 100) (i32.const 1)))
        (call $ret (i32.const 100) (i32.gt_s (local.get $length) (i32.const 0)))
        (local.set $at (i32.add (local.get $at) (i32.const 2))) (br $next)))
      (if (call $is (local.get $at) (i32.const 69)) (then ;; E
        (call $emit (i32.add (local.get $at) (i32.const 1)) (i32.const 1) (i32.const 0) (i32.const 0))
        (local.set $at (i32.add (local.get $at) (i32.const 2))) (br $next)))
      (if (call $is (local.get $at) (i32.const 65)) (then ;; A
        (call $abort (i32.const 0) (i32.const 3) (i32.load8_u offset=1 (local.get $at)) (i32.const 0) (i32.const 1))))
      (if (call $is (local.get $at) (i32.const 88)) (then ;; X
        (if (local.get $status) (then
          (call $abort (i32.const 3) (i32.const 10) (i32.const 3) (i32.const 0) (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next)))
      (if (call $is (local.get $at) (i32.const 89)) (then ;; Y
        (call $abort (i32.const 3) (i32.const 10) (i32.const 4) (i32.const 0) (i32.const 0))))
      (if (call $is (local.get $at) (i32.const 82)) (then ;; R
        (drop (call $returned (i32.const 65536) (i32.const 60000)))
        (call $ret (i32.const 65536) (call $returned_len))
        (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next)))
      (if (call $is (local.get $at) (i32.const 87)) (then ;; W
        (call $caller (i32.const 100)) (call $origin (i32.const 120)) (call $ret (i32.const 100) (i32.const 40))
        (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next)))
      (if (call $is (local.get $at) (i32.const 67)) (then ;; C contract[20] gas[8] method_len[1] length[2] method program
        (local.set $length (i32.load16_u offset=30 (local.get $at)))
        (local.set $status (call $call
          (i32.add (local.get $at) (i32.const 1))
          (i32.add (local.get $at) (i32.const 32)) (i32.load8_u offset=29 (local.get $at))
          (i32.add (i32.add (local.get $at) (i32.const 32)) (i32.load8_u offset=29 (local.get $at))) (local.get $length)
          (i64.load offset=21 (local.get $at))))
        (local.set $at (i32.add (local.get $at)
          (i32.add (i32.add (i32.const 32) (i32.load8_u offset=29 (local.get $at))) (local.get $length))))
        (br $next))))
    unreachable))"#;

/// One step of a program.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Delete(u8),
    /// Returns a value.
    Get(u8),
    Emit(u8),
    /// Aborts with `Own` at a line.
    Abort(u8),
    /// Aborts with `CallFailed` when the last call failed.
    Pass,
    /// Aborts with `CallFailed` whatever happened.
    Blame,
    /// Returns what the last call gave.
    Return,
    /// Returns caller and origin.
    Who,
    /// Calls an address.
    Call(ContractId, &'static str, i64, Vec<Step>),
}

use Step::*;

fn call(contract: &str, steps: &[Step]) -> Step {
    Call(ContractId::derive(contract), "run", -1, steps.to_vec())
}

fn program(steps: &[Step]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in steps {
        match step {
            Put(at, value) => bytes.extend([b'P', *at, *value]),
            Delete(at) => bytes.extend([b'D', *at]),
            Get(at) => bytes.extend([b'G', *at]),
            Emit(name) => bytes.extend([b'E', *name]),
            Abort(line) => bytes.extend([b'A', *line]),
            Pass => bytes.push(b'X'),
            Blame => bytes.push(b'Y'),
            Return => bytes.push(b'R'),
            Who => bytes.push(b'W'),
            Call(contract, method, gas, steps) => {
                let inner = program(steps);
                bytes.push(b'C');
                bytes.extend(contract.0);
                bytes.extend(gas.to_le_bytes());
                bytes.push(method.len() as u8);
                bytes.extend((inner.len() as u16).to_le_bytes());
                bytes.extend(method.as_bytes());
                bytes.extend(inner);
            }
        }
    }
    bytes
}

/// The scripts that a test uses, deployed.
fn scripts(names: &[&str]) -> Lab {
    let mut lab = Lab::new();
    let code = wat::parse_str(SCRIPT).unwrap();
    for names in names.chunks(8) {
        let txs = names.iter().map(|name| lab.tx("a", 1, CONTRACTS, "deploy", &lab::deployment(name, &code))).collect();
        let (statuses, refused) = lab.block(txs);
        assert!(statuses.iter().all(|s| matches!(s, Status::Success { .. })), "{statuses:?} {refused:?}");
    }
    lab
}

/// Runs a program of `contract` in a block of its own.
fn receipt(lab: &mut Lab, contract: &str, steps: &[Step]) -> Receipt {
    let tx = lab.tx("a", 1, contract, "run", &program(steps));
    let tip = lab.chain.tip().digest();
    let (block, refused) = lab.propose(&tip, vec![tx]);
    assert!(refused.is_empty(), "{refused:?}");
    lab.chain.commit(&block, None).unwrap().receipts[0].clone()
}

fn output(receipt: &Receipt) -> &[u8] {
    match &receipt.status {
        Status::Success { output } => output,
        Status::Failed(failure) => panic!("{failure:?}"),
    }
}

fn failed(receipt: &Receipt) -> &Failure {
    match &receipt.status {
        Status::Failed(failure) => failure,
        Status::Success { .. } => panic!("it succeeded"),
    }
}

fn path(receipt: &Receipt) -> Vec<(ContractId, &str)> {
    failed(receipt).path.iter().map(|frame| (frame.contract, &*frame.method)).collect()
}

fn on_path(names: &[&str]) -> Vec<(ContractId, &'static str)> {
    names.iter().map(|name| (ContractId::derive(name), "run")).collect()
}

/// What a caller is told of a failure: code, line and detail in Borsh.
fn told(code: &str, line: u32, detail: &[u8]) -> Vec<u8> {
    xl_primitives::encode(&(code.to_owned(), line, detail.to_vec()))
}

fn events(all: &[Event]) -> Vec<(ContractId, char)> {
    all.iter().map(|event| (event.contract, event.name.chars().next().unwrap())).collect()
}

fn value(lab: &Lab, contract: &str, at: u8) -> Option<u8> {
    let contract = ContractId::derive(contract);
    let report = lab.chain.query(AccountId([1; 20]), contract, "run", &program(&[Get(at)]), 10_000_000).unwrap();
    report.outcome.unwrap().first().copied()
}

#[test]
fn a_failed_callee_leaves_nothing_and_its_caller_goes_on() {
    let mut lab = scripts(&["one", "two"]);
    let steps = [
        Put(1, 1),
        Emit(b'a'),
        call("two", &[Put(1, 2), Put(2, 2), Emit(b'b'), Abort(5)]),
        Emit(b'c'),
        call("two", &[Put(2, 3), Emit(b'd')]),
        Emit(b'e'),
    ];
    let receipt = receipt(&mut lab, "one", &steps);
    let (one, two) = (ContractId::derive("one"), ContractId::derive("two"));
    assert_eq!(events(&receipt.events), [(one, 'a'), (one, 'c'), (two, 'd'), (one, 'e')]);
    assert_eq!([value(&lab, "one", 1), value(&lab, "two", 1), value(&lab, "two", 2)], [Some(1), None, Some(3)]);
    lab.reproduced();
}

#[test]
fn a_callee_knows_its_caller_and_the_signer() {
    let mut lab = scripts(&["one", "two", "three"]);
    let signer = AccountId::derive("a", &key(1).public_key());
    let inner = receipt(&mut lab, "one", &[call("two", &[call("three", &[Who]), Return]), Return]);
    assert_eq!(output(&inner), [ContractId::derive("two").0, signer.0].concat());
    let outer = receipt(&mut lab, "one", &[Who]);
    assert_eq!(output(&outer), [signer.0, signer.0].concat());
}

#[test]
fn a_receipt_tells_where_a_failure_came_from() {
    let mut lab = scripts(&["one", "two", "three"]);
    let fails = call("three", &[Abort(9)]);
    let passed = receipt(&mut lab, "one", &[call("two", &[fails.clone(), Pass]), Pass]);
    assert_eq!((&*failed(&passed).code, failed(&passed).line, &failed(&passed).detail[..]), ("Own", 9, &b"O"[..]));
    assert_eq!(path(&passed), on_path(&["one", "two", "three"]));
    assert!(passed.events.is_empty());
    // Caught on the way: then the failure is the one that came after.
    let caught = receipt(&mut lab, "one", &[call("two", &[fails.clone(), Abort(8)]), Pass]);
    assert_eq!((failure(&caught.status), path(&caught)), (("Own", 8), on_path(&["one", "two"])));
    let own = receipt(&mut lab, "one", &[call("two", &[fails.clone(), call("three", &[]), Blame]), Abort(7)]);
    assert_eq!((failure(&own.status), path(&own)), (("Own", 7), on_path(&["one"])));
    // Who blames a call that did not fail speaks for himself.
    let blame = receipt(&mut lab, "one", &[call("two", &[fails.clone(), call("three", &[]), Blame]), Pass]);
    assert_eq!((failure(&blame.status), path(&blame)), (("CallFailed", 4), on_path(&["one", "two"])));
    let gas = Call(ContractId::derive("two"), "run", 50_000, vec![call("three", &[])]);
    let gas = receipt(&mut lab, "one", &[gas, Pass]);
    assert_eq!((failure(&gas.status), path(&gas)), (("XL-VM-OUT_OF_GAS", 0), on_path(&["one", "two"])));

    // A caller on the way is told the same, and running it again gives the same receipt.
    let answer = receipt(&mut lab, "one", &[call("two", &[fails, Pass]), Return]);
    assert_eq!(output(&answer), told("Own", 9, b"O"));
    let place = lab.chain.tx_place(&passed.tx_id).unwrap().unwrap();
    let (report, again) = lab.chain.replay(place.height, place.index as usize).unwrap().unwrap();
    assert_eq!((again, report.outcome.unwrap_err()), (passed, ("Own".to_owned(), 9, b"O".to_vec())));
}

#[test]
fn what_cannot_be_called_fails_like_a_callee() {
    let mut lab = scripts(&["one", "two"]);
    let of = |name: &str, method| Call(ContractId::derive(name), method, -1, vec![]);
    let cases = [
        (of("nobody", "run"), "XL-CONTRACT-UNKNOWN"),
        (of("two", "init"), "XL-VM-UNKNOWN_ENTRY"),
        (of("two", "migrate"), "XL-VM-UNKNOWN_ENTRY"),
        (of("two", "nothing"), "XL-VM-UNKNOWN_ENTRY"),
        (of("two", ""), "XL-VM-UNKNOWN_ENTRY"),
        (of("two", "memory"), "XL-VM-UNKNOWN_ENTRY"),
        (of(CONTRACTS, "deploy"), "XL-CONTRACT-SYSTEM"),
        (of(ACCOUNTS, "admit"), "XL-CONTRACT-SYSTEM"),
        (of("one", "run"), "XL-VM-REENTRANT"),
        (call("two", &[call("one", &[Put(1, 1)]), Return]), "XL-VM-REENTRANT"),
    ];
    for (step, code) in cases {
        let receipt = receipt(&mut lab, "one", &[step.clone(), Return, Put(3, 3)]);
        assert_eq!(output(&receipt), told(code, 0, b""), "{step:?}");
    }
    let unknown = receipt(&mut lab, "one", &[of("nobody", "run"), Pass]);
    assert_eq!(path(&unknown), on_path(&["one", "nobody"]));
    // One after the other is no re-entry.
    let twice = receipt(&mut lab, "one", &[call("two", &[Put(1, 1)]), call("two", &[Get(1)]), Return]);
    assert_eq!(output(&twice), [1]);
}

#[test]
fn sixteen_calls_nest_and_no_more() {
    let names: Vec<String> = (0..17).map(|i| format!("c{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut lab = scripts(&names);
    let nested =
        |depth: usize| names[1..depth].iter().rev().fold(vec![Put(1, 1)], |inner, name| vec![call(name, &inner), Pass]);
    assert_eq!(output(&receipt(&mut lab, "c0", &nested(16))), b"");
    assert_eq!(value(&lab, "c15", 1), Some(1));
    let deeper = receipt(&mut lab, "c0", &nested(17));
    assert_eq!((failure(&deeper.status).0, path(&deeper)), ("XL-VM-DEPTH", on_path(&names[..16])));
    assert_eq!(value(&lab, "c16", 1), None);
    lab.reproduced();
}

#[test]
fn a_transaction_calls_a_bounded_number_of_contracts() {
    let names: Vec<String> = (0..34).map(|i| format!("c{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut lab = scripts(&names);
    let all = |count: usize| names[1..count].iter().map(|name| call(name, &[])).collect::<Vec<_>>();
    let again = [all(33), vec![call("c5", &[]), Pass]].concat();
    assert_eq!(output(&receipt(&mut lab, "c0", &again)), b"");
    let one_more = receipt(&mut lab, "c0", &[all(34), vec![Pass]].concat());
    assert_eq!((failure(&one_more.status).0, path(&one_more)), ("XL-VM-LIMIT_CONTRACTS", on_path(&["c0", "c33"])));
}

#[test]
fn a_view_calls_views() {
    let mut lab = scripts(&["one", "two"]);
    receipt(&mut lab, "two", &[Put(1, 7)]);
    let one = ContractId::derive("one");
    let view = |steps: &[Step]| {
        let report = lab.chain.query(AccountId([1; 20]), one, "run", &program(steps), 10_000_000).unwrap();
        report.outcome.unwrap()
    };
    assert_eq!(view(&[call("two", &[Get(1)]), Return]), [7]);
    for step in [Put(1, 1), Delete(1), Emit(b'a')] {
        assert_eq!(view(&[call("two", &[step]), Return]), told("XL-VM-READ_ONLY", 0, b""));
    }
}

#[test]
fn a_contract_is_called_in_the_block_that_deployed_it() {
    let mut lab = scripts(&["one"]);
    let code = wat::parse_str(SCRIPT).unwrap();
    let early = lab.tx("a", 1, "one", "run", &program(&[call("two", &[Put(1, 1)]), Pass]));
    let deploy = lab.tx("a", 1, CONTRACTS, "deploy", &lab::deployment("two", &code));
    let late = lab.tx("a", 1, "one", "run", &program(&[call("two", &[Put(1, 2)]), Pass]));
    let (statuses, _) = lab.block(vec![early, deploy, late]);
    assert_eq!(failure(&statuses[0]).0, "XL-CONTRACT-UNKNOWN");
    assert!(statuses[1..].iter().all(|status| matches!(status, Status::Success { .. })), "{statuses:?}");
    assert_eq!(value(&lab, "two", 1), Some(2));
    lab.reproduced();
}

#[test]
fn events_are_counted_over_the_whole_transaction() {
    let mut lab = scripts(&["one", "two"]);
    let emits = |count: usize| vec![Emit(b'x'); count];
    let half = EVENTS_MAX / 2;
    let dropped = call("two", &[emits(half), vec![Abort(1)]].concat());
    let full = [emits(half), vec![dropped, call("two", &emits(half)), Pass]].concat();
    assert_eq!(receipt(&mut lab, "one", &full).events.len(), EVENTS_MAX);
    let inner = receipt(&mut lab, "one", &[emits(half), vec![call("two", &emits(half + 1)), Return]].concat());
    assert_eq!(output(&inner), told("XL-VM-LIMIT_EVENTS", 0, b""));
    let outer = receipt(&mut lab, "one", &[emits(half), vec![call("two", &emits(half)), Emit(b'x')]].concat());
    assert_eq!((failure(&outer.status).0, path(&outer)), ("XL-VM-LIMIT_EVENTS", on_path(&["one"])));
}

/// What a program does, said again without a machine.
#[derive(Clone, Default)]
struct Model {
    state: BTreeMap<(ContractId, u8), u8>,
    events: Vec<(ContractId, char)>,
    path: Vec<ContractId>,
}

impl Model {
    /// False when it failed; what it did is undone by whoever called.
    fn run(&mut self, contract: ContractId, steps: &[Step]) -> bool {
        self.path.push(contract);
        let mut failed = false;
        for step in steps {
            match step {
                Put(at, value) => drop(self.state.insert((contract, *at), *value)),
                Delete(at) => drop(self.state.remove(&(contract, *at))),
                Emit(name) => self.events.push((contract, char::from(*name))),
                Abort(_) => return false,
                Pass if failed => return false,
                Call(callee, _, _, steps) => {
                    let before = self.clone();
                    failed = self.path.contains(callee) || !self.run(*callee, steps);
                    if failed {
                        *self = before;
                    }
                }
                _ => {}
            }
        }
        self.path.pop();
        true
    }
}

#[test]
fn random_programs_do_what_the_model_says() {
    let names = ["one", "two", "three", "four"];
    let mut lab = scripts(&names);
    let mut model = Model::default();
    let mut seed = 20_260_301u64;
    let mut draw = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    fn steps(draw: &mut impl FnMut(u64) -> u64, names: &[&str], depth: u32) -> Vec<Step> {
        let mut all = Vec::new();
        for _ in 0..=draw(4) {
            let (at, value) = (draw(4) as u8, 1 + draw(200) as u8);
            all.push(match draw(if depth == 0 { 5 } else { 10 }) {
                0 | 1 => Put(at, value),
                2 => Delete(at),
                3 => Emit(b'a' + at),
                4 if draw(3) == 0 => Abort(value),
                4 => Pass,
                _ => call(names[draw(names.len() as u64) as usize], &steps(draw, names, depth - 1)),
            });
        }
        all
    }
    let (mut succeeded, mut ended) = (0, 0);
    for round in 0..60 {
        let mut txs = Vec::new();
        let mut expected = Vec::new();
        for _ in 0..4 {
            let name = names[draw(4) as usize];
            let steps = steps(&mut draw, &names, 4);
            txs.push(lab.tx("a", 1, name, "run", &program(&steps)));
            let before = model.clone();
            let success = model.run(ContractId::derive(name), &steps);
            if !success {
                model = before;
            }
            model.path.clear();
            expected.push((success, std::mem::take(&mut model.events)));
        }
        let tip = lab.chain.tip().digest();
        let (block, refused) = lab.propose(&tip, txs);
        assert!(refused.is_empty(), "{refused:?}");
        let committed = lab.chain.commit(&block, None).unwrap();
        let found: Vec<_> = committed
            .receipts
            .iter()
            .map(|receipt| (matches!(receipt.status, Status::Success { .. }), events(&receipt.events)))
            .collect();
        assert_eq!(found, expected, "block {round}");
        succeeded += found.iter().filter(|(success, _)| *success).count();
        ended += found.len();
    }
    assert!(succeeded > ended / 4 && succeeded < ended, "{succeeded} of {ended}");
    for name in names {
        for at in 0..4 {
            let expected = model.state.get(&(ContractId::derive(name), at)).copied();
            assert_eq!(value(&lab, name, at), expected, "{name} {at}");
        }
    }
    lab.reproduced();
}
