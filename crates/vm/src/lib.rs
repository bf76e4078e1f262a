//! WebAssembly: validate, instrument gas, run one call behind a host trait
