//! Calls of one contract by another: what passes between them, who pays, and that the native stack holds them all.

use crate::support::{CONTEXT, deploy, machine, module};
use std::collections::BTreeMap;
use std::sync::Arc;
use xl_vm::limits::{ARGUMENT_BYTES_MAX, CALL_DEPTH_MAX};
use xl_vm::schedule::{CALL, PAGE, host_function};
use xl_vm::{
    Answer, Call, CallContext, CalleeFailure, CompiledModule, Failure, HostError, HostFault, HostState, Limit, Machine,
    Outcome, OutsideCall, THREAD_STACK_BYTES_MIN, Trap,
};

/// Contracts at the addresses `[0; 20]`, `[1; 20]`, ..., each called by its neighbour. It keeps who was called with what.
struct World<'m> {
    machine: &'m Machine,
    modules: &'m [Arc<CompiledModule>],
    context: CallContext,
    calls: Vec<(CallContext, u64, Vec<u8>)>,
    broken: bool,
}

impl World<'_> {
    fn run(&mut self, entry: &str, input: &[u8], gas_limit: u64, context: CallContext) -> Result<Outcome, HostFault> {
        self.calls.push((context, gas_limit, input.to_vec()));
        let mut inner = World { calls: Vec::new(), context, ..*self };
        let module = &self.modules[context.contract[0] as usize];
        let call = Call { module, entry, input, gas_limit, context, host: &mut inner };
        let outcome = self.machine.call(call).map_err(|fault| HostFault(Box::new(fault)))?;
        self.calls.append(&mut inner.calls);
        Ok(outcome)
    }
}

impl HostState for World<'_> {
    fn get(&mut self, _: &[u8]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(None)
    }

    fn put(&mut self, _: &[u8], _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn delete(&mut self, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn emit(&mut self, _: &[u8], _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }

    fn has_role(&mut self, _: &[u8; 20], _: &[u8]) -> Result<bool, HostFault> {
        Ok(false)
    }

    fn organisation_of(&mut self, _: &[u8; 20]) -> Result<Option<Vec<u8>>, HostFault> {
        Ok(None)
    }

    fn call(&mut self, asked: OutsideCall<'_>) -> Result<Answer, HostFault> {
        if self.broken {
            return Err(HostFault("disk".into()));
        }
        let context = CallContext { caller: self.context.contract, contract: asked.contract, ..self.context };
        let entry = std::str::from_utf8(asked.method).unwrap_or_default();
        let outcome = self.run(entry, asked.arguments, asked.gas_limit, context)?;
        let gas_used = outcome.gas_used();
        let result = match outcome {
            Outcome::Success { output, .. } => Ok(output),
            Outcome::Failed { failure: Failure::Abort { code, line, detail }, .. } => {
                Err(CalleeFailure { code, line, detail })
            }
            Outcome::Failed { failure, .. } => Err(CalleeFailure::of(failure.code())),
        };
        Ok(Answer { result, gas_used })
    }
}

const GAS_LIMIT: u64 = 10_000_000;

struct Told {
    outcome: Outcome,
    calls: Vec<(CallContext, u64, Vec<u8>)>,
}

impl Told {
    fn output(&self) -> &[u8] {
        match &self.outcome {
            Outcome::Success { output, .. } => output,
            failed @ Outcome::Failed { .. } => panic!("{failed:?}"),
        }
    }

    fn failure(&self) -> &Failure {
        match &self.outcome {
            Outcome::Failed { failure, .. } => failure,
            success @ Outcome::Success { .. } => panic!("{success:?}"),
        }
    }
}

/// Calls `go` of the first contract.
fn told(texts: &[String], input: &[u8], gas_limit: u64, broken: bool) -> Result<Told, xl_vm::Fault> {
    let machine = machine();
    let load = |text: &String| {
        let prepared = deploy(text);
        machine.load(prepared.key(), &prepared.instrumented).expect("compiles")
    };
    let modules: Vec<_> = texts.iter().map(load).collect();
    let context = CallContext { contract: [0; 20], ..CONTEXT };
    let mut world = World { machine: &machine, modules: &modules, context, calls: Vec::new(), broken };
    let call = Call { module: &modules[0], entry: "go", input, gas_limit, context, host: &mut world };
    let outcome = machine.call(call)?;
    Ok(Told { outcome, calls: world.calls })
}

fn run(texts: &[String]) -> Told {
    told(texts, &[], GAS_LIMIT, false).expect("no fault")
}

/// Calls `go` of the contract whose address's bytes are `to`, with the three bytes `abc` and `gas`.
fn call_of(to: usize, gas: i64) -> String {
    format!("(call $out (i32.const {to}) (i64.const {gas}))")
}

/// A contract that has the words "go", "abc" and "Sorry" at 64 and runs `body`.
fn contract(body: &str) -> String {
    contract_with("", body)
}

fn contract_with(fields: &str, body: &str) -> String {
    let out = "(func $out (param i32 i64) (result i32)
        (memory.fill (i32.const 4000) (local.get 0) (i32.const 20))
        (call $call (i32.const 4000) (i32.const 64) (i32.const 2) (i32.const 67) (i32.const 3) (local.get 1)))";
    module(&format!("(data (i32.const 64) \"go_abcSorry\") {out} {fields}"), body)
}

