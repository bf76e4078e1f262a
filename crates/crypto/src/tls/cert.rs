//! The leaf certificate: who an identity lets speak for it on the wire.
//!
//! It is an X.509 v3 certificate, so any TLS library can carry it, and it has exactly one form: the bytes are a
//! function of the identity's key, the leaf's key and the identity's signature. Reading takes these three from their
//! fixed places, builds the certificate again and compares. So there is no parser for a stranger to play with, and
//! nothing in a certificate that is not checked.
//!
//! ```text
//! serial      first 16 bytes of SM3(identity, leaf), top bits 01
//! issuer      CN=xl identity          subject   CN=xl node
//! validity    2000-01-01 .. 9999-12-31 (no meaning between peers; RFC 5280, 4.1.2.5: no well-defined expiry)
//! key         leaf, uncompressed      keyUsage  digitalSignature
//! authorityKeyIdentifier              the identity's public key, 33 bytes compressed
//! signature   sm2sig-with-sm3 (1.2.156.10197.1.501) by the identity, default identifier, DER
//! ```

use super::kx::POINT_LEN;
use super::sign::LeafKey;
use crate::{PublicKey, SecretKey, Signature};
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::sync::Arc;

/// Longest certificate: 293 bytes and the signature, whose DER form has at most 72.
pub const CERTIFICATE_BYTES_MAX: usize = 365;

/// The leaf's public key: 65 bytes, uncompressed SEC1.
pub type SubjectKey = [u8; POINT_LEN];

/// Bytes that are not a leaf certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the one form that a leaf certificate has.
    #[error("the {size} bytes are not a leaf certificate in its one form")]
    Form {
        /// Length of what was presented, in bytes.
        size: usize,
    },
    /// The identity did not sign this leaf.
    #[error("the certificate is not signed by the identity {identity:?} that it names")]
    Signature {
        /// The identity that the certificate names.
        identity: PublicKey,
    },
    /// The certificate is for another leaf key.
    #[error("the certificate of identity {identity:?} is for another leaf key")]
    OtherKey {
        /// The identity that the certificate names.
        identity: PublicKey,
    },
}

/// What a node presents: a leaf key and the certificate by which its identity vouches for it.
#[derive(Debug, Clone)]
pub struct Credentials {
    identity: PublicKey,
    certified: Arc<CertifiedKey>,
}

impl Credentials {
    /// Signs a certificate for `leaf` with `identity`. The same keys always give the same bytes.
    #[must_use]
    pub fn issue(identity: &SecretKey, leaf: &SecretKey) -> Self {
        let key = LeafKey::new(leaf);
        let body = to_be_signed(&identity.public_key(), key.point());
        let certificate = assemble(&body, &identity.sign(&body));
        Self::new(identity.public_key(), certificate, key)
    }

    /// Takes a certificate that [`Credentials::issue`] made elsewhere, so that the identity's secret can stay there.
    ///
    /// # Errors
    /// [`CertificateError`] when the certificate is malformed, not signed by its identity or not for `leaf`.
    pub fn load(certificate: &[u8], leaf: &SecretKey) -> Result<Self, CertificateError> {
        let key = LeafKey::new(leaf);
        let checked = Leaf::read(certificate)?;
        checked.verify()?;
        if checked.key != *key.point() {
            return Err(CertificateError::OtherKey { identity: checked.identity });
        }
        Ok(Self::new(checked.identity, certificate.to_vec(), key))
    }

    fn new(identity: PublicKey, certificate: Vec<u8>, key: LeafKey) -> Self {
        Self { identity, certified: Arc::new(CertifiedKey::new(vec![certificate.into()], Arc::new(key))) }
    }

    /// The identity that the certificate names.
    #[must_use]
    pub const fn identity(&self) -> PublicKey {
        self.identity
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.certified.cert[0]
    }

    pub(super) fn resolver(&self) -> Arc<SingleCertAndKey> {
        Arc::new(SingleCertAndKey::from(Arc::clone(&self.certified)))
    }
}

/// A certificate taken apart; the signature is not yet checked.
pub(super) struct Leaf<'a> {
    pub identity: PublicKey,
    pub key: SubjectKey,
    body: &'a [u8],
    signature: Signature,
}

impl<'a> Leaf<'a> {
    pub fn read(der: &'a [u8]) -> Result<Self, CertificateError> {
        Self::take(der).ok_or(CertificateError::Form { size: der.len() })
    }

