//! The state against its definition, over the store in memory.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use xl_crypto::sm3;

use super::{CommitOutcome, State};
use crate::proof::{EMPTY_ROOT, leaf_hash, node_hash, path_bit, state_path};
use crate::{Batch, Diff, Fault, MemoryStore, ProofError, StateError, Store as _, StoreError, Table};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;
type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// XL-STATE-2 as it is written down: slow, obvious.
pub(crate) fn defined_root(leaves: &[([u8; 32], [u8; 32])], depth: usize) -> [u8; 32] {
    match leaves {
        [] => EMPTY_ROOT,
        [(path, value_hash)] => leaf_hash(path, value_hash),
        _ => {
            let (left, right) = leaves.split_at(leaves.partition_point(|(path, _)| !path_bit(path, depth)));
            node_hash(&defined_root(left, depth + 1), &defined_root(right, depth + 1))
        }
    }
}

fn root_of(map: &Map, path: impl Fn(&[u8]) -> [u8; 32]) -> [u8; 32] {
    let mut leaves: Vec<_> = map.iter().map(|(key, value)| (path(key), sm3(&[value]))).collect();
    leaves.sort_unstable();
    defined_root(&leaves, 0)
}

fn apply(map: &mut Map, writes: &Writes) {
    for (key, value) in writes {
        match value {
            Some(value) => map.insert(key.clone(), value.clone()),
            None => map.remove(key),
        };
    }
}

fn puts(pairs: &[(&str, &str)]) -> Writes {
    pairs.iter().map(|(key, value)| (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()))).collect()
}

fn fresh() -> State<MemoryStore> {
    State::open(Arc::new(MemoryStore::new())).expect("an empty store opens")
}

fn reopened(state: &State<MemoryStore>) -> State<MemoryStore> {
    State::open(Arc::new(state.store().reopen())).expect("the store opens again")
}

/// Prepares and commits the next block.
fn commit(state: &State<MemoryStore>, writes: &Writes) -> Diff {
    let height = state.height().map_or(0, |height| height + 1);
    let diff = state.prepare(&[], writes).expect("prepares");
    let outcome = state.commit(height, [height as u8; 32], &diff, Batch::new()).expect("commits");
    assert_eq!(outcome, CommitOutcome::Committed);
    diff
}

fn hex32(text: &str) -> [u8; 32] {
    hex::decode(text).expect("hex").try_into().expect("32 bytes")
}

#[test]
fn the_published_example() {
    let state = fresh();
    assert_eq!(state.root(), EMPTY_ROOT);
    commit(&state, &puts(&[("key1", "value1")]));
    assert_eq!(state.root(), hex32("be3454b8231c2f4989f51ea30e8819b4ba50bbab2bae803a8850f27996730922"));
    let names: Vec<(String, String)> = (1..=8).map(|i| (format!("key{i}"), format!("value{i}"))).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    commit(&state, &puts(&pairs));
    assert_eq!(state.root(), hex32("91f2471ce9312395a367622b238b83d2cd6418d348473cb2733d654bc7d3016d"));
    commit(&state, &BTreeMap::from([(b"key5".to_vec(), None)]));
    assert_eq!(state.root(), hex32("91c9847eee94af081d3a3e3556546ed0311df7a8d202bfd563ef1a786ee6dc53"));
}

/// A path that shares up to 9 bytes with others, so that leaves lie deep and buckets at their depth limit.
fn crowded_path(key: &[u8]) -> [u8; 32] {
    let mut path = state_path(key);
    match path[31] % 4 {
        0 => path[..9].fill(0xAB),
        1 => path[..3].fill(0x55),
        2 => path[..2].fill(0x00),
        _ => {}
    }
    path
}