/// Returns the status of a call, and what it gave with its length.
fn caller_of(to: usize, gas: i64) -> String {
    contract(&format!(
        "(i32.store (i32.const 100) {}) (drop (call $returned (i32.const 108) (i32.const 3000)))
         (i32.store (i32.const 104) (call $returned_len))
         (call $ret (i32.const 100) (i32.add (i32.const 8) (call $returned_len))) (i32.const 0)",
        call_of(to, gas)
    ))
}

fn answer(status: u32, returned: &[u8]) -> Vec<u8> {
    [&status.to_le_bytes()[..], &(returned.len() as u32).to_le_bytes(), returned].concat()
}

#[test]
fn a_callee_sees_its_caller_and_the_signer_and_its_output_comes_back() {
    let callee = contract(
        "(call $caller (i32.const 0)) (call $origin (i32.const 20)) (call $self_addr (i32.const 40))
         (drop (call $input (i32.const 60) (i32.const 3))) (call $ret (i32.const 0) (i32.const 63)) (i32.const 0)",
    );
    let told = run(&[caller_of(1, -1), callee]);
    let returned = [&[0; 20][..], &CONTEXT.origin, &[1; 20], b"abc"].concat();
    assert_eq!(told.output(), answer(0, &returned));
    let [(context, _, input)] = &told.calls[..] else { panic!("{:?}", told.calls) };
    assert_eq!((context.caller, context.contract, context.tx_id), ([0; 20], [1; 20], CONTEXT.tx_id));
    assert_eq!(input, b"abc");
}

#[test]
fn a_callees_failure_is_an_answer() {
    let aborts =
        contract("(call $abort (i32.const 70) (i32.const 5) (i32.const 9) (i32.const 67) (i32.const 1)) (i32.const 0)");
    let sorry = b"\x05\0\0\0Sorry\x09\0\0\0\x01\0\0\0a";
    assert_eq!(run(&[caller_of(1, -1), aborts]).output(), answer(1, sorry));
    let traps = contract("unreachable");
    let trapped = b"\x10\0\0\0TRAP_UNREACHABLE\0\0\0\0\0\0\0\0";
    assert_eq!(run(&[caller_of(1, -1), traps]).output(), answer(1, trapped));
}

#[test]
fn nothing_was_returned_before_the_first_call_and_the_last_call_counts() {
    let told = run(&[contract(
        "(i32.store (i32.const 0) (call $returned_len)) (call $ret (i32.const 0) (i32.const 4)) (i32.const 0)",
    )]);
    assert_eq!(told.output(), [0; 4]);
    let one = contract("(call $ret (i32.const 67) (i32.const 1)) (i32.const 0)");
    let two = contract("(call $ret (i32.const 68) (i32.const 2)) (i32.const 0)");
    let both = contract(&format!(
        "(drop {}) (drop {}) (drop (call $returned (i32.const 0) (i32.const 1)))
         (i32.store8 (i32.const 1) (call $returned_len)) (call $ret (i32.const 0) (i32.const 3)) (i32.const 0)",
        call_of(1, -1),
        call_of(2, -1),
    ));
    let told = run(&[both, one, two]);
    assert_eq!(told.output(), [b'b', 2, 0], "copies what fits, tells the whole length");
}

