//! Compiled modules that outlive the memory: what a miss costs, and that no damage to them is ever seen by a contract.

use crate::support::{Bench, CONTEXT, MapHost, deploy, entry};
use std::{
    fs,
    path::{Path, PathBuf},
};
use xl_vm::{Artefacts, Call, Machine, Outcome, Prepared};

const MODULES: usize = 12;
const ROUNDS: usize = 4;
const PLENTY: u64 = 1 << 30;

/// A folder of one test, gone after it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("xl-artefacts-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.0).expect("a folder").map(|file| file.expect("a file").path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A machine whose memory has room for one module.
fn machine(folder: &Path, bytes_max: u64) -> Machine {
    Machine::new(0).expect("starts").with_artefacts(Artefacts::open(folder, bytes_max).expect("a folder"))
}

fn modules() -> Vec<Prepared> {
    (0..MODULES).map(|i| deploy(&entry(&format!("(i32.const {i})")))).collect()
}

/// Calls each module in turn, as who wants every call to miss would; the module is given only where it is not loaded.
fn call_in_turn(machine: &Machine, modules: &[Prepared]) -> Vec<Outcome> {
    let each = modules.iter().map(|prepared| {
        let module = machine.loaded(&prepared.key());
        let module = module.unwrap_or_else(|| machine.load(prepared.key(), &prepared.instrumented).expect("compiles"));
        let mut host = MapHost::default();
        let call =
            Call { module: &module, entry: "go", input: &[], gas_limit: 1 << 40, context: CONTEXT, host: &mut host };
        machine.call(call).expect("no fault")
    });
    each.collect()
}

#[test]
fn each_module_is_compiled_once_however_many_take_turns() {
    let (folder, modules) = (Folder::new("turns"), modules());
    let expected: Vec<_> =
        (0..MODULES).map(|i| Bench::new(&entry(&format!("(i32.const {i})"))).call("go", &[])).collect();
    let first = machine(&folder.0, PLENTY);
    for _ in 0..ROUNDS {
        assert_eq!(call_in_turn(&first, &modules), expected);
    }
    assert_eq!(first.compiled(), MODULES as u64);
    drop(first);

    let restarted = machine(&folder.0, PLENTY);
    assert_eq!(call_in_turn(&restarted, &modules), expected);
    assert_eq!(restarted.compiled(), 0);

    let without = Machine::new(0).expect("starts");
    for _ in 0..ROUNDS {
        assert_eq!(call_in_turn(&without, &modules), expected);
    }
    assert_eq!(without.compiled(), (ROUNDS * MODULES) as u64);
}

#[test]
fn a_damaged_file_is_compiled_again_and_replaced() {
    let (folder, modules) = (Folder::new("damaged"), modules());
    let expected = call_in_turn(&machine(&folder.0, PLENTY), &modules);
    let files = folder.files();
    assert_eq!(files.len(), MODULES);
    for (number, file) in files.iter().enumerate() {
        let mut bytes = fs::read(file).expect("a file");
        match number % 4 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.clear(),
            2 => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            // The gas of the start, which the engine's own checks do not see.
            _ => bytes[4] ^= 1,
        }
        fs::write(file, bytes).expect("written");
    }
    fs::write(folder.0.join("half.new"), b"half").expect("written");
    let damaged = machine(&folder.0, PLENTY);
    assert_eq!(call_in_turn(&damaged, &modules), expected);
    assert_eq!(damaged.compiled(), MODULES as u64);
    assert_eq!(call_in_turn(&damaged, &modules), expected);
    assert_eq!(damaged.compiled(), MODULES as u64);
    assert_eq!(folder.files().len(), MODULES);
}

#[test]
fn a_disk_that_takes_nothing_costs_time_only() {
    let (folder, modules) = (Folder::new("gone"), modules());
    let on = machine(&folder.0, PLENTY);
    fs::remove_dir_all(&folder.0).expect("removed");
    let expected = call_in_turn(&Machine::new(0).expect("starts"), &modules);
    assert_eq!(call_in_turn(&on, &modules), expected);
    assert_eq!(call_in_turn(&on, &modules), expected);
    assert_eq!(on.compiled(), 2 * MODULES as u64);
}

#[test]
fn files_are_kept_up_to_a_number_of_bytes_those_used_last() {
    let (folder, modules) = (Folder::new("budget"), modules());
    drop(call_in_turn(&machine(&folder.0, PLENTY), &modules[..1]));
    let one = fs::metadata(&folder.files()[0]).expect("a file").len();
    // Modules that differ in one constant have files of about one size.
    let small = machine(&folder.0, one * 7 / 2);
    call_in_turn(&small, &modules[..3]);
    call_in_turn(&small, &modules[..1]);
    call_in_turn(&small, &modules[3..4]);
    let before = small.compiled();
    call_in_turn(&small, &modules[..1]);
    assert_eq!(small.compiled(), before, "what was used last stays");
    call_in_turn(&small, &modules[1..2]);
    assert_eq!(small.compiled(), before + 1, "what was not used longest went");
    let total: u64 = folder.files().iter().map(|file| fs::metadata(file).expect("a file").len()).sum();
    assert!(total <= one * 7 / 2, "{total}");
}