    fn take(der: &'a [u8]) -> Option<Self> {
        if der.len() > CERTIFICATE_BYTES_MAX {
            return None;
        }
        // The whole is longer than 255 bytes, so its header is 30 82 and a two-byte length.
        let (body, tail) = der.get(4..)?.split_at_checked(BODY_LEN)?;
        let signature = sm2::dsa::DerSignature::from_bytes(tail.get(ALGORITHM.len() + 3..)?).ok()?;
        let signature = sm2::dsa::Signature::try_from(signature).ok()?;
        let leaf = Self {
            identity: PublicKey::from_slice(&body[BODY_LEN - PublicKey::SIZE..]).ok()?,
            key: body[KEY_AT..KEY_AT + POINT_LEN].try_into().ok()?,
            body,
            signature: Signature::from_slice(&signature.to_bytes()).ok()?,
        };
        (assemble(&to_be_signed(&leaf.identity, &leaf.key), &leaf.signature) == der).then_some(leaf)
    }

    pub fn verify(&self) -> Result<(), CertificateError> {
        crate::verify(&self.identity, self.body, &self.signature)
            .map_err(|_| CertificateError::Signature { identity: self.identity })
    }
}

/// The identity that a peer's certificate names. For a certificate that a handshake accepted: the signature is not
/// checked again.
///
/// # Errors
/// [`CertificateError::Form`] when it is no leaf certificate.
pub fn identity_of(certificate: &CertificateDer<'_>) -> Result<PublicKey, CertificateError> {
    Leaf::read(certificate).map(|leaf| leaf.identity)
}

// ---- the one form, in DER

/// Length of the signed part.
const BODY_LEN: usize = 274;
/// Where the leaf's point starts in the signed part.
const KEY_AT: usize = 143;

/// AlgorithmIdentifier of SM2 with SM3, 1.2.156.10197.1.501, without parameters.
const ALGORITHM: &[u8] = b"\x30\x0A\x06\x08\x2A\x81\x1C\xCF\x55\x01\x83\x75";
/// AlgorithmIdentifier of a key on the SM2 curve: id-ecPublicKey, 1.2.156.10197.1.301.
pub(super) const KEY_ALGORITHM: &[u8] =
    b"\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x81\x1C\xCF\x55\x01\x82\x2D";
/// UTCTime 2000-01-01 00:00:00Z, GeneralizedTime 9999-12-31 23:59:59Z.
const VALIDITY: &[u8] = b"\x30\x20\x17\x0D000101000000Z\x18\x0F99991231235959Z";
/// keyUsage, critical, digitalSignature.
const KEY_USAGE: &[u8] = b"\x30\x0E\x06\x03\x55\x1D\x0F\x01\x01\xFF\x04\x04\x03\x02\x07\x80";

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const UTF8_STRING: u8 = 0x0C;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// One DER element with the concatenation of `parts` as its content.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).expect("a certificate is below 64 KiB").to_be_bytes();
    let header = match content.len() {
        0..=0x7F => vec![tag, length[1]],
        0x80..=0xFF => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [header, content].concat()
}

/// Name with the one attribute commonName (2.5.4.3).
fn name(common: &str) -> Vec<u8> {
    let value = element(UTF8_STRING, &[common.as_bytes()]);
    element(SEQUENCE, &[&element(SET, &[&element(SEQUENCE, &[b"\x06\x03\x55\x04\x03", &value])])])
}

/// SubjectPublicKeyInfo of an SM2 key.
pub(super) fn subject_public_key_info(point: &SubjectKey) -> Vec<u8> {
    element(SEQUENCE, &[KEY_ALGORITHM, &element(BIT_STRING, &[&[0], point])])
}

/// TBSCertificate (RFC 5280, 4.1.2).
fn to_be_signed(identity: &PublicKey, leaf: &SubjectKey) -> Vec<u8> {
    let mut serial = [0; 16];
    serial.copy_from_slice(&crate::sm3(&[identity.as_bytes(), leaf])[..16]);
    serial[0] = serial[0] & 0x3F | 0x40; // positive, and of one length
    let authority = element(SEQUENCE, &[&element(0x80, &[identity.as_bytes()])]);
    let authority = element(SEQUENCE, &[b"\x06\x03\x55\x1D\x23", &element(OCTET_STRING, &[&authority])]);
    element(
        SEQUENCE,
        &[
            &element(0xA0, &[&element(INTEGER, &[&[2]])]), // v3
            &element(INTEGER, &[&serial]),
            ALGORITHM,
            &name("xl identity"),
            VALIDITY,
            &name("xl node"),
            &subject_public_key_info(leaf),
            &element(0xA3, &[&element(SEQUENCE, &[KEY_USAGE, &authority])]),
        ],
    )
}

fn assemble(body: &[u8], signature: &Signature) -> Vec<u8> {
    let signature = sm2::dsa::Signature::from_slice(signature.as_bytes()).expect("ranges were checked").to_der();
    element(SEQUENCE, &[body, ALGORITHM, &element(BIT_STRING, &[&[0], signature.as_bytes()])])
}

#[cfg(test)]
mod tests;
