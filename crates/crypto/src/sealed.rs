//! The key store's primitive: secrets sealed under one passphrase.
//!
//! A memory-hard function turns the passphrase into a key that wraps a random master key; the master key seals each
//! secret with SM4-GCM, bound to the secret's name. So one slow derivation unlocks a store with many keys, and a new
//! passphrase needs no secret to be sealed again. Bytes in, bytes out: where they are kept is the caller's matter.
//!
//! The derivation is Argon2id (RFC 9106), which is built on BLAKE2 and therefore *not* a national primitive. No
//! memory-hard derivation is standardised over SM3; PBKDF2 with SM3 (GM/T 0091) would be, but gives an attacker with
//! graphics cards the very advantage that matters for a stolen key file. Everything that the derived key protects is
//! SM4-GCM, and a site that must use national primitives alone keeps its keys in hardware.
//!
//! Header, 100 bytes: `XLVAULT1`, memory in KiB, iterations, lanes (u32 little endian each), salt (16), nonce (12),
//! wrapped master key (32), and the first 20 bytes of SM3 over all that, which tells damage from a wrong passphrase.
//! Entry: nonce (12), sealed secret with tag.

use crate::cipher::{CipherError, Sm4Gcm};
use crate::sm3;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"XLVAULT1";
/// What precedes the wrapped master key in a header and is authenticated with it.
const PREFIX_SIZE: usize = 8 + 3 * 4 + 16 + 12;
const BODY_SIZE: usize = PREFIX_SIZE + Sm4Gcm::KEY_SIZE + Sm4Gcm::TAG_SIZE;
/// Domain of an entry's associated data, which is this and the secret's name.
const ENTRY: &[u8] = b"XL-VAULT-ENTRY\0";

/// Why a store could not be made, unlocked or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The header is intact, the passphrase is another one.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// Bytes were changed or cut, or an entry is read under another name or with another store's header.
    #[error("the sealed bytes are damaged, or belong to another name or store")]
    Damaged,
    /// Not a header of this format and version.
    #[error("not a key store of a known format")]
    UnknownFormat,
    /// A derivation outside [`Derivation`]'s bounds: refused before it costs anything.
    #[error("a derivation with {memory_kib} KiB, {iterations} iterations and {lanes} lanes is outside the bounds")]
    DerivationOutOfBounds {
        /// Memory asked for, in KiB.
        memory_kib: u32,
        /// Passes asked for.
        iterations: u32,
        /// Lanes asked for.
        lanes: u32,
    },
    /// The secret is longer than one seal allows.
    #[error("a secret of {length} bytes is too long")]
    TooLong {
        /// Bytes given.
        length: usize,
    },
    /// The operating system gave no random bytes.
    #[error("the operating system's random generator failed")]
    NoRandomness,
}

/// How much work the derivation from the passphrase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derivation {
    /// Memory, in KiB: 8 a lane at least, [`Self::MEMORY_KIB_MAX`] at most.
    pub memory_kib: u32,
    /// Passes over the memory, in 1..=[`Self::ITERATIONS_MAX`].
    pub iterations: u32,
    /// Lanes, in 1..=[`Self::LANES_MAX`].
    pub lanes: u32,
}

impl Derivation {
    /// 64 MiB, 3 passes, 4 lanes: the second choice of RFC 9106, section 4. About a third of a second.
    pub const STANDARD: Self = Self { memory_kib: 64 * 1024, iterations: 3, lanes: 4 };
    /// 64 KiB, one pass: for tests and development networks only, where the passphrase protects nothing.
    pub const DEVELOPMENT: Self = Self { memory_kib: 64, iterations: 1, lanes: 1 };
    /// Most memory that a header may ask for, in KiB (512 MiB).
    pub const MEMORY_KIB_MAX: u32 = 512 * 1024;
    /// Most passes that a header may ask for.
    pub const ITERATIONS_MAX: u32 = 10;
    /// Most lanes that a header may ask for.
    pub const LANES_MAX: u32 = 16;

    fn derive(&self, passphrase: &[u8], salt: &[u8]) -> Result<Sm4Gcm, VaultError> {
        let &Self { memory_kib, iterations, lanes } = self;
        let out_of_bounds = VaultError::DerivationOutOfBounds { memory_kib, iterations, lanes };
        if memory_kib > Self::MEMORY_KIB_MAX || iterations > Self::ITERATIONS_MAX || lanes > Self::LANES_MAX {
            return Err(out_of_bounds);
        }
        let params = argon2::Params::new(memory_kib, iterations, lanes, Some(Sm4Gcm::KEY_SIZE));
        let mut key = Zeroizing::new([0; Sm4Gcm::KEY_SIZE]);
        params
            .and_then(|params| {
                argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
                    .hash_password_into(passphrase, salt, &mut *key)
            })
            .map_err(|_| out_of_bounds)?;
        Ok(Sm4Gcm::new(&key))
    }
}

