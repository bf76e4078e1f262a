//! Verification of SM2 signatures over public inputs.

use crate::{InvalidSignature, PublicKey, Signature, keys::DISTINGUISHED_ID};
use sm2::dsa::signature::Verifier as _;

/// Verifies signatures. Share one per process.
#[derive(Debug, Default)]
pub struct Verifier;

impl Verifier {
    /// Checks `signature` over `message` by `key` under the default identifier.
    ///
    /// # Errors
    /// [`InvalidSignature`] when it does not verify or `key` is not a point of the curve.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), InvalidSignature> {
        let key =
            sm2::dsa::VerifyingKey::from_sec1_bytes(DISTINGUISHED_ID, key.as_bytes()).map_err(|_| InvalidSignature)?;
        let signature = sm2::dsa::Signature::from_slice(signature.as_bytes()).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }
}

/// [`Verifier::verify`] with the verifier of this process.
///
/// # Errors
/// [`InvalidSignature`] when the signature does not verify.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), InvalidSignature> {
    Verifier.verify(key, message, signature)
}
