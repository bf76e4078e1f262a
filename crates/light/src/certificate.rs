//! A quorum's signatures over one block, and the exact bytes that a vote signs (spec XL-FINALITY-1 to 4).

use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::{PublicKey, Signature, Verifier};
use xl_primitives::{Hash, List, tag};

/// Most validators of a set.
pub const VALIDATORS_MAX: usize = 256;

/// Votes that finalise a block of `validators`: n - floor((n - 1) / 3). Two quorums share an honest validator as long
/// as at most floor((n - 1) / 3) are faulty.
///
/// ```
/// assert_eq!([1, 3, 4, 7, 100].map(xl_light::quorum), [1, 3, 3, 5, 67]);
/// ```
#[must_use]
pub const fn quorum(validators: usize) -> usize {
    validators - validators.saturating_sub(1) / 3
}

/// Votes of a quorum that one block is final.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FinalityCertificate {
    /// Epoch of the votes.
    pub epoch: u64,
    /// View of the votes; later than the block's own where the last block of an epoch was proposed again.
    pub view: u64,
    /// View of the block before it, as voted.
    pub parent_view: u64,
    /// The block.
    pub digest: Hash,
    /// Positions in the validator set sorted by key, strictly ascending.
    pub signers: List<u16, VALIDATORS_MAX>,
    /// One signature per signer, in the same order.
    pub signatures: List<Signature, VALIDATORS_MAX>,
}

/// Why a certificate does not make a block final.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Signers are not strictly ascending positions of the set, or signatures are not one per signer.
    #[error("the signer list is not one of this validator set")]
    Signers,
    /// Too few signatures.
    #[error("{got} of {validators} validators signed, {needed} are needed")]
    NoQuorum {
        /// Signatures in the certificate.
        got: usize,
        /// Signatures needed.
        needed: usize,
        /// Size of the set.
        validators: usize,
    },
    /// A signature does not verify.
    #[error("the signature of validator {signer} does not verify")]
    Signature {
        /// Position in the sorted set.
        signer: u16,
    },
}

impl FinalityCertificate {
    /// The bytes that each vote signs.
    #[must_use]
    pub fn vote_preimage(&self, chain_id: &Hash) -> Vec<u8> {
        let namespace = [&tag::VOTE[..], &chain_id.0, b"_FINALIZE"].concat();
        let mut bytes = Vec::with_capacity(128);
        leb128(&mut bytes, namespace.len() as u64);
        bytes.extend_from_slice(&namespace);
        for number in [self.epoch, self.view, self.parent_view] {
            leb128(&mut bytes, number);
        }
        bytes.extend_from_slice(&self.digest.0);
        bytes
    }

    /// Checks the votes against a validator set in ascending order of keys.
    ///
    /// # Errors
    /// [`CertificateError`] when they do not make the block final.
    pub fn verify(
        &self,
        chain_id: &Hash,
        validators: &[PublicKey],
        verifier: &Verifier,
    ) -> Result<(), CertificateError> {
        let ascending = self.signers.windows(2).all(|pair| pair[0] < pair[1]);
        let known = self.signers.iter().all(|&signer| usize::from(signer) < validators.len());
        if !ascending || !known || self.signers.len() != self.signatures.len() {
            return Err(CertificateError::Signers);
        }
        let (got, needed) = (self.signers.len(), quorum(validators.len()));
        if got < needed || validators.is_empty() {
            return Err(CertificateError::NoQuorum { got, needed, validators: validators.len() });
        }
        let message = self.vote_preimage(chain_id);
        for (&signer, signature) in self.signers.iter().zip(self.signatures.iter()) {
            verifier
                .verify(&validators[usize::from(signer)], &message, signature)
                .map_err(|_| CertificateError::Signature { signer })?;
        }
        Ok(())
    }
}

/// Unsigned LEB128: seven bits per byte, low group first, shortest form.
fn leb128(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
