//! Header, finality and fact verification: all that a client, an auditor or another chain has to trust (spec `08-finality`).
//!
//! ```text
//! genesis ─ validators ─▶ transitions (one per change of the set) ─▶ finality of a header ─▶ fact under its roots
//! ```
//! Pure and small on purpose: it knows neither the BFT engine nor the store, only the frozen bytes of a vote.

#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

pub mod certificate;
pub mod finality;
pub mod proof_file;

pub use certificate::{CertificateError, FinalityCertificate, quorum};
pub use finality::{FinalityError, FinalityProof};
pub use proof_file::{Checkpoint, Fact, ProofFile, ProofRefused, Strength, Verified, verify};
