//! Golden vectors in `spec/vectors/evm.json`: what transactions of Solidity contracts leave, byte for byte.
//!
//! A difference is a change of consensus: it needs a new version of the machine's rules (XL-EVM). `XL_APPROVE=1` writes
//! the file again.

mod lab;

use lab::{Lab, key};
use serde_json::{Value, json};
use std::path::PathBuf;
use xl_crypto::sm3;
use xl_primitives::{AccountId, CheckedTx, ContractId, Status, contract::CONTRACTS, encode};

/// What the SM2 signature is over; the signer of organisation a draws nothing, so it is the same each time.
const SIGNED: &[u8] = b"grain, 30, to b";
const EVENTS: [&str; 2] = ["Approval(address,address,uint256)", "Transfer(address,address,uint256)"];

fn artefact(name: &str) -> Vec<u8> {
    let path = format!("{}/../../examples/solidity/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    hex::decode(document["bytecode"].as_str().unwrap().trim_start_matches("0x")).unwrap()
}

fn word(number: u128) -> Vec<u8> {
    [&[0; 16][..], &number.to_be_bytes()].concat()
}

fn address(id: &[u8; 20]) -> Vec<u8> {
    [&[0; 12][..], id].concat()
}

/// The encoding of values of `bytes` alone.
fn bytes(values: &[&[u8]]) -> Vec<u8> {
    let (mut heads, mut tails) = (Vec::new(), Vec::new());
    for value in values {
        heads.extend(word((32 * values.len() + tails.len()) as u128));
        tails.extend(word(value.len() as u128));
        tails.extend_from_slice(value);
        tails.resize(tails.len().next_multiple_of(32), 0);
    }
    [heads, tails].concat()
}

fn founder(organisation: &str, seed: u8) -> AccountId {
    AccountId::derive(organisation, &key(seed).public_key())
}

struct Step {
    about: &'static str,
    sender: (&'static str, u8),
    contract: &'static str,
    method: &'static str,
    arguments: Vec<u8>,
}

fn deployment(name: &str, artefact: Vec<u8>, arguments: Vec<u8>, events: &[&str]) -> Vec<u8> {
    let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
    encode(&(name.to_owned(), artefact, arguments, b"{}".to_vec(), events))
}

fn steps() -> Vec<Step> {
    let (a, b) = (founder("a", 1), founder("b", 2));
    let signature = key(1).sign(SIGNED);
    let verified = |message: &[u8]| bytes(&[key(1).public_key().as_bytes(), signature.as_bytes(), message]);
    let transfer = |to: &AccountId, value| [address(&to.0), word(value)].concat();
    let step = |about, sender, contract, method, arguments| Step { about, sender, contract, method, arguments };
    let (one, two) = (("a", 1), ("b", 2));
    let token = [word(96), word(160), word(1_000), bytes(&[b"Grain"])[32..].to_vec(), bytes(&[b"GRN"])[32..].to_vec()];
    let attempt = [address(&ContractId::derive("grain").0), transfer(&b, 1)].concat();
    vec![
        step(
            "the standard token",
            one,
            CONTRACTS,
            "deploy_evm",
            deployment("grain", artefact("Token"), token.concat(), &EVENTS),
        ),
        step(
            "a contract whose events have no names",
            one,
            CONTRACTS,
            "deploy_evm",
            deployment("probe", artefact("Probe"), Vec::new(), &[]),
        ),
        step(
            "a name that is taken",
            one,
            CONTRACTS,
            "deploy_evm",
            deployment("grain", artefact("Probe"), Vec::new(), &[]),
        ),
        step(
            "a constructor that returns nothing",
            one,
            CONTRACTS,
            "deploy_evm",
            deployment("empty", vec![0], Vec::new(), &[]),
        ),
        step("a transfer", one, "grain", "transfer(address,uint256)", transfer(&b, 30)),
        step("more than is held: a custom error", two, "grain", "transfer(address,uint256)", transfer(&a, 31)),
        step("all that is held: a slot becomes nothing", two, "grain", "transfer(address,uint256)", transfer(&a, 30)),
        step("a text as the reason", one, "probe", "reason()", Vec::new()),
        step("a panic", one, "probe", "panics(uint256)", word(0)),
        step("a log without a name", one, "probe", "up()", Vec::new()),
        step(
            "a call of another contract, whose failure is caught",
            one,
            "probe",
            "attempt(address,address,uint256)",
            attempt,
        ),
        step("SM3", one, "probe", "sm3(bytes)", bytes(&[b"abc"])),
        step("SM2, the message that was signed", one, "probe", "verified(bytes,bytes,bytes)", verified(SIGNED)),
        step("SM2, another message", one, "probe", "verified(bytes,bytes,bytes)", verified(b"grain, 31, to b")),
        step("call data as they are", one, "probe", "evm", b"any bytes at all".to_vec()),
        step("no method of that name", one, "grain", "burn(uint256)", word(1)),
        step("a contract makes a contract", one, "probe", "create()", Vec::new()),
        step("without end", one, "probe", "spin()", Vec::new()),
    ]
}

fn run(lab: &mut Lab, step: &Step) -> Value {
    let (organisation, signer) = step.sender;
    let tx = lab.tx(organisation, signer, step.contract, step.method, &step.arguments);
    let limit = CheckedTx::body(&tx).gas_limit;
    let (statuses, refused) = lab.block(vec![tx]);
    assert!(refused.is_empty(), "{}: {refused:?}", step.about);
    let stored = lab.chain.stored_block(lab.chain.tip().height).unwrap().unwrap();
    let receipt = &stored.receipts[0];
    let (code, output, detail) = match &statuses[0] {
        Status::Success { output } => ("OK", hex::encode(&**output), String::new()),
        Status::Failed(failure) => (&*failure.code, String::new(), hex::encode(&*failure.detail)),
    };
    let events: Vec<Value> = receipt
        .events
        .iter()
        .map(|event| {
            json!({"contract": hex::encode(event.contract.0), "name": &*event.name, "data": hex::encode(&*event.data)})
        })
        .collect();
    // Creation code is the artefact's: its digest tells which.
    let arguments = if step.arguments.len() > 1_024 {
        json!({"sm3": hex::encode(sm3(&[&step.arguments])), "bytes": step.arguments.len()})
    } else {
        json!(hex::encode(&step.arguments))
    };
    json!({
        "about": step.about, "sender": hex::encode(founder(organisation, signer).0), "contract": step.contract, "method": step.method,
        "arguments": arguments, "gas_limit": limit.to_string(), "code": code, "output": output, "detail": detail,
        "gas_used": receipt.gas_used.to_string(), "events": events, "state_root": lab.chain.tip().state_root.to_string(),
    })
}

fn vectors() -> Value {
    let mut lab = Lab::new();
    let transactions: Vec<Value> = steps().iter().map(|step| run(&mut lab, step)).collect();
    lab.reproduced();
    // What the token keeps at the end, slot by slot.
    let view = lab.chain.view();
    let held = |mapping: u8, of: &AccountId| {
        let slot = xl_evm::keccak(&[address(&of.0), word(u128::from(mapping))].concat());
        let value = view.get(&[&ContractId::derive("grain").0[..], &slot].concat()).unwrap();
        json!({"owner": hex::encode(of.0), "slot": hex::encode(slot), "value": value.map(hex::encode)})
    };
    json!({
        "about": "Transactions of Solidity contracts (15), one in each block of the chain of genesis; creation code is that of \
                  examples/solidity. `balances`: what the state keeps of the token's mapping at the end.",
        "rules_version": xl_evm::EVM_RULES_VERSION,
        "genesis": hex::encode(encode(&lab::genesis())),
        "contracts": {"grain": hex::encode(ContractId::derive("grain").0), "probe": hex::encode(ContractId::derive("probe").0)},
        "creation_code": {"Token": hex::encode(sm3(&[&artefact("Token")])), "Probe": hex::encode(sm3(&[&artefact("Probe")]))},
        "transactions": transactions,
        "balances": [held(BALANCES, &founder("a", 1)), held(BALANCES, &founder("b", 2))],
    })
}

/// Where the compiler puts `balanceOf` of the standard token.
const BALANCES: u8 = 2;

#[test]
fn golden() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/evm.json");
    let now = format!("{}\n", serde_json::to_string_pretty(&vectors()).unwrap());
    if std::env::var_os("XL_APPROVE").is_some() {
        std::fs::write(&path, &now).expect("writes the vectors");
    }
    let golden = std::fs::read_to_string(&path).expect("the vectors are there");
    // Not `assert_eq`: the documents are long, and the first line that differs tells what changed.
    let first = now.lines().zip(golden.lines()).find(|(now, golden)| now != golden);
    assert!(now == golden, "evm.json: a change of consensus: {first:?}");
}