fn blocks() -> impl Strategy<Value = Vec<Writes>> {
    let key = (0u16..160).prop_map(|key| key.to_be_bytes().to_vec());
    let value = prop_oneof![
        2 => Just(None),
        4 => (0u8..4).prop_map(|value| Some(vec![value; usize::from(value)])),
        1 => (0u8..3).prop_map(|value| Some(vec![value; 1024 + usize::from(value)])),
    ];
    let few = prop::collection::btree_map(key.clone(), value, 0..40);
    let removals = prop::collection::btree_map(key, Just(None), 60..150);
    prop::collection::vec(prop_oneof![6 => few, 1 => removals], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Roots, values, proofs both ways, iteration and reopening, block by block, with crowded paths.
    #[test]
    fn every_block_agrees_with_the_definition(blocks in blocks()) {
        let mut state = fresh();
        let mut map = Map::new();
        for (height, writes) in blocks.iter().enumerate() {
            let paths: Vec<_> = writes.keys().map(|key| crowded_path(key)).collect();
            let diff = state.prepare_at(&[], writes, &paths).expect("prepares");
            apply(&mut map, writes);
            let root = root_of(&map, crowded_path);
            prop_assert_eq!(diff.root(), root);
            prop_assert_eq!(diff.leaves(), map.len() as u64);
            state.commit(height as u64, [1; 32], &diff, Batch::new()).expect("commits");
            prop_assert_eq!(state.root(), root);
            if height % 3 == 1 {
                state = reopened(&state);
                prop_assert_eq!(state.root(), root);
            }
            let view = state.view();
            for key in (0u16..176).step_by(7).map(|key| key.to_be_bytes()) {
                let path = crowded_path(&key);
                let value = map.get(&key[..]);
                prop_assert_eq!(&view.get_path(&path).expect("reads"), &value.cloned());
                let proof = crate::tree::prove(view.tree.as_ref(), &path, &*view).expect("proves");
                let hash = value.map(|value| sm3(&[value]));
                prop_assert_eq!(proof.verify_path(&root, &path, hash), Ok(()));
                prop_assert!(proof.verify_path(&root, &path, Some([7; 32])).is_err());
                if value.is_some() {
                    prop_assert_eq!(proof.verify_path(&root, &path, None), Err(ProofError::Present));
                }
                let bytes = borsh::to_vec(&proof).expect("encodes");
                prop_assert_eq!(borsh::from_slice::<crate::Proof>(&bytes).expect("decodes"), proof);
            }
        }
        let mut seen = Map::new();
        let mut last = None;
        state.view().scan(&[0; 32], &mut |key, value| {
            assert!(last < Some(crowded_path(key)), "paths ascend");
            last = Some(crowded_path(key));
            seen.insert(key.to_vec(), value.to_vec());
            ControlFlow::Continue(())
        }).expect("scans");
        prop_assert_eq!(&seen, &map);
        prop_assert_eq!(state.view().leaves(), map.len() as u64);
    }

    /// A chain of uncommitted blocks and a sibling at each height see exactly their own branch.
    #[test]
    fn branches_see_their_own_writes(base in blocks(), chain in blocks(), siblings in blocks()) {
        let state = fresh();
        let mut map = Map::new();
        for writes in &base {
            commit(&state, writes);
            apply(&mut map, writes);
        }
        let mut ancestors: Vec<Arc<Diff>> = Vec::new();
        for (writes, rival) in chain.iter().zip(siblings.iter().cycle()) {
            let mut other = map.clone();
            apply(&mut other, rival);
            let sibling = state.prepare(&ancestors, rival).expect("prepares");
            prop_assert_eq!(sibling.root(), root_of(&other, state_path));
            let diff = Arc::new(state.prepare(&ancestors, writes).expect("prepares"));
            apply(&mut map, writes);
            prop_assert_eq!(diff.root(), root_of(&map, state_path));
            ancestors.push(diff);
            for key in (0u16..160).step_by(11).map(|key| key.to_be_bytes()) {
                let value = state.get_at(&ancestors, &key).expect("reads");
                prop_assert_eq!(value.as_ref(), map.get(&key[..]));
            }
        }
        let start = base.len() as u64;
        for (i, diff) in ancestors.iter().enumerate() {
            let outcome = state.commit(start + i as u64, [9; 32], diff, Batch::new()).expect("commits");
            prop_assert_eq!(outcome, CommitOutcome::Committed);
            // Ancestors that are committed by now do no harm.
            let again = state.prepare(&ancestors, &Writes::new()).expect("prepares");
            prop_assert_eq!(again.root(), root_of(&map, state_path));
        }
        prop_assert_eq!(reopened(&state).root(), root_of(&map, state_path));
    }
}

#[test]
fn the_same_block_again_is_no_error_and_another_is_a_conflict() {
    let state = fresh();
    let first = commit(&state, &puts(&[("a", "1")]));
    let second = commit(&state, &puts(&[("a", "2")]));
    let writes = state.store().writes();
    for (height, diff) in [(0u64, &first), (1, &second)] {
        let outcome = state.commit(height, [height as u8; 32], diff, Batch::new()).expect("known");
        assert_eq!(outcome, CommitOutcome::AlreadyCommitted);
        let other = state.commit(height, [77; 32], diff, Batch::new());
        assert!(matches!(other, Err(StateError::Conflict { height: h }) if h == height));
    }
    assert_eq!(state.store().writes(), writes, "nothing was written");
    assert!(matches!(state.commit(3, [3; 32], &second, Batch::new()), Err(StateError::Gap { expected: 2, height: 3 })));
    assert!(matches!(state.commit(2, [2; 32], &first, Batch::new()), Err(StateError::WrongParent)));
    let mut extra = Batch::new();
    extra.put(Table::Buckets, b"k", b"v");
    let next = state.prepare(&[], &Writes::new()).expect("prepares");
    assert!(matches!(state.commit(2, [2; 32], &next, extra), Err(StateError::ReservedTable { table: Table::Buckets })));
    assert_eq!(state.height(), Some(1));
}

#[test]
fn a_chain_may_start_above_zero() {
    let state = fresh();
    let diff = state.prepare(&[], &puts(&[("a", "1")])).expect("prepares");
    state.commit(40, [4; 32], &diff, Batch::new()).expect("commits");
    assert!(matches!(
        state.commit(39, [4; 32], &diff, Batch::new()),
        Err(StateError::BeforeStart { height: 39, first: 40 })
    ));
    assert!(matches!(state.get_historical(b"a", 39), Err(StateError::Pruned { oldest: 40 })));
    assert_eq!(state.get_historical(b"a", 40).expect("reads"), Some(b"1".to_vec()));
}

#[test]
fn limits_are_refused_before_anything_happens() {
    let state = fresh();
    let key = Writes::from([(vec![0; 277], None)]);
    assert!(matches!(state.prepare(&[], &key), Err(StateError::KeyTooLong { length: 277 })));
    let value = Writes::from([(vec![0; 276], Some(vec![0; 65_536]))]);
    assert!(matches!(state.prepare(&[], &value), Err(StateError::ValueTooLong { length: 65_536 })));
    let most = Writes::from([(vec![0; 276], Some(vec![3; 65_535]))]);
    commit(&state, &most);
    assert_eq!(state.get(&[0; 276]).expect("reads"), Some(vec![3; 65_535]));
}

#[test]
fn a_view_stays_at_its_height() {
    let state = fresh();
    commit(&state, &puts(&[("a", "1"), ("b", "1")]));
    let view = state.view();
    let long = "x".repeat(5000);
    commit(&state, &puts(&[("a", "2"), ("b", &long), ("c", "2")]));
    commit(&state, &puts(&[("a", "3"), ("b", "3")]));
    assert_eq!(view.height(), Some(0));
    assert_eq!(view.get(b"a").expect("reads"), Some(b"1".to_vec()));
    view.prove(b"b").expect("proves").verify(&view.root(), b"b", Some(b"1")).expect("its own root");
    view.prove(b"c").expect("proves").verify(&view.root(), b"c", None).expect("absent then");
    let mut keys = 0;
    view.scan(&[0; 32], &mut |_, _| {
        keys += 1;
        ControlFlow::Continue(())
    })
    .expect("scans");
    assert_eq!(keys, 2);
    assert_eq!(state.get(b"a").expect("reads"), Some(b"3".to_vec()));
}

#[test]
fn history_answers_for_every_height_until_it_is_pruned() {
    let state = fresh();
    let long = "y".repeat(3000);
    let values = [Some("0"), Some("1"), None, Some(long.as_str()), Some("4"), Some("4"), None, Some("7")];
    let want = |height: usize| values[height].map(|value| value.as_bytes().to_vec());
    for value in values {
        let writes = Writes::from([(b"k".to_vec(), value.map(|value| value.as_bytes().to_vec()))]);
        commit(&state, &writes);
    }
    let check = |state: &State<MemoryStore>, oldest: usize| {
        for height in 0..values.len() {
            let found = state.get_historical(b"k", height as u64);
            if height < oldest {
                assert!(matches!(found, Err(StateError::Pruned { oldest: o }) if o == oldest as u64));
            } else {
                assert_eq!(found.expect("reads"), want(height), "height {height}");
            }
        }
        assert_eq!(state.get_historical(b"other", 7).expect("reads"), None);
        assert!(matches!(state.get_historical(b"k", 8), Err(StateError::Future { height: 8 })));
    };
    check(&state, 0);
    let view = state.view();
    assert_eq!(state.prune_history(4).expect("prunes"), 4);
    check(&state, 4);
    assert_eq!(view.get_historical(b"k", 1).expect("an older view still has it"), want(1));
    check(&reopened(&state), 4);
    assert_eq!(state.prune_history(2).expect("nothing to do"), 4);
    assert_eq!(state.prune_history(99).expect("prunes"), 7);
    check(&state, 7);
    for table in [Table::History, Table::HistoryLog] {
        let left = crate::Reader::first(&**state.store(), table, &[], &[0xFF; 41]).expect("reads");
        assert_eq!(left, None);
    }
}

#[test]
fn the_installation_is_bound_once() {
    let state = fresh();
    assert_eq!(state.installation().expect("reads"), None);
    state.bind_installation([1; 16]).expect("binds");
    state.bind_installation([1; 16]).expect("the same");
    assert!(matches!(state.bind_installation([2; 16]), Err(StateError::OtherInstallation)));
    assert_eq!(reopened(&state).installation().expect("reads"), Some([1; 16]));
}

/// The whole of a small chain: what a crash may leave is exactly one of its states.
fn block(height: u64) -> (Writes, Batch) {
    let mut writes = Writes::new();
    for i in 0..30u64 {
        let key = ((height * 7 + i * 3) % 50).to_be_bytes().to_vec();
        writes.insert(key, (!(height + i).is_multiple_of(5)).then(|| [height, i].map(|n| n as u8).to_vec()));
    }
    let mut extra = Batch::new();
    extra.put(Table::Blocks, height.to_be_bytes(), vec![height as u8; 100]);
    extra.put(Table::TxIndex, [height as u8; 32], height.to_be_bytes());
    (writes, extra)
}

#[test]
fn a_crash_at_any_write_leaves_one_committed_height_with_all_its_parts() {
    const BLOCKS: u64 = 12;
    let mut roots = vec![EMPTY_ROOT];
    let mut maps = vec![Map::new()];
    for height in 0..BLOCKS {
        let mut map = maps[height as usize].clone();
        apply(&mut map, &block(height).0);
        roots.push(root_of(&map, state_path));
        maps.push(map);
    }
    for fault in [Fault::Before, Fault::After] {
        for at in 1..=BLOCKS {
            let store = MemoryStore::new();
            store.fail_write(at, fault);
            let state = State::open(Arc::new(store)).expect("opens");
            let spare = state.prepare(&[], &Writes::new()).expect("prepares");
            let crashed = (0..BLOCKS).find(|height| {
                let (writes, extra) = block(*height);
                let diff = state.prepare(&[], &writes).expect("prepares");
                state.commit(*height, [*height as u8; 32], &diff, extra).is_err()
            });
            assert_eq!(crashed, Some(at - 1));
            assert!(matches!(state.commit(0, [0; 32], &spare, Batch::new()), Err(StateError::Faulted)));
            assert!(matches!(state.view().records().get(Table::Blocks, &[0; 8]), Err(StoreError::Crashed)));
            let again = reopened(&state);
            let done = if fault == Fault::Before { at - 1 } else { at };
            assert_eq!(again.height(), done.checked_sub(1));
            assert_eq!(again.root(), roots[done as usize]);
            for height in 0..BLOCKS {
                let there = again.view().records().get(Table::Blocks, &height.to_be_bytes()).expect("reads");
                assert_eq!(there.is_some(), height < done);
                let there = again.view().records().get(Table::TxIndex, &[height as u8; 32]).expect("reads");
                assert_eq!(there.is_some(), height < done);
            }
            for height in done..BLOCKS {
                let (writes, extra) = block(height);
                let diff = again.prepare(&[], &writes).expect("prepares");
                again.commit(height, [height as u8; 32], &diff, extra).expect("commits");
            }
            assert_eq!(again.root(), roots[BLOCKS as usize]);
            for (height, map) in maps[1..].iter().enumerate() {
                for key in (0..50u64).map(u64::to_be_bytes) {
                    let value = again.get_historical(&key, height as u64).expect("reads");
                    assert_eq!(value.as_ref(), map.get(&key[..]));
                }
            }
        }
    }
}

#[test]
fn a_record_of_another_time_is_noticed() {
    let state = State::open_with_cache(Arc::new(MemoryStore::new()), 0).expect("opens");
    for height in 0..4 {
        commit(&state, &block(height).0);
    }
    let store = state.store();
    let mut records = Vec::new();
    for table in [Table::Buckets, Table::TreeTop, Table::Commits, Table::Meta] {
        crate::Reader::scan(&**store, table, &[], &mut |key, value| {
            records.push((table, key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })
        .expect("scans");
    }
    assert!(records.len() > 12);
    for (table, key, value) in records {
        for damage in 0..3 {
            let mut bad = value.clone();
            match damage {
                0 => bad[value.len() / 2] ^= 0x10,
                1 => bad.truncate(value.len() / 2),
                _ => {}
            }
            let mut batch = Batch::new();
            match damage {
                2 => batch.delete(table, key.clone()),
                _ => batch.put(table, key.clone(), bad),
            }
            store.write(batch, true).expect("writes");
            let noticed = match State::open_with_cache(Arc::new(store.reopen()), 0) {
                Err(_) => true,
                Ok(opened) => {
                    let mut noticed = opened.view().scan(&[0; 32], &mut |_, _| ControlFlow::Continue(())).is_err();
                    for height in 0..4 {
                        noticed |= !matches!(opened.view().committed(height), Ok(Some(_)));
                    }
                    noticed
                }
            };
            let harmless = table == Table::Meta && key == b"history_oldest" && damage == 2;
            assert!(noticed || harmless, "{table:?} {key:?} damage {damage}");
            let mut batch = Batch::new();
            batch.put(table, key.clone(), value.clone());
            store.write(batch, true).expect("writes");
        }
    }
}