impl Default for Derivation {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// An unlocked store: the master key, zeroised when dropped.
pub struct Vault {
    master: Zeroizing<[u8; Sm4Gcm::KEY_SIZE]>,
}

impl Vault {
    /// Length of a header in bytes.
    pub const HEADER_SIZE: usize = BODY_SIZE + 20;

    /// A new store and its header.
    ///
    /// # Errors
    /// [`VaultError::DerivationOutOfBounds`], [`VaultError::NoRandomness`].
    pub fn create(passphrase: &[u8], derivation: Derivation) -> Result<(Self, Vec<u8>), VaultError> {
        let mut master = Zeroizing::new([0; Sm4Gcm::KEY_SIZE]);
        random(&mut *master)?;
        let vault = Self { master };
        let header = vault.rewrap(passphrase, derivation)?;
        Ok((vault, header))
    }

    /// Another header for the same store: the passphrase is changed by replacing the old header with this one. Whoever
    /// keeps the old header and its passphrase can still read.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn rewrap(&self, passphrase: &[u8], derivation: Derivation) -> Result<Vec<u8>, VaultError> {
        let mut fresh = [0; 16 + Sm4Gcm::NONCE_SIZE];
        random(&mut fresh)?;
        let mut header = MAGIC.to_vec();
        for number in [derivation.memory_kib, derivation.iterations, derivation.lanes] {
            header.extend(number.to_le_bytes());
        }
        header.extend(fresh);
        let (salt, nonce) = fresh.split_first_chunk::<16>().expect("28 bytes");
        let nonce = nonce.first_chunk().expect("12 bytes");
        let wrapped = derivation.derive(passphrase, salt)?.seal(nonce, &header, &*self.master);
        header.extend(wrapped.expect("16 bytes are not too long"));
        header.extend(&sm3(&[&header])[..20]);
        Ok(header)
    }

    /// Opens the store that `header` belongs to.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Damaged`], [`VaultError::UnknownFormat`],
    /// [`VaultError::DerivationOutOfBounds`].
    pub fn unlock(header: &[u8], passphrase: &[u8]) -> Result<Self, VaultError> {
        if !header.starts_with(MAGIC) {
            return Err(VaultError::UnknownFormat);
        }
        let (body, checksum) = header.split_first_chunk::<BODY_SIZE>().ok_or(VaultError::Damaged)?;
        if *checksum != sm3(&[body])[..20] {
            return Err(VaultError::Damaged);
        }
        let (prefix, wrapped) = body.split_at(PREFIX_SIZE);
        let number = |at: usize| u32::from_le_bytes(*prefix[at..].first_chunk().expect("in the prefix"));
        let derivation = Derivation { memory_kib: number(8), iterations: number(12), lanes: number(16) };
        let nonce = prefix[36..].first_chunk().expect("in the prefix");
        let opened = derivation.derive(passphrase, &prefix[20..36])?.open(nonce, prefix, wrapped);
        let opened = Zeroizing::new(opened.map_err(|_| VaultError::WrongPassphrase)?);
        let master = opened.as_slice().try_into().map_err(|_| VaultError::Damaged)?;
        Ok(Self { master: Zeroizing::new(master) })
    }

    /// Seals `secret` so that it opens under `name` only. Each call draws a random nonce; 2^32 calls a store are safe.
    ///
    /// # Errors
    /// [`VaultError::TooLong`], [`VaultError::NoRandomness`].
    pub fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; Sm4Gcm::NONCE_SIZE];
        random(&mut nonce)?;
        let sealed = Sm4Gcm::new(&self.master).seal(&nonce, &associated(name), secret);
        let sealed = sealed.map_err(|_| VaultError::TooLong { length: secret.len() })?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// The secret that was sealed under `name`.
    ///
    /// # Errors
    /// [`VaultError::Damaged`].
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (nonce, sealed) = sealed.split_first_chunk().ok_or(VaultError::Damaged)?;
        match Sm4Gcm::new(&self.master).open(nonce, &associated(name), sealed) {
            Ok(secret) => Ok(Zeroizing::new(secret)),
            Err(CipherError::TooLong { .. } | CipherError::TooShort { .. } | CipherError::NotAuthentic) => {
                Err(VaultError::Damaged)
            }
        }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

fn associated(name: &str) -> Vec<u8> {
    [ENTRY, name.as_bytes()].concat()
}

