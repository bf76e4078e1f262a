//! The chain over a store in memory: what is included, what is refused, what survives.

mod lab;

use lab::{Lab, failure, genesis, key};
use std::sync::Arc;
use xl_crypto::Verifier;
use xl_execution::{Chain, ExecuteError, InvalidBlock};
use xl_primitives::{
    AccountId, Block, CheckedTx, Hash, List, PublicKey, Status, TxBody,
    account::ACCOUNTS,
    contract::{CONTRACTS, Layout},
    encode,
};
use xl_state::MemoryStore;

fn admit(organisation: &str, key: PublicKey, roles: &[&str]) -> Vec<u8> {
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    encode(&(organisation.to_owned(), key, roles))
}

#[test]
fn an_admitted_account_acts_from_the_next_block_and_only_as_long_as_its_key_stands() {
    let mut lab = Lab::new();
    let admission = lab.tx("a", 1, ACCOUNTS, "admit", &admit("a", key(10).public_key(), &["clerk"]));
    let early = lab.tx("a", 10, ACCOUNTS, "suspend", &[0; 20]);
    let (statuses, refused) = lab.block(vec![admission, early]);
    assert!(matches!(statuses[..], [Status::Success { .. }]));
    assert_eq!(refused, ["XL-ACCOUNT-UNKNOWN"]);

    let clerk = AccountId::derive("a", &key(10).public_key());
    let no_right = lab.tx("a", 10, ACCOUNTS, "admit", &admit("a", key(11).public_key(), &[]));
    let foreign = lab.tx("b", 2, ACCOUNTS, "suspend", &encode(&(clerk,)));
    let (statuses, _) = lab.block(vec![no_right, foreign]);
    assert_eq!(failure(&statuses[0]).0, "XL-RIGHT-ADMIN");
    assert_eq!(failure(&statuses[1]).0, "XL-RIGHT-ADMIN");

    let second_key = lab.tx("a", 10, ACCOUNTS, "add_key", &encode(&(clerk, key(12).public_key())));
    lab.block(vec![second_key]);
    let revoke = lab.tx("a", 10, ACCOUNTS, "revoke_key", &encode(&(clerk, key(10).public_key())));
    let (statuses, _) = lab.block(vec![revoke]);
    assert!(matches!(statuses[..], [Status::Success { .. }]));
    let with_old_key = lab.tx("a", 10, ACCOUNTS, "resume", &encode(&(clerk,)));
    assert_eq!(lab.block(vec![with_old_key]).1, ["XL-KEY-REVOKED"]);

    let suspend = lab.tx("a", 1, ACCOUNTS, "suspend", &encode(&(clerk,)));
    lab.block(vec![suspend]);
    let body = TxBody { sender: clerk, ..lab.tx("a", 12, ACCOUNTS, "resume", &encode(&(clerk,))).body().clone() };
    let suspended = lab.chain.check(encode(&body.sign(&key(12)))).unwrap();
    assert_eq!(lab.block(vec![suspended]).1, ["XL-ACCOUNT-SUSPENDED"]);
}

#[test]
fn administrators_cannot_shut_each_other_out() {
    let mut lab = Lab::new();
    let second = lab.tx("a", 1, ACCOUNTS, "admit", &admit("a", key(20).public_key(), &["admin"]));
    lab.block(vec![second]);
    let account = |seed: u8| AccountId::derive("a", &key(seed).public_key());
    let one = lab.tx("a", 1, ACCOUNTS, "revoke_key", &encode(&(account(20), key(20).public_key())));
    let other = lab.tx("a", 20, ACCOUNTS, "revoke_key", &encode(&(account(1), key(1).public_key())));
    let (statuses, _) = lab.block(vec![one, other]);
    assert_eq!(statuses.iter().map(|status| failure(status).0).collect::<Vec<_>>(), ["XL-KEY-LAST"; 2]);
    // Suspending each other in one block: the first wins, so one of them stays.
    let one = lab.tx("a", 1, ACCOUNTS, "suspend", &encode(&(account(20),)));
    let other = lab.tx("a", 20, ACCOUNTS, "suspend", &encode(&(account(1),)));
    let (statuses, _) = lab.block(vec![one, other]);
    assert!(matches!(statuses[0], Status::Success { .. }));
    assert_eq!(failure(&statuses[1]).0, "XL-RIGHT-ADMIN");
}

