//! The border between Rust and Python: conversions, the interpreter lock, errors
