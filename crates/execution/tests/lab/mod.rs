//! A chain over a store in memory, with the means to make blocks.
#![allow(dead_code, reason = "each file of tests uses a part")]

use std::sync::Arc;
use xl_crypto::{SecretKey, Verifier};
use xl_execution::{Chain, Refused, Round};
use xl_primitives::{
    AccountId, Block, Bounded, Call, ChainParameters, CheckedTx, ContractId, Genesis, Hash, List, Status, Text, TxBody,
    account::{Node, NodeKind},
    contract::{CONTRACTS, Layout},
    encode,
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
};
use xl_state::MemoryStore;

/// Counts calls of `up`; `down` below zero aborts with `Empty` at line 7; `init` starts at 1.
pub const COUNTER: &str = r#"(module
  (import "env" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "env" "put" (func $put (param i32 i32 i32 i32)))
  (import "env" "ret" (func $ret (param i32 i32)))
  (import "env" "emit" (func $emit (param i32 i32 i32 i32)))
  (import "env" "abort" (func $abort (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "nCountedEmpty")
  (func $load (result i64) (drop (call $get (i32.const 0) (i32.const 1) (i32.const 32) (i32.const 8))) (i64.load (i32.const 32)))
  (func $store (param i64) (i64.store (i32.const 32) (local.get 0)) (call $put (i32.const 0) (i32.const 1) (i32.const 32) (i32.const 8)))
  (func (export "init") (result i32) (call $store (i64.const 1)) (i32.const 0))
  (func (export "up") (result i32) (call $store (i64.add (call $load) (i64.const 1)))
    (call $emit (i32.const 1) (i32.const 7) (i32.const 32) (i32.const 8)) (i32.const 0))
  (func (export "down") (result i32)
    (call $store (i64.sub (call $load) (i64.const 1)))
    (if (i64.lt_s (call $load) (i64.const 0)) (then (call $abort (i32.const 8) (i32.const 5) (i32.const 7) (i32.const 0) (i32.const 0))))
    (i32.const 0))
  (func (export "value") (result i32) (drop (call $load)) (call $ret (i32.const 32) (i32.const 8)) (i32.const 0)))"#;

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).unwrap()
}

pub fn text<const N: usize>(value: &str) -> Text<N> {
    Text::new(value).unwrap()
}

/// Two organisations with an administrator each, and one node.
pub fn genesis() -> Genesis {
    genesis_of(&["a", "b"])
}

/// The administrator of organisation number i has the key i + 1.
pub fn genesis_of(organisations: &[&str]) -> Genesis {
    let organisation = |id: &str| GenesisOrganisation { id: text(id), name: text(id) };
    let admin = |id: &str, seed| GenesisAccount {
        organisation: text(id),
        key: key(seed).public_key(),
        roles: List::new(vec![text("admin")]).unwrap(),
    };
    let node =
        Node { name: text("one"), organisation: text("a"), kind: NodeKind::Application, key: key(50).public_key() };
    let two_thirds = Threshold { numerator: 2, denominator: 3 };
    Genesis {
        format: 1,
        name: text("test"),
        time_ms: 1_000,
        parameters: ChainParameters::default(),
        organisations: List::new(organisations.iter().map(|id| organisation(id)).collect()).unwrap(),
        accounts: List::new(organisations.iter().zip(1..).map(|(id, seed)| admin(id, seed)).collect()).unwrap(),
        nodes: List::new(vec![node]).unwrap(),
        governance: two_thirds,
        recovery: two_thirds,
    }
}

/// Arguments that deploy `code`.
pub fn deployment(name: &str, code: &[u8]) -> Vec<u8> {
    encode(&(name.to_owned(), code.to_vec(), b"{}".to_vec(), Layout::default()))
}

/// A chain with a running view and the means to make blocks.
pub struct Lab {
    pub chain: Chain<MemoryStore>,
    pub store: MemoryStore,
    genesis: Genesis,
    view: u64,
    salt: u16,
}

impl Lab {
    pub fn new() -> Self {
        Self::of(genesis())
    }

    pub fn of(genesis: Genesis) -> Self {
        let store = MemoryStore::new();
        let chain = Chain::open(Arc::new(store.clone()), &genesis, Arc::new(Verifier::default())).unwrap();
        Self { chain, store, genesis, view: 0, salt: 0 }
    }

    pub fn tx(&mut self, organisation: &str, signer: u8, contract: &str, method: &str, arguments: &[u8]) -> CheckedTx {
        self.salt += 1;
        let mut salt = [0; 16];
        salt[..2].copy_from_slice(&self.salt.to_le_bytes());
        let body = TxBody {
            format: 1,
            chain_id: self.chain.chain_id(),
            sender: AccountId::derive(organisation, &key(signer).public_key()),
            call: Call {
                contract: ContractId::derive(contract),
                method: text(method),
                arguments: Bounded::new(arguments).unwrap(),
            },
            gas_limit: 100_000_000,
            valid_until_ms: self.chain.tip().time_ms + 60_000,
            salt,
        };
        self.chain.check(encode(&body.sign(&key(signer)))).unwrap()
    }

    pub fn round(&mut self) -> Round {
        self.view += 1;
        Round { epoch: 0, view: self.view, parent_view: self.view - 1, leader: key(50).public_key() }
    }

    pub fn propose(&mut self, parent: &Hash, txs: Vec<CheckedTx>) -> (Block, Vec<(Hash, Refused)>) {
        let round = self.round();
        let time = self.chain.block_by_digest(parent).unwrap().unwrap().header.time_ms + 10;
        let made = self.chain.propose(parent, round, time, txs).unwrap();
        ((*made.block).clone(), made.refused)
    }

    /// Commits a block of `txs`; the status of each that was included and the refusals.
    pub fn block(&mut self, txs: Vec<CheckedTx>) -> (Vec<Status>, Vec<&'static str>) {
        let tip = self.chain.tip().digest();
        let (block, refused) = self.propose(&tip, txs);
        let committed = self.chain.commit(&block, None).unwrap();
        let statuses = committed.receipts.iter().map(|receipt| receipt.status.clone()).collect();
        (statuses, refused.iter().map(|(_, refused)| refused.code()).collect())
    }

    pub fn value(&self, who: AccountId) -> u64 {
        let report = self.chain.query(who, ContractId::derive("counter"), "value", &[], 10_000_000).unwrap();
        u64::from_le_bytes(report.outcome.unwrap().try_into().unwrap())
    }

    pub fn deploy(&mut self) {
        let code = wat::parse_str(COUNTER).unwrap();
        let tx = self.tx("a", 1, CONTRACTS, "deploy", &deployment("counter", &code));
        let (statuses, refused) = self.block(vec![tx]);
        assert!(matches!(statuses[..], [Status::Success { .. }]), "{statuses:?} {refused:?}");
    }

    /// Another node makes the same of all blocks.
    pub fn reproduced(&self) {
        let other = Chain::open(Arc::new(MemoryStore::new()), &self.genesis, Arc::new(Verifier::default())).unwrap();
        for height in 1..=self.chain.tip().height {
            other.commit(&self.chain.block_at(height).unwrap().unwrap(), None).unwrap();
        }
        assert_eq!(other.tip().digest(), self.chain.tip().digest());
    }
}

pub fn failure(status: &Status) -> (&str, u32) {
    match status {
        Status::Failed(failure) => (&failure.code, failure.line),
        Status::Success { .. } => panic!("it succeeded"),
    }
}
