//! The vectors of `spec/vectors` through the public interface.

use serde_json::Value;
use xl_crypto::{
    InvalidSignature, PublicKey, SecretKey, Signature, Sm4Gcm, Verifier, sm3, sm3_batch, sm4_decrypt_block,
    sm4_encrypt_block, verify,
};

const SM2: &str = include_str!("../../../spec/vectors/sm2.json");
const SM3: &str = include_str!("../../../spec/vectors/sm3.json");
const SM4: &str = include_str!("../../../spec/vectors/sm4.json");

fn cases(file: &str, list: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file[list].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    hex::decode(case[field].as_str().unwrap_or_else(|| panic!("{field} in {case}"))).unwrap()
}

fn array<const N: usize>(case: &Value, field: &str) -> [u8; N] {
    bytes(case, field).try_into().unwrap()
}

#[test]
fn sm2_signatures() {
    let repeated = Verifier::default();
    for case in cases(SM2, "signatures") {
        let decide = |verifier: Option<&Verifier>| -> Result<(), InvalidSignature> {
            let key = PublicKey::from_slice(&bytes(&case, "public_key")).map_err(|_| InvalidSignature)?;
            let signature = Signature::from_slice(&bytes(&case, "signature"))?;
            match verifier {
                Some(verifier) => verifier.verify(&key, &bytes(&case, "message"), &signature),
                None => verify(&key, &bytes(&case, "message"), &signature),
            }
        };
        assert_eq!(decide(None).is_ok(), case["valid"].as_bool().unwrap(), "{case}");
        for _ in 0..=Verifier::USES_BEFORE_TABLE {
            assert_eq!(decide(Some(&repeated)), decide(None), "{case}");
        }
    }
    assert!(repeated.tables() > 5);
}

#[test]
fn sm2_keys() {
    for case in cases(SM2, "keys") {
        let (sec1, valid) = (bytes(&case, "public_key"), case["valid"].as_bool().unwrap());
        assert_eq!(PublicKey::from_sec1(&sec1).is_ok(), valid, "{case}");
        let compressed = PublicKey::from_slice(&sec1).is_ok_and(|key| key.validate().is_ok());
        assert_eq!(compressed, valid && sec1.len() == PublicKey::SIZE, "{case}");
    }
}

/// GB/T 32918.5, A.2: the key pair; signing again gives other bytes (RFC 6979) that verify.
#[test]
fn sm2_key_pair_of_the_standard() {
    let file: Value = serde_json::from_str(SM2).unwrap();
    let standard = &file["standard"];
    let secret = SecretKey::from_slice(&bytes(standard, "secret_key")).unwrap();
    assert_eq!(secret.public_key().as_bytes()[..], bytes(standard, "public_key"));
    let message = bytes(standard, "message");
    let signature = secret.sign(&message);
    assert_eq!(signature, secret.sign(&message));
    assert_eq!(verify(&secret.public_key(), &message, &signature), Ok(()));
}

#[test]
fn sm3_digests() {
    let cases = cases(SM3, "cases");
    let messages: Vec<Vec<u8>> = cases.iter().map(|case| bytes(case, "message")).collect();
    let batch = sm3_batch(&messages);
    for ((case, message), digest) in cases.iter().zip(&messages).zip(batch) {
        assert_eq!(digest, array(case, "digest"), "{case}");
        assert_eq!(sm3(&[message]), digest);
    }
}

#[test]
fn sm4_blocks() {
    for case in cases(SM4, "blocks").iter().filter(|case| case["rounds"] == 1) {
        let (key, plain, cipher) = (array(case, "key"), array(case, "plain"), array(case, "cipher"));
        assert_eq!(sm4_encrypt_block(&key, &plain), cipher, "{case}");
        assert_eq!(sm4_decrypt_block(&key, &cipher), plain, "{case}");
    }
}

/// GB/T 32907, A.2: a million rounds.
#[test]
#[ignore = "slow: run with --ignored"]
fn sm4_million_rounds() {
    for case in cases(SM4, "blocks").iter().filter(|case| case["rounds"] != 1) {
        let key = array(case, "key");
        let rounds = case["rounds"].as_u64().unwrap();
        let last = (0..rounds).fold(array(case, "plain"), |block, _| sm4_encrypt_block(&key, &block));
        assert_eq!(last, array(case, "cipher"), "{case}");
    }
}

#[test]
fn sm4_gcm() {
    for case in cases(SM4, "gcm") {
        let gcm = Sm4Gcm::new(&array(&case, "key"));
        let (nonce, associated) = (array(&case, "nonce"), bytes(&case, "associated"));
        let opened = gcm.open(&nonce, &associated, &bytes(&case, "sealed"));
        if case["valid"].as_bool().unwrap() {
            assert_eq!(opened, Ok(bytes(&case, "plain")), "{case}");
            assert_eq!(gcm.seal(&nonce, &associated, &bytes(&case, "plain")), Ok(bytes(&case, "sealed")), "{case}");
        } else {
            assert!(opened.is_err(), "{case}");
        }
    }
}
