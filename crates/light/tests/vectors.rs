//! `spec/vectors/proof_file.json`: whole proof files with what they prove, and changed ones with the code of the refusal.
//! `tests/vectors` verifies them with an implementation of its own.
//!
//! `XL_APPROVE=1 cargo test -p xl-light --test vectors` writes the file anew: an approval of a new format.

use std::path::Path;
use xl_crypto::SecretKey;
use xl_light::{
    Checkpoint, Fact, FinalityCertificate, FinalityProof, ProofFile, Strength,
    proof_file::{Transition, to_bytes},
    verify,
};
use xl_primitives::{
    AccountId, Bounded, Call, ChainParameters, ContractId, Genesis, Hash, Header, List, PublicKey, Receipt, Status,
    Text, TxBody,
    account::{Node, NodeKind, validators_hash},
    encode,
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
    merkle,
    state_proof::{StateProof, Terminal, leaf_hash, node_hash, path_bit, state_path},
};

fn secret(number: u8) -> SecretKey {
    SecretKey::from_slice(&[number; 32]).expect("a scalar")
}

fn set(numbers: &[u8]) -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = numbers.iter().map(|&n| secret(n)).collect();
    keys.sort_by_key(SecretKey::public_key);
    keys
}

fn publics(keys: &[SecretKey]) -> Vec<PublicKey> {
    keys.iter().map(SecretKey::public_key).collect()
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("few")
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("short")
}

fn bounded<const MAX: usize>(bytes: &[u8]) -> Bounded<MAX> {
    Bounded::new(bytes).expect("short")
}

/// Four validators; blocks 1 to 3 are epoch 0, from block 4 on validator 14 has given its place to 15.
struct Story {
    genesis: Genesis,
    chain_id: Hash,
    old: Vec<SecretKey>,
    new: Vec<SecretKey>,
    headers: Vec<Header>,
    transactions: Vec<Vec<u8>>,
    receipts: Vec<Vec<u8>>,
}

const PRESENT: &[u8] = b"twenty-byte-contractpresent";
const ABSENT: &[u8] = b"twenty-byte-contractabsent";
const VALUE: &[u8] = b"value";

/// A state of [`PRESENT`] and another key whose path differs in the first bit, so that every proof has a sibling.
fn state() -> (Hash, StateProof) {
    let path = state_path(PRESENT);
    let other =
        (0u8..=255).map(|n| state_path(&[n])).find(|p| path_bit(p, 0) != path_bit(&path, 0)).expect("one of 256");
    let value_hash = xl_crypto::sm3(&[VALUE]);
    let (leaf, sibling) = (leaf_hash(&path, &value_hash), leaf_hash(&other, &value_hash));
    let root = if path_bit(&path, 0) { node_hash(&sibling, &leaf) } else { node_hash(&leaf, &sibling) };
    (Hash(root), StateProof { siblings: vec![sibling], terminal: Some(Terminal { path, value_hash }) })
}

/// Absence of [`ABSENT`]: whichever leaf stands on its side of the two.
fn absence() -> StateProof {
    let (root, present) = state();
    let terminal = present.terminal.clone().expect("a leaf");
    if path_bit(&state_path(ABSENT), 0) == path_bit(&terminal.path, 0) {
        return present;
    }
    let value_hash = xl_crypto::sm3(&[VALUE]);
    let leaf = leaf_hash(&terminal.path, &value_hash);
    let path = (0u8..=255).map(|n| state_path(&[n])).find(|p| path_bit(p, 0) != path_bit(&terminal.path, 0));
    let proof = StateProof { siblings: vec![leaf], terminal: path.map(|path| Terminal { path, value_hash }) };
    proof.verify(&root.0, ABSENT, None).expect("proves absence");
    proof
}

