//! SM2, SM3, SM4 and the key store.

use crate::errors::raise;
use pyo3::{prelude::*, types::PyBytes};
use xl_crypto::{Derivation, PublicKey, SecretKey, Signature, Sm4Gcm, VaultError};

fn invalid_key(reason: &str) -> PyErr {
    raise("InvalidKey", "", &reason, false)
}

/// A secret key of 32 bytes.
pub fn secret_key(secret: &[u8]) -> PyResult<SecretKey> {
    SecretKey::from_slice(secret).map_err(|error| raise("InvalidKey", "", &error, false))
}

/// A public key of 33 or 65 bytes, on the curve.
pub fn public_key(bytes: &[u8]) -> PyResult<PublicKey> {
    PublicKey::from_sec1(bytes).map_err(|error| raise("InvalidKey", "", &error, false))
}

#[pyfunction]
#[pyo3(signature = (data, /))]
pub fn sm3<'py>(py: Python<'py>, data: &[u8]) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &py.detach(|| xl_crypto::sm3(&[data])))
}

#[pyfunction]
pub fn sm2_generate(py: Python<'_>) -> Bound<'_, PyBytes> {
    PyBytes::new(py, &*py.detach(|| SecretKey::generate().to_bytes()))
}

#[pyfunction]
#[pyo3(signature = (secret, /))]
pub fn sm2_public_key<'py>(py: Python<'py>, secret: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, py.detach(|| secret_key(secret))?.public_key().as_bytes()))
}

#[pyfunction]
#[pyo3(signature = (secret, message, /))]
pub fn sm2_sign<'py>(py: Python<'py>, secret: &[u8], message: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let signature = py.detach(|| Ok::<_, PyErr>(secret_key(secret)?.sign(message)))?;
    Ok(PyBytes::new(py, signature.as_bytes()))
}

#[pyfunction]
#[pyo3(name = "sm2_verify", signature = (public_key, message, signature, /))]
pub fn sm2_verify(py: Python<'_>, public_key: &[u8], message: &[u8], signature: &[u8]) -> PyResult<()> {
    py.detach(|| {
        let key = self::public_key(public_key)?;
        let signature = Signature::from_slice(signature);
        let verified = signature.and_then(|signature| xl_crypto::verify(&key, message, &signature));
        verified.map_err(|error| raise("InvalidSignature", "", &error, false))
    })
}

fn block(bytes: &[u8], what: &str) -> PyResult<[u8; 16]> {
    bytes.try_into().map_err(|_| invalid_key(&format!("an SM4 {what} has 16 bytes, not {}", bytes.len())))
}

#[pyfunction]
#[pyo3(signature = (key, block, /))]
pub fn sm4_ecb_encrypt<'py>(py: Python<'py>, key: &[u8], block: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &xl_crypto::sm4_encrypt_block(&self::block(key, "key")?, &self::block(block, "block")?)))
}

#[pyfunction]
#[pyo3(signature = (key, block, /))]
pub fn sm4_ecb_decrypt<'py>(py: Python<'py>, key: &[u8], block: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &xl_crypto::sm4_decrypt_block(&self::block(key, "key")?, &self::block(block, "block")?)))
}

fn gcm(key: &[u8], nonce: &[u8]) -> PyResult<(Sm4Gcm, [u8; 12])> {
    let nonce = nonce.try_into().map_err(|_| invalid_key("an SM4-GCM nonce has 12 bytes"))?;
    Ok((Sm4Gcm::new(&block(key, "key")?), nonce))
}

#[pyfunction]
#[pyo3(signature = (key, nonce, plaintext, associated_data, /))]
pub fn sm4_gcm_encrypt<'py>(
    py: Python<'py>,
    key: &[u8],
    nonce: &[u8],
    plaintext: &[u8],
    associated_data: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let (cipher, nonce) = gcm(key, nonce)?;
    let sealed = py.detach(|| cipher.seal(&nonce, associated_data, plaintext));
    Ok(PyBytes::new(py, &sealed.map_err(|error| raise("Misused", "XL-CRYPTO-TOO-LONG", &error, false))?))
}

#[pyfunction]
#[pyo3(signature = (key, nonce, ciphertext, associated_data, /))]
pub fn sm4_gcm_decrypt<'py>(
    py: Python<'py>,
    key: &[u8],
    nonce: &[u8],
    ciphertext: &[u8],
    associated_data: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let (cipher, nonce) = gcm(key, nonce)?;
    let opened = py.detach(|| cipher.open(&nonce, associated_data, ciphertext));
    Ok(PyBytes::new(py, &opened.map_err(|error| raise("DecryptionFailed", "", &error, false))?))
}

fn vault_error(error: VaultError) -> PyErr {
    match error {
        VaultError::WrongPassphrase => raise("WrongPassphrase", "", &error, false),
        VaultError::Damaged | VaultError::UnknownFormat | VaultError::DerivationOutOfBounds { .. } => {
            raise("DamagedKeyStore", "", &error, false)
        }
        VaultError::TooLong { .. } | VaultError::NoRandomness => raise("Misused", "XL-KEYS", &error, false),
    }
}

/// A key store's master key, unlocked.
#[pyclass(frozen, module = "xianglian._core")]
pub struct Vault {
    vault: xl_crypto::Vault,
    header: Vec<u8>,
}

#[pymethods]
impl Vault {
    #[staticmethod]
    #[pyo3(signature = (passphrase, *, fast = false))]
    fn create(py: Python<'_>, passphrase: &[u8], fast: bool) -> PyResult<Self> {
        let derivation = if fast { Derivation::DEVELOPMENT } else { Derivation::STANDARD };
        let made = py.detach(|| xl_crypto::Vault::create(passphrase, derivation));
        made.map(|(vault, header)| Self { vault, header }).map_err(vault_error)
    }

    #[staticmethod]
    fn unlock(py: Python<'_>, header: &[u8], passphrase: &[u8]) -> PyResult<Self> {
        let vault = py.detach(|| xl_crypto::Vault::unlock(header, passphrase)).map_err(vault_error)?;
        Ok(Self { vault, header: header.to_vec() })
    }

    #[getter]
    fn header(&self, py: Python<'_>) -> Py<PyBytes> {
        PyBytes::new(py, &self.header).unbind()
    }

    fn seal(&self, py: Python<'_>, name: &str, secret: &[u8]) -> PyResult<Py<PyBytes>> {
        Ok(PyBytes::new(py, &self.vault.seal(name, secret).map_err(vault_error)?).unbind())
    }

    fn open(&self, py: Python<'_>, name: &str, sealed: &[u8]) -> PyResult<Py<PyBytes>> {
        Ok(PyBytes::new(py, &self.vault.open(name, sealed).map_err(vault_error)?).unbind())
    }
}
