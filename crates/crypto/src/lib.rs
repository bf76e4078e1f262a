//! National cryptography: SM2 signatures (GB/T 32918), the SM3 hash (GB/T 32905) and the SM4 cipher (GB/T 32907).
//!
//! Nothing here knows about the chain or its engine. Signing stays in the maintained library; verification of public
//! inputs goes through [`Verifier`], which keeps a bounded cache of per-key tables.

pub mod cipher;
pub mod hash;
pub mod keys;
mod lanes;
pub mod sealed;
pub mod tls;
pub mod verifier;

pub use cipher::{CipherError, Sm4Gcm, sm4_decrypt_block, sm4_encrypt_block};
pub use hash::{Sm3, sm3, sm3_batch};
pub use keys::{InvalidKey, InvalidSignature, PublicKey, SecretKey, Signature};
pub use sealed::{Derivation, Vault, VaultError};
pub use verifier::{Verifier, verify};
