//! Cost per key of a block of 1 000 updates on the disk store, with a 300 KB block and 2 000 index entries beside.
//!
//! `cargo run --release -p xl-state --example measure_state -- KEYS [BLOCKS] [FOLDER]`

#![allow(clippy::disallowed_methods)] // a measurement reads the clock

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use xl_state::{Batch, Budget, FjallStore, State, Table};

const UPDATES: u64 = 1000;

/// A number that looks random, from a counter.
fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

fn key(index: u64) -> Vec<u8> {
    let mut key = vec![7; 20];
    key.extend(format!("balance/{index:016}").bytes());
    key
}

fn value(seed: u64) -> Vec<u8> {
    let length = 100 + mix(seed) as usize % 101;
    (0..length as u64).map(|at| mix(seed ^ at << 32) as u8).collect()
}

/// Processor time of the calling thread, and of all threads together.
fn cpu() -> (Duration, Duration) {
    let of = |path: PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        Duration::from_nanos(text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
    };
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let all = tasks.map(|task| of(task.path().join("schedstat"))).sum();
    (of("/proc/thread-self/schedstat".into()), all)
}

fn resident_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn open(folder: &Path) -> State<FjallStore> {
    State::open(Arc::new(FjallStore::open(folder, Budget::default()).expect("store"))).expect("state")
}

fn percentile(sorted: &[Duration], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |at: usize, default: u64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (keys, blocks) = (number(1, 100_000), number(2, 200));
    let folder = arguments.get(3).map_or_else(|| std::env::temp_dir().join("xl-state-measure"), PathBuf::from);
    let _ = std::fs::remove_dir_all(&folder);

    let state = open(&folder);
    let started = Instant::now();
    let mut height = 0;
    for first in (0..keys).step_by(20_000) {
        let writes: BTreeMap<_, _> =
            (first..keys.min(first + 20_000)).map(|index| (key(index), Some(value(index)))).collect();
        let diff = state.prepare(&[], &writes).expect("prepares");
        state.commit(height, [1; 32], &diff, Batch::new()).expect("commits");
        height += 1;
    }
    let disk = state.store().disk_bytes().expect("disk") >> 20;
    println!("loaded {keys} keys in {:.1} s, {disk} MB on disk", started.elapsed().as_secs_f64());

    let mut walls = Vec::new();
    let mut sums = [Duration::ZERO; 3];
    for block in 0..blocks {
        let mut writes = BTreeMap::new();
        for draw in 0.. {
            if writes.len() as u64 == UPDATES.min(keys) {
                break;
            }
            let index = mix(block << 32 | draw) % keys;
            writes.insert(key(index), Some(value(height << 32 | index)));
        }
        let mut extra = Batch::new();
        extra.put(Table::Blocks, height.to_be_bytes(), vec![0x5A; 300_000]);
        for position in 0..2000u32 {
            let entry = [&height.to_be_bytes()[..], &position.to_be_bytes()].concat();
            extra.put(Table::TxIndex, entry, [0; 12]);
        }
        let (clock, (own, all)) = (Instant::now(), cpu());
        let diff = state.prepare(&[], &writes).expect("prepares");
        let (prepared, _) = cpu();
        state.commit(height, [2; 32], &diff, extra).expect("commits");
        let (own_end, all_end) = cpu();
        walls.push(clock.elapsed());
        for (sum, part) in sums.iter_mut().zip([prepared - own, own_end - prepared, all_end - all]) {
            *sum += part;
        }
        height += 1;
    }
    walls.sort_unstable();
    let [prepare, commit, process] = sums.map(|sum| sum.as_secs_f64() * 1e6 / (blocks * UPDATES) as f64);
    println!(
        "block of {UPDATES}: wall p50 {:.1} ms, p99 {:.1} ms; CPU us/key: prepare {prepare:.2} + commit {commit:.2} = \
         {:.2}, whole process {process:.2}; RSS {} MB, disk {} MB",
        percentile(&walls, 0.5),
        percentile(&walls, 0.99),
        prepare + commit,
        resident_mb(),
        state.store().disk_bytes().expect("disk") >> 20,
    );

    let view = state.view();
    let timed = |name: &str, count: u64, work: &mut dyn FnMut(u64)| {
        let (start, _) = cpu();
        (0..count).for_each(&mut *work);
        println!("{name}: {:.2} us", (cpu().0 - start).as_secs_f64() * 1e6 / count as f64);
    };
    timed("get", 20_000, &mut |i| drop(view.get(&key(mix(i) % keys)).expect("reads").expect("there")));
    let mut proofs = Vec::new();
    timed("prove", 20_000, &mut |i| proofs.push(view.prove(&key(mix(i) % keys)).expect("proves")));
    let siblings: usize = proofs.iter().map(|proof| proof.siblings.len()).sum();
    println!("siblings: {:.1}", siblings as f64 / proofs.len() as f64);
    let (root, mut leaves) = (view.root(), 0u64);
    let clock = Instant::now();
    view.scan(&[0; 32], &mut |_, _| {
        leaves += 1;
        std::ops::ControlFlow::Continue(())
    })
    .expect("scans");
    println!("scan of {leaves} keys: {:.0} ms", clock.elapsed().as_secs_f64() * 1e3);
    drop((view, state));

    let clock = Instant::now();
    let store = Arc::new(FjallStore::open(&folder, Budget::default()).expect("store"));
    let opened = clock.elapsed();
    let state = State::open(store).expect("state");
    assert_eq!(state.root(), root);
    println!(
        "reopened: store {:.0} ms + tree {:.0} ms",
        opened.as_secs_f64() * 1e3,
        (clock.elapsed() - opened).as_secs_f64() * 1e3
    );
    drop(state);
    let _ = std::fs::remove_dir_all(&folder);
}
