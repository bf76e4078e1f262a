//! Any bytes as a proof file: refused, or verified, and then in its one canonical form. Never a panic.
#![no_main]

use xl_light::proof_file::{ProofFile, to_bytes, verify};
use xl_primitives::decode;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let verified = verify(bytes, None, None);
    match decode::<ProofFile>(bytes, "proof file") {
        Ok(file) => assert_eq!(to_bytes(&file), bytes),
        Err(_) => assert!(verified.is_err(), "what cannot be read proves nothing"),
    }
});
