use super::{Digest, PrivateKey, PublicKey, Signature, Sm3};
use commonware_codec::{DecodeExt as _, Encode as _};
use commonware_cryptography::{Hasher as _, Signer as _, Verifier as _};
use commonware_parallel::Sequential;

#[test]
fn signs_and_verifies_under_the_namespace() {
    let key = PrivateKey::from_seed(1);
    let signature = key.sign(b"ns", b"message");
    assert!(key.public_key().verify(b"ns", b"message", &signature));
    assert!(!key.public_key().verify(b"other", b"message", &signature));
    assert!(!key.public_key().verify(b"ns", b"messag", &signature));
    assert!(!PrivateKey::from_seed(2).public_key().verify(b"ns", b"message", &signature));
}

#[test]
fn signing_is_deterministic_and_binds_the_namespace_length() {
    let key = PrivateKey::from_seed(1);
    assert_eq!(key.sign(b"ns", b"m"), key.sign(b"ns", b"m"));
    assert_ne!(key.sign(b"ns", b"m"), key.sign(b"n", b"sm"));
    assert_eq!(key.sign(b"ns", b"m"), key.as_ref().sign(b"\x02nsm").into());
}

#[test]
fn codec_carries_the_same_bytes_as_the_core() {
    let key = PrivateKey::from_seed(3);
    let public = key.public_key();
    let core: xl_crypto::PublicKey = public.into();
    assert_eq!(&public.encode()[..], core.as_bytes());
    assert_eq!(PublicKey::decode(public.encode()).expect("a point"), public);
    assert_eq!(public.to_string(), format!("{core:?}"));

    let signature = key.sign(b"", b"m");
    assert_eq!(Signature::decode(signature.encode()).expect("in range"), signature);
}

#[test]
fn refuses_bytes_that_are_no_key_or_signature() {
    let with_x = |x: u8| {
        let mut bytes = [0u8; 33];
        (bytes[0], bytes[32]) = (2, x);
        PublicKey::try_from(bytes).is_ok()
    };
    // About half of all x have no y on the curve.
    let points = (0..=255).filter(|&x| with_x(x)).count();
    assert!((80..176).contains(&points), "{points} of 256");
    assert!(PublicKey::try_from([4u8; 33]).is_err());
    assert!(PublicKey::decode(vec![2u8; 32]).is_err());
    assert!(Signature::try_from([0u8; 64]).is_err());
    assert!(Signature::try_from([0xFF; 64]).is_err());
}

#[test]
fn hashes_like_the_core() {
    let expected = Digest::from(xl_crypto::sm3(&[b"abc"]));
    assert_eq!(Sm3::hash(&[b"a", b"bc"]), expected);
    assert_eq!(Sm3::hash_pair(&[b"abc"], &[b"", b"abc"], &Sequential), (expected, expected));
    let mut hasher = Sm3::default();
    hasher.update(b"ab").update(b"c");
    let (mut hasher, digest) = hasher.finalize();
    assert_eq!(digest, expected);
    hasher.update(b"abc");
    assert_eq!(hasher.finalize().1, expected);
    assert_eq!(expected.to_string(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}
