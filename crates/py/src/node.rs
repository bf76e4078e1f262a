//! A running node.

use crate::{
    cryptography::{public_key, secret_key},
    errors::{self, raise, submit_code},
    transactions::{account, hash},
};
use pyo3::{prelude::*, types::PyBytes};
use serde_json::json;
use std::time::Duration;
use xl_crypto::Signature;
use xl_node::{NodeError, documents};
use xl_primitives::Hash;

/// Largest body of a batch.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// One running node.
#[pyclass(frozen, module = "xianglian._core")]
pub struct Node(xl_node::Node);

/// Runs `work` without the interpreter lock.
fn free<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, NodeError> + Send) -> PyResult<T> {
    py.detach(work).map_err(|error| errors::node(&error))
}

#[pymethods]
impl Node {
    #[new]
    fn new(py: Python<'_>, configuration: &str, identity_secret: &[u8]) -> PyResult<Self> {
        let key = secret_key(identity_secret)?;
        free(py, || {
            xl_node::node::log_to_stderr(configuration);
            xl_node::Node::start(configuration, key)
        })
        .map(Self)
    }

    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.0.stop());
    }

    fn status(&self, py: Python<'_>) -> PyResult<String> {
        free(py, || self.0.status())
    }

    fn engine_metrics(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.engine_metrics())
    }

    fn submit<'py>(&self, py: Python<'py>, signed: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let id = free(py, || self.0.submit(signed.to_vec()))?;
        Ok(PyBytes::new(py, &id.0))
    }

    fn submit_batch<'py>(&self, py: Python<'py>, frames: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let answers = py.detach(|| self.batch(frames))?;
        Ok(PyBytes::new(py, &answers))
    }

    fn transaction(&self, py: Python<'_>, tx_id: &[u8]) -> PyResult<Option<String>> {
        let id = hash(tx_id)?;
        free(py, || self.0.transaction(&id))
    }

    fn wait(&self, py: Python<'_>, tx_id: &[u8], timeout_ms: u64) -> PyResult<Option<String>> {
        let id = hash(tx_id)?;
        free(py, || self.0.wait(&id, Duration::from_millis(timeout_ms)))
    }

    fn pool_contains(&self, tx_id: &[u8]) -> PyResult<bool> {
        Ok(self.0.pool_contains(&hash(tx_id)?))
    }

    fn block(&self, py: Python<'_>, height: u64) -> PyResult<Option<String>> {
        free(py, || self.0.block(height))
    }

    fn block_results<'py>(&self, py: Python<'py>, height: u64) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let results = free(py, || self.0.block_results(height))?;
        Ok(results.map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn block_by_hash(&self, py: Python<'_>, block_hash: &[u8]) -> PyResult<Option<String>> {
        let digest = hash(block_hash)?;
        free(py, || self.0.block_by_hash(&digest))
    }

    fn wait_height(&self, py: Python<'_>, height: u64, timeout_ms: u64) -> u64 {
        py.detach(|| self.0.wait_height(height, Duration::from_millis(timeout_ms)))
    }

    fn account(&self, py: Python<'_>, address: &str) -> PyResult<Option<String>> {
        free(py, || self.0.account(address))
    }

    fn organisations(&self, py: Python<'_>) -> PyResult<String> {
        free(py, || self.0.organisations())
    }

    fn accounts(&self, py: Python<'_>, offset: u32, limit: usize) -> PyResult<String> {
        free(py, || self.0.accounts(offset, limit))
    }

    fn contract(&self, py: Python<'_>, name: &str) -> PyResult<Option<String>> {
        free(py, || self.0.contract(name))
    }

    fn contracts(&self, py: Python<'_>) -> PyResult<String> {
        free(py, || self.0.contracts())
    }

    #[pyo3(signature = (name, version=None))]
    fn contract_interface<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        version: Option<u32>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let interface = free(py, || self.0.contract_interface(name, version))?;
        Ok(interface.map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn contract_versions(&self, py: Python<'_>, name: &str) -> PyResult<Option<String>> {
        free(py, || self.0.contract_versions(name))
    }

    fn code(&self, py: Python<'_>, code_hash: &str) -> PyResult<String> {
        free(py, || self.0.code(code_hash))
    }

    fn staged_interface<'py>(&self, py: Python<'py>, code_hash: &str) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let interface = free(py, || self.0.staged_interface(code_hash))?;
        Ok(interface.map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn governance(&self, py: Python<'_>) -> PyResult<String> {
        free(py, || self.0.governance())
    }

    fn proposals(&self, py: Python<'_>, before: Option<u32>, limit: u32) -> PyResult<String> {
        free(py, || self.0.proposals(before, limit))
    }

    fn proposal(&self, py: Python<'_>, number: u32) -> PyResult<Option<String>> {
        free(py, || self.0.proposal(number))
    }

    #[expect(clippy::too_many_arguments, reason = "the border takes plain values")]
    fn dry_run_upgrade(
        &self,
        py: Python<'_>,
        caller: &str,
        name: &str,
        code_hash: &str,
        stage_arguments: &[u8],
        migrated: Vec<String>,
        gas_limit: u64,
    ) -> PyResult<String> {
        let code = if code_hash.is_empty() { Err(stage_arguments.to_vec()) } else { Ok(code_hash) };
        free(py, || self.0.dry_run_upgrade(caller, name, code, &migrated, gas_limit))
    }

    fn query(
        &self,
        py: Python<'_>,
        caller: &str,
        contract: &str,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
    ) -> PyResult<String> {
        free(py, || self.0.query(caller, contract, method, arguments, gas_limit))
    }

    fn replay(&self, py: Python<'_>, tx_id: &[u8]) -> PyResult<Option<String>> {
        let id = hash(tx_id)?;
        free(py, || self.0.replay(&id))
    }

    fn state_proof<'py>(&self, py: Python<'py>, key: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let proof = free(py, || self.0.state_proof(key))?;
        Ok(PyBytes::new(py, &proof))
    }

    fn receipt_proof<'py>(&self, py: Python<'py>, tx_id: &[u8]) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let id = hash(tx_id)?;
        let proof = free(py, || self.0.receipt_proof(&id))?;
        Ok(proof.map(|bytes| PyBytes::new(py, &bytes)))
    }

    fn events(&self, py: Python<'_>, cursor: u64, limit: usize, timeout_ms: u64) -> PyResult<String> {
        free(py, || self.0.events(cursor, limit, Duration::from_millis(timeout_ms)))
    }

    fn sign_answer<'py>(
        &self,
        py: Python<'py>,
        request_hash: &[u8],
        height: u64,
        block_hash: &[u8],
        result: &[u8],
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (request, block) = (hash(request_hash)?, hash(block_hash)?);
        let signature = py.detach(|| self.0.sign_answer(&request, height, &block, result));
        Ok(PyBytes::new(py, signature.as_bytes()))
    }

    fn check_read(&self, py: Python<'_>, request: &[u8]) -> PyResult<String> {
        let read = free(py, || self.0.check_read(request))?.map_err(|refused| errors::read(&refused))?;
        let request = &read.request;
        Ok(json!({
            "account": read.account.to_string(),
            "organisation": &*read.record.organisation,
            "role": &*request.role,
            "purpose": &*request.purpose,
            "query": hex::encode(&*request.query),
            "session": hex::encode(&*request.session),
            "minimum_height": request.minimum_height,
            "expires_ms": request.expires_ms,
            "nonce": hex::encode(request.nonce),
            "request_hash": read.hash.to_string(),
        })
        .to_string())
    }

    fn check_login(
        &self,
        py: Python<'_>,
        message: &[u8],
        key: &[u8],
        signature: &[u8],
        account: &str,
    ) -> PyResult<String> {
        let (key, id) = (public_key(key)?, self::account(account)?);
        let signature = Signature::from_slice(signature)
            .map_err(|error| raise("ReadRefused", "XL-READ-SIGNATURE", &error, false))?;
        let record = free(py, || self.0.check_login(message, &key, &signature, &id))?;
        let record = record.map_err(|refused| errors::read(&refused))?;
        Ok(documents::account(&id, &record).to_string())
    }
}

