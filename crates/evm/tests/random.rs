//! Random code over a host in memory: whatever it does, it ends within its gas, twice the same, and a failure leaves
//! nothing behind in the machine. The draws follow from the number of the case, which every assertion names.

use std::collections::{BTreeMap, BTreeSet};
use xl_evm::{Call, Code, Context, Contract, Host, HostFault, Machine, Outcome};

const CASES: u64 = 6_000;
const CALLED: [u8; 20] = [1; 20];
const OTHER: [u8; 20] = [2; 20];
const CLOSED: [u8; 20] = [9; 20];

/// Two contracts with some slots of theirs, and one that cannot be called.
struct Memory {
    codes: [Contract; 2],
    slots: BTreeMap<([u8; 20], [u8; 32]), [u8; 32]>,
}

impl Host for Memory {
    fn code(&mut self, address: &[u8; 20]) -> Result<Code, HostFault> {
        Ok(match *address {
            CALLED => Code::Evm(self.codes[0].clone()),
            OTHER => Code::Evm(self.codes[1].clone()),
            CLOSED => Code::Unavailable,
            _ => Code::None,
        })
    }

    fn slot(&mut self, contract: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault> {
        Ok(self.slots.get(&(*contract, *slot)).copied())
    }
}

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// At most 60 instructions, each behind the operands that it takes, so that most get somewhere; any byte, a jump
    /// to anywhere or a call now and then.
    fn code(&mut self) -> Vec<u8> {
        let mut code = Vec::new();
        for _ in 0..self.below(60) {
            match self.below(60) {
                0 => code.push(self.below(256) as u8),
                1 => code.extend([0x60, self.below(200) as u8, 0x56]),
                2..8 => code.push(0x5b),
                8..13 => self.call(&mut code),
                13 => code.extend([0x5f, 0x5f, self.of(&[0xf3, 0xfd])]),
                _ => {
                    let (instruction, operands) = self.of(INSTRUCTIONS);
                    for _ in 0..operands {
                        code.extend([0x60, self.of(&[0, 0, 1, 2, 32, 255])]);
                    }
                    code.push(instruction);
                }
            }
        }
        code
    }

    /// A call, by each of the four instructions, of a contract, a native function, a closed one or nobody.
    fn call(&mut self, code: &mut Vec<u8>) {
        let native = |number: u32| {
            let mut address = [0; 20];
            address[16..].copy_from_slice(&number.to_be_bytes());
            address
        };
        let sm = self.of(&[0x0053_4d32, 0x0053_4d33]);
        let target = match self.below(24) {
            0..4 => CALLED,
            4..12 => OTHER,
            12 => CLOSED,
            13 => [5; 20],
            14..17 => native(sm),
            _ => native(self.below(6) as u32),
        };
        let kind = self.of(&[0xf1, 0xf2, 0xf4, 0xfa]);
        code.extend([0x60, 0x20, 0x5f, 0x60, self.below(130) as u8, 0x5f]);
        if kind < 0xf4 {
            code.push(0x5f);
        }
        code.push(0x73);
        code.extend(target);
        // All that is left, or little.
        match self.below(2) {
            0 => code.push(0x5a),
            _ => code.extend([0x61, self.below(200) as u8, 0]),
        }
        code.push(kind);
    }
}

/// Instructions and how many operands each takes: arithmetic, environment, memory, slots, transient slots, logs.
const INSTRUCTIONS: &[(u8, u8)] = &[
    (0x01, 2),
    (0x02, 2),
    (0x03, 2),
    (0x04, 2),
    (0x05, 2),
    (0x06, 2),
    (0x08, 3),
    (0x09, 3),
    (0x0a, 2),
    (0x0b, 2),
    (0x10, 2),
    (0x15, 1),
    (0x1b, 2),
    (0x1d, 2),
    (0x20, 2),
    (0x30, 0),
    (0x31, 1),
    (0x33, 0),
    (0x35, 1),
    (0x37, 3),
    (0x3b, 1),
    (0x3d, 0),
    (0x3f, 1),
    (0x39, 3),
    (0x51, 1),
    (0x52, 2),
    (0x53, 2),
    (0x54, 1),
    (0x55, 2),
    (0x55, 2),
    (0x55, 2),
    (0x5a, 0),
    (0x5c, 1),
    (0x5d, 2),
    (0x5e, 3),
    (0xa0, 2),
    (0xa1, 3),
    (0xa4, 6),
    (0x80, 1),
    (0x90, 2),
];

