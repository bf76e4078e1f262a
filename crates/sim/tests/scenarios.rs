//! Every scenario under its named seeds, the same trace for the same seed, and planted bugs that must be found.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};
use xl_sim::{Plants, Scenario, Violation, load, names, run};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

fn scenario(name: &str) -> Scenario {
    load(&folder(), name).expect("a scenario of this repository")
}

#[test]
fn every_scenario_keeps_every_promise() {
    let names = names(&folder()).expect("the folder of scenarios");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(&scenario(name), 1, Plants::default());
                    assert!(outcome.violation.is_none(), "{name} seed 1: {:?}", outcome.violation);
                }
            });
        }
    });
}

#[test]
fn a_calm_network_commits_whatever_it_took_in() {
    let outcome = run(&scenario("calm"), 5, Plants::default());
    assert!(outcome.accepted > 100);
    assert_eq!(outcome.accepted, outcome.committed);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let trace = |seed| run(&scenario("crash-at-write"), seed, Plants::default()).trace;
    let first = trace(7);
    assert_eq!(first, trace(7));
    assert_ne!(first, trace(8));
}

#[test]
#[allow(clippy::needless_update)] // with the feature there are more plants
fn a_commit_that_skips_the_sync_is_found() {
    let plants = Plants { skip_sync: true, ..Plants::default() };
    for seed in 1..=3 {
        let outcome = run(&scenario("all-crash"), seed, plants);
        assert!(matches!(outcome.violation, Some(Violation::Lost { .. })), "seed {seed}: {:?}", outcome.violation);
    }
}

#[cfg(feature = "planted")]
mod planted {
    use super::{Plants, Violation, run, scenario};

    #[test]
    fn a_liar_alone_is_outvoted() {
        let plants = Plants { liar: Some(2), ..Plants::default() };
        let outcome = run(&scenario("calm"), 1, plants);
        assert!(outcome.violation.is_none(), "{:?}", outcome.violation);
    }

    #[test]
    fn a_vote_before_execution_is_found() {
        let plants = Plants { liar: Some(2), vote_before_execution: true, ..Plants::default() };
        for seed in 1..=3 {
            let outcome = run(&scenario("calm"), seed, plants);
            let found = matches!(outcome.violation, Some(Violation::Halted { .. } | Violation::Stuck { .. }));
            assert!(found, "seed {seed}: {:?}", outcome.violation);
        }
    }
}
