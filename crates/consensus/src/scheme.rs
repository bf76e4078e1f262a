//! Votes and certificates under SM2 (spec `08-finality`): a certificate is a bitmap and one 64-byte signature a signer,
//! so whoever voted for two histories can be named.
//!
//! ```text
//! namespace = VOTE tag || chain id || "_NOTARIZE" | "_NULLIFY" | "_FINALIZE"
//! message   = varint(epoch) || varint(view) [ || varint(parent view) || block digest ]
//! signed    = varint(len(namespace)) || namespace || message
//! ```

use bytes::{BufMut, Bytes};
use commonware_codec::{Buf, EncodeSize, Error as CodecError, Read, ReadRangeExt as _, Write, types::lazy::Lazy};
use commonware_consensus::simplex::{
    scheme::Namespace,
    types::{Finalization, Proposal, Subject},
};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::{
    self as engine, Signer as _, Verifier as _,
    certificate::{self, AssemblyError, Attestation, Membership, Namespace as _, Signers, Subject as _, Verification},
};
use commonware_parallel::Strategy;
use commonware_utils::{
    N3f1, Participant,
    iter::NonEmpty,
    ordered::{Quorum as _, Set},
};
use rand_core::CryptoRng;
use std::sync::Arc;
use xl_light::FinalityCertificate;
use xl_network::identity::{Digest, PrivateKey, PublicKey, Signature};
use xl_primitives::{Hash, List, tag};

/// A finalisation as the engine carries it.
pub type Finalized = Finalization<Scheme, Digest>;

/// Largest validator set: what a [`FinalityCertificate`] can hold.
pub const VALIDATORS_MAX: usize = 256;

/// Base namespace of every vote on the chain `chain_id`.
#[must_use]
pub fn namespace(chain_id: &Hash) -> Vec<u8> {
    [&tag::VOTE[..], &chain_id.0[..]].concat()
}

/// Who signed, and their signatures in the order of the set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    signers: Signers,
    signatures: Vec<Lazy<Signature>>,
}

impl Write for Certificate {
    fn write(&self, buf: &mut impl BufMut) {
        self.signers.write(buf);
        self.signatures.write(buf);
    }
}

impl EncodeSize for Certificate {
    fn encode_size(&self) -> usize {
        self.signers.encode_size() + self.signatures.encode_size()
    }
}

impl Read for Certificate {
    /// Most participants.
    type Cfg = usize;

    fn read_cfg(buf: &mut impl Buf, participants: &usize) -> Result<Self, CodecError> {
        let signers = Signers::read_cfg(buf, participants)?;
        let signatures = Vec::<Lazy<Signature>>::read_range(buf, ..=*participants)?;
        if signers.count() == 0 || signers.count() != signatures.len() {
            return Err(CodecError::Invalid("certificate", "one signature for each signer"));
        }
        Ok(Self { signers, signatures })
    }
}

/// The validator set of one epoch, with this node's key if it may vote in it.
#[derive(Clone, Debug)]
pub struct Scheme {
    participants: Arc<Set<PublicKey>>,
    me: Option<(Participant, Arc<PrivateKey>)>,
    namespace: Arc<Namespace>,
}

impl Scheme {
    /// The set as seen by `key`: a signer when the key is in it, otherwise somebody who only verifies.
    #[must_use]
    pub fn new(chain_id: &Hash, participants: Set<PublicKey>, key: Option<PrivateKey>) -> Self {
        let me = key.and_then(|key| participants.index(&key.public_key()).map(|index| (index, Arc::new(key))));
        Self { participants: Arc::new(participants), me, namespace: Arc::new(Namespace::derive(&namespace(chain_id))) }
    }

    /// Whether this node votes in the set.
    #[must_use]
    pub const fn votes(&self) -> bool {
        self.me.is_some()
    }

    fn check(&self, namespace: &[u8], message: &Bytes, signer: Participant, signature: &Lazy<Signature>) -> bool {
        match (self.participants.key(signer), signature.get()) {
            (Some(key), Some(signature)) => key.verify(namespace, message, signature),
            _ => false,
        }
    }
}

impl certificate::Verifier for Scheme {
    type Subject<'a, D: engine::Digest> = Subject<'a, D>;
    type Faults = N3f1;
    type PublicKey = PublicKey;
    type Certificate = Certificate;

    fn verify_certificate<R: CryptoRng, D: engine::Digest>(
        &self,
        _: &mut R,
        subject: Subject<'_, D>,
        certificate: &Certificate,
        strategy: &impl Strategy,
    ) -> bool {
        let Certificate { signers, signatures } = certificate;
        let quorum = self.participants.quorum::<N3f1>() as usize;
        if signers.len() != self.participants.len() || signers.count() != signatures.len() || signers.count() < quorum {
            return false;
        }
        let (namespace, message) = (subject.namespace(&self.namespace), subject.message());
        let pairs: Vec<_> = signers.iter().zip(signatures).collect();
        strategy
            .map_collect_vec(pairs, |(signer, signature)| self.check(namespace, &message, signer, signature))
            .into_iter()
            .all(|valid| valid)
    }