fn random(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|_| VaultError::NoRandomness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FAST: Derivation = Derivation::DEVELOPMENT;

    #[test]
    fn secrets_come_back_after_unlocking() {
        let (vault, header) = Vault::create(b"correct horse", FAST).unwrap();
        assert_eq!(header.len(), Vault::HEADER_SIZE);
        let sealed = vault.seal("node", b"secret").unwrap();
        assert_ne!(sealed, vault.seal("node", b"secret").unwrap(), "nonces are fresh");
        let again = Vault::unlock(&header, b"correct horse").unwrap();
        assert_eq!(*again.open("node", &sealed).unwrap(), b"secret");
        assert_eq!(again.open("other", &sealed).err(), Some(VaultError::Damaged));
        assert_eq!(Vault::unlock(&header, b"wrong").err(), Some(VaultError::WrongPassphrase));
        let (other, _) = Vault::create(b"correct horse", FAST).unwrap();
        assert_eq!(other.open("node", &sealed).err(), Some(VaultError::Damaged));
    }

    #[test]
    fn a_new_passphrase_keeps_the_entries() {
        let (vault, old) = Vault::create(b"old", FAST).unwrap();
        let sealed = vault.seal("node", b"secret").unwrap();
        let new = vault.rewrap(b"new", Derivation { iterations: 2, ..FAST }).unwrap();
        assert_eq!(*Vault::unlock(&new, b"new").unwrap().open("node", &sealed).unwrap(), b"secret");
        assert_eq!(Vault::unlock(&new, b"old").err(), Some(VaultError::WrongPassphrase));
        assert!(Vault::unlock(&old, b"old").is_ok());
    }

    #[test]
    fn a_hostile_header_costs_nothing() {
        let (_, header) = Vault::create(b"p", FAST).unwrap();
        for (at, value) in
            [(8, u32::MAX), (8, Derivation::MEMORY_KIB_MAX + 1), (8, 7), (12, 11), (12, 0), (16, 17), (16, 0)]
        {
            let mut hostile = header.clone();
            hostile[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let checksum = sm3(&[&hostile[..BODY_SIZE]]);
            hostile[BODY_SIZE..].copy_from_slice(&checksum[..20]);
            let error = Vault::unlock(&hostile, b"p").err().unwrap();
            assert!(matches!(error, VaultError::DerivationOutOfBounds { .. }), "{at} {value}: {error}");
        }
        assert_eq!(Vault::unlock(b"", b"p").err(), Some(VaultError::UnknownFormat));
        assert_eq!(Vault::unlock(b"XLVAULT2", b"p").err(), Some(VaultError::UnknownFormat));
        let bad = Derivation { memory_kib: 1, ..FAST };
        assert!(matches!(Vault::create(b"p", bad), Err(VaultError::DerivationOutOfBounds { memory_kib: 1, .. })));
    }

    /// The parameters are bound to the wrapped key: lowering them in the file does not unlock.
    #[test]
    fn parameters_are_authenticated() {
        let (_, header) = Vault::create(b"p", Derivation { iterations: 2, ..FAST }).unwrap();
        let mut lowered = header;
        lowered[12] = 1;
        let checksum = sm3(&[&lowered[..BODY_SIZE]]);
        lowered[BODY_SIZE..].copy_from_slice(&checksum[..20]);
        assert_eq!(Vault::unlock(&lowered, b"p").err(), Some(VaultError::WrongPassphrase));
    }

    /// Time: `cargo test -p xl-crypto standard_derivation -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement"]
    fn standard_derivation_time() {
        let (_, header) = Vault::create(b"p", Derivation::STANDARD).unwrap();
        let start = std::time::Instant::now();
        assert!(Vault::unlock(&header, b"p").is_ok());
        println!("unlock: {:?}", start.elapsed());
    }

    /// A store written by an earlier build opens with this one.
    #[test]
    fn the_format_is_fixed() {
        let header = "584c5641554c5431400000000100000001000000c10d8d7cbf159daa3bcdd27d7c0d6ea4ed42b589535eaedce29dcdcd9a41\
                      83a3f54707fc8bef6655c8a947bb5f3e7f25080f76e7ad63b953889d9c9ace1b37692762b9214e4f600c82b8e27e333095f7";
        let sealed = "12a180c2cabb5b62e0514e192fe72c9c83c3091c89dbbf60b029f4a10832f74bbc88";
        let vault = Vault::unlock(&hex::decode(header).unwrap(), "口令".as_bytes()).unwrap();
        assert_eq!(*vault.open("validator", &hex::decode(sealed).unwrap()).unwrap(), b"secret");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_change_is_noticed(secret in prop::collection::vec(any::<u8>(), 0..80), at in any::<usize>(), bit in 0..8u8, cut in any::<usize>()) {
            let (vault, header) = Vault::create(b"p", FAST).unwrap();
            let sealed = vault.seal("n", &secret).unwrap();
            for (bytes, is_header) in [(header, true), (sealed, false)] {
                let read = |bytes: &[u8]| if is_header {
                    Vault::unlock(bytes, b"p").map(|_| ())
                } else {
                    vault.open("n", bytes).map(|_| ())
                };
                prop_assert_eq!(read(&bytes), Ok(()));
                let mut changed = bytes.clone();
                changed[at % bytes.len()] ^= 1 << bit;
                prop_assert!(matches!(read(&changed), Err(VaultError::Damaged | VaultError::UnknownFormat)));
                prop_assert!(read(&bytes[..cut % bytes.len()]).is_err());
                prop_assert_eq!(read(&[&bytes[..], &[0]].concat()), Err(VaultError::Damaged));
            }
        }
    }
}
