use super::{Certificate, Scheme, from_certificate, to_certificate};
use commonware_codec::{Decode as _, Encode as _};
use commonware_consensus::{
    simplex::types::{Finalization, Finalize, Proposal},
    types::{Epoch, Round, View},
};
use commonware_cryptography::{Signer as _, certificate::Verifier as _};
use commonware_parallel::Sequential;
use commonware_runtime::{Runner as _, deterministic};
use commonware_utils::{iter::NonEmpty, ordered::Set};
use xl_network::identity::{Digest, PrivateKey, PublicKey};
use xl_primitives::Hash;

const CHAIN: Hash = Hash([7; 32]);

fn keys() -> Vec<PrivateKey> {
    (0..4).map(PrivateKey::from_seed).collect()
}

fn set() -> Set<PublicKey> {
    Set::from_iter_dedup(keys().iter().map(|key| key.public_key()))
}

/// What `voters` of the four say about one block; large numbers, so that every varint is more than a byte.
fn votes(voters: usize) -> Vec<Finalize<Scheme, Digest>> {
    let round = Round::new(Epoch::new(300), View::new(70_000));
    let proposal = Proposal::new(round, View::new(69_998), Digest::new([9; 32]));
    let vote = |key| Finalize::sign(&Scheme::new(&CHAIN, set(), Some(key)), proposal.clone()).expect("a member");
    keys().into_iter().take(voters).map(vote).collect()
}

fn finalized() -> Finalization<Scheme, Digest> {
    let votes = votes(3);
    let verifier = Scheme::new(&CHAIN, set(), None);
    Finalization::from_finalizes(&verifier, NonEmpty::try_new(votes.iter()).expect("three"), &Sequential)
        .expect("three of four are a quorum")
}

#[test]
fn the_light_client_verifies_what_the_engine_assembles() {
    let certificate = to_certificate(&finalized()).expect("in range");
    let validators: Vec<xl_crypto::PublicKey> = set().iter().map(|key| (*key).into()).collect();
    let verifier = xl_crypto::Verifier::default();
    certificate.verify(&CHAIN, &validators, &verifier).expect("the same preimage on both sides");
    assert!(certificate.verify(&Hash([8; 32]), &validators, &verifier).is_err(), "votes name their chain");
}

#[test]
fn both_forms_of_a_certificate_hold_the_same() {
    let finalized = finalized();
    let certificate = to_certificate(&finalized).expect("in range");
    assert_eq!(from_certificate(&certificate, &set()), Some(finalized));
}

#[test]
fn less_than_a_quorum_is_nothing() {
    let votes = votes(2);
    let verifier = Scheme::new(&CHAIN, set(), None);
    let votes = NonEmpty::try_new(votes.iter()).expect("two");
    assert!(Finalization::<Scheme, Digest>::from_finalizes(&verifier, votes, &Sequential).is_err());
}

#[test]
fn a_vote_for_another_chain_does_not_verify() {
    deterministic::Runner::default().start(|mut runtime| async move {
        let vote = &votes(1)[0];
        assert!(vote.verify(&mut runtime, &Scheme::new(&CHAIN, set(), None), &Sequential));
        assert!(!vote.verify(&mut runtime, &Scheme::new(&Hash([8; 32]), set(), None), &Sequential));
    });
}

#[test]
fn the_codec_keeps_its_bounds() {
    let Finalization { certificate, .. } = finalized();
    let bytes = certificate.encode();
    assert!(bytes.len() <= Scheme::max_certificate_size(4));
    assert_eq!(Certificate::decode_cfg(bytes.clone(), &4).expect("its own encoding"), certificate);
    assert!(Certificate::decode_cfg(bytes.clone(), &3).is_err(), "a set of three has no fourth signer");
    assert!(Certificate::decode_cfg(bytes.slice(..bytes.len() - 1), &4).is_err());
}