fn run(machine: &mut Machine, host: &mut Memory, draw: &Case) -> Outcome {
    let context =
        Context { caller: [3; 20], origin: [4; 20], contract: CALLED, height: 5, time_ms: 61_999, chain_id: 77 };
    let call = Call { input: &draw.input, gas_limit: draw.gas_limit, context, read_only: draw.read_only };
    match draw.creates {
        true => machine.deploy(host, &context, draw.code.clone(), draw.gas_limit),
        false => machine.call(host, &call),
    }
    .expect("the host answers")
}

struct Case {
    code: Vec<u8>,
    input: Vec<u8>,
    gas_limit: u64,
    read_only: bool,
    creates: bool,
}

#[test]
fn random_code_ends_within_its_gas_and_twice_the_same() {
    let mut used = Machine::default();
    let (mut succeeded, mut wrote, mut codes) = (0, 0, BTreeSet::new());
    for number in 0..CASES {
        let mut draw = Draw(number);
        let case = Case {
            code: draw.code(),
            input: (0..draw.below(80)).map(|byte| byte as u8).collect(),
            gas_limit: draw.below(5_000_000),
            read_only: draw.below(4) == 0,
            creates: draw.below(4) == 0,
        };
        let codes_now = [case.code.clone(), draw.code()].map(|code| Contract::new(code, [3; 32]));
        let slots = (0..8u8).map(|slot| ((draw.of(&[CALLED, OTHER]), [slot / 8; 32]), [slot + 1; 32])).collect();
        let mut host = Memory { codes: codes_now, slots };
        // A machine of its own, one that has run all cases before, and that one again.
        let outcome = run(&mut Machine::default(), &mut host, &case);
        assert_eq!(run(&mut used, &mut host, &case), outcome, "case {number}");
        assert_eq!(run(&mut used, &mut host, &case), outcome, "case {number}");
        assert!(outcome.gas_used() <= case.gas_limit, "case {number}: {outcome:?}");
        match outcome {
            Outcome::Failed { failure, .. } => drop(codes.insert(failure.code())),
            Outcome::Success { writes, logs, output, .. } => {
                succeeded += 1;
                wrote += u32::from(!writes.is_empty());
                if case.read_only && !case.creates {
                    assert!(writes.is_empty() && logs.is_empty(), "case {number}: a view wrote");
                }
                assert!(output.len() <= 65_536 && logs.len() <= 64, "case {number}");
                assert!(writes.is_sorted_by(|one, next| (one.contract, one.slot) < (next.contract, next.slot)));
                for write in writes {
                    assert!([CALLED, OTHER].contains(&write.contract), "case {number}: {write:?}");
                    let before = host.slots.get(&(write.contract, write.slot)).copied().unwrap_or_default();
                    assert_ne!(write.value, before, "case {number}: an unchanged slot was told");
                }
            }
        }
    }
    // The draws must reach what they are for.
    assert!(succeeded > 500 && wrote > 100, "{succeeded} succeeded, {wrote} wrote");
    for code in ["REVERT", "OUT_OF_GAS", "INVALID", "JUMP", "STACK", "UNAVAILABLE", "READ_ONLY", "NO_CODE"] {
        assert!(codes.contains(format!("XL-EVM-{code}").as_str()), "{code} never came: {codes:?}");
    }
}