fn story() -> Story {
    let (old, new) = (set(&[11, 12, 13, 14]), set(&[11, 12, 13, 15]));
    let node = |n: &u8| Node {
        name: text(&format!("v{n}")),
        organisation: text("org1"),
        kind: NodeKind::Application,
        key: secret(*n).public_key(),
    };
    let admin = secret(1);
    let genesis = Genesis {
        format: 1,
        name: text("proofs"),
        time_ms: 1_767_225_600_000,
        parameters: ChainParameters { epoch_blocks: 4, ..ChainParameters::default() },
        organisations: list(vec![GenesisOrganisation { id: text("org1"), name: text("一") }]),
        accounts: list(vec![GenesisAccount {
            organisation: text("org1"),
            key: admin.public_key(),
            roles: list(vec![text("admin")]),
        }]),
        nodes: list([11, 12, 13, 14].iter().map(node).collect()),
        governance: Threshold { numerator: 2, denominator: 3 },
        recovery: Threshold { numerator: 2, denominator: 3 },
    };
    let chain_id = genesis.chain_id();
    let transactions: Vec<Vec<u8>> = (0..3u8)
        .map(|salt| {
            let body = TxBody {
                format: 1,
                chain_id,
                sender: AccountId::derive("org1", &admin.public_key()),
                call: Call {
                    contract: ContractId::derive("points"),
                    method: text("issue"),
                    arguments: bounded(&[salt]),
                },
                gas_limit: 1_000_000,
                valid_until_ms: 1_767_225_660_000,
                salt: [salt; 16],
            };
            encode(&body.sign(&admin))
        })
        .collect();
    let receipts: Vec<Vec<u8>> = transactions
        .iter()
        .map(|tx| {
            let tx: xl_primitives::SignedTx = xl_primitives::decode(tx, "transaction").expect("ours");
            let status = Status::Success { output: bounded(&[]) };
            encode(&Receipt { tx_id: tx.body.id(), gas_used: 60_000, status, events: List::default() })
        })
        .collect();
    let mut headers: Vec<Header> = Vec::new();
    for height in 1..=6u64 {
        let epoch = height / 4;
        let (now, next) = if epoch == 0 { (&old, if height == 3 { &new } else { &old }) } else { (&new, &new) };
        headers.push(Header {
            format: 1,
            chain_id,
            protocol_version: 1,
            height,
            epoch,
            view: height,
            parent_view: if height == 4 { 0 } else { height - 1 },
            leader: now[0].public_key(),
            parent: headers.last().map_or(Hash::ZERO, Header::digest),
            time_ms: genesis.time_ms + height,
            tx_root: if height == 5 { merkle::root(&transactions) } else { Hash::ZERO },
            state_root: state().0,
            receipts_root: if height == 5 { merkle::root(&receipts) } else { Hash::ZERO },
            gas_used: 0,
            validators_hash: validators_hash(&publics(now)),
            next_validators_hash: validators_hash(&publics(next)),
        });
    }
    Story { genesis, chain_id, old, new, headers, transactions, receipts }
}

impl Story {
    fn finality(&self, from: u64, to: u64, keys: &[SecretKey], signers: &[u16]) -> FinalityProof {
        let path: Vec<Header> = self.headers[from as usize - 1..to as usize].to_vec();
        let last = &path[path.len() - 1];
        let mut certificate = FinalityCertificate {
            epoch: last.epoch,
            view: last.view,
            parent_view: last.parent_view,
            digest: last.digest(),
            signers: list(signers.to_vec()),
            signatures: List::default(),
        };
        let vote = certificate.vote_preimage(&self.chain_id);
        certificate.signatures = list(signers.iter().map(|&signer| keys[usize::from(signer)].sign(&vote)).collect());
        FinalityProof { path: list(path), certificate }
    }

    fn file(&self, target: u64, until: u64, fact: Fact) -> ProofFile {
        let crossed = target >= 4;
        let boundary =
            Transition { finality: self.finality(3, 3, &self.old, &[0, 1, 2]), validators: list(publics(&self.new)) };
        let transitions = if crossed { vec![boundary] } else { Vec::new() };
        let keys = if crossed { &self.new } else { &self.old };
        let signers: &[u16] = if crossed { &[0, 1, 3] } else { &[0, 1, 2, 3] };
        ProofFile::new(&self.genesis, list(transitions), self.finality(target, until, keys, signers), fact)
    }

    fn present(&self) -> ProofFile {
        let fact = Fact::State { key: bounded(PRESENT), value: Some(bounded(VALUE)), proof: state().1 };
        self.file(1, 1, fact)
    }

    fn absent(&self) -> ProofFile {
        self.file(2, 3, Fact::State { key: bounded(ABSENT), value: None, proof: absence() })
    }

    fn receipt(&self) -> ProofFile {
        let fact = Fact::Receipt {
            transaction: bounded(&self.transactions[1]),
            receipt: bounded(&self.receipts[1]),
            transaction_proof: merkle::prove(&self.transactions, 1).expect("there"),
            receipt_proof: merkle::prove(&self.receipts, 1).expect("there"),
        };
        self.file(5, 6, fact)
    }
}

fn accepted(name: &str, file: &ProofFile, genesis: &Genesis) -> String {
    let bytes = to_bytes(file);
    let found = verify(&bytes, Some(genesis), None).expect(name);
    let kind = match (&found.fact, &found.receipt) {
        (Fact::State { value: Some(_), .. }, _) => "state",
        (Fact::State { .. }, _) => "absence",
        (Fact::Receipt { .. }, _) => "receipt",
    };
    let last = file.finality.path.last().expect("a header");
    let checkpoint = Checkpoint { height: last.height, digest: last.digest() };
    assert_eq!(verify(&bytes, None, Some(checkpoint)).expect(name).strength, Strength::Checkpoint);
    assert_eq!(verify(&bytes, None, None).expect(name).strength, Strength::Unanchored);
    let votes = hex::encode(file.finality.certificate.vote_preimage(&found.chain_id));
    format!(
        "  {{\n   \"name\": \"{name}\",\n   \"kind\": \"{kind}\",\n   \"chain_id\": \"{}\",\n   \"height\": \"{}\",\n   \
         \"block_hash\": \"{}\",\n   \"validator_set\": {},\n   \"signers\": {},\n   \"vote_preimage\": \"{votes}\",\n   \
         \"file\": \"{}\"\n  }}",
        found.chain_id,
        found.header.height,
        found.digest,
        found.validator_set,
        found.signers,
        hex::encode(&bytes)
    )
}