#[test]
fn a_contract_is_deployed_called_refused_and_explained() {
    let mut lab = Lab::new();
    lab.deploy();
    let admin = AccountId::derive("a", &key(1).public_key());
    assert_eq!(lab.value(admin), 1);
    let calls = ["up", "down", "down", "down", "init", "nothing"].map(|method| lab.tx("a", 1, "counter", method, &[]));
    let ids: Vec<Hash> = calls.iter().map(CheckedTx::id).collect();
    let (statuses, _) = lab.block(calls.to_vec());
    assert!(statuses[..3].iter().all(|status| matches!(status, Status::Success { .. })));
    assert_eq!(failure(&statuses[3]), ("Empty", 7));
    assert_eq!(failure(&statuses[4]).0, "XL-VM-UNKNOWN_ENTRY");
    assert_eq!(failure(&statuses[5]).0, "XL-VM-UNKNOWN_ENTRY");
    assert_eq!(lab.value(admin), 0);

    // The same transaction again, on the state it met: same receipt, with the line that refused.
    let place = lab.chain.tx_place(&ids[3]).unwrap().unwrap();
    let (report, receipt) = lab.chain.replay(place.height, place.index as usize).unwrap().unwrap();
    assert_eq!(lab.chain.stored_block(place.height).unwrap().unwrap().receipts[3], receipt);
    assert_eq!(report.outcome.unwrap_err(), ("Empty".to_owned(), 7, Vec::new()));

    let again =
        lab.tx("a", 1, CONTRACTS, "deploy", &encode(&("counter".to_owned(), vec![1u8], vec![1u8], Layout::default())));
    let hostile = lab.tx(
        "a",
        1,
        CONTRACTS,
        "deploy",
        &encode(&("hostile".to_owned(), vec![0u8; 64], vec![1u8], Layout::default())),
    );
    let arguments = lab.tx("a", 1, CONTRACTS, "deploy", &[1, 2, 3]);
    let (statuses, _) = lab.block(vec![again, hostile, arguments]);
    let codes: Vec<&str> = statuses.iter().map(|status| failure(status).0).collect();
    assert_eq!(codes, ["XL-CONTRACT-EXISTS", "XL-CONTRACT-REFUSED", "XL-CALL-ARGUMENTS"]);
}

#[test]
fn a_transaction_is_included_once_and_in_its_time() {
    let mut lab = Lab::new();
    lab.deploy();
    let tx = lab.tx("a", 1, "counter", "up", &[]);
    assert!(lab.block(vec![tx.clone(), tx.clone()]).1 == ["XL-TX-REPLAYED"]);
    assert_eq!(lab.block(vec![tx.clone()]).1, ["XL-TX-REPLAYED"]);
    assert_eq!(lab.chain.admissible(&tx, 0).unwrap().unwrap_err().code(), "XL-TX-REPLAYED");

    // Also when it stands in an ancestor that is not committed yet.
    let tip = lab.chain.tip().digest();
    let other = lab.tx("a", 1, "counter", "up", &[]);
    let (parent, _) = lab.propose(&tip, vec![other.clone()]);
    let (_, refused) = lab.propose(&parent.digest(), vec![other]);
    assert_eq!(refused[0].1.code(), "XL-TX-REPLAYED");

    let late = lab.tx("a", 1, "counter", "up", &[]);
    let (round, tip) = (lab.round(), lab.chain.tip());
    let made = lab.chain.propose(&tip.digest(), round, tip.time_ms + 60_001, vec![late]).unwrap();
    assert_eq!(made.refused[0].1.code(), "XL-TX-EXPIRED");
}

#[test]
fn branches_do_not_touch_each_other_and_only_one_is_committed() {
    let mut lab = Lab::new();
    lab.deploy();
    let admin = AccountId::derive("a", &key(1).public_key());
    let tip = lab.chain.tip().digest();
    let up = lab.tx("a", 1, "counter", "up", &[]);
    let (left, _) = lab.propose(&tip, vec![up.clone()]);
    let (right, _) = lab.propose(&tip, vec![]);
    let next = lab.tx("a", 1, "counter", "up", &[]);
    let (left_child, _) = lab.propose(&left.digest(), vec![next]);
    assert_ne!(left.header.state_root, right.header.state_root);
    assert_eq!(lab.value(admin), 1, "uncommitted blocks are invisible");
    lab.chain.commit(&left, None).unwrap();
    assert_eq!(lab.value(admin), 2);
    lab.chain.commit(&left, None).unwrap();
    assert!(lab.chain.commit(&right, None).is_err(), "another block at a committed height");
    lab.chain.commit(&left_child, None).unwrap();
    assert_eq!(lab.value(admin), 3);
    let verdict =
        lab.chain.verify(&Block { header: xl_primitives::Header { height: 9, ..left.header.clone() }, ..left.clone() });
    assert!(matches!(verdict, Err(ExecuteError::UnknownParent { .. })));
}

