//! The names that the engine knows: SM2 keys and signatures, SM3 digests, in the traits of `commonware-cryptography`.
//!
//! Nothing is computed here. Keys, signing, verification and hashing are those of `xl-crypto`; these types carry the
//! same bytes (33, 64 and 32, spec XL-CRYPTO) through the engine's codec, and convert to and from the core's types for
//! free.

mod digest;
mod keys;

pub use digest::{Digest, Sm3};
pub use keys::{PrivateKey, PublicKey, Signature};

/// What every fixed-width byte string of the engine must be: bytes, text (lower-case hex), codec.
macro_rules! bytes_like {
    ($name:ident, $size:expr) => {
        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl core::ops::Deref for $name {
            type Target = [u8];
            fn deref(&self) -> &[u8] {
                self.0.as_bytes()
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Debug::fmt(self, f)
            }
        }

        impl commonware_codec::Write for $name {
            fn write(&self, buf: &mut impl bytes::BufMut) {
                buf.put_slice(self.0.as_bytes());
            }
        }

        impl commonware_codec::FixedSize for $name {
            const SIZE: usize = $size;
        }

        impl commonware_utils::Span for $name {}
        impl commonware_utils::Array for $name {}
    };
}
use bytes_like;

#[cfg(test)]
mod tests;
