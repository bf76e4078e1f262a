//! SM2 keys and signatures as the engine's signer, verifier and peer name.

use super::bytes_like;
use commonware_codec::{Buf, Error, FixedArray, Read, ReadExt as _};
use commonware_cryptography as engine;
use commonware_math::algebra::Random;
use commonware_utils::union_unique;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The name of a node: its consensus or identity key, 33 bytes of compressed SEC1.
///
/// Decoding checks that the bytes are a point of the curve, so a key that exists can verify.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
pub struct PublicKey(xl_crypto::PublicKey);

bytes_like!(PublicKey, xl_crypto::PublicKey::SIZE);

impl Read for PublicKey {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        let bytes = <[u8; xl_crypto::PublicKey::SIZE]>::read(buf)?;
        xl_crypto::PublicKey::from_slice(&bytes)
            .and_then(|key| key.validate().map(|()| Self(key)))
            .map_err(|_| Error::Invalid("sm2", "public key"))
    }
}

impl engine::PublicKey for PublicKey {}

impl engine::Verifier for PublicKey {
    type Signature = Signature;

    fn verify(&self, namespace: &[u8], message: &[u8], signature: &Signature) -> bool {
        xl_crypto::verify(&self.0, &union_unique(namespace, message), &signature.0).is_ok()
    }
}

/// Without a check of the curve: the key comes from state or configuration, where it was checked on admission. A key
/// that is no point verifies nothing.
impl From<xl_crypto::PublicKey> for PublicKey {
    fn from(key: xl_crypto::PublicKey) -> Self {
        Self(key)
    }
}

impl From<PublicKey> for xl_crypto::PublicKey {
    fn from(key: PublicKey) -> Self {
        key.0
    }
}

/// An SM2 signature: r then s, 64 bytes, ranges checked when decoded (spec XL-CRYPTO-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
pub struct Signature(xl_crypto::Signature);

bytes_like!(Signature, xl_crypto::Signature::SIZE);

impl Read for Signature {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        let bytes = <[u8; xl_crypto::Signature::SIZE]>::read(buf)?;
        xl_crypto::Signature::from_slice(&bytes).map(Self).map_err(|_| Error::Invalid("sm2", "signature"))
    }
}

impl engine::Signature for Signature {}

impl From<xl_crypto::Signature> for Signature {
    fn from(signature: xl_crypto::Signature) -> Self {
        Self(signature)
    }
}

impl From<Signature> for xl_crypto::Signature {
    fn from(signature: Signature) -> Self {
        signature.0
    }
}

/// A node's consensus or identity key. It has no codec, so it cannot reach a wire or a journal by accident.
///
/// What is signed is `varint(len(namespace)) || namespace || message` under the default SM2 identifier. Signing is
/// deterministic (RFC 6979): the engine detects equivocation by comparing encoded votes.
#[derive(Clone)]
pub struct PrivateKey(xl_crypto::SecretKey);

impl engine::Signer for PrivateKey {
    type Signature = Signature;
    type PublicKey = PublicKey;

    fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    fn sign(&self, namespace: &[u8], message: &[u8]) -> Signature {
        Signature(self.0.sign(&union_unique(namespace, message)))
    }
}

impl Random for PrivateKey {
    fn random(mut rng: impl CryptoRng) -> Self {
        let mut scalar = Zeroizing::new([0; 32]);
        loop {
            rng.fill_bytes(&mut *scalar);
            if let Ok(key) = xl_crypto::SecretKey::from_slice(&*scalar) {
                return Self(key);
            }
        }
    }
}

impl From<xl_crypto::SecretKey> for PrivateKey {
    fn from(key: xl_crypto::SecretKey) -> Self {
        Self(key)
    }
}

impl AsRef<xl_crypto::SecretKey> for PrivateKey {
    fn as_ref(&self) -> &xl_crypto::SecretKey {
        &self.0
    }
}

impl core::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PrivateKey({:?})", self.0.public_key())
    }
}