#[test]
fn another_node_reproduces_every_root_and_refuses_a_forged_one() {
    let mut lab = Lab::new();
    lab.deploy();
    let other = Chain::open(Arc::new(MemoryStore::new()), &genesis(), Arc::new(Verifier::default())).unwrap();
    for height in 1..=lab.chain.tip().height {
        other.commit(&lab.chain.block_at(height).unwrap().unwrap(), None).unwrap();
    }
    let tip = lab.chain.tip().digest();
    let txs = ["up", "down", "down", "down"].map(|method| lab.tx("a", 1, "counter", method, &[])).to_vec();
    let (block, _) = lab.propose(&tip, txs);
    for (what, forge) in forgeries() {
        let mut forged = block.clone();
        forge(&mut forged);
        let verdict = other.verify(&forged);
        assert!(matches!(verdict, Err(ExecuteError::Invalid(_))), "{what}: {verdict:?}");
    }
    other.verify(&block).unwrap();
    other.commit(&block, None).unwrap();
    assert_eq!(other.tip().state_root, block.header.state_root);
    let mut forged = block.clone();
    forged.header.state_root = Hash([1; 32]);
    let fresh = Lab::new();
    assert!(fresh.chain.commit(&forged, None).is_err());
}

type Forge = fn(&mut Block);

fn forgeries() -> Vec<(&'static str, Forge)> {
    vec![
        ("state root", |b| b.header.state_root.0[0] ^= 1),
        ("receipts root", |b| b.header.receipts_root.0[0] ^= 1),
        ("gas", |b| b.header.gas_used += 1),
        ("body", |b| b.transactions = List::default()),
        ("time", |b| b.header.time_ms = 0),
        ("chain", |b| b.header.chain_id.0[0] ^= 1),
        ("epoch", |b| b.header.epoch = 7),
        ("validators", |b| b.header.validators_hash.0[0] ^= 1),
    ]
}

#[test]
fn a_root_mismatch_is_told_apart_from_a_bad_block() {
    let lab = Lab::new();
    let mut made = Lab::new();
    let tip = made.chain.tip().digest();
    let (mut block, _) = made.propose(&tip, vec![]);
    block.header.state_root.0[5] ^= 4;
    let Err(ExecuteError::Invalid(invalid)) = lab.chain.verify(&block) else { panic!("accepted") };
    assert!(invalid.is_root_mismatch());
    assert!(!InvalidBlock::Body.is_root_mismatch());
}

#[test]
fn committed_blocks_survive_a_crash_and_the_replay_window_with_them() {
    let mut lab = Lab::new();
    lab.deploy();
    let tx = lab.tx("a", 1, "counter", "up", &[]);
    lab.block(vec![tx.clone()]);
    let (height, root) = (lab.chain.tip().height, lab.chain.tip().state_root);
    lab.store.crash();
    let store = Arc::new(lab.store.reopen());
    lab.chain = Chain::open(store, &genesis(), Arc::new(Verifier::default())).unwrap();
    assert_eq!((lab.chain.tip().height, lab.chain.tip().state_root), (height, root));
    assert_eq!(lab.block(vec![tx]).1, ["XL-TX-REPLAYED"]);
    let admin = AccountId::derive("a", &key(1).public_key());
    assert_eq!(lab.value(admin), 2);
}

#[test]
fn a_database_of_another_chain_is_refused() {
    let lab = Lab::new();
    let mut other = genesis();
    other.time_ms += 1;
    let opened = Chain::open(Arc::new(lab.store.clone()), &other, Arc::new(Verifier::default()));
    assert!(matches!(opened, Err(xl_execution::Fault::OtherChain { .. })));
}
