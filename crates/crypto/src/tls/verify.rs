//! Who is let in: the leaf is signed by an admitted identity, and the peer holds the leaf's key.

use super::cert::{CertificateError, Leaf};
use super::{HANDSHAKE_ID, SM2SIG_SM3, cert};
use crate::PublicKey;
use crate::keys::DISTINGUISHED_ID;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, ServerName, SignatureVerificationAlgorithm, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError as Refused, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, PeerMisbehaved,
    SignatureScheme,
};
use sm2::dsa::signature::Verifier as _;

/// Accepts the identities that a predicate admits, on either side of a connection.
pub struct Pinned {
    admits: Box<dyn Fn(&PublicKey) -> bool + Send + Sync>,
}

impl Pinned {
    /// `admits` is asked once a handshake, after the certificate's signature has verified.
    #[must_use]
    pub fn new(admits: impl Fn(&PublicKey) -> bool + Send + Sync + 'static) -> Self {
        Self { admits: Box::new(admits) }
    }

    fn check(&self, certificate: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<(), Error> {
        if !others.is_empty() {
            return Err(Refused::BadEncoding.into());
        }
        let leaf = Leaf::read(certificate)?;
        leaf.verify()?;
        (self.admits)(&leaf.identity).then_some(()).ok_or(Refused::ApplicationVerificationFailure.into())
    }

    fn handshake(
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if signed.scheme != SM2SIG_SM3 {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        verify_der(HANDSHAKE_ID, &Leaf::read(certificate)?.key, message, signed.signature())
            .map(|()| HandshakeSignatureValid::assertion())
            .map_err(|_| Refused::BadSignature.into())
    }
}

impl From<CertificateError> for Error {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Form { .. } => Refused::BadEncoding.into(),
            CertificateError::Signature { .. } | CertificateError::OtherKey { .. } => Refused::BadSignature.into(),
        }
    }
}

impl std::fmt::Debug for Pinned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pinned")
    }
}

/// TLS 1.2 is compiled out; the traits still ask.
const NO_TLS12: Error = Error::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(certificate, others).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::handshake(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SM2SIG_SM3]
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(certificate, others).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(NO_TLS12)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::handshake(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SM2SIG_SM3]
    }
}

fn verify_der(id: &str, point: &[u8], message: &[u8], der: &[u8]) -> Result<(), InvalidSignature> {
    let key = sm2::dsa::VerifyingKey::from_sec1_bytes(id, point).map_err(|_| InvalidSignature)?;
    let signature = sm2::dsa::DerSignature::from_bytes(der).map_err(|_| InvalidSignature)?;
    let signature = sm2::dsa::Signature::try_from(signature).map_err(|_| InvalidSignature)?;
    key.verify(message, &signature).map_err(|_| InvalidSignature)
}

/// SM2 with SM3 for rustls's own verifiers, where a site runs a certificate authority. The signer's identifier differs
/// between certificates and the handshake, so each list holds its own.
#[derive(Debug)]
struct Sm2WithSm3 {
    id: &'static str,
    algorithm: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for Sm2WithSm3 {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        verify_der(self.id, key, message, signature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(cert::KEY_ALGORITHM.split_at(2).1)
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.algorithm
    }
}

const SM2_SM3: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(b"\x06\x08\x2A\x81\x1C\xCF\x55\x01\x83\x75");
/// The same with an explicit NULL, which some authorities write.
const SM2_SM3_NULL: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(b"\x06\x08\x2A\x81\x1C\xCF\x55\x01\x83\x75\x05\x00");

/// Chains under the default identifier, CertificateVerify under that of RFC 8998.
pub(super) static ALGORITHMS: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        &Sm2WithSm3 { id: DISTINGUISHED_ID, algorithm: SM2_SM3 },
        &Sm2WithSm3 { id: DISTINGUISHED_ID, algorithm: SM2_SM3_NULL },
    ],
    mapping: &[(SM2SIG_SM3, &[&Sm2WithSm3 { id: HANDSHAKE_ID, algorithm: SM2_SM3 }])],
};
