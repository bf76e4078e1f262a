//! curveSM2: ephemeral Diffie-Hellman on the SM2 curve (RFC 8998, section 3.2.1; shares as in RFC 8446, 4.2.8.2).

use super::rng;
use rustls::crypto::{ActiveKeyExchange, GetRandomFailed, SharedSecret, SupportedKxGroup};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use zeroize::Zeroizing;

/// The group's code point. rustls 0.23 has no name for it.
pub const CURVE_SM2: NamedGroup = NamedGroup::Unknown(41);

/// Length of an uncompressed point, the only form allowed on the wire.
pub(super) const POINT_LEN: usize = 65;

#[derive(Debug)]
pub(super) struct CurveSm2;

struct Exchange {
    secret: sm2::SecretKey,
    share: [u8; POINT_LEN],
}

/// The point of `key`, uncompressed.
pub(super) fn point_of(key: &sm2::PublicKey) -> [u8; POINT_LEN] {
    key.to_sec1_point(false).as_bytes().try_into().expect("an SM2 key is not the point at infinity")
}

fn random_secret() -> Result<sm2::SecretKey, GetRandomFailed> {
    let mut bytes = Zeroizing::new([0; 32]);
    loop {
        rng::fill(&mut *bytes)?;
        // Refuses 0 and what is not below the order: about one draw in 2^32.
        if let Ok(secret) = sm2::SecretKey::from_slice(&*bytes) {
            return Ok(secret);
        }
    }
}

impl SupportedKxGroup for CurveSm2 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let secret = random_secret()?;
        let share = point_of(&secret.public_key());
        Ok(Box::new(Exchange { secret, share }))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        CURVE_SM2
    }
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        // The parser would also take compressed points, which TLS 1.3 forbids.
        if peer.len() != POINT_LEN || peer[0] != 4 {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        let peer = sm2::PublicKey::from_sec1_bytes(peer).map_err(|_| PeerMisbehaved::InvalidKeyShare)?;
        let shared = elliptic_curve::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), peer.as_affine());
        Ok(SharedSecret::from(&shared.raw_secret_bytes()[..]))
    }

    fn pub_key(&self) -> &[u8] {
        &self.share
    }

    fn group(&self) -> NamedGroup {
        CURVE_SM2
    }
}

#[cfg(test)]
mod tests {
    use super::{CurveSm2, POINT_LEN};
    use rustls::crypto::SupportedKxGroup as _;
    use rustls::{Error, PeerMisbehaved};
    use sm2::elliptic_curve::sec1::ToSec1Point as _;

    #[test]
    fn both_sides_agree() {
        let (a, b) = (CurveSm2.start().expect("a"), CurveSm2.start().expect("b"));
        let (a_share, b_share) = (a.pub_key().to_vec(), b.pub_key().to_vec());
        assert_ne!(a_share, b_share);
        let (a, b) = (a.complete(&b_share).expect("a"), b.complete(&a_share).expect("b"));
        assert_eq!(a.secret_bytes(), b.secret_bytes());
        assert_eq!(a.secret_bytes().len(), 32);
    }

    #[test]
    fn refuses_every_other_form_of_point() {
        let good = CurveSm2.start().expect("share").pub_key().to_vec();
        let compressed = sm2::PublicKey::from_sec1_bytes(&good).expect("point").to_sec1_point(true).as_bytes().to_vec();
        let mut hybrid = good.clone();
        hybrid[0] = 6;
        let mut off_curve = good.clone();
        off_curve[POINT_LEN - 1] ^= 1;
        let long = [&good[..], &[0]].concat();
        for bad in [&compressed[..], &hybrid, &off_curve, &long, &good[..64], &[0], &[]] {
            let result = CurveSm2.start().expect("start").complete(bad).map(|_| ());
            assert_eq!(result, Err(Error::PeerMisbehaved(PeerMisbehaved::InvalidKeyShare)), "{}", hex::encode(bad));
        }
    }
}
