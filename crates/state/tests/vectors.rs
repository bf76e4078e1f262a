//! The crate against `spec/vectors/state.json`, which `vectors.py` computes from the definition alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use xl_state::{Batch, MemoryStore, Proof, State};

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hex")
}

fn vectors() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/state.json");
    serde_json::from_slice(&std::fs::read(path).expect("the file")).expect("JSON")
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    let list = value[name].as_array().expect("a list");
    assert!(!list.is_empty(), "{name}");
    list
}

#[test]
fn roots_and_proofs_are_the_published_ones() {
    for case in list(&vectors(), "states") {
        let entries = case["entries"].as_array().expect("a list");
        let writes: BTreeMap<_, _> = entries.iter().map(|entry| (bytes(&entry[0]), Some(bytes(&entry[1])))).collect();
        let state = State::open(Arc::new(MemoryStore::new())).expect("opens");
        let diff = state.prepare(&[], &writes).expect("prepares");
        state.commit(0, [0; 32], &diff, Batch::new()).expect("commits");
        assert_eq!(state.root().to_vec(), bytes(&case["root"]), "{}", case["name"]);
        for proof in list(case, "proofs") {
            let key = bytes(&proof["key"]);
            let value = (!proof["value"].is_null()).then(|| bytes(&proof["value"]));
            assert_eq!(state.get(&key).expect("reads"), value);
            let made = state.prove(&key).expect("proves");
            assert_eq!(borsh::to_vec(&made).expect("encodes"), bytes(&proof["proof"]), "{}", case["name"]);
            assert_eq!(made.verify(&state.root(), &key, value.as_deref()), Ok(()));
        }
    }
}

#[test]
fn false_claims_and_malformed_proofs_are_refused() {
    let vectors = vectors();
    for case in list(&vectors, "refused") {
        let proof: Proof = borsh::from_slice(&bytes(&case["proof"])).expect("well formed");
        let root = bytes(&case["root"]).try_into().expect("32 bytes");
        let value = (!case["value"].is_null()).then(|| bytes(&case["value"]));
        let error = proof.verify(&root, &bytes(&case["key"]), value.as_deref()).expect_err("refused");
        assert_eq!(error.code(), case["code"].as_str().expect("a code"), "{}", case["name"]);
    }
    for case in list(&vectors, "malformed") {
        assert!(borsh::from_slice::<Proof>(&bytes(&case["proof"])).is_err(), "{}", case["name"]);
    }
}
