//! The store on disk: killed processes, damaged files, snapshots.

#![allow(clippy::disallowed_methods)] // a test tells how long it took

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use xl_state::proof::{leaf_hash, node_hash, path_bit, state_path};
use xl_state::{Batch, Budget, Damage, EMPTY_ROOT, FjallStore, State, StateError, Store as _, StoreError, Table};

type Map = BTreeMap<Vec<u8>, Vec<u8>>;
type Writes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Small enough that a test flushes and compacts.
const SMALL: Budget = Budget { cache_bytes: 1 << 20, table_bytes: 64 << 10, journal_bytes: 64 << 20, threads: 1 };

/// A folder that is removed again.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xl-state-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(folder: &Path) -> Result<State<FjallStore>, StateError> {
    State::open_with_cache(Arc::new(FjallStore::open(folder, SMALL)?), 0)
}

/// The writes of a block: some keys anew, some removed, now and then a long value.
fn writes_of(height: u64) -> Writes {
    (0..60u64)
        .map(|i| {
            let key = ((height * 31 + i * 17) % 400).to_be_bytes().to_vec();
            let length = if (height + i).is_multiple_of(50) { 2000 } else { 40 + i as usize };
            (key, (!(height * i).is_multiple_of(11)).then(|| vec![(height + i) as u8; length]))
        })
        .collect()
}

fn extra_of(height: u64) -> Batch {
    let mut extra = Batch::new();
    extra.put(Table::Blocks, height.to_be_bytes(), vec![height as u8; 20_000]);
    for i in 0..20u64 {
        extra.put(Table::TxIndex, [height.to_be_bytes(), i.to_be_bytes()].concat(), [height as u8; 12]);
    }
    extra
}

fn commit(state: &State<FjallStore>, height: u64) {
    let diff = state.prepare(&[], &writes_of(height)).expect("prepares");
    state.commit(height, [height as u8; 32], &diff, extra_of(height)).expect("commits");
}

fn map_at(height: u64) -> Map {
    let mut map = Map::new();
    for (key, value) in (0..=height).flat_map(writes_of) {
        match value {
            Some(value) => map.insert(key, value),
            None => map.remove(&key),
        };
    }
    map
}

fn root_of(map: &Map) -> [u8; 32] {
    fn root(leaves: &[([u8; 32], [u8; 32])], depth: usize) -> [u8; 32] {
        match leaves {
            [] => EMPTY_ROOT,
            [(_, leaf)] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.partition_point(|(path, _)| !path_bit(path, depth)));
                node_hash(&root(left, depth + 1), &root(right, depth + 1))
            }
        }
    }
    let mut leaves: Vec<_> = map
        .iter()
        .map(|(key, value)| {
            let path = state_path(key);
            (path, leaf_hash(&path, &xl_crypto::sm3(&[value])))
        })
        .collect();
    leaves.sort_unstable();
    root(&leaves, 0)
}

/// Everything that block `height` and its forerunners wrote is there and reads as written, nothing later is.
///
/// # Errors
/// Whatever the store noticed.
fn check_all(state: &State<FjallStore>, height: u64) -> Result<(), StateError> {
    let view = state.view();
    let map = map_at(height);
    assert_eq!(view.root(), root_of(&map), "root at {height}");
    let mut seen = Map::new();
    view.scan(&[0; 32], &mut |key, value| {
        seen.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    })?;
    assert_eq!(seen, map, "leaves at {height}");
    for (key, value) in map.iter().step_by(9) {
        assert_eq!(view.get(key)?.as_ref(), Some(value));
        view.prove(key)?.verify(&view.root(), key, Some(value)).expect("proof holds");
    }
    for block in 0..=height + 1 {
        let want = (block <= height).then(|| vec![block as u8; 20_000]);
        assert_eq!(view.records().get(Table::Blocks, &block.to_be_bytes())?, want, "block {block} at {height}");
        let mut entries = 0;
        view.records().scan(Table::TxIndex, &block.to_be_bytes(), &mut |key, _| {
            if key[..8] != block.to_be_bytes() {
                return ControlFlow::Break(());
            }
            entries += 1;
            ControlFlow::Continue(())
        })?;
        assert_eq!(entries, if block <= height { 20 } else { 0 }, "index of {block} at {height}");
        assert_eq!(view.committed(block)?.is_some(), block <= height);
    }
    Ok(())
}

