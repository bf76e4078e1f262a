//! SM4 (GB/T 32907): the bare block cipher for vectors, and SM4-GCM (RFC 8998) for everything else.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload, consts::U12};
use sm4::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _};

/// Why a text could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// The text is longer than GCM allows under one nonce.
    #[error("a text of {length} bytes is longer than SM4-GCM allows")]
    TooLong {
        /// Bytes of text.
        length: usize,
    },
    /// Too short to hold a tag.
    #[error("a sealed text has at least 16 bytes, this one has {length}")]
    TooShort {
        /// Bytes given.
        length: usize,
    },
    /// The key, nonce, associated data or sealed text is not what was sealed. Nothing is given out.
    #[error("the sealed text is not authentic")]
    NotAuthentic,
}

/// Encrypts one block, without mode or authentication.
#[must_use]
pub fn sm4_encrypt_block(key: &[u8; 16], block: &[u8; 16]) -> [u8; 16] {
    let mut block = (*block).into();
    sm4::Sm4::new(&(*key).into()).encrypt_block(&mut block);
    block.into()
}

/// Decrypts one block, without mode or authentication.
#[must_use]
pub fn sm4_decrypt_block(key: &[u8; 16], block: &[u8; 16]) -> [u8; 16] {
    let mut block = (*block).into();
    sm4::Sm4::new(&(*key).into()).decrypt_block(&mut block);
    block.into()
}

/// SM4-GCM under one key, with 12-byte nonces and 16-byte tags. The round keys are zeroised when it is dropped.
pub struct Sm4Gcm(aes_gcm::AesGcm<sm4::Sm4, U12>);

impl Sm4Gcm {
    /// Length of a key in bytes.
    pub const KEY_SIZE: usize = 16;
    /// Length of a nonce in bytes.
    pub const NONCE_SIZE: usize = 12;
    /// By how many bytes a sealed text is longer than the text.
    pub const TAG_SIZE: usize = 16;

    /// Takes the key.
    #[must_use]
    pub fn new(key: &[u8; Self::KEY_SIZE]) -> Self {
        Self(aes_gcm::AesGcm::new(&(*key).into()))
    }

    /// The encrypted text followed by its tag. A nonce must never be used twice with one key: that gives both texts
    /// and the authentication key away.
    ///
    /// # Errors
    /// [`CipherError::TooLong`] past 2^36 - 32 bytes.
    pub fn seal(&self, nonce: &[u8; Self::NONCE_SIZE], associated: &[u8], text: &[u8]) -> Result<Vec<u8>, CipherError> {
        self.0
            .encrypt(&(*nonce).into(), Payload { msg: text, aad: associated })
            .map_err(|_| CipherError::TooLong { length: text.len() })
    }

    /// The text that [`Self::seal`] got.
    ///
    /// # Errors
    /// [`CipherError::TooShort`] without room for a tag, [`CipherError::NotAuthentic`] when anything was changed.
    pub fn open(
        &self,
        nonce: &[u8; Self::NONCE_SIZE],
        associated: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, CipherError> {
        if sealed.len() < Self::TAG_SIZE {
            return Err(CipherError::TooShort { length: sealed.len() });
        }
        self.0
            .decrypt(&(*nonce).into(), Payload { msg: sealed, aad: associated })
            .map_err(|_| CipherError::NotAuthentic)
    }
}

impl std::fmt::Debug for Sm4Gcm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sm4Gcm")
    }
}
