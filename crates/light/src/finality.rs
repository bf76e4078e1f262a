//! Finality of a header: the path of headers to the first descendant with a certificate (protocol 3).

use crate::certificate::{CertificateError, FinalityCertificate};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::{PublicKey, Verifier};
use xl_primitives::{Hash, Header, List, account::validators_hash};

/// Longest path from a header to its certificate.
pub const PATH_MAX: usize = 256;

/// Shows that the first header of `path` is final: every later one descends from it and the last has a certificate.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FinalityProof {
    /// The target, then its descendants, each the child of the one before.
    pub path: List<Header, PATH_MAX>,
    /// Votes for the last of them.
    pub certificate: FinalityCertificate,
}

/// Why a header is not shown to be final.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FinalityError {
    /// No header.
    #[error("the proof holds no header")]
    Empty,
    /// Made for another chain.
    #[error("the header at height {height} is of chain {chain_id}")]
    OtherChain {
        /// Its height.
        height: u64,
        /// The chain it names.
        chain_id: Hash,
    },
    /// A header is not the child of the one before.
    #[error("the header at height {height} does not descend from the one before it")]
    BrokenPath {
        /// Its height.
        height: u64,
    },
    /// The header was made by another validator set.
    #[error("the header at height {height} names another validator set")]
    OtherValidators {
        /// Its height.
        height: u64,
    },
    /// The votes are for another block or epoch.
    #[error("the certificate is not for the last header of the path")]
    OtherBlock,
    /// The votes are not good.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl FinalityProof {
    /// The header that is shown to be final.
    ///
    /// # Errors
    /// [`FinalityError`] when it is not, under `validators` in ascending order of keys.
    pub fn verify(
        &self,
        chain_id: &Hash,
        validators: &[PublicKey],
        verifier: &Verifier,
    ) -> Result<&Header, FinalityError> {
        let (target, last) = self.path.first().zip(self.path.last()).ok_or(FinalityError::Empty)?;
        let set = validators_hash(validators);
        for header in self.path.iter() {
            let height = header.height;
            if header.chain_id != *chain_id {
                return Err(FinalityError::OtherChain { height, chain_id: header.chain_id });
            }
            if header.validators_hash != set {
                return Err(FinalityError::OtherValidators { height });
            }
        }
        for pair in self.path.windows(2) {
            if pair[1].parent != pair[0].digest() || pair[0].height.checked_add(1) != Some(pair[1].height) {
                return Err(FinalityError::BrokenPath { height: pair[1].height });
            }
        }
        if self.certificate.digest != last.digest() || self.certificate.epoch != last.epoch {
            return Err(FinalityError::OtherBlock);
        }
        self.certificate.verify(chain_id, validators, verifier)?;
        Ok(target)
    }
}