#[test]
fn gas_is_lent_but_for_a_64th_and_what_is_left_comes_back() {
    let callee = contract("(i32.const 0)");
    let used_by_callee = CALL + PAGE + 11 + 1;
    let price = host_function("call").expect("offered");
    // What the caller pays until its callee starts: its own start, the instructions of `go` and `$out`, the host.
    let instructions = 1 + 2 + 12 + 3 + 20 + 3 + 6 + 12;
    let before = CALL + PAGE + 11 + instructions + u64::from(price.base) + 5 * u64::from(price.per_byte);
    let given = |told: &Told| told.calls[0].1;
    let all = run(&[caller_of(1, -1), callee.clone()]);
    assert!(given(&all).abs_diff((GAS_LIMIT - before) / 64 * 63) < 1_000, "{} of {}", given(&all), GAS_LIMIT - before);
    for asked in [used_by_callee, i64::MAX as u64] {
        let told = run(&[caller_of(1, asked.cast_signed()), callee.clone()]);
        assert_eq!(given(&told), asked.min(given(&all)));
        assert_eq!(told.outcome, all.outcome, "gas that is not used costs nothing");
    }
    let none = run(&[caller_of(1, 0), callee.clone()]);
    assert_eq!(given(&none), 0);
    assert_eq!(none.output(), answer(1, b"\x0a\0\0\0OUT_OF_GAS\0\0\0\0\0\0\0\0"));
    let short = run(&[caller_of(1, used_by_callee.cast_signed() - 1), callee]);
    assert_eq!(short.output(), none.output());
    assert_eq!(short.outcome.gas_used(), none.outcome.gas_used() + used_by_callee - 1, "all of what it was given");
}

#[test]
fn a_callee_that_burns_all_leaves_a_64th_to_its_caller() {
    let told =
        told(&[caller_of(1, -1), contract("(loop (br 0)) unreachable")], &[], 1_000_000, false).expect("no fault");
    assert_eq!(told.output()[..4], [1, 0, 0, 0]);
    let given = told.calls[0].1;
    assert!(told.outcome.gas_used() > given && told.outcome.gas_used() < 1_000_000);
    // With too little left to go on, the caller fails as well and has used everything.
    let poor = contract(&format!("{} drop (loop (br 0)) unreachable", call_of(1, -1)));
    let poor = run(&[poor, contract("(loop (br 0)) unreachable")]);
    assert_eq!((poor.failure(), poor.outcome.gas_used()), (&Failure::OutOfGas, GAS_LIMIT));
}

#[test]
fn lengths_and_pointers_of_a_call_are_checked_in_the_caller() {
    let with = |arguments: &str| run(&[contract(&format!("(drop (call $call {arguments})) (i32.const 0)"))]);
    let of = |contract: i32, method_len: usize, arguments: i32, args_len: usize| {
        with(&format!(
            "(i32.const {contract}) (i32.const 0) (i32.const {method_len}) (i32.const {arguments}) (i32.const {args_len}) (i64.const 0)"
        ))
    };
    assert_eq!(of(0, 65, 0, 0).failure(), &Failure::Limit(Limit::Method));
    assert_eq!(of(0, 2, 0, ARGUMENT_BYTES_MAX + 1).failure(), &Failure::Limit(Limit::Arguments));
    for (contract, arguments) in [(65_517, 0), (-1, 0), (0, 65_535), (0, -1)] {
        assert_eq!(of(contract, 2, arguments, 2).failure(), &Failure::Trap(Trap::MemoryOutOfBounds));
    }
    let returned = run(&[
        caller_of(1, -1).replace("(i32.const 108) (i32.const 3000)", "(i32.const 65535) (i32.const 2)"),
        contract("(call $ret (i32.const 0) (i32.const 2)) (i32.const 0)"),
    ]);
    assert_eq!(returned.failure(), &Failure::Trap(Trap::MemoryOutOfBounds));
}