    fn is_batchable() -> bool {
        false
    }

    fn max_certificate_size(participants: u32) -> usize {
        const LENGTHS: usize = 16;
        let n = participants as usize;
        LENGTHS + n.div_ceil(8) + n * xl_crypto::Signature::SIZE
    }

    fn certificate_codec_config(&self) -> usize {
        self.participants.len()
    }

    fn certificate_codec_config_unbounded() -> usize {
        VALIDATORS_MAX
    }
}

impl certificate::Scheme for Scheme {
    type Signature = Signature;

    fn me(&self) -> Option<Membership> {
        self.me.as_ref().map(|(index, _)| Membership::Signer(*index))
    }

    fn participants(&self) -> &Set<PublicKey> {
        &self.participants
    }

    fn sign<D: engine::Digest>(&self, subject: Subject<'_, D>) -> Option<Attestation<Self>> {
        let (signer, key) = self.me.as_ref()?;
        let signature = key.sign(subject.namespace(&self.namespace), &subject.message());
        Some(Attestation { signer: *signer, signature: signature.into() })
    }

    fn verify_attestation<R: CryptoRng, D: engine::Digest>(
        &self,
        _: &mut R,
        subject: Subject<'_, D>,
        attestation: &Attestation<Self>,
        _: &impl Strategy,
    ) -> bool {
        self.check(subject.namespace(&self.namespace), &subject.message(), attestation.signer, &attestation.signature)
    }

    fn optimistic_assemble<'a, R, D, I, J>(
        &self,
        rng: &mut R,
        subject: Subject<'_, D>,
        pending: I,
        verified: J,
        strategy: &impl Strategy,
    ) -> Result<Certificate, Verification<Self>>
    where
        R: CryptoRng,
        D: engine::Digest,
        I: IntoIterator<Item = Attestation<Self>>,
        I::IntoIter: ExactSizeIterator + Send,
        J: IntoIterator<Item = &'a Attestation<Self>>,
        J::IntoIter: Send,
    {
        certificate::verify_then_assemble::<Self, _, D, _, _>(self, rng, subject, pending, verified, strategy)
    }

    fn assemble<I: Iterator<Item = Attestation<Self>> + Send>(
        &self,
        attestations: NonEmpty<I>,
        _: &impl Strategy,
    ) -> Result<Certificate, AssemblyError> {
        let mut votes = Vec::new();
        for Attestation { signer, signature } in attestations {
            if self.participants.key(signer).is_none() {
                return Err(AssemblyError::UnknownSigner(signer));
            }
            votes.push((signer, *signature.get().ok_or(AssemblyError::MalformedSignature(signer))?));
        }
        votes.sort_by_key(|(signer, _)| *signer);
        let (signers, signatures): (Vec<Participant>, Vec<Signature>) = votes.into_iter().unzip();
        let signers = Signers::try_from((&*self.participants, signers))?;
        let (quorum, count) = (self.participants.quorum::<N3f1>(), signers.count() as u32);
        if count < quorum {
            return Err(AssemblyError::InsufficientAttestations(quorum, count));
        }
        Ok(Certificate { signers, signatures: signatures.into_iter().map(Lazy::from).collect() })
    }

    fn is_attributable() -> bool {
        true
    }
}

/// The engine's finalisation in the chain's own form. `None` when a signature is out of range, which a verified
/// certificate never is.
#[must_use]
pub fn to_certificate(finalized: &Finalized) -> Option<FinalityCertificate> {
    let Proposal { round, parent, payload } = &finalized.proposal;
    let Certificate { signers, signatures } = &finalized.certificate;
    let signers = signers.iter().map(|signer| u16::try_from(signer.get()).ok()).collect::<Option<Vec<_>>>()?;
    let signatures = signatures.iter().map(|signature| signature.get().map(|s| (*s).into())).collect::<Option<_>>()?;
    Some(FinalityCertificate {
        epoch: round.epoch().get(),
        view: round.view().get(),
        parent_view: parent.get(),
        digest: Hash(*payload.as_bytes()),
        signers: List::new(signers)?,
        signatures: List::new(signatures)?,
    })
}

/// The chain's form back in the engine's, for a set of `participants` keys. `None` when it does not fit the set.
#[must_use]
pub fn from_certificate(certificate: &FinalityCertificate, participants: &Set<PublicKey>) -> Option<Finalized> {
    let round = Round::new(Epoch::new(certificate.epoch), View::new(certificate.view));
    let signers = certificate.signers.iter().map(|signer| Participant::new(u32::from(*signer)));
    let signers = Signers::try_from((participants, signers.collect::<Vec<_>>())).ok()?;
    let signatures = certificate.signatures.iter().map(|s| Lazy::from(Signature::from(*s))).collect();
    Some(Finalization {
        proposal: Proposal::new(round, View::new(certificate.parent_view), Digest::new(certificate.digest.0)),
        certificate: Certificate { signers, signatures },
    })
}

#[cfg(test)]
mod tests;
