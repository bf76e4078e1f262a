//! Nanoseconds for each EVM gas of loops over one instruction, slowest first: what `rules::UNITS_PER_GAS` and the prices
//! beside it stand on.
//!
//! `cargo run -p xl-evm --example measure_evm`. One unit of the chain's gas stands for 0.1 ns, so with 20 units a gas
//! every line should be below 2 ns a gas on the reference machine. CPU time of the thread, best of three.

use std::collections::HashMap;
use xl_evm::{Call, Code, Context, Contract, Host, HostFault, Machine, Outcome, rules};

const CONTRACT: [u8; 20] = [7; 20];
const LARGE: [u8; 20] = [9; 20];
/// Units of one run.
const GAS: u64 = 400_000_000;

#[derive(Default)]
struct Memory {
    codes: HashMap<[u8; 20], Vec<u8>>,
    slots: HashMap<[u8; 32], [u8; 32]>,
}

impl Host for Memory {
    fn code(&mut self, address: &[u8; 20]) -> Result<Code, HostFault> {
        // Every address that begins with 9 is a contract of the largest size, read and scanned anew.
        let found = self.codes.get(address).or_else(|| if address[0] == 9 { self.codes.get(&LARGE) } else { None });
        Ok(found.map_or(Code::None, |code| Code::Evm(Contract::new(code.clone(), [1; 32]))))
    }

