//! Both stores against one model, crashes of the store in memory.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Batch, Fault, MemoryStore, Reader, Store, StoreError, Table};

fn put(key: &str, value: &str) -> Batch {
    let mut batch = Batch::new();
    batch.put(Table::Node, key, value);
    batch
}

fn all(reader: &dyn Reader) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    reader
        .scan(Table::Node, &[], &mut |key, value| {
            found.insert(text(key), text(value));
            ControlFlow::Continue(())
        })
        .expect("scans");
    found
}

fn keys(reader: &dyn Reader) -> String {
    all(reader).into_keys().collect()
}

#[test]
fn what_is_not_synced_is_lost_in_order() {
    for (kept, left) in [(0, "ab"), (1, "abc"), (2, "abcd"), (9, "abcd")] {
        let store = MemoryStore::new();
        for (key, sync) in [("a", false), ("b", true), ("c", false), ("d", false)] {
            store.write(put(key, key), sync).expect("writes");
        }
        store.crash_keeping(kept);
        assert!(matches!(store.get(Table::Node, b"a"), Err(StoreError::Crashed)));
        let again = store.reopen();
        assert_eq!(keys(&again), left);
        assert!(matches!(store.write(put("x", "x"), true), Err(StoreError::Crashed)), "the dead do not write");
        assert_eq!(keys(&again), left);
    }
}

#[test]
fn a_lost_overwrite_or_removal_brings_the_synced_value_back() {
    let store = MemoryStore::new();
    store.write(put("a", "1"), true).expect("writes");
    store.write(put("a", "2"), false).expect("writes");
    let mut removal = Batch::new();
    removal.delete(Table::Node, "a");
    store.write(removal, false).expect("writes");
    assert_eq!(store.get(Table::Node, b"a").expect("reads"), None);
    store.crash();
    assert_eq!(store.reopen().get(Table::Node, b"a").expect("reads"), Some(b"1".to_vec()));
}

#[test]
fn an_armed_write_fails_before_or_after() {
    for (fault, left) in [(Fault::Before, "a"), (Fault::After, "abc")] {
        let store = MemoryStore::new();
        store.fail_write(3, fault);
        store.write(put("a", "1"), true).expect("writes");
        store.write(put("b", "1"), false).expect("writes");
        assert!(matches!(store.write(put("c", "1"), true), Err(StoreError::Crashed)));
        assert_eq!(keys(&store.reopen()), left);
        store.reopen().write(put("d", "1"), true).expect("armed once");
    }
}

#[test]
fn snapshots_stand_still_and_old_versions_go() {
    let store = MemoryStore::new();
    let mut views = Vec::new();
    for round in 0..50u32 {
        let mut batch = Batch::new();
        for key in 0..100u32 {
            match (round + key) % 7 {
                0 => batch.delete(Table::Node, key.to_string()),
                _ => batch.put(Table::Node, key.to_string(), round.to_string()),
            }
        }
        store.write(batch, round % 2 == 0).expect("writes");
        if round % 10 == 3 {
            views.push((all(&store), store.snapshot().expect("snapshot")));
        }
        if round == 40 {
            views.remove(0);
        }
    }
    for (then, snapshot) in &views {
        assert_eq!(&all(&**snapshot), then);
    }
    drop(views);
    store.write(put("z", "z"), true).expect("writes");
    assert!(store.versions() <= 101, "{} versions", store.versions());
}
