//! TLS_SM4_GCM_SM3: the transcript hash, HMAC for the key schedule, and record protection.

use super::sm4::Sm4;
use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _, consts::U12};
use hmac::Mac as _;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter, Nonce,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm, UnsupportedOperationError,
    make_tls13_aad,
};
use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};
use rustls::crypto::hmac::{Hmac, Key, Tag};
use rustls::crypto::tls13::HkdfUsingHmac;
use rustls::{
    CipherSuite, CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion, Tls13CipherSuite,
};

/// The suite's code point (RFC 8998, section 2). rustls 0.23 has no name for it.
pub const TLS_SM4_GCM_SM3: CipherSuite = CipherSuite::Unknown(0x00C6);

/// The suite. After 2^24 records under one key rustls sends a KeyUpdate by itself (RFC 8446, section 5.5; the bound of
/// AES-GCM holds for any 128-bit block cipher).
pub static TLS13_SM4_GCM_SM3: Tls13CipherSuite = Tls13CipherSuite {
    common: CipherSuiteCommon { suite: TLS_SM4_GCM_SM3, hash_provider: &Sm3Hash, confidentiality_limit: 1 << 24 },
    hkdf_provider: &HkdfUsingHmac(&Sm3Hmac),
    aead_alg: &Sm4Gcm,
    quic: None,
};

const HASH_LEN: usize = 32;
const KEY_LEN: usize = 16;
const TAG_LEN: usize = 16;

struct Sm3Hash;

impl Hash for Sm3Hash {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Transcript(crate::Sm3::default()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        Output::new(&crate::sm3(&[data]))
    }

    fn output_len(&self) -> usize {
        HASH_LEN
    }

    fn algorithm(&self) -> HashAlgorithm {
        // TLS 1.2 numbered SM3 as 7; TLS 1.3 has no number and only compares the value with itself.
        HashAlgorithm::Unknown(7)
    }
}

struct Transcript(crate::Sm3);

impl Context for Transcript {
    fn fork_finish(&self) -> Output {
        Output::new(&self.0.clone().finalize_reset())
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(mut self: Box<Self>) -> Output {
        Output::new(&self.0.finalize_reset())
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

struct Sm3Hmac;

impl Hmac for Sm3Hmac {
    fn with_key(&self, key: &[u8]) -> Box<dyn Key> {
        Box::new(HmacKey(hmac::KeyInit::new_from_slice(key).expect("HMAC takes a key of any length")))
    }

    fn hash_output_len(&self) -> usize {
        HASH_LEN
    }
}

struct HmacKey(hmac::Hmac<sm3::Sm3>);

impl Key for HmacKey {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> Tag {
        let mut mac = self.0.clone();
        mac.update(first);
        for part in middle {
            mac.update(part);
        }
        mac.update(last);
        Tag::new(&mac.finalize().into_bytes())
    }

    fn tag_len(&self) -> usize {
        HASH_LEN
    }
}

struct Sm4Gcm;

impl Tls13AeadAlgorithm for Sm4Gcm {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Records::new(&key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Records::new(&key, iv))
    }

    fn key_len(&self) -> usize {
        KEY_LEN
    }

    /// rustls 0.23 has no form for SM4 secrets, so kernel TLS cannot take a connection over.
    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

/// One direction of one connection under one key.
struct Records {
    gcm: AesGcm<Sm4, U12>,
    iv: Iv,
}

impl Records {
    fn new(key: &AeadKey, iv: Iv) -> Self {
        Self { gcm: AesGcm::new_from_slice(key.as_ref()).expect("rustls derives key_len() bytes"), iv }
    }
}

impl MessageEncrypter for Records {
    fn encrypt(&mut self, message: OutboundPlainMessage<'_>, seq: u64) -> Result<OutboundOpaqueMessage, Error> {
        let total = self.encrypted_payload_len(message.payload.len());
        let mut body = PrefixedPayload::with_capacity(total);
        body.extend_from_chunks(&message.payload);
        body.extend_from_slice(&[u8::from(message.typ)]);
        let nonce = Nonce::new(&self.iv, seq).0;
        let tag = self
            .gcm
            .encrypt_inout_detached(&nonce.into(), &make_tls13_aad(total), body.as_mut().into())
            .map_err(|_| Error::EncryptError)?;
        body.extend_from_slice(&tag);
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, body))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + 1 + TAG_LEN
    }
}

impl MessageDecrypter for Records {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let total = message.payload.len();
        let plain = total.checked_sub(TAG_LEN).ok_or(Error::DecryptError)?;
        let nonce = Nonce::new(&self.iv, seq).0;
        let (body, tag) = message.payload.split_at_mut(plain);
        let tag = <[u8; TAG_LEN]>::try_from(&*tag).map_err(|_| Error::DecryptError)?;
        self.gcm
            .decrypt_inout_detached(&nonce.into(), &make_tls13_aad(total), body.into(), &tag.into())
            .map_err(|_| Error::DecryptError)?;
        message.payload.truncate(plain);
        message.into_tls13_unpadded_message()
    }
}

#[cfg(test)]
mod tests;