    fn slot(&mut self, _: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault> {
        Ok(self.slots.get(slot).copied())
    }
}

/// `body` as often as it fits in a kilobyte, for ever. It leaves the stack as it found it, with a counter on top.
fn endless(before: &str, body: &str) -> Vec<u8> {
    let before = hex::decode(before).unwrap();
    let body = hex::decode(body).unwrap();
    let mut code = before;
    let start = code.len() as u16;
    code.push(0x5b);
    for _ in 0..(1_000 / body.len()).max(1) {
        code.extend_from_slice(&body);
    }
    code.push(0x61);
    code.extend_from_slice(&start.to_be_bytes());
    code.push(0x56);
    code
}

/// Time that this thread has run, in nanoseconds, as Linux tells it.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn main() {
    let ff = "ff".repeat(32);
    let wide = format!("7f{ff}7f{ff}7ffe{}", "ff".repeat(31));
    let cases: Vec<(&str, String, String)> = vec![
        ("PUSH1 POP", String::new(), "600150".into()),
        ("DUP16 POP", "5f".repeat(16), "8f50".into()),
        ("SWAP16", "5f".repeat(17), "9f".into()),
        ("JUMPDEST", String::new(), "5b".into()),
        ("ADD", wide.clone(), "810190".replace("90", "")),
        ("MUL", wide.clone(), "8102".into()),
        ("DIV", wide.clone(), "80820450".into()),
        ("SDIV", wide.clone(), "80820550".into()),
        ("MOD", wide.clone(), "80820650".into()),
        ("SMOD", wide.clone(), "80820750".into()),
        ("ADDMOD", wide.clone(), "8082840850".into()),
        ("MULMOD", wide.clone(), "8082840950".into()),
        ("EXP", wide.clone(), "80820a50".into()),
        ("SIGNEXTEND", wide.clone(), "80600b0b50".into()),
        ("BYTE", wide.clone(), "80601f1a50".into()),
        ("SAR", wide.clone(), "8060071d50".into()),
        ("CLZ", wide.clone(), "801e50".into()),
        ("KECCAK256 of 0", String::new(), "5f5f2050".into()),
        ("KECCAK256 of 32", String::new(), "60205f2050".into()),
        ("KECCAK256 of 137", String::new(), "60895f2050".into()),
        ("KECCAK256 of 16 384", String::new(), "6140005f2050".into()),
        ("MLOAD", "6110005f52".into(), "5f5150".into()),
        ("MSTORE", String::new(), "5f5f52".into()),
        ("MSTORE8", String::new(), "5f5f53".into()),
        ("MCOPY of 4 096", String::new(), "6110005f60205e".into()),
        ("CALLDATACOPY of 4 096", String::new(), "6110005f5f37".into()),
        ("CALLDATALOAD", String::new(), "5f3550".into()),
        ("CODECOPY of 4 096", String::new(), "6110005f5f39".into()),
        ("ADDRESS", String::new(), "3050".into()),
        ("TIMESTAMP", String::new(), "4250".into()),
        ("BLOCKHASH", String::new(), "60044050".into()),
        ("GAS", String::new(), "5a50".into()),
        ("SELFBALANCE", String::new(), "4750".into()),
        ("MSIZE", String::new(), "5950".into()),
        ("SLOAD warm", String::new(), "5f5450".into()),
        ("SLOAD cold", "5f".into(), "6001018054 50".replace(' ', "")),
        ("SSTORE warm", "5f".into(), "60010180 5f55".replace(' ', "")),
        ("SSTORE same slot", "5f".into(), "600101805f 55".replace(' ', "")),
        ("SSTORE cold", "5f".into(), "6001018080 55".replace(' ', "")),
        ("TLOAD", "5f".into(), "600101805c50".into()),
        ("TSTORE", "5f".into(), "60010180805d".into()),
        ("LOG0", String::new(), "5f5fa0".into()),
        ("LOG4", String::new(), "5f5f5f5f5f5fa4".into()),
        ("BALANCE cold", "73080000000000000000000000000000000000 0000".replace(' ', ""), "600101803150".into()),
        ("EXTCODESIZE cold, largest", "730900000000000000000000000000000000000000".into(), "600101803b50".into()),
        ("EXTCODEHASH warm", String::new(), "303f50".into()),
        ("EXTCODECOPY warm 4 096", String::new(), "6110005f5f303c".into()),
        ("CALL nobody warm", String::new(), "5f5f5f5f5f6112345af150".into()),
        ("CALL STOP", String::new(), "5f5f5f5f5f73060606060606060606060606060606060606060 65af150".replace(' ', "")),
        ("CALL largest cold", "730900000000000000000000000000000000000000".into(), "6001015f5f5f5f5f855af150".into()),
        (
            "DELEGATECALL STOP",
            String::new(),
            "5f5f5f5f73060606060606060606060606060606060606060 65af450".replace(' ', ""),
        ),
        ("ECRECOVER", signature(), "60205f60805f60015afa50".into()),
        ("SHA-256 of 64", String::new(), "60205f60405f60025afa50".into()),
        ("SHA-256 of 16 384", String::new(), "60205f6140005f60025afa50".into()),
        ("RIPEMD of 16 384", String::new(), "60205f6140005f60035afa50".into()),
        ("identity of 16 384", String::new(), "60205f6140005f60045afa50".into()),
        ("SM3 of 64", String::new(), "60205f60405f62534d335afa50".into()),
        ("SM3 of 16 384", String::new(), "60205f6140005f62534d335afa50".into()),
        ("memory grows", "5f".into(), "60200180 80 52".replace(' ', "")),
    ];
    let mut rows: Vec<(f64, u64, String)> = Vec::new();
    let mut machine = Machine::default();
    let mut host = Memory::default();
    host.codes.insert(LARGE, std::iter::repeat_n([0x60, 0x5b], 12_288).flatten().collect());
    host.codes.insert([6; 20], vec![0]);
    let input = [0xa5; 4_096];
    for (name, before, body) in cases {
        host.codes.insert(CONTRACT, endless(&before, &body));
        let mut best = f64::MAX;
        let mut used = 0;
        for _ in 0..3 {
            let context =
                Context { caller: [1; 20], origin: [1; 20], contract: CONTRACT, height: 9, time_ms: 9, chain_id: 1 };
            let call = Call { input: &input, gas_limit: GAS, context, read_only: false };
            let started = cpu_ns();
            let outcome = machine.call(&mut host, &call).unwrap();
            best = best.min((cpu_ns() - started) as f64);
            used = outcome.gas_used();
            if !matches!(&outcome, Outcome::Failed { failure: xl_evm::Failure::OutOfGas, .. }) {
                println!("{name}: {outcome:?}");
            }
        }
        let gas = used / rules::UNITS_PER_GAS;
        rows.push((best / gas as f64, gas, name.to_owned()));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (ns, gas, name) in rows {
        println!("{ns:8.3} ns a gas   {gas:10} gas   {name}");
    }
    for accounts in [2_000, 200_000] {
        transfers(accounts);
    }
}

/// Microseconds for a transfer of the standard token among so many accounts, the writes kept as an executor would.
fn transfers(accounts: u32) {
    const TRANSFERS: u32 = 100_000;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/solidity/Token.json");
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut creation = hex::decode(&document["bytecode"].as_str().unwrap()[2..]).unwrap();
    // Two empty texts and the supply.
    for word in [96u64, 128, 1 << 62, 0, 0] {
        creation.extend_from_slice(&[0; 24]);
        creation.extend_from_slice(&word.to_be_bytes());
    }
    let account = |number: u32| {
        let mut id = [0x11; 20];
        id[..4].copy_from_slice(&number.to_be_bytes());
        id
    };
    let context = |caller| Context { caller, origin: caller, contract: CONTRACT, height: 9, time_ms: 9, chain_id: 1 };
    let mut machine = Machine::default();
    let mut host = Memory::default();
    let mut contract = None;
    let keep = |outcome: Outcome, slots: &mut HashMap<[u8; 32], [u8; 32]>| match outcome {
        Outcome::Success { output, writes, gas_used, .. } => {
            slots.extend(writes.into_iter().map(|write| (write.slot, write.value)));
            (output, gas_used)
        }
        failed => panic!("{failed:?}"),
    };
    let made = machine.deploy(&mut host, &context(account(0)), creation, GAS).unwrap();
    let code = keep(made, &mut host.slots).0;
    contract.replace(Contract::new(code, [1; 32]));
    struct Ready<'m>(&'m mut Memory, Contract);
    impl Host for Ready<'_> {
        fn code(&mut self, _: &[u8; 20]) -> Result<Code, HostFault> {
            Ok(Code::Evm(self.1.clone()))
        }
        fn slot(&mut self, contract: &[u8; 20], slot: &[u8; 32]) -> Result<Option<[u8; 32]>, HostFault> {
            self.0.slot(contract, slot)
        }
    }
    let mut host = Ready(&mut host, contract.unwrap());
    let mut transfer = |from: u32, to: u32, value: u64| {
        let mut arguments = [0; 64];
        arguments[12..32].copy_from_slice(&account(to));
        arguments[56..].copy_from_slice(&value.to_be_bytes());
        let input = xl_evm::call_data("transfer(address,uint256)", &arguments);
        let call = Call { input: &input, gas_limit: GAS, context: context(account(from)), read_only: false };
        let outcome = machine.call(&mut host, &call).unwrap();
        keep(outcome, &mut host.0.slots).1
    };
    for to in 1..accounts {
        transfer(0, to, 1 << 32);
    }
    let (mut best, mut gas, mut next) = (f64::MAX, 0, 1u32);
    for _ in 0..3 {
        let started = cpu_ns();
        for _ in 0..TRANSFERS {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let from = (next >> 8) % (accounts - 9) + 1;
            gas = transfer(from, from + 1 + (next & 7), 1);
        }
        best = best.min((cpu_ns() - started) as f64 / f64::from(TRANSFERS) / 1e3);
    }
    println!("{best:.2} us a transfer of the standard token among {accounts} accounts, {gas} units of gas");
}

/// A signature of secp256k1 in memory, so that recovery does all its work.
fn signature() -> String {
    let words = [
        "456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3",
        "000000000000000000000000000000000000000000000000000000000000001c",
        "9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608",
        "4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada",
    ];
    words.iter().enumerate().map(|(at, word)| format!("7f{word}60{:02x}52", at * 32)).collect()
}