#[test]
fn a_closed_store_opens_at_the_same_block() {
    let folder = Folder::new("reopen");
    let mut kept = None;
    for round in 0..3u64 {
        let state = open(&folder.0).expect("opens");
        for height in round * 10..(round + 1) * 10 {
            commit(&state, height);
        }
        check_all(&state, round * 10 + 9).expect("whole");
        kept = Some(state);
        kept = kept.filter(|_| round == 2);
    }
    let state = kept.expect("the last one");
    assert!(matches!(FjallStore::open(&folder.0, SMALL).err(), Some(StoreError::Locked)));
    let old = state.view();
    let then = old.root();
    for height in 30..60 {
        commit(&state, height);
    }
    let mut seen = Map::new();
    old.scan(&[0; 32], &mut |key, value| {
        seen.insert(key.to_vec(), value.to_vec());
        ControlFlow::Continue(())
    })
    .expect("scans");
    assert_eq!(root_of(&seen), then, "an old view scans its own block");
    for height in [0, 17, 59] {
        for (key, value) in map_at(height).iter().step_by(7) {
            assert_eq!(state.get_historical(key, height).expect("reads").as_ref(), Some(value));
        }
    }
}

#[test]
fn unsynced_batches_are_no_sign_of_damage() {
    let folder = Folder::new("unsynced");
    for sync in [true, false, true] {
        let store = FjallStore::open(&folder.0, SMALL).expect("opens");
        let mut batch = Batch::new();
        batch.put(Table::Node, b"k", [u8::from(sync)]);
        store.write(batch, sync).expect("writes");
    }
}

const CHILD: &str = "XL_STATE_TEST_CHILD";

/// Not a test by itself: the process that `a_killed_process_loses_no_acknowledged_block` kills.
#[test]
fn child_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let state = open(Path::new(&folder)).expect("opens");
    for height in state.height().map_or(0, |height| height + 1).. {
        commit(&state, height);
        println!("\nacknowledged {height}");
    }
}

#[test]
fn a_killed_process_loses_no_acknowledged_block() {
    let folder = Folder::new("kill");
    for round in 0..4u64 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["child_commits_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, &folder.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut acknowledged = None;
        let mut count = 0;
        while count < 8 + round * 5 {
            let line = lines.next().expect("the child writes on").expect("reads");
            if let Some(height) = line.strip_prefix("acknowledged ") {
                acknowledged = Some(height.parse::<u64>().expect("a height"));
                count += 1;
            }
        }
        std::thread::sleep(std::time::Duration::from_micros(700 * round));
        child.kill().expect("SIGKILL");
        child.wait().expect("dead");
        for line in lines.map_while(Result::ok) {
            acknowledged = line.strip_prefix("acknowledged ").and_then(|text| text.parse().ok()).or(acknowledged);
        }
        let state = open(&folder.0).expect("opens");
        let height = state.height().expect("some block");
        let acknowledged = acknowledged.expect("at least one");
        assert!(height >= acknowledged && height <= acknowledged + 1, "{height} after {acknowledged}");
        check_all(&state, height).expect("whole");
    }
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("lists") {
        let path = entry.expect("lists").path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

/// A file without the zeros that the engine reserves at the end of a journal.
fn read(path: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(path).expect("reads");
    if path.extension().is_some_and(|end| end == "jnl") {
        bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1));
    }
    bytes
}

