use super::{BODY_LEN, CERTIFICATE_BYTES_MAX, CertificateError, Credentials, KEY_AT, Leaf, identity_of, to_be_signed};
use crate::{PublicKey, SecretKey};
use proptest::prelude::*;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, KeyUsage};

fn key(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).expect("scalar")
}

#[test]
fn the_fixed_places_are_where_the_form_puts_them() {
    let (identity, leaf) = (key(1).public_key(), [0x77; 65]);
    let body = to_be_signed(&identity, &leaf);
    assert_eq!(body.len(), BODY_LEN);
    assert_eq!(body[KEY_AT..KEY_AT + 65], leaf);
    assert_eq!(&body[BODY_LEN - PublicKey::SIZE..], identity.as_bytes());
}

#[test]
fn issues_what_it_loads() {
    let credentials = Credentials::issue(&key(1), &key(2));
    assert_eq!(credentials.identity(), key(1).public_key());
    assert_eq!(credentials.certificate(), Credentials::issue(&key(1), &key(2)).certificate());
    let loaded = Credentials::load(credentials.certificate(), &key(2)).expect("own certificate");
    assert_eq!(loaded.identity(), key(1).public_key());
    assert_eq!(identity_of(&credentials.certificate().into()), Ok(key(1).public_key()));
    assert_eq!(
        Credentials::load(credentials.certificate(), &key(3)).map(|_| ()),
        Err(CertificateError::OtherKey { identity: key(1).public_key() })
    );
}

/// A general X.509 parser reads the same facts.
#[test]
fn is_x509() {
    let credentials = Credentials::issue(&key(1), &key(2));
    let parsed = Certificate::from_der(credentials.certificate()).expect("X.509");
    assert_eq!(parsed.to_der().expect("DER"), credentials.certificate());
    let body = parsed.tbs_certificate();
    assert_eq!(body.issuer().to_string(), "CN=xl identity");
    assert_eq!(body.subject().to_string(), "CN=xl node");
    let point = body.subject_public_key_info().subject_public_key.raw_bytes();
    assert_eq!(PublicKey::from_sec1(point), Ok(key(2).public_key()));
    let (critical, authority) = body.get_extension::<AuthorityKeyIdentifier>().expect("DER").expect("present");
    assert!(!critical);
    assert_eq!(authority.key_identifier.expect("key").as_bytes(), key(1).public_key().as_bytes());
    let (critical, usage) = body.get_extension::<KeyUsage>().expect("DER").expect("present");
    assert!(critical && usage.digital_signature() && !usage.key_cert_sign());
    let signature = sm2::dsa::Signature::from_der(parsed.signature().raw_bytes()).expect("DER");
    let signature = crate::Signature::from_slice(&signature.to_bytes()).expect("range");
    assert_eq!(crate::verify(&key(1).public_key(), &body.to_der().expect("DER"), &signature), Ok(()));
}

/// Every byte is either part of the form or covered by the signature.
#[test]
fn refuses_any_changed_byte() {
    let der = Credentials::issue(&key(1), &key(2)).certificate().to_vec();
    for position in 0..der.len() {
        for bit in [0x01, 0x80] {
            let mut bad = der.clone();
            bad[position] ^= bit;
            assert!(Leaf::read(&bad).and_then(|leaf| leaf.verify()).is_err(), "byte {position}");
        }
    }
}

#[test]
fn refuses_every_other_length() {
    let der = Credentials::issue(&key(1), &key(2)).certificate().to_vec();
    assert!((CERTIFICATE_BYTES_MAX - 8..=CERTIFICATE_BYTES_MAX).contains(&der.len()), "{} bytes", der.len());
    for length in 0..der.len() {
        assert_eq!(Leaf::read(&der[..length]).err(), Some(CertificateError::Form { size: length }));
    }
    let mut long = der.clone();
    while long.len() < CERTIFICATE_BYTES_MAX + 8 {
        long.push(0);
        assert_eq!(Leaf::read(&long).err(), Some(CertificateError::Form { size: long.len() }));
    }
}

#[test]
fn a_leaf_signed_by_another_identity_is_refused() {
    let honest = Credentials::issue(&key(1), &key(2));
    let mut forged = honest.certificate().to_vec();
    let at = 4 + BODY_LEN - PublicKey::SIZE;
    forged[at..at + PublicKey::SIZE].copy_from_slice(key(9).public_key().as_bytes());
    assert!(matches!(Credentials::load(&forged, &key(2)), Err(CertificateError::Form { .. })), "serial");
    let body = to_be_signed(&key(9).public_key(), &Leaf::read(honest.certificate()).expect("leaf").key);
    let forged = super::assemble(&body, &key(1).sign(&body));
    assert_eq!(
        Credentials::load(&forged, &key(2)).map(|_| ()),
        Err(CertificateError::Signature { identity: key(9).public_key() })
    );
}

/// The form is frozen: both keys fixed, signing deterministic, so the bytes are.
#[test]
fn the_bytes_are_the_recorded_ones() {
    let digest = crate::sm3(&[Credentials::issue(&key(1), &key(2)).certificate()]);
    assert_eq!(hex::encode(digest), "6f09abbe9bca18da5488accb8ac52699e3e08800101badd4f57fca44d9751327");
}

proptest! {
    /// What a stranger sends in place of a signature, or of everything.
    #[test]
    fn noise_is_refused(tail in prop::collection::vec(any::<u8>(), 0..100), whole: bool) {
        let der = Credentials::issue(&key(1), &key(2)).certificate().to_vec();
        let kept = if whole { 0 } else { 4 + BODY_LEN };
        let noise = [&der[..kept], &tail].concat();
        prop_assert!(Leaf::read(&noise).is_err());
    }
}
