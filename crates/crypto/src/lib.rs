//! National cryptography: SM2 signatures (GB/T 32918), the SM3 hash (GB/T 32905) and the SM4 cipher (GB/T 32907).
//!
//! Nothing here knows about the chain or its engine. Signing stays in the maintained library; verification of public
//! inputs goes through [`Verifier`], which keeps a bounded cache of per-key tables.

pub mod hash;
pub mod keys;
mod lanes;
pub mod tls;
pub mod verifier;

pub use hash::{Sm3, sm3, sm3_batch};
pub use keys::{InvalidKey, InvalidSignature, PublicKey, SecretKey, Signature};
pub use verifier::{Verifier, verify};