fn refused(name: &str, bytes: &[u8], genesis: &Genesis, code: &str) -> String {
    assert_eq!(verify(bytes, Some(genesis), None).expect_err(name).code(), code, "{name}");
    format!("  {{\"name\": \"{name}\", \"code\": \"{code}\", \"file\": \"{}\"}}", hex::encode(bytes))
}

#[test]
fn proof_file_vectors() {
    let story = story();
    let good = [("state", story.present()), ("absence", story.absent()), ("receipt over an epoch", story.receipt())];
    let accepted: Vec<String> = good.iter().map(|(name, file)| accepted(name, file, &story.genesis)).collect();

    let whole = to_bytes(&story.receipt());
    let changed = |edit: &dyn Fn(&mut ProofFile)| {
        let mut file = story.receipt();
        edit(&mut file);
        to_bytes(&file)
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut short", whole[..whole.len() - 1].to_vec(), "XL-PROOF-MALFORMED"),
        ("another magic", [b"xl:proof-file:2.", &whole[16..]].concat(), "XL-PROOF-MALFORMED"),
        (
            "another genesis",
            changed(&|file| {
                let mut genesis = story.genesis.clone();
                genesis.time_ms += 1;
                file.genesis = bounded(&encode(&genesis));
            }),
            "XL-PROOF-CHAIN",
        ),
        (
            "too few votes",
            changed(&|file| file.finality = story.finality(5, 6, &story.new, &[0, 1])),
            "XL-PROOF-FINALITY",
        ),
        (
            "votes of the retired set",
            changed(&|file| file.finality = story.finality(5, 6, &story.old, &[0, 1, 2, 3])),
            "XL-PROOF-FINALITY",
        ),
        (
            "one signer twice",
            changed(&|file| file.finality = story.finality(5, 6, &story.new, &[0, 0, 1])),
            "XL-PROOF-FINALITY",
        ),
        (
            "path with a gap",
            changed(&|file| {
                let mut path = file.finality.path.to_vec();
                path.remove(1);
                path.insert(0, story.headers[3].clone());
                path.swap(0, 1);
                file.finality.path = list(path);
            }),
            "XL-PROOF-FINALITY",
        ),
        (
            "another set after the boundary",
            changed(&|file| {
                let mut transitions = file.transitions.to_vec();
                transitions[0].validators = list(publics(&story.old));
                file.transitions = list(transitions);
            }),
            "XL-PROOF-TRANSITION",
        ),
        (
            "the receipt of another transaction",
            changed(&|file| {
                if let Fact::Receipt { receipt, receipt_proof, .. } = &mut file.fact {
                    *receipt = bounded(&story.receipts[2]);
                    *receipt_proof = merkle::prove(&story.receipts, 2).expect("there");
                }
            }),
            "XL-PROOF-INCLUSION",
        ),
        (
            "a changed transaction",
            changed(&|file| {
                if let Fact::Receipt { transaction, .. } = &mut file.fact {
                    *transaction = bounded(&story.transactions[0]);
                }
            }),
            "XL-PROOF-INCLUSION",
        ),
        (
            "another value",
            {
                let mut file = story.present();
                if let Fact::State { value, .. } = &mut file.fact {
                    *value = Some(bounded(b"other"));
                }
                to_bytes(&file)
            },
            "XL-PROOF-STATE",
        ),
        (
            "absence of a key that is there",
            {
                let mut file = story.present();
                if let Fact::State { value, .. } = &mut file.fact {
                    *value = None;
                }
                to_bytes(&file)
            },
            "XL-PROOF-STATE",
        ),
    ];
    let refused: Vec<String> =
        cases.iter().map(|(name, bytes, code)| refused(name, bytes, &story.genesis, code)).collect();
    let text = format!(
        "{{\n \"about\": \"Proof files (09) and finality (08) under one genesis (05), with a change of validators.\",\n \
         \"genesis\": \"{}\",\n \"accepted\": [\n{}\n ],\n \"refused\": [\n{}\n ]\n}}\n",
        hex::encode(encode(&story.genesis)),
        accepted.join(",\n"),
        refused.join(",\n")
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors/proof_file.json");
    if std::env::var_os("XL_APPROVE").is_some() {
        std::fs::write(&path, text).expect("writes");
        return;
    }
    let published = std::fs::read_to_string(&path).expect("the published vectors");
    assert!(published == text, "proof_file.json differs from what this code makes; XL_APPROVE=1 approves a new format");
}
