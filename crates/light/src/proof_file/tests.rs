use super::*;
use crate::FinalityCertificate;
use proptest::prelude::*;
use xl_crypto::SecretKey;
use xl_primitives::{
    AccountId, Call, ContractId, List, Status, Text, TxBody,
    account::{Node, NodeKind},
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
    merkle,
};

fn secrets() -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = (1..=4).map(|n| SecretKey::from_slice(&[n; 32]).unwrap()).collect();
    keys.sort_by_key(SecretKey::public_key);
    keys
}

fn genesis() -> Genesis {
    let organisation = Text::new("org1").unwrap();
    let nodes = secrets().into_iter().enumerate().map(|(n, key)| Node {
        name: Text::new(format!("node{n}")).unwrap(),
        organisation: organisation.clone(),
        kind: NodeKind::Application,
        key: key.public_key(),
    });
    let admin = SecretKey::from_slice(&[9; 32]).unwrap();
    let two_thirds = Threshold { numerator: 2, denominator: 3 };
    Genesis {
        format: 1,
        name: Text::new("test").unwrap(),
        time_ms: 1,
        parameters: xl_primitives::ChainParameters::default(),
        organisations: List::new(vec![GenesisOrganisation {
            id: organisation.clone(),
            name: Text::new("one").unwrap(),
        }])
        .unwrap(),
        accounts: List::new(vec![GenesisAccount {
            organisation: organisation.clone(),
            key: admin.public_key(),
            roles: List::new(vec![Text::new("admin").unwrap()]).unwrap(),
        }])
        .unwrap(),
        nodes: List::new(nodes.collect()).unwrap(),
        governance: two_thirds,
        recovery: two_thirds,
    }
}

fn certificate(chain_id: &Hash, header: &Header, signers: &[u16]) -> FinalityCertificate {
    let mut certificate = FinalityCertificate {
        epoch: header.epoch,
        view: header.view,
        parent_view: header.parent_view,
        digest: header.digest(),
        signers: List::new(signers.to_vec()).unwrap(),
        signatures: List::default(),
    };
    let message = certificate.vote_preimage(chain_id);
    let signatures = signers.iter().map(|&s| secrets()[usize::from(s)].sign(&message)).collect();
    certificate.signatures = List::new(signatures).unwrap();
    certificate
}

/// A receipt in block 1, final through block 2.
fn file() -> ProofFile {
    let genesis = genesis();
    let chain_id = genesis.chain_id();
    let admin = SecretKey::from_slice(&[9; 32]).unwrap();
    let body = TxBody {
        format: 1,
        chain_id,
        sender: AccountId::derive("org1", &admin.public_key()),
        call: Call {
            contract: ContractId::derive("points"),
            method: Text::new("issue").unwrap(),
            arguments: Bounded::new([1]).unwrap(),
        },
        gas_limit: 5,
        valid_until_ms: 100,
        salt: [0; 16],
    };
    let tx_id = body.id();
    let transaction = encode(&body.sign(&admin));
    let receipt = encode(&Receipt {
        tx_id,
        gas_used: 3,
        status: Status::Success { output: Bounded::default() },
        events: List::default(),
    });
    let (transactions, receipts) = ([vec![7], transaction.clone()], [vec![8], receipt.clone()]);
    let set = validators_hash(&genesis.validators());
    let first = Header {
        format: 1,
        chain_id,
        protocol_version: 1,
        height: 1,
        epoch: 0,
        view: 4,
        parent_view: 0,
        leader: secrets()[0].public_key(),
        parent: Hash([1; 32]),
        time_ms: 5,
        tx_root: merkle::root(&transactions),
        state_root: Hash([2; 32]),
        receipts_root: merkle::root(&receipts),
        gas_used: 3,
        validators_hash: set,
        next_validators_hash: set,
    };
    let second = Header { height: 2, view: 5, parent_view: 4, parent: first.digest(), ..first.clone() };
    let certificate = certificate(&chain_id, &second, &[0, 2, 3]);
    ProofFile::new(
        &genesis,
        List::default(),
        FinalityProof { path: List::new(vec![first, second]).unwrap(), certificate },
        Fact::Receipt {
            transaction: Bounded::new(transaction).unwrap(),
            receipt: Bounded::new(receipt).unwrap(),
            transaction_proof: merkle::prove(&transactions, 1).unwrap(),
            receipt_proof: merkle::prove(&receipts, 1).unwrap(),
        },
    )
}

#[test]
fn a_receipt_is_final_through_a_descendant() {
    let verified = verify(&to_bytes(&file()), Some(&genesis()), None).unwrap();
    assert_eq!((verified.header.height, verified.signers, verified.validators), (1, 3, 4));
    assert_eq!(verified.receipt.unwrap().gas_used, 3);
    let checkpoint = Checkpoint { height: 1, digest: verified.digest };
    assert_eq!(verify(&to_bytes(&file()), Some(&genesis()), Some(checkpoint)).unwrap().strength, Strength::Checkpoint);
    let other = Checkpoint { height: 1, digest: Hash([5; 32]) };
    assert_eq!(verify(&to_bytes(&file()), Some(&genesis()), Some(other)).unwrap_err().code(), "XL-PROOF-CHECKPOINT");
}

#[test]
fn two_of_four_are_no_quorum_and_nobody_counts_twice() {
    let mut two = file();
    two.finality.certificate = certificate(&genesis().chain_id(), &two.finality.path[1], &[0, 2]);
    assert_eq!(verify(&to_bytes(&two), Some(&genesis()), None).unwrap_err().code(), "XL-PROOF-FINALITY");
    let mut twice = file();
    twice.finality.certificate = certificate(&genesis().chain_id(), &twice.finality.path[1], &[0, 2, 2]);
    assert_eq!(verify(&to_bytes(&twice), Some(&genesis()), None).unwrap_err().code(), "XL-PROOF-FINALITY");
}

#[test]
fn another_genesis_is_another_chain() {
    let mut other = genesis();
    other.time_ms += 1;
    assert_eq!(verify(&to_bytes(&file()), Some(&other), None).unwrap_err().code(), "XL-PROOF-CHAIN");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_bit_flipped_anywhere_is_refused(at: prop::sample::Index, bit in 0u8..8) {
        let mut bytes = to_bytes(&file());
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(verify(&bytes, Some(&genesis()), None).is_err());
    }
}
