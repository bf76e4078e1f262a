use super::{Records, Sm3Hmac, Sm4, Sm4Gcm};
use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _, consts::U12};
use rustls::crypto::cipher::{
    InboundOpaqueMessage, Iv, MessageDecrypter as _, MessageEncrypter as _, OutboundChunks, OutboundPlainMessage,
    Tls13AeadAlgorithm as _,
};
use rustls::crypto::hmac::Hmac as _;
use rustls::{ContentType, Error, ProtocolVersion};

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

fn records() -> Records {
    let gcm = AesGcm::new_from_slice(&[0x11; 16]).expect("16 bytes");
    Records { gcm, iv: Iv::from([0x22; 12]) }
}

fn sealed(seq: u64, payload: &[u8]) -> Vec<u8> {
    let message = OutboundPlainMessage {
        typ: ContentType::ApplicationData,
        version: ProtocolVersion::TLSv1_2,
        payload: OutboundChunks::Single(payload),
    };
    records().encrypt(message, seq).expect("encrypt").payload.as_ref().to_vec()
}

fn opened(seq: u64, record: &mut [u8]) -> Result<Vec<u8>, Error> {
    let message = InboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, record);
    records().decrypt(message, seq).map(|plain| plain.payload.to_vec())
}

/// RFC 8998, appendix A.1.
#[test]
fn sm4_gcm_vector_of_rfc_8998() {
    let gcm = AesGcm::<Sm4, U12>::new_from_slice(&bytes("0123456789ABCDEFFEDCBA9876543210")).expect("16 bytes");
    let nonce: [u8; 12] = bytes("00001234567800000000ABCD").try_into().expect("12 bytes");
    let mut text = bytes(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD\
         EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA",
    );
    let aad = bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2");
    let tag = gcm.encrypt_inout_detached(&nonce.into(), &aad, text.as_mut_slice().into()).expect("encrypt");
    assert_eq!(
        hex::encode_upper(&text),
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735\
         D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    );
    assert_eq!(hex::encode_upper(tag), "83DE3541E4C2B58177E065A9BF7B62EC");
}

/// RFC 2104 written out over the crate's own SM3, against the HMAC crate that the key schedule uses.
#[test]
fn hmac_sm3_is_rfc_2104() {
    for length in [0, 1, 32, 63, 64, 65, 200] {
        let key = vec![0xA5; length];
        let mut block = [0u8; 64];
        if length > 64 {
            block[..32].copy_from_slice(&crate::sm3(&[&key]));
        } else {
            block[..length].copy_from_slice(&key);
        }
        let inner = crate::sm3(&[&block.map(|b| b ^ 0x36), b"first", b"mid", b"dle", b"last"]);
        let outer = crate::sm3(&[&block.map(|b| b ^ 0x5C), &inner]);
        let tag = Sm3Hmac.with_key(&key).sign_concat(b"first", &[b"mid", b"dle"], b"last");
        assert_eq!(tag.as_ref(), outer, "key of {length} bytes");
    }
}

#[test]
fn records_open_only_unchanged_and_in_sequence() {
    assert_eq!(Sm4Gcm.key_len(), 16);
    for length in [0, 1, 15, 16, 17, 16_384] {
        let payload = vec![0x5A; length];
        let record = sealed(3, &payload);
        assert_eq!(record.len(), length + 17);
        assert_eq!(opened(3, &mut record.clone()), Ok(payload));
        assert_eq!(opened(4, &mut record.clone()), Err(Error::DecryptError), "another sequence number");
        for position in [0, record.len() / 2, record.len() - 1] {
            let mut bad = record.clone();
            bad[position] ^= 1;
            assert_eq!(opened(3, &mut bad), Err(Error::DecryptError), "byte {position} of {length}");
        }
        let mut short = record.clone();
        short.truncate(record.len() - 1);
        assert_eq!(opened(3, &mut short), Err(Error::DecryptError));
    }
    assert_eq!(opened(0, &mut [0; 15]), Err(Error::DecryptError), "shorter than a tag");
}