impl Node {
    /// Submits each frame; one status byte and 32 bytes of id or code for each.
    fn batch(&self, frames: &[u8]) -> PyResult<Vec<u8>> {
        let malformed = |reason: &str| raise("Misused", "XL-BATCH-MALFORMED", &reason, false);
        if frames.len() > BATCH_BYTES_MAX {
            return Err(malformed("a batch has at most 4 MiB"));
        }
        let mut signed = Vec::new();
        let mut rest = frames;
        while !rest.is_empty() {
            let (length, after) =
                rest.split_first_chunk::<4>().ok_or_else(|| malformed("a frame's length is cut off"))?;
            let length = u32::from_le_bytes(*length) as usize;
            if length > after.len() {
                return Err(malformed("a frame is cut off"));
            }
            let (frame, after) = after.split_at(length);
            signed.push(frame.to_vec());
            rest = after;
        }
        let mut answers = Vec::with_capacity(signed.len() * 33);
        for result in self.0.submit_many(signed).map_err(|error| errors::node(&error))? {
            let (status, word) = match result {
                Ok(Hash(id)) => (0, id),
                Err(NodeError::Submit(error)) => (1, padded(submit_code(&error).0)),
                Err(error) => return Err(errors::node(&error)),
            };
            answers.push(status);
            answers.extend_from_slice(&word);
        }
        Ok(answers)
    }
}

/// A code in 32 bytes.
fn padded(code: &str) -> [u8; 32] {
    let mut word = [0; 32];
    let length = code.len().min(32);
    word[..length].copy_from_slice(&code.as_bytes()[..length]);
    word
}
