//! Proof that a key has a value, or no value, under a state root (clauses XL-STATE-1 to 5).
//!
//! The state is a finite map `key -> value`; `H` is SM3, `||` concatenation.
//! - `path(key) = H(key)`: 256 bits, most significant bit of byte 0 first. An empty value is a value.
//! - `root(S, d)` of a set `S` of (path, value) at depth `d`, the state root being `root(S, 0)`:
//!   no element: 32 zero bytes; one: `H(path || H(value) || 0x00)`;
//!   more: `H(root(S with bit d = 0, d + 1) || root(S with bit d = 1, d + 1) || 0x01)`.
//!
//! A leaf stands at the shallowest depth where its path is alone, so the shape depends on the set only, not on history.

use borsh::{BorshDeserialize, BorshSerialize, io};
use xl_crypto::sm3;

/// The root of the empty state, and the word that stands where a subtree is empty.
pub const EMPTY_ROOT: [u8; 32] = [0; 32];

/// Most siblings a proof can have: the bits of a path.
pub const PROOF_DEPTH_MAX: usize = 256;

/// Path of a key: where its leaf stands (XL-STATE-1).
#[must_use]
pub fn state_path(key: &[u8]) -> [u8; 32] {
    sm3(&[key])
}

/// Hash of the leaf at `path` whose value hashes to `value_hash`.
#[must_use]
pub fn leaf_hash(path: &[u8; 32], value_hash: &[u8; 32]) -> [u8; 32] {
    sm3(&[path, value_hash, &[0]])
}

/// Hash of the node over two subtrees.
#[must_use]
pub fn node_hash(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    sm3(&[left, right, &[1]])
}

/// Bit `depth` (0..=255) of a path.
#[must_use]
pub fn path_bit(path: &[u8; 32], depth: usize) -> bool {
    path[depth / 8] >> (7 - depth % 8) & 1 == 1
}

/// The leaf that stands where the walk along a path ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Path of the leaf: the one asked for if it is present, otherwise the one that stands in its place.
    pub path: [u8; 32],
    /// SM3 of the leaf's value.
    pub value_hash: [u8; 32],
}

/// Membership or absence of one key under a state root (XL-STATE-4).
///
/// Encoding: `n: u16` little endian (at most 256); a bitmap of `ceil(n / 8)` bytes, bit `i` (most significant first) set
/// where sibling `i` is not the zero word, unused bits zero; the siblings that are not zero; `0x00` where the walk ends
/// in nothing, or `0x01 || path || value hash`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateProof {
    /// Hashes beside the path, from the root down; at most [`PROOF_DEPTH_MAX`].
    pub siblings: Vec<[u8; 32]>,
    /// What stands at the end of the walk; `None` where nothing does.
    pub terminal: Option<Terminal>,
}

/// Why a proof does not show what it is said to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// More siblings than a path has bits.
    #[error("proof has {depth} siblings, at most 256 are possible")]
    TooDeep {
        /// Number of siblings.
        depth: usize,
    },
    /// The walk ends in nothing or at another key, though a value is claimed.
    #[error("the proof shows that the key has no value")]
    Absent,
    /// The walk ends at the key itself, though absence is claimed.
    #[error("the proof shows that the key has a value")]
    Present,
    /// The leaf of the key has another value.
    #[error("the key has another value")]
    OtherValue,
    /// The leaf at the end does not stand on the key's path, so it says nothing about the key.
    #[error("the leaf at the end leaves the key's path at depth {depth}")]
    OffPath {
        /// First bit in which the two paths differ.
        depth: usize,
    },
    /// The proof belongs to another root.
    #[error("the proof does not lead to the root")]
    OtherRoot,
}

impl ProofError {
    /// Stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooDeep { .. } => "XL-STATE-P1",
            Self::Absent => "XL-STATE-P2",
            Self::Present => "XL-STATE-P3",
            Self::OtherValue => "XL-STATE-P4",
            Self::OffPath { .. } => "XL-STATE-P5",
            Self::OtherRoot => "XL-STATE-P6",
        }
    }
}

impl StateProof {
    /// Accepts if `key` has exactly `value` under `root`, or, with `None`, if it has no value.
    ///
    /// # Errors
    /// [`ProofError`] says what the proof shows instead.
    pub fn verify(&self, root: &[u8; 32], key: &[u8], value: Option<&[u8]>) -> Result<(), ProofError> {
        self.verify_path(root, &state_path(key), value.map(|value| sm3(&[value])))
    }

    /// [`StateProof::verify`] for a path and the hash of a value.
    ///
    /// # Errors
    /// [`ProofError`] says what the proof shows instead.
    pub fn verify_path(
        &self,
        root: &[u8; 32],
        path: &[u8; 32],
        value_hash: Option<[u8; 32]>,
    ) -> Result<(), ProofError> {
        let depth = self.siblings.len();
        if depth > PROOF_DEPTH_MAX {
            return Err(ProofError::TooDeep { depth });
        }
        match (&self.terminal, value_hash) {
            (Some(leaf), Some(value_hash)) if leaf.path == *path && leaf.value_hash == value_hash => {}
            (Some(leaf), Some(_)) if leaf.path == *path => return Err(ProofError::OtherValue),
            (_, Some(_)) => return Err(ProofError::Absent),
            (None, None) => {}
            (Some(leaf), None) if leaf.path == *path => return Err(ProofError::Present),
            (Some(leaf), None) => {
                if let Some(depth) = (0..depth).find(|&d| path_bit(&leaf.path, d) != path_bit(path, d)) {
                    return Err(ProofError::OffPath { depth });
                }
            }
        }
        let start = self.terminal.as_ref().map_or(EMPTY_ROOT, |leaf| leaf_hash(&leaf.path, &leaf.value_hash));
        let found = self.siblings.iter().enumerate().rev().fold(start, |hash, (d, sibling)| {
            if path_bit(path, d) { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) }
        });
        if found == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
    }
}

