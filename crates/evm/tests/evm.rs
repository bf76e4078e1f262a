//! Contracts that solc made, and a few made by hand, over a host in memory.

use std::collections::BTreeMap;
use xl_evm::{Call, Code, Context, Contract, Failure, Host, HostFault, Machine, Outcome, call_data, rules};

const DEPLOYER: [u8; 20] = [1; 20];
const ALICE: [u8; 20] = [2; 20];
const TOKEN: [u8; 20] = [7; 20];
const PROBE: [u8; 20] = [8; 20];
const CLOSED: [u8; 20] = [9; 20];
const GAS: u64 = 100_000_000;

/// The chain in memory. Applies what a success changed, as the executor does.
#[derive(Default)]
struct Memory {
    codes: BTreeMap<[u8; 20], Contract>,
    slots: BTreeMap<([u8; 20], [u8; 32]), [u8; 32]>,
    broken: bool,
}

impl Host for Memory {
    fn code(&mut self, address: &[u8; 20]) -> Result<Code, HostFault> {
        Ok(match self.codes.get(address) {
            _ if *address == CLOSED => Code::Unavailable,
            Some(contract) => Code::Evm(contract.clone()),
            None => Code::None,
        })
    }

    fn slot(&mut self, contract: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault> {
        if self.broken {
            return Err(HostFault("the disk is gone".into()));
        }
        Ok(self.slots.get(&(*contract, *slot)).copied())
    }
}

struct Lab {
    host: Memory,
    machine: Machine,
}

fn context(contract: [u8; 20], caller: [u8; 20]) -> Context {
    Context { caller, origin: caller, contract, height: 5, time_ms: 61_999, chain_id: 77 }
}

fn artefact(name: &str) -> Vec<u8> {
    let path = format!("{}/../../examples/solidity/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    hex::decode(document["bytecode"].as_str().unwrap().trim_start_matches("0x")).unwrap()
}

fn word(number: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

fn address(id: &[u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(id);
    word
}

/// Offset, length and padded bytes of the only dynamic argument behind `before` words.
fn tail(bytes: &[u8]) -> Vec<u8> {
    let mut out = word(bytes.len() as u128).to_vec();
    out.extend_from_slice(bytes);
    out.resize(32 + bytes.len().div_ceil(32) * 32, 0);
    out
}

fn transfer(to: &[u8; 20], value: u128) -> Vec<u8> {
    [address(to), word(value)].concat()
}

impl Lab {
    fn new() -> Self {
        let mut lab = Self { host: Memory::default(), machine: Machine::default() };
        let (name, symbol) = (tail(b"Grain"), tail(b"GRN"));
        let head = [word(96), word(96 + name.len() as u128), word(1_000)].concat();
        lab.deploy(TOKEN, [artefact("Token"), head, name, symbol].concat());
        lab.deploy(PROBE, artefact("Probe"));
        lab
    }

    fn deploy(&mut self, at: [u8; 20], creation: Vec<u8>) {
        let outcome = self.machine.deploy(&mut self.host, &context(at, DEPLOYER), creation, GAS).unwrap();
        let code = self.keep(outcome).0;
        self.host.codes.insert(at, Contract::new(code, [3; 32]));
    }

    fn keep(&mut self, outcome: Outcome) -> (Vec<u8>, Vec<xl_evm::Log>, u64) {
        let Outcome::Success { output, writes, logs, gas_used } = outcome else { panic!("{outcome:?}") };
        for write in writes {
            self.host.slots.insert((write.contract, write.slot), write.value);
        }
        (output, logs, gas_used)
    }

    fn run(&mut self, contract: [u8; 20], method: &str, arguments: &[u8], gas_limit: u64, read_only: bool) -> Outcome {
        let input = call_data(method, arguments);
        let call = Call { input: &input, gas_limit, context: context(contract, DEPLOYER), read_only };
        self.machine.call(&mut self.host, &call).unwrap()
    }

    fn call(&mut self, contract: [u8; 20], method: &str, arguments: &[u8]) -> (Vec<u8>, Vec<xl_evm::Log>, u64) {
        let outcome = self.run(contract, method, arguments, GAS, false);
        self.keep(outcome)
    }

    fn view(&mut self, contract: [u8; 20], method: &str, arguments: &[u8]) -> Vec<u8> {
        let outcome = self.run(contract, method, arguments, GAS, true);
        self.keep(outcome).0
    }

    fn fails(&mut self, contract: [u8; 20], method: &str, arguments: &[u8]) -> (Failure, u64) {
        let before = self.host.slots.clone();
        match self.run(contract, method, arguments, GAS, false) {
            Outcome::Failed { failure, gas_used } => {
                assert_eq!(self.host.slots, before);
                (failure, gas_used)
            }
            success => panic!("{success:?}"),
        }
    }

    fn balance(&mut self, of: &[u8; 20]) -> [u8; 32] {
        self.view(TOKEN, "balanceOf(address)", &address(of)).try_into().unwrap()
    }
}

#[test]
fn the_standard_token_moves_and_tells() {
    let mut lab = Lab::new();
    assert_eq!(lab.balance(&DEPLOYER), word(1_000));
    let (output, logs, gas) = lab.call(TOKEN, "transfer(address,uint256)", &transfer(&ALICE, 30));
    assert_eq!((output, lab.balance(&ALICE), lab.balance(&DEPLOYER)), (word(1).to_vec(), word(30), word(970)));
    let topic = call_data("Transfer(address,address,uint256)", &[]);
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].contract, TOKEN);
    assert_eq!(logs[0].topics[0][..4], topic);
    assert_eq!(logs[0].topics[1..], [address(&DEPLOYER), address(&ALICE)]);
    assert_eq!(logs[0].data, word(30));
    // The price does not depend on what ran before, nor on the machine's buffers.
    let again = lab.call(TOKEN, "transfer(address,uint256)", &transfer(&ALICE, 30)).2;
    let mut other = Lab::new();
    assert_eq!(other.call(TOKEN, "transfer(address,uint256)", &transfer(&ALICE, 30)).2, gas);
    assert_eq!(other.call(TOKEN, "transfer(address,uint256)", &transfer(&ALICE, 30)).2, again);
    // A transfer to oneself changes nothing but tells.
    lab.call(TOKEN, "transfer(address,uint256)", &transfer(&DEPLOYER, 40));
    assert_eq!(lab.balance(&DEPLOYER), word(940));
}

#[test]
fn a_refusal_carries_its_error_and_leaves_nothing() {
    let mut lab = Lab::new();
    let (failure, gas) = lab.fails(TOKEN, "transfer(address,uint256)", &transfer(&ALICE, 5_000));
    let Failure::Revert { data } = failure else { panic!("{failure:?}") };
    let wanted = call_data("InsufficientBalance(uint256,uint256)", &[word(1_000), word(5_000)].concat());
    assert_eq!(data, wanted);
    assert!(gas < 1_000_000, "a revert gives the rest back: {gas}");

    let (failure, _) = lab.fails(PROBE, "reason()", &[]);
    let Failure::Revert { data } = failure else { panic!("{failure:?}") };
    assert_eq!(data, call_data("Error(string)", &[word(32).to_vec(), tail(b"not today")].concat()));
    let (failure, _) = lab.fails(PROBE, "panics(uint256)", &word(0));
    assert_eq!(failure, Failure::Revert { data: call_data("Panic(uint256)", &word(0x12)) });
}

#[test]
fn what_runs_out_or_is_not_allowed_has_a_code_of_its_own() {
    let mut lab = Lab::new();
    assert_eq!(lab.fails(PROBE, "spin()", &[]), (Failure::OutOfGas, GAS));
    assert_eq!(lab.run(PROBE, "up()", &[], 20, false), Outcome::Failed { failure: Failure::OutOfGas, gas_used: 20 });
    assert_eq!(lab.fails(PROBE, "create()", &[]), (Failure::Create, GAS));
    assert_eq!(lab.fails(CLOSED, "up()", &[]).0, Failure::Unavailable);
    assert_eq!(lab.fails(ALICE, "up()", &[]).0, Failure::Unavailable);
    let closed = [address(&CLOSED).to_vec(), word(64).to_vec(), tail(b"")].concat();
    assert_eq!(lab.fails(PROBE, "answers(address,bytes)", &closed).0, Failure::Unavailable);
    assert_eq!(lab.fails(PROBE, "many(uint256)", &word(65)).0, Failure::Events);
    assert_eq!(lab.call(PROBE, "many(uint256)", &word(64)).1.len(), 64);
    let view = lab.run(PROBE, "up()", &[], GAS, true);
    assert!(matches!(view, Outcome::Failed { failure: Failure::ReadOnly, .. }), "{view:?}");
    lab.host.broken = true;
    let input = call_data("up()", &[]);
    let call = Call { input: &input, gas_limit: GAS, context: context(PROBE, ALICE), read_only: false };
    assert!(lab.machine.call(&mut lab.host, &call).is_err());
    // After a fault and after every failure the machine is as new.
    lab.host.broken = false;
    assert_eq!(lab.call(PROBE, "up()", &[]).0, word(1));
}

#[test]
fn hostile_code_is_a_failure_and_no_fault() {
    let mut lab = Lab::new();
    let cases: [(&str, Failure); 8] = [
        ("fe", Failure::Invalid),
        ("0c", Failure::Invalid),
        ("600056", Failure::Jump),
        ("01", Failure::Stack),
        // JUMPDEST PUSH0 PUSH0 JUMP: one operand more in each round, until there are 1024.
        ("5b5f5f56", Failure::Stack),
        // RETURNDATACOPY of a byte that nobody returned.
        ("60015f5f3e", Failure::Offset),
        // 2^64 bytes of memory.
        ("67ffffffffffffffff5160015ff3", Failure::OutOfGas),
        // CREATE2 of nothing.
        ("5f5f5f5ff5", Failure::Create),
    ];
    for (at, (code, wanted)) in cases.into_iter().enumerate() {
        let contract = [100 + at as u8; 20];
        lab.host.codes.insert(contract, Contract::new(hex::decode(code).unwrap(), [0; 32]));
        assert_eq!(lab.fails(contract, "evm", &[]).0, wanted, "{code}");
    }
    // Calls of itself until the depth or the gas ends: a success of the outermost, bounded gas.
    let deep = hex::decode("5f5f5f5f5f305af1").unwrap();
    lab.host.codes.insert([120; 20], Contract::new(deep, [0; 32]));
    assert!(lab.call([120; 20], "evm", &[]).2 <= GAS);
    // Value is nowhere, so a call that would move some fails where it is made, and moves nothing.
    let pays = hex::decode("5f5f5f5f6001305af15f5260205ff3").unwrap();
    lab.host.codes.insert([121; 20], Contract::new(pays, [0; 32]));
    assert_eq!(lab.call([121; 20], "evm", &[]).0, word(0));
    // SELFDESTRUCT takes nothing away.
    lab.host.codes.insert([122; 20], Contract::new(hex::decode("30ff").unwrap(), [0; 32]));
    lab.call([122; 20], "evm", &[]);
}

#[test]
fn a_constructor_that_gives_no_code_or_too_much_is_refused() {
    let mut lab = Lab::new();
    let mut made = |creation: &[u8]| {
        let outcome = lab.machine.deploy(&mut lab.host, &context([50; 20], ALICE), creation.to_vec(), GAS).unwrap();
        match outcome {
            Outcome::Failed { failure, .. } => Err(failure),
            Outcome::Success { output, .. } => Ok(output),
        }
    };
    assert_eq!(made(&[]), Err(Failure::NoCode));
    assert_eq!(made(&hex::decode("30ff").unwrap()), Err(Failure::NoCode));
    // One byte EF; 24 576 zero bytes; one more.
    assert_eq!(made(&hex::decode("60ef5f5360015ff3").unwrap()), Err(Failure::NoCode));
    assert_eq!(made(&hex::decode("6160005ff3").unwrap()).map(|code| code.len()), Ok(24_576));
    assert_eq!(made(&hex::decode("6160015ff3").unwrap()), Err(Failure::CodeSize));
    assert_eq!(made(&vec![0; 49_153]), Err(Failure::CodeSize));
    assert_eq!(made(&hex::decode("5f5ffd").unwrap()), Err(Failure::Revert { data: Vec::new() }));
}

#[test]
fn the_facts_are_the_chains_and_the_rest_is_zero() {
    let mut lab = Lab::new();
    let facts = lab.view(PROBE, "facts()", &[]);
    assert_eq!(facts, [address(&DEPLOYER), address(&DEPLOYER), word(5), word(61), word(77)].concat());
    assert_eq!(lab.view(PROBE, "constants()", &[]), word(0));
    assert_eq!(rules::chain_id(&[0xff; 32]), (1 << 48) - 1);
    // EXTCODEHASH of the first argument: a contract's own digest, nothing for accounts and native functions.
    lab.host.codes.insert([60; 20], Contract::new(hex::decode("5f353f5f5260205ff3").unwrap(), [6; 32]));
    let mut hash = |of: &[u8; 20]| lab.view([60; 20], "evm", &address(of));
    assert_eq!(hash(&[60; 20]), [6; 32]);
    let mut native = [0; 20];
    native[19] = 4;
    for without_code in [ALICE, [77; 20], native] {
        assert_eq!(hash(&without_code), word(0));
    }
}

#[test]
fn national_cryptography_answers_at_its_addresses() {
    let mut lab = Lab::new();
    let one = |bytes: &[u8]| [word(32).to_vec(), tail(bytes)].concat();
    // GM/T 0004, example 1.
    let digest = hex::decode("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0").unwrap();
    assert_eq!(lab.view(PROBE, "sm3(bytes)", &one(b"abc")), digest);
    let key = xl_crypto::SecretKey::from_slice(&[5; 32]).unwrap();
    let message = b"a message of some length";
    let signature = key.sign(message);
    let mut verified = |signature: &[u8], message: &[u8]| {
        let (key, signature) = (tail(key.public_key().as_bytes()), tail(signature));
        let offsets = [word(96), word(96 + key.len() as u128), word((96 + key.len() + signature.len()) as u128)];
        lab.view(PROBE, "verified(bytes,bytes,bytes)", &[offsets.concat(), key, signature, tail(message)].concat())
    };
    let bytes = signature.as_bytes();
    assert_eq!(verified(bytes, message), word(1));
    assert_eq!(verified(bytes, b"another message"), word(0));
    let mut bent = *bytes;
    bent[40] ^= 1;
    assert_eq!(verified(&bent, message), word(0));
    assert_eq!(verified(&[0; 64], message), word(0));
    assert_eq!(verified(&[], b""), word(0));
}

#[test]
fn the_four_of_ethereum_answer_and_the_others_fail_the_call() {
    let mut lab = Lab::new();
    let one = |bytes: &[u8]| [word(32).to_vec(), tail(bytes)].concat();
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(lab.view(PROBE, "sha256Of(bytes)", &one(b"abc"))), sha256);
    // The example of the Ethereum yellow book of tests: recovery id 28.
    let digest = hex::decode("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3").unwrap();
    let r = hex::decode("9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608").unwrap();
    let s = hex::decode("4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada").unwrap();
    let recovered =
        lab.view(PROBE, "recover(bytes32,uint8,bytes32,bytes32)", &[digest, word(28).to_vec(), r, s].concat());
    assert_eq!(hex::encode(&recovered[12..]), "7156526fbd7a3c72969b54f64e42c10fbb768c8a");
    let mut answers = |number: u128, data: &[u8]| {
        let arguments = [word(number).to_vec(), word(64).to_vec(), tail(data)].concat();
        lab.view(PROBE, "answers(address,bytes)", &arguments) == word(1)
    };
    for offered in [1, 2, 3, 4, 0x0053_4d32, 0x0053_4d33] {
        assert!(answers(offered, &[1; 128]), "{offered:#x}");
    }
    for refused in (5..=0x11).chain([0x100]) {
        assert!(!answers(refused, &[0; 192]), "{refused:#x}");
    }
    // An account answers every call with nothing, as everywhere.
    assert!(answers(0x1234, &[]));
}

#[test]
fn contracts_call_contracts_and_catch_their_failures() {
    let mut lab = Lab::new();
    let attempt = |to: &[u8; 20], value| [address(&TOKEN), address(to), word(value)].concat();
    // The probe is the caller of the token and holds nothing of it.
    let (moved, logs, _) = lab.call(PROBE, "attempt(address,address,uint256)", &attempt(&ALICE, 1));
    assert_eq!((moved, logs.len()), (word(0).to_vec(), 0));
    lab.call(TOKEN, "transfer(address,uint256)", &transfer(&PROBE, 10));
    let (moved, logs, _) = lab.call(PROBE, "attempt(address,address,uint256)", &attempt(&ALICE, 4));
    assert_eq!((moved, logs.len(), logs[0].contract), (word(1).to_vec(), 1, TOKEN));
    assert_eq!((lab.balance(&PROBE), lab.balance(&ALICE)), (word(6), word(4)));
    assert_eq!(lab.view(PROBE, "count()", &[]), word(2));
    let held = lab.view(PROBE, "held(address,address)", &[address(&TOKEN), address(&ALICE)].concat());
    assert_eq!(held, word(4));
    // Raw call data reach the fallback.
    assert_eq!(lab.view(PROBE, "evm", b"any bytes at all"), b"any bytes at all");
}

#[test]
fn a_slot_set_to_zero_is_told_and_an_unchanged_one_is_not() {
    let mut lab = Lab::new();
    let outcome = lab.run(PROBE, "clear()", &[], GAS, false);
    assert!(matches!(&outcome, Outcome::Success { writes, .. } if writes.is_empty()), "{outcome:?}");
    lab.call(PROBE, "up()", &[]);
    let Outcome::Success { writes, .. } = lab.run(PROBE, "clear()", &[], GAS, false) else { panic!() };
    assert_eq!(writes, [xl_evm::Write { contract: PROBE, slot: word(0), value: word(0) }]);
}
