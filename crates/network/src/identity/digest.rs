//! SM3 as the engine's hasher.

use super::bytes_like;
use commonware_codec::{Buf, Error, FixedArray, Read, ReadExt as _};
use commonware_math::algebra::Random;
use commonware_parallel::Strategy;
use rand_core::CryptoRng;

/// 32 bytes, so that [`bytes_like`] finds `as_bytes` on every inner type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bytes([u8; 32]);

impl Bytes {
    const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// An SM3 digest: 32 bytes. Any 32 bytes are one; `From<[u8; 32]>` and back are derived.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FixedArray)]
#[fixed_array(infallible)]
pub struct Digest(Bytes);

bytes_like!(Digest, 32);

impl Digest {
    /// Takes the 32 bytes, also in constants.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(Bytes(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl Read for Digest {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        <[u8; 32]>::read(buf).map(Self::new)
    }
}

impl commonware_cryptography::Digest for Digest {
    const EMPTY: Self = Self::new([0; 32]);
}

impl Random for Digest {
    fn random(mut rng: impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self::new(bytes)
    }
}

/// Incremental SM3 (GB/T 32905-2016).
#[derive(Default)]
pub struct Sm3(xl_crypto::Sm3);

impl commonware_cryptography::Hasher for Sm3 {
    type Digest = Digest;

    fn hash(parts: &[&[u8]]) -> Digest {
        Digest::new(xl_crypto::sm3(parts))
    }

    fn hash_pair(left: &[&[u8]], right: &[&[u8]], _: &impl Strategy) -> (Digest, Digest) {
        (Self::hash(left), Self::hash(right))
    }

    fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    fn finalize(mut self) -> (Self, Digest) {
        let digest = Digest::new(self.0.finalize_reset());
        (self, digest)
    }
}