/// Flips bits in, cuts and removes every file of a store. Each time either an error says so, or everything is there.
#[test]
fn damaged_files_are_refused_or_harmless() {
    const BLOCKS: u64 = 25;
    let folder = Folder::new("damage");
    let (whole, broken) = (folder.0.join("whole"), folder.0.join("broken"));
    let state = open(&whole).expect("opens");
    for height in 0..BLOCKS {
        commit(&state, height);
    }
    // The engine compacts in the background: damage what a crash at rest leaves.
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(state);
    std::thread::sleep(std::time::Duration::from_millis(200));
    let mut paths = Vec::new();
    files(&whole, &mut paths);
    paths.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    let (mut refused, mut harmless, mut cases) = (0, 0, 0);
    let (mut wrong, started) = (Vec::new(), std::time::Instant::now());
    // Of the lists of files that a table has had, only the last counts.
    let list = |path: &Path| {
        let name = path.file_name()?.to_str()?.strip_prefix('v')?.parse::<u64>().ok()?;
        Some((path.parent()?.to_path_buf(), name))
    };
    let newest: BTreeMap<PathBuf, u64> = paths.iter().filter_map(|path| list(path)).collect();
    let outdated = |path: &Path| list(path).is_some_and(|(folder, number)| newest[&folder] != number);
    paths.retain(|path| !outdated(path));
    let contents: Vec<(PathBuf, Vec<u8>)> = paths.into_iter().map(|path| (path.clone(), read(&path))).collect();
    for (number, (path_damaged, bytes)) in contents.iter().enumerate() {
        let name = path_damaged.strip_prefix(&whole).expect("inside");
        let mut damages: Vec<Option<Vec<u8>>> = vec![None];
        if !bytes.is_empty() {
            damages.push(Some(bytes[..bytes.len() / 2].to_vec()));
            let spots = if bytes.len() > 100_000 { 5 } else { 3 };
            for spot in 0..spots {
                let mut bad = bytes.clone();
                bad[((bytes.len() - 1) * spot / spots + spot % 3).min(bytes.len() - 1)] ^= 0x24;
                damages.push(Some(bad));
            }
        }
        for (which, damage) in damages.into_iter().enumerate() {
            // Most files are alike, so each kind of damage meets a part of them.
            if bytes.len() <= 100_000 && !(number + which).is_multiple_of(8) {
                continue;
            }
            let _ = std::fs::remove_dir_all(&broken);
            for (other, bytes) in &contents {
                let path = broken.join(other.strip_prefix(&whole).expect("inside"));
                std::fs::create_dir_all(path.parent().expect("inside")).expect("makes");
                match (other == path_damaged, &damage) {
                    (false, _) => std::fs::write(path, bytes).expect("writes"),
                    (true, Some(bad)) => std::fs::write(path, bad).expect("writes"),
                    (true, None) => {}
                }
            }
            cases += 1;
            let outcome = open(&broken).and_then(|state| {
                let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    assert_eq!(state.height(), Some(BLOCKS - 1));
                    check_all(&state, BLOCKS - 1)
                }));
                caught.unwrap_or_else(|_| {
                    eprintln!("WRONG {} {which}", name.display());
                    wrong.push(format!("{} damage {which}", name.display()));
                    Ok(())
                })
            });
            match outcome {
                Ok(()) => harmless += 1,
                Err(StateError::Store(StoreError::Damaged { .. } | StoreError::Io { .. }))
                | Err(StateError::Damaged { .. }) => refused += 1,
                Err(other) => panic!("{} damage {which}: {other}", name.display()),
            }
        }
    }
    let seconds = started.elapsed().as_secs_f32();
    println!("{} files, {cases} cases: {refused} refused, {harmless} harmless, {seconds} s", contents.len());
    assert!(wrong.is_empty(), "wrong data: {wrong:#?}");
    assert!(refused * 3 > cases, "{refused} of {cases} noticed");
}

#[test]
fn a_cut_journal_is_lost_writes() {
    let folder = Folder::new("cut");
    let state = open(&folder.0).expect("opens");
    for height in 0..6 {
        commit(&state, height);
    }
    drop(state);
    let mut paths = Vec::new();
    files(&folder.0, &mut paths);
    let journal = paths.iter().find(|path| path.extension().is_some_and(|end| end == "jnl")).expect("a journal");
    let bytes = read(journal);
    std::fs::write(journal, &bytes[..bytes.len() / 2]).expect("cuts");
    let error = open(&folder.0).err();
    assert!(
        matches!(
            error,
            Some(StateError::Store(StoreError::Damaged { what: Damage::LostWrites { synced: 6, found: 1..=5 } }))
        ),
        "{error:?}"
    );
}
