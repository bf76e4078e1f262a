//! SM3 (GB/T 32905-2016): a 256-bit hash.

use sm3::Digest as _;

/// Digest of the concatenation of `parts`.
///
/// ```
/// assert_eq!(xl_crypto::sm3(&[b"a", b"bc"]), xl_crypto::sm3(&[b"abc"]));
/// ```
#[must_use]
pub fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = sm3::Sm3::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Incremental SM3.
#[derive(Clone, Default)]
pub struct Sm3(sm3::Sm3);

impl Sm3 {
    /// Absorbs `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything absorbed; the hasher starts again.
    pub fn finalize_reset(&mut self) -> [u8; 32] {
        self.0.finalize_reset().into()
    }
}

/// Digests of many messages, in order: `sm3_batch(m)[i] == sm3(&[m[i]])`.
#[must_use]
pub fn sm3_batch<M: AsRef<[u8]>>(messages: &[M]) -> Vec<[u8; 32]> {
    messages.iter().map(|message| sm3(&[message.as_ref()])).collect()
}