impl BorshSerialize for StateProof {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        if self.siblings.len() > PROOF_DEPTH_MAX {
            return Err(invalid("more than 256 siblings"));
        }
        (self.siblings.len() as u16).serialize(writer)?;
        let mut bitmap = vec![0u8; self.siblings.len().div_ceil(8)];
        for (i, sibling) in self.siblings.iter().enumerate() {
            bitmap[i / 8] |= u8::from(*sibling != EMPTY_ROOT) << (7 - i % 8);
        }
        writer.write_all(&bitmap)?;
        for sibling in self.siblings.iter().filter(|sibling| **sibling != EMPTY_ROOT) {
            writer.write_all(sibling)?;
        }
        match &self.terminal {
            None => writer.write_all(&[0]),
            Some(leaf) => {
                writer.write_all(&[1])?;
                writer.write_all(&leaf.path)?;
                writer.write_all(&leaf.value_hash)
            }
        }
    }
}

impl BorshDeserialize for StateProof {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let depth = usize::from(u16::deserialize_reader(reader)?);
        if depth > PROOF_DEPTH_MAX {
            return Err(invalid("more than 256 siblings"));
        }
        let mut bitmap = [0u8; PROOF_DEPTH_MAX / 8];
        reader.read_exact(&mut bitmap[..depth.div_ceil(8)])?;
        let set = |i: usize| bitmap[i / 8] >> (7 - i % 8) & 1 == 1;
        if (depth..depth.div_ceil(8) * 8).any(set) {
            return Err(invalid("unused bitmap bits must be zero"));
        }
        let mut siblings = Vec::with_capacity(depth);
        for i in 0..depth {
            let mut word = EMPTY_ROOT;
            if set(i) {
                reader.read_exact(&mut word)?;
                if word == EMPTY_ROOT {
                    return Err(invalid("a zero sibling stands in the bitmap only"));
                }
            }
            siblings.push(word);
        }
        let terminal = match u8::deserialize_reader(reader)? {
            0 => None,
            1 => Some(Terminal {
                path: <[u8; 32]>::deserialize_reader(reader)?,
                value_hash: <[u8; 32]>::deserialize_reader(reader)?,
            }),
            _ => return Err(invalid("terminal tag must be 0 or 1")),
        };
        Ok(Self { siblings, terminal })
    }
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two keys that part at the first bit, so that the proof of either has one sibling.
    fn two() -> ([u8; 32], StateProof, Vec<u8>, Vec<u8>) {
        let keys: Vec<Vec<u8>> = (0u8..64).map(|i| vec![i]).collect();
        let left = keys.iter().find(|k| !path_bit(&state_path(k), 0)).expect("half of all").clone();
        let right = keys.iter().find(|k| path_bit(&state_path(k), 0)).expect("half of all").clone();
        let value_hash = sm3(&[b"v"]);
        let (a, b) = (state_path(&left), state_path(&right));
        let root = node_hash(&leaf_hash(&a, &value_hash), &leaf_hash(&b, &value_hash));
        let proof =
            StateProof { siblings: vec![leaf_hash(&b, &value_hash)], terminal: Some(Terminal { path: a, value_hash }) };
        (root, proof, left, right)
    }

    #[test]
    fn shows_presence_and_refuses_every_other_claim() {
        let (root, proof, left, right) = two();
        assert_eq!(proof.verify(&root, &left, Some(b"v")), Ok(()));
        assert_eq!(proof.verify(&root, &left, Some(b"w")), Err(ProofError::OtherValue));
        assert_eq!(proof.verify(&root, &left, None), Err(ProofError::Present));
        assert_eq!(proof.verify(&root, &right, Some(b"v")), Err(ProofError::Absent));
        assert_eq!(proof.verify(&root, &right, None), Err(ProofError::OffPath { depth: 0 }));
        assert_eq!(proof.verify(&[7; 32], &left, Some(b"v")), Err(ProofError::OtherRoot));
        let deep = StateProof { siblings: vec![[1; 32]; 257], terminal: None };
        assert_eq!(deep.verify(&root, &left, None), Err(ProofError::TooDeep { depth: 257 }));
        assert!(borsh::to_vec(&deep).is_err());
    }

    #[test]
    fn the_empty_state_proves_absence() {
        let proof = StateProof { siblings: vec![], terminal: None };
        assert_eq!(proof.verify(&EMPTY_ROOT, b"k", None), Ok(()));
        assert_eq!(proof.verify(&EMPTY_ROOT, b"k", Some(b"")), Err(ProofError::Absent));
    }

    #[test]
    fn one_encoding_per_proof() {
        let (_, mut proof, ..) = two();
        proof.siblings.extend([EMPTY_ROOT, [9; 32]]);
        let bytes = borsh::to_vec(&proof).expect("encodes");
        assert_eq!(bytes.len(), 2 + 1 + 64 + 65);
        assert_eq!(StateProof::try_from_slice(&bytes).expect("decodes"), proof);
        for (at, byte) in [(1, 1), (2, 0b1010_0001), (2, 0b1110_0000), (67, 2)] {
            let mut bad = bytes.clone();
            bad[at] = byte;
            assert!(StateProof::try_from_slice(&bad).is_err(), "byte {at}");
        }
        let zero_in_full = [&[1, 0, 0x80][..], &[0; 32], &[0]].concat();
        assert!(StateProof::try_from_slice(&zero_in_full).is_err());
        for cut in 0..bytes.len() {
            assert!(StateProof::try_from_slice(&bytes[..cut]).is_err());
        }
    }
}
