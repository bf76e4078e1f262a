//! Signed reads and logins (protocol 22): nothing is readable by default.

use crate::{
    error::NodeError,
    node::{Node, now_ms},
};
use borsh::{BorshDeserialize, BorshSerialize};
use xl_crypto::{InvalidSignature, PublicKey, SecretKey, Signature, verify};
use xl_primitives::{
    AccountId, Bounded, DecodeError, Hash, Text,
    account::{Account, account_key, key_key},
    decode, encode, tag,
};

/// A role that every active account has.
pub const MEMBER: &str = "member";
/// Furthest expiry of a signed read.
const EXPIRY_MS_MAX: u64 = 300_000;

/// What somebody asks for, and in which capacity.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReadRequest {
    /// Digest of genesis.
    pub chain_id: Hash,
    /// The node that is asked, so that another cannot be asked in the reader's name.
    pub node: PublicKey,
    /// Session, as the gateway named it; empty outside one.
    pub session: Bounded<64>,
    /// Role in which the reader asks.
    pub role: Text<32>,
    /// Why.
    pub purpose: Text<256>,
    /// What: opaque to the node.
    pub query: Bounded<65_535>,
    /// The answer must not be older than this height.
    pub minimum_height: u64,
    /// UTC milliseconds after which nobody shall answer.
    pub expires_ms: u64,
    /// Chosen by the reader.
    pub nonce: [u8; 16],
}

/// A request with the key and signature that vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedRead {
    /// What is asked.
    pub request: ReadRequest,
    /// A key of the reader's account.
    pub key: PublicKey,
    /// Over [`tag::READ`] and the digest of the request.
    pub signature: Signature,
}

/// Why a read is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadRefused {
    /// Not a signed read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// For another chain or node.
    #[error("the read is addressed to another {what}")]
    Address {
        /// `chain` or `node`.
        what: &'static str,
    },
    /// Too old, or valid for too long.
    #[error("the read expires at {expires_ms}, which is past or more than {EXPIRY_MS_MAX} ms ahead")]
    Expiry {
        /// UTC milliseconds.
        expires_ms: u64,
    },
    /// The signature is not by this key.
    #[error("the signature does not verify")]
    Signature,
    /// The key belongs to nobody here, was revoked, or its account is suspended.
    #[error("the key is not an active key of an active account")]
    Key,
    /// The account does not have the role it reads in.
    #[error("account {account} does not have the role {role}")]
    Role {
        /// The reader.
        account: AccountId,
        /// The role.
        role: Text<32>,
    },
}

impl ReadRefused {
    /// Stable code of the error catalogue.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Decode(_) => "XL-READ-MALFORMED",
            Self::Address { .. } => "XL-READ-ADDRESS",
            Self::Expiry { .. } => "XL-READ-EXPIRED",
            Self::Signature => "XL-READ-SIGNATURE",
            Self::Key => "XL-READ-KEY",
            Self::Role { .. } => "XL-READ-ROLE",
        }
    }
}

fn request_hash(request: &ReadRequest) -> Hash {
    Hash::tagged(tag::READ, &[&encode(request)])
}

/// Signs a request.
#[must_use]
pub fn sign_read(request: ReadRequest, key: &SecretKey) -> SignedRead {
    let signature = key.sign(&request_hash(&request).0);
    SignedRead { request, key: key.public_key(), signature }
}

fn answer_bytes(request: &Hash, height: u64, block: &Hash, result: &[u8]) -> [u8; 32] {
    Hash::tagged(tag::ANSWER, &[&request.0, &height.to_le_bytes(), &block.0, &xl_crypto::sm3(&[result])]).0
}

/// Checks a node's signature over its answer to `signed`, the bytes of a signed read.
///
/// # Errors
/// [`InvalidSignature`] when `node` did not sign it, or `signed` is no signed read.
pub fn verify_answer(
    node: &PublicKey,
    signed: &[u8],
    height: u64,
    block: &Hash,
    result: &[u8],
    signature: &Signature,
) -> Result<(), InvalidSignature> {
    let signed: SignedRead = decode(signed, "signed read").map_err(|_| InvalidSignature)?;
    verify(node, &answer_bytes(&request_hash(&signed.request), height, block, result), signature)
}

/// A read that may be answered.
#[derive(Clone, Debug)]
pub struct CheckedRead {
    /// What is asked.
    pub request: ReadRequest,
    /// Its digest, which the answer is signed over.
    pub hash: Hash,
    /// Who asks.
    pub account: AccountId,
    /// The reader's record.
    pub record: Account,
}

impl Node {
    /// Checks a signed read. Whether its nonce was used before is for the session that it belongs to.
    ///
    /// # Errors
    /// The outer error when this node cannot tell, the inner one when the read is refused.
    pub fn check_read(&self, signed: &[u8]) -> Result<Result<CheckedRead, ReadRefused>, NodeError> {
        self.serving()?;
        let signed: SignedRead = match decode(signed, "signed read") {
            Ok(signed) => signed,
            Err(error) => return Ok(Err(error.into())),
        };
        let SignedRead { request, key, signature } = signed;
        if request.chain_id != self.chain.chain_id() {
            return Ok(Err(ReadRefused::Address { what: "chain" }));
        }
        if request.node != self.entry.key {
            return Ok(Err(ReadRefused::Address { what: "node" }));
        }
        let (now, expires_ms) = (now_ms(), request.expires_ms);
        if expires_ms < now || expires_ms > now + EXPIRY_MS_MAX {
            return Ok(Err(ReadRefused::Expiry { expires_ms }));
        }
        let hash = request_hash(&request);
        if self.chain.verifier().verify(&key, &hash.0, &signature).is_err() {
            return Ok(Err(ReadRefused::Signature));
        }
        let Some((account, record)) = self.account_of(&key)? else { return Ok(Err(ReadRefused::Key)) };
        if &*request.role != MEMBER && !record.has_role(&request.role) {
            return Ok(Err(ReadRefused::Role { account, role: request.role }));
        }
        Ok(Ok(CheckedRead { request, hash, account, record }))
    }

    /// Checks that an active key of `account` signed `message`.
    ///
    /// # Errors
    /// As [`Self::check_read`].
    pub fn check_login(
        &self,
        message: &[u8],
        key: &PublicKey,
        signature: &Signature,
        account: &AccountId,
    ) -> Result<Result<Account, ReadRefused>, NodeError> {
        self.serving()?;
        if self.chain.verifier().verify(key, message, signature).is_err() {
            return Ok(Err(ReadRefused::Signature));
        }
        Ok(match self.account_of(key)? {
            Some((id, record)) if id == *account => Ok(record),
            _ => Err(ReadRefused::Key),
        })
    }

    /// This node's signature over an answer.
    #[must_use]
    pub fn sign_answer(&self, request: &Hash, height: u64, block: &Hash, result: &[u8]) -> Signature {
        self.key.sign(&answer_bytes(request, height, block, result))
    }

    /// The active account of an active key.
    fn account_of(&self, key: &PublicKey) -> Result<Option<(AccountId, Account)>, NodeError> {
        let view = self.chain.view();
        let Some(id) = view.get(&key_key(key))? else { return Ok(None) };
        let id: AccountId = decode(&id, "account id")?;
        let Some(record) = view.get(&account_key(&id))? else { return Ok(None) };
        let record: Account = decode(&record, "account")?;
        let active = !record.suspended && record.key(key).is_some_and(|known| known.revoked_height.is_none());
        Ok(active.then_some((id, record)))
    }
}
