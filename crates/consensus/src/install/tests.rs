use super::matches;
use commonware_runtime::{Runner as _, Storage as _, deterministic};
use xl_state::MemoryStore;

#[test]
fn a_fresh_pair_votes_also_after_a_restart() {
    deterministic::Runner::default().start(|mut runtime| async move {
        let store = MemoryStore::new();
        assert!(matches(&mut runtime, &store, "a", 0).await.unwrap());
        assert!(matches(&mut runtime, &store, "a", 7).await.unwrap());
    });
}

#[test]
fn an_interrupted_first_start_is_finished() {
    deterministic::Runner::default().start(|mut runtime| async move {
        assert!(matches(&mut runtime, &MemoryStore::new(), "a", 0).await.unwrap());
        assert!(matches(&mut runtime, &MemoryStore::new(), "a", 0).await.unwrap());
    });
}

#[test]
fn a_lost_journal_a_restored_store_and_a_foreign_pair_do_not_vote() {
    deterministic::Runner::default().start(|mut runtime| async move {
        let store = MemoryStore::new();
        assert!(matches(&mut runtime, &store, "a", 0).await.unwrap());
        assert!(!matches(&mut runtime, &store, "b", 0).await.unwrap(), "the journal is lost");
        assert!(!matches(&mut runtime, &MemoryStore::new(), "a", 3).await.unwrap(), "a store without its id");
        let other = MemoryStore::new();
        assert!(matches(&mut runtime, &other, "c", 0).await.unwrap());
        assert!(!matches(&mut runtime, &other, "a", 3).await.unwrap(), "the journal of another store");
        runtime.remove("a-installation", None).await.unwrap();
        assert!(!matches(&mut runtime, &store, "a", 3).await.unwrap(), "the journal was wiped");
    });
}
