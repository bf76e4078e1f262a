//! Fixed-width identifiers and their text forms (spec XL-ID).

use crate::{codec::Text, tag};
use bech32::{Bech32m, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::{PublicKey, sm3};

/// Identifier of an organisation: lower-case letters, digits and hyphens, 1 to 32 bytes.
pub type OrganisationId = Text<32>;

/// A text that is not a valid identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct InvalidId {
    /// What was expected.
    pub what: &'static str,
}

/// True for what [`OrganisationId`] and node and contract names may be.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 32 && text.bytes().all(valid) && !text.starts_with('-')
}

/// An SM3 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Thirty-two zero bytes: the root of nothing, the parent of the first block.
    pub const ZERO: Self = Self([0; 32]);

    /// SM3 over a domain tag and `parts`.
    #[must_use]
    pub fn tagged(tag: tag::Tag, parts: &[&[u8]]) -> Self {
        let mut all: Vec<&[u8]> = Vec::with_capacity(parts.len() + 1);
        all.push(tag);
        all.extend_from_slice(parts);
        Self(sm3(&all))
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

macro_rules! address {
    ($(#[$doc:meta])* $name:ident, $hrp:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize)]
        pub struct $name(pub [u8; 20]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let text = bech32::encode::<Bech32m>(Hrp::parse_unchecked($hrp), &self.0);
                f.write_str(&text.map_err(|_| std::fmt::Error)?)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let error = InvalidId { what: $what };
                let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text).map_err(|_| error.clone())?;
                if checked.hrp() != Hrp::parse_unchecked($hrp) || text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(error);
                }
                let bytes: Vec<u8> = checked.byte_iter().collect();
                bytes.try_into().map(Self).map_err(|_| error)
            }
        }
    };
}

address!(
    /// An account, fixed for life: the first 20 bytes of SM3(tag, organisation, first public key). No chain id goes in,
    /// since genesis lists accounts and the chain id is the digest of genesis. Text form: bech32m `xl1...`.
    AccountId,
    "xl",
    "account id"
);
address!(
    /// A contract's address. Text form: bech32m `xlc1...`.
    ContractId,
    "xlc",
    "contract address"
);

impl AccountId {
    /// The id of the account that `organisation` opens with `key`.
    #[must_use]
    pub fn derive(organisation: &str, key: &PublicKey) -> Self {
        Self(first_20(Hash::tagged(tag::ACCOUNT, &[organisation.as_bytes(), key.as_bytes()])))
    }
}

impl ContractId {
    /// The address of a contract: one per name on a chain, so the registry needs no second index.
    #[must_use]
    pub fn derive(name: &str) -> Self {
        Self(first_20(Hash::tagged(tag::CONTRACT, &[name.as_bytes()])))
    }
}

fn first_20(hash: Hash) -> [u8; 20] {
    hash.0[..20].try_into().expect("32 bytes hold 20")
}
