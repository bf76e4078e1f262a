//! The border: conversions, the interpreter lock and errors; no logic. `src/xianglian/_core.pyi` describes all of it.

mod contracts;
mod cryptography;
mod errors;
mod machine;
mod node;
mod proofs;
mod transactions;

use pyo3::prelude::*;

/// The Rust core of 享链.
#[pymodule(gil_used = false)]
mod _core {
    use super::*;

    #[pymodule_export]
    use contracts::{ContractSandbox, check_contract};
    #[pymodule_export]
    use cryptography::{
        Vault, sm2_generate, sm2_public_key, sm2_sign, sm2_verify, sm3, sm4_ecb_decrypt, sm4_ecb_encrypt,
        sm4_gcm_decrypt, sm4_gcm_encrypt,
    };
    #[pymodule_export]
    use machine::ContractMachine;
    #[pymodule_export]
    use node::Node;
    #[pymodule_export]
    use proofs::verify_proof;
    #[pymodule_export]
    use transactions::{
        account_id, account_to_text, address_to_bytes, build_genesis, contract_address, contract_to_text,
        decode_transaction, genesis_json, read_request, sign_transaction, verify_answer,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("PROTOCOL_VERSION", xl_execution::PROTOCOL_VERSION)
    }
}
