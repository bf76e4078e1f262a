//! sm2sig_sm3: the leaf key as rustls signs with it.

use super::{HANDSHAKE_ID, cert, kx};
use crate::SecretKey;
use rustls::crypto::KeyProvider;
use rustls::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, InconsistentKeys, SignatureAlgorithm, SignatureScheme};
use sm2::dsa::signature::Signer as _;
use sm2::pkcs8::DecodePrivateKey as _;
use std::sync::Arc;

/// The scheme's code point (RFC 8998, section 2). rustls 0.23 has no name for it.
pub const SM2SIG_SM3: SignatureScheme = SignatureScheme::Unknown(0x0708);

/// A leaf key under the handshake identifier.
#[derive(Clone)]
pub(super) struct LeafKey {
    signing: Arc<sm2::dsa::SigningKey>,
    point: [u8; kx::POINT_LEN],
}

impl LeafKey {
    pub(super) fn new(secret: &SecretKey) -> Self {
        Self::from_scalar(&*secret.to_bytes()).expect("a secret key is a scalar in range")
    }

    fn from_scalar(scalar: &[u8]) -> Result<Self, sm2::dsa::signature::Error> {
        let signing = sm2::dsa::SigningKey::from_slice(HANDSHAKE_ID, scalar)?;
        let point = kx::point_of(&signing.verifying_key().into());
        Ok(Self { signing: Arc::new(signing), point })
    }

    /// The public half, uncompressed.
    pub(super) const fn point(&self) -> &[u8; kx::POINT_LEN] {
        &self.point
    }
}

impl std::fmt::Debug for LeafKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LeafKey({})", hex::encode(self.point))
    }
}

impl SigningKey for LeafKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SM2SIG_SM3).then(|| Box::new(self.clone()) as _)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(cert::subject_public_key_info(&self.point).into())
    }

    /// Read by TLS 1.2 only, which is compiled out.
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Unknown(7)
    }
}

impl Signer for LeafKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: sm2::dsa::Signature =
            self.signing.try_sign(message).map_err(|_| Error::InconsistentKeys(InconsistentKeys::Unknown))?;
        Ok(signature.to_der().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SM2SIG_SM3
    }
}

/// Private keys from PKCS #8, for certificates that another tool made.
#[derive(Debug)]
pub(super) struct Pkcs8Keys;

impl KeyProvider for Pkcs8Keys {
    fn load_private_key(&self, der: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        let secret = sm2::SecretKey::from_pkcs8_der(der.secret_der())
            .map_err(|_| Error::General("the private key is not SM2 in PKCS #8".into()))?;
        let key = LeafKey::from_scalar(&secret.to_bytes())
            .map_err(|_| Error::General("the SM2 private key is out of range".into()))?;
        Ok(Arc::new(key))
    }
}