#[test]
fn a_hosts_fault_within_a_call_is_the_nodes() {
    assert!(matches!(told(&[caller_of(1, -1)], &[], GAS_LIMIT, true), Err(xl_vm::Fault::Host(_))));
}

/// Recurses as often as the argument says, through activations of 250 values that are alive across the call, and then
/// does `at_the_end`.
fn recursing(at_the_end: &str) -> String {
    let set: String = (0..250)
        .map(|l| format!("(local.set {} (i64.xor (i64.load offset={} (i32.const 0)) (i64.const {l})))", l + 2, l * 8))
        .collect();
    let used: String =
        (0..250).map(|l| format!("(i64.store offset={} (i32.const 8192) (local.get {}))", l * 8, l + 2)).collect();
    let deep = format!(
        "(func $deep (param i32) (result i32) (local i32) (local {}) {set}
          (local.set 1 (if (result i32) (local.get 0)
           (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else {at_the_end})))
          {used} (local.get 1))",
        "i64 ".repeat(250)
    );
    contract_with(
        &deep,
        "(drop (call $input (i32.const 67) (i32.const 3)))
         (call $deep (i32.and (i32.load (i32.const 67)) (i32.const 0xff)))",
    )
}

#[test]
fn the_native_stack_holds_as_many_calls_as_may_nest_each_of_them_as_deep_as_it_may() {
    let run = || {
        let mut deepest = 0;
        while told(&[recursing("(i32.const 0)")], &[deepest + 1, 0, 0], 1 << 40, false)
            .is_ok_and(|told| matches!(told.outcome, Outcome::Success { .. }))
        {
            deepest += 1;
        }
        assert!(deepest > 20 && deepest < 200, "{deepest}");
        // Each calls the next when its stack units are all but gone, and the last falls off its end.
        let mut texts: Vec<_> = (1..CALL_DEPTH_MAX).map(|next| recursing(&call_of(next, -1))).collect();
        texts.push(recursing("(call $deep (i32.const 1))"));
        let told = told(&texts, &[deepest, 0, 0], 1 << 40, false).expect("the native stack is enough");
        assert_eq!(told.calls.len(), CALL_DEPTH_MAX - 1);
        // Each is told that its callee failed, and fails by returning 1.
        assert_eq!(told.failure(), &Failure::Returned { status: 1 });
        told.outcome.gas_used()
    };
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES_MIN).spawn(run).expect("starts");
    assert!(thread.join().expect("did not crash") > 0);
}

#[test]
fn two_machines_and_a_used_one_agree_on_gas() {
    let texts =
        [caller_of(1, -1), caller_of(2, 400_000), contract("(call $ret (i32.const 67) (i32.const 2)) (i32.const 0)")];
    let prepared: Vec<_> = texts.iter().map(|text| deploy(text)).collect();
    let on = |machine: &Machine, times: usize| {
        let load = |p: &xl_vm::Prepared| machine.load(p.key(), &p.instrumented).expect("compiles");
        let outcomes = (0..times).map(|_| {
            let modules: Vec<_> = prepared.iter().map(load).collect();
            let context = CallContext { contract: [0; 20], ..CONTEXT };
            let mut world = World { machine, modules: &modules, context, calls: Vec::new(), broken: false };
            let gas_limit = GAS_LIMIT;
            machine
                .call(Call { module: &modules[0], entry: "go", input: &[], gas_limit, context, host: &mut world })
                .expect("no fault")
        });
        outcomes.collect::<Vec<_>>()
    };
    let used = machine();
    let first = on(&used, 50);
    // A cache of one module drops each while it is in use.
    let small = Machine::new(0).expect("starts");
    let (second, third) = std::thread::scope(|s| {
        let second = s.spawn(|| on(&machine(), 50));
        (second.join().expect("ran"), on(&small, 3))
    });
    assert!(matches!(first[0], Outcome::Success { .. }), "{:?}", first[0]);
    let all: BTreeMap<_, _> = first.iter().chain(&second).chain(&third).map(|o| (format!("{o:?}"), ())).collect();
    assert_eq!(all.len(), 1, "{all:?}");
}
