//! Identifiers, transactions, signed reads and genesis.

use crate::{
    cryptography::{public_key, secret_key},
    errors::{self, raise},
};
use pyo3::{prelude::*, types::PyBytes};
use std::str::FromStr;
use xl_crypto::Signature;
use xl_node::{documents, genesis_document, reads};
use xl_primitives::{AccountId, Bounded, Call, ContractId, Genesis, Hash, SignedTx, Text, TxBody, decode, encode};

fn misused(reason: &str) -> PyErr {
    raise("Misused", "", &reason, false)
}

/// A digest of 32 bytes.
pub fn hash(bytes: &[u8]) -> PyResult<Hash> {
    bytes.try_into().map(Hash).map_err(|_| misused("a hash has 32 bytes"))
}

/// An account id from its text.
pub fn account(text: &str) -> PyResult<AccountId> {
    AccountId::from_str(text).map_err(|error| raise("InvalidAddress", "", &error, false))
}

#[pyfunction]
pub fn account_id(organisation: &str, public_key: &[u8]) -> PyResult<String> {
    Ok(AccountId::derive(organisation, &crate::cryptography::public_key(public_key)?).to_string())
}

#[pyfunction]
pub fn contract_address(name: &str) -> String {
    ContractId::derive(name).to_string()
}

#[pyfunction]
pub fn address_to_bytes<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = AccountId::from_str(text).map(|id| id.0).or_else(|_| ContractId::from_str(text).map(|id| id.0));
    Ok(PyBytes::new(py, &bytes.map_err(|error| raise("InvalidAddress", "", &error, false))?))
}

fn address(bytes: &[u8]) -> PyResult<[u8; 20]> {
    bytes.try_into().map_err(|_| raise("InvalidAddress", "", &"an address has 20 bytes", false))
}

#[pyfunction]
pub fn account_to_text(address: &[u8]) -> PyResult<String> {
    Ok(AccountId(self::address(address)?).to_string())
}

#[pyfunction]
pub fn contract_to_text(address: &[u8]) -> PyResult<String> {
    Ok(ContractId(self::address(address)?).to_string())
}

#[pyfunction]
#[pyo3(signature = (secret, *, chain_id, sender, contract, method, arguments, gas_limit, valid_until_ms, salt = None))]
#[expect(clippy::too_many_arguments, reason = "keyword-only on the Python side")]
pub fn sign_transaction<'py>(
    py: Python<'py>,
    secret: &[u8],
    chain_id: &[u8],
    sender: &str,
    contract: &str,
    method: &str,
    arguments: &[u8],
    gas_limit: u64,
    valid_until_ms: u64,
    salt: Option<&[u8]>,
) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
    let (id, signed) = py.detach(|| {
        let key = secret_key(secret)?;
        let salt = match salt {
            Some(salt) => salt.try_into().map_err(|_| misused("a salt has 16 bytes"))?,
            None => xl_node::node::random_salt(),
        };
        let call = Call {
            contract: ContractId::from_str(contract).map_err(|error| raise("InvalidAddress", "", &error, false))?,
            method: Text::new(method).ok_or_else(|| misused("a method name has at most 64 bytes"))?,
            arguments: Bounded::new(arguments)
                .ok_or_else(|| misused("the arguments are too long for a transaction"))?,
        };
        let (chain_id, sender) = (hash(chain_id)?, account(sender)?);
        let body = TxBody { format: 1, chain_id, sender, call, gas_limit, valid_until_ms, salt };
        Ok::<_, PyErr>((body.id(), encode(&body.sign(&key))))
    })?;
    Ok((PyBytes::new(py, &id.0), PyBytes::new(py, &signed)))
}

#[pyfunction]
pub fn decode_transaction(signed: &[u8]) -> PyResult<String> {
    let tx: SignedTx =
        decode(signed, "transaction").map_err(|error| raise("TransactionRefused", "XL-TX-MALFORMED", &error, false))?;
    Ok(documents::transaction(&tx).to_string())
}

#[pyfunction]
#[pyo3(signature = (secret, *, chain_id, node, session, role, purpose, query, minimum_height, expires_ms, nonce))]
#[expect(clippy::too_many_arguments, reason = "keyword-only on the Python side")]
pub fn read_request<'py>(
    py: Python<'py>,
    secret: &[u8],
    chain_id: &[u8],
    node: &[u8],
    session: &[u8],
    role: &str,
    purpose: &str,
    query: &[u8],
    minimum_height: u64,
    expires_ms: u64,
    nonce: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let signed = py.detach(|| {
        let request = reads::ReadRequest {
            chain_id: hash(chain_id)?,
            node: public_key(node)?,
            session: Bounded::new(session).ok_or_else(|| misused("a session id has at most 64 bytes"))?,
            role: Text::new(role).ok_or_else(|| misused("a role has at most 32 bytes"))?,
            purpose: Text::new(purpose).ok_or_else(|| misused("a purpose has at most 256 bytes"))?,
            query: Bounded::new(query).ok_or_else(|| misused("a query has at most 65535 bytes"))?,
            minimum_height,
            expires_ms,
            nonce: nonce.try_into().map_err(|_| misused("a nonce has 16 bytes"))?,
        };
        Ok::<_, PyErr>(encode(&reads::sign_read(request, &secret_key(secret)?)))
    })?;
    Ok(PyBytes::new(py, &signed))
}

#[pyfunction]
#[pyo3(signature = (node, request, height, block_hash, result, signature, /))]
pub fn verify_answer(
    py: Python<'_>,
    node: &[u8],
    request: &[u8],
    height: u64,
    block_hash: &[u8],
    result: &[u8],
    signature: &[u8],
) -> PyResult<()> {
    py.detach(|| {
        let (node, block) = (public_key(node)?, hash(block_hash)?);
        let verified = Signature::from_slice(signature)
            .and_then(|signature| reads::verify_answer(&node, request, height, &block, result, &signature));
        verified.map_err(|error| raise("InvalidSignature", "", &error, false))
    })
}

#[pyfunction]
pub fn build_genesis<'py>(py: Python<'py>, document: &str) -> PyResult<Bound<'py, PyBytes>> {
    let genesis = py.detach(|| genesis_document::parse(document)).map_err(|error| errors::genesis(&error))?;
    Ok(PyBytes::new(py, &encode(&genesis)))
}

#[pyfunction]
pub fn genesis_json(genesis: &[u8]) -> PyResult<String> {
    let genesis: Genesis = decode(genesis, "genesis").map_err(|error| raise("InvalidGenesis", "", &error, false))?;
    Ok(genesis_document::write(&genesis))
}
