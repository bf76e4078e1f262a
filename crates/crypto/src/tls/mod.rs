//! RFC 8998 for rustls: TLS 1.3 with `TLS_SM4_GCM_SM3` (0x00C6), `curveSM2` (41) and `sm2sig_sm3` (0x0708), mutual.
//!
//! ```text
//! identity key ──signs──> leaf certificate ──carries──> TLS leaf key ──signs──> CertificateVerify
//!  (admitted, 33 bytes)     cert.rs, one form              sign.rs                  verify.rs
//! ```
//! A node is known by its identity key. The key that signs handshakes is another one, the leaf, which the identity
//! signed; so the identity's secret need not be online and a leaf can be replaced at will. Whoever holds a leaf signed
//! by an admitted identity is let in; dates, names and certificate authorities play no part (protocol rule 19).
//!
//! Everything is sans-io and synchronous: the caller moves the bytes. Randomness comes from the operating system or,
//! inside [`rng::scoped`], from a generator of the caller, so that a simulation replays a handshake byte for byte.
//! There is no resumption: a ticket would let a removed member return without being asked for its certificate.

mod cert;
mod config;
mod kx;
pub mod rng;
mod sign;
mod sm4;
mod suite;
mod verify;

pub use cert::{CERTIFICATE_BYTES_MAX, CertificateError, Credentials, SubjectKey, identity_of};
pub use config::{client_config, server_config};
pub use kx::CURVE_SM2;
pub use sign::SM2SIG_SM3;
pub use suite::{TLS_SM4_GCM_SM3, TLS13_SM4_GCM_SM3};
pub use verify::Pinned;

use rustls::crypto::CryptoProvider;

/// The signer identifier that RFC 8998, section 3.2.1, sets for the CertificateVerify message. Certificates keep the
/// default identifier of GB/T 32918.
pub const HANDSHAKE_ID: &str = "TLSv1.3+GM+Cipher+Suite";

/// The provider: one cipher suite, one group, one signature scheme.
#[must_use]
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![(&TLS13_SM4_GCM_SM3).into()],
        kx_groups: vec![&kx::CurveSm2],
        signature_verification_algorithms: verify::ALGORITHMS,
        secure_random: &rng::Random,
        key_provider: &sign::Pkcs8Keys,
    }
}

#[cfg(test)]
mod tests;
