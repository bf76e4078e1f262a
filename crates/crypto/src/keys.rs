//! SM2 keys and signatures in the fixed-width forms that every other crate uses (spec XL-CRYPTO).

use borsh::{BorshDeserialize, BorshSerialize, io};
use sm2::dsa::signature::Signer as _;
use sm2::elliptic_curve::{Generate as _, sec1::ToSec1Point as _};
use zeroize::Zeroizing;

/// The signer identifier that GB/T 32918.2 gives as default and the chain always uses.
pub const DISTINGUISHED_ID: &str = "1234567812345678";

/// Order of the SM2 base point, big endian (GB/T 32918.5).
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x72, 0x03, 0xDF,
    0x6B, 0x21, 0xC6, 0x05, 0x2B, 0x53, 0xBB, 0xF4, 0x09, 0x39, 0xD5, 0x41, 0x23,
];

/// Bytes that are not an SM2 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an SM2 key: it must be a point of the curve as 33 compressed SEC1 bytes, or a scalar in 1..n-2")]
pub struct InvalidKey;

/// A signature that does not verify, or bytes that cannot be a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the SM2 signature does not verify for this key and message")]
pub struct InvalidSignature;

/// An SM2 public key: 33 bytes, compressed SEC1.
///
/// Only the form is checked here (length and prefix). Whether the point lies on the curve is decided where the key is
/// used: a key that is no point verifies nothing, and [`PublicKey::validate`] is called before one is admitted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct PublicKey([u8; 33]);

impl PublicKey {
    /// Length of the encoding in bytes.
    pub const SIZE: usize = 33;

    /// Takes the compressed form.
    ///
    /// # Errors
    /// [`InvalidKey`] when the length is not 33 or the prefix is neither 02 nor 03.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let bytes: [u8; 33] = bytes.try_into().map_err(|_| InvalidKey)?;
        matches!(bytes[0], 2 | 3).then_some(Self(bytes)).ok_or(InvalidKey)
    }

    /// Takes 33 compressed or 65 uncompressed SEC1 bytes and checks that they are a point of the curve.
    ///
    /// # Errors
    /// [`InvalidKey`] otherwise.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, InvalidKey> {
        if !matches!((bytes.first(), bytes.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
            return Err(InvalidKey); // the library also takes the compact form, prefix 05
        }
        let point = sm2::PublicKey::from_sec1_bytes(bytes).map_err(|_| InvalidKey)?;
        Self::from_slice(point.to_sec1_point(true).as_bytes())
    }

    /// Checks that the key is a point of the curve (costs a square root, about 20 us).
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not.
    pub fn validate(&self) -> Result<(), InvalidKey> {
        sm2::PublicKey::from_sec1_bytes(&self.0).map(|_| ()).map_err(|_| InvalidKey)
    }

    /// The 33 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 33] {
        &self.0
    }
}

impl BorshDeserialize for PublicKey {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let bytes = <[u8; 33]>::deserialize_reader(reader)?;
        Self::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// An SM2 signature: r then s, 32 big-endian bytes each, with r, s in 1..n-1 and r + s != 0 mod n (spec XL-CRYPTO-4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Length of the encoding in bytes.
    pub const SIZE: usize = 64;

    /// Takes r and s and checks their ranges.
    ///
    /// # Errors
    /// [`InvalidSignature`] when the length or a range is wrong.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, InvalidSignature> {
        let bytes: [u8; 64] = bytes.try_into().map_err(|_| InvalidSignature)?;
        let (r, s) = bytes.split_at(32);
        let in_range = |x: &[u8]| x.iter().any(|&b| b != 0) && *x < ORDER[..];
        (in_range(r) && in_range(s) && !sums_to_order(r, s)).then_some(Self(bytes)).ok_or(InvalidSignature)
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// r and s, big endian.
    pub(crate) fn halves(&self) -> (&[u8; 32], &[u8; 32]) {
        let (halves, _) = self.0.as_chunks::<32>();
        (&halves[0], &halves[1])
    }
}

/// r + s = n, the one sum in range that is 0 mod n.
fn sums_to_order(r: &[u8], s: &[u8]) -> bool {
    let mut carry = 0u16;
    for i in (0..32).rev() {
        let sum = u16::from(r[i]) + u16::from(s[i]) + carry;
        if sum.to_be_bytes()[1] != ORDER[i] {
            return false;
        }
        carry = sum >> 8;
    }
    carry == 0
}

impl BorshDeserialize for Signature {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let bytes = <[u8; 64]>::deserialize_reader(reader)?;
        Self::from_slice(&bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "signature out of range"))
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// An SM2 secret key. Zeroised when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey {
    signing: sm2::dsa::SigningKey,
    public: PublicKey,
}

impl SecretKey {
    /// A fresh key from the operating system's generator.
    #[must_use]
    pub fn generate() -> Self {
        let secret = sm2::SecretKey::generate();
        let bytes = Zeroizing::new(<[u8; 32]>::from(secret.to_bytes()));
        Self::from_slice(&*bytes).expect("a generated scalar is in range")
    }

    /// Takes the scalar as 32 big-endian bytes.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not in 1..n-2 (GB/T 32918.1, 6.1).
    pub fn from_slice(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let signing = sm2::dsa::SigningKey::from_slice(DISTINGUISHED_ID, bytes).map_err(|_| InvalidKey)?;
        let point = signing.verifying_key().as_affine().to_sec1_point(true);
        let public = PublicKey::from_slice(point.as_bytes())?;
        Ok(Self { signing, public })
    }

    /// The scalar as 32 big-endian bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.signing.to_bytes().into())
    }

    /// The public half.
    #[must_use]
    pub const fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Signs `message` under the default identifier. Deterministic (RFC 6979): the same key and message give the same
    /// bytes, which equivocation detection relies on.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature: sm2::dsa::Signature = self.signing.sign(message);
        Signature(signature.to_bytes().into())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey({:?})", self.public)
    }
}
