//! Verification of SM2 signatures over public inputs (GB/T 32918.2, 7.1).
//!
//! A consortium's keys come back again and again, so a key that has verified a few signatures gets a table of its
//! multiples; a verification is then about 85 additions and no doubling. Accepting or refusing is a consensus rule:
//! every node decides with this code, with or without a table, and it is tested against the maintained library that
//! signs.

mod cache;
mod curve;
mod field;
mod many;
mod table;
#[cfg(test)]
mod tests;

use crate::{InvalidSignature, PublicKey, Signature, Sm3, keys::DISTINGUISHED_ID, sm3, sm3_batch};
use cache::{Cache, Found, KnownKey};
use curve::{Affine, Jacobian};
use field::{Limbs, ORDER, add, add_mod, field, limbs, reduce, sub_mod};
use std::sync::LazyLock;
use table::Table;

/// Multiples of the base point, shared by all verifiers: 270 KB, built once in about 2 ms.
static GENERATOR: LazyLock<Table<8>> = LazyLock::new(|| Table::new(&Affine::GENERATOR));

/// How many signatures [`Verifier::verify_many`] takes at once: enough to share an inversion, few enough for the cache.
const MANY: usize = 32;
/// Below this many a shared inversion costs more than it saves.
const MANY_MIN: usize = 4;

/// Multiples of one key.
type KeyTable = Table<5>;

/// Verifies signatures. Share one per process: it is cheap to call from many threads and its tables are worth keeping.
///
/// A key gets a table (53 KB, built in about 0.3 ms) only after [`Verifier::USES_BEFORE_TABLE`] good signatures, so
/// that a flood of unknown keys or of bad signatures can neither burn time on tables nor evict those in use.
pub struct Verifier {
    cache: Cache,
}

impl Verifier {
    /// Good signatures after which a key gets a table: by then the table is about to repay its building.
    pub const USES_BEFORE_TABLE: u32 = 8;
    /// Tables that [`Verifier::default`] keeps (about 110 MB when full).
    pub const TABLES_DEFAULT: usize = 2048;

    /// A verifier that keeps the tables of the `tables_max` most recently used keys. 0: none.
    #[must_use]
    pub fn new(tables_max: usize) -> Self {
        Self { cache: Cache::new(tables_max) }
    }

    /// How many keys have a table now.
    #[must_use]
    pub fn tables(&self) -> usize {
        self.cache.tables()
    }

    /// Checks `signature` over `message` by `key` under the default identifier.
    ///
    /// # Errors
    /// [`InvalidSignature`] when it does not verify or `key` is not a point of the curve.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), InvalidSignature> {
        let claim = |identity: &[u8; 32]| Claim::new(signature, &sm3(&[identity, message])).ok_or(InvalidSignature);
        match self.cache.find(key) {
            Found::Table(tabled) => {
                let claim = claim(&tabled.identity)?;
                let sum = tabled.table.multiply_add(Jacobian::INFINITY, claim.t);
                claim.check(&GENERATOR.multiply_add(sum, claim.s))
            }
            Found::Point(known) => self.verify_without_table(key, &known, &claim(&known.identity)?),
            Found::Nothing => {
                let known = KnownKey::new(key).ok_or(InvalidSignature)?;
                self.verify_without_table(key, &known, &claim(&known.identity)?)
            }
        }
    }

    /// The verdicts of [`Self::verify`] for many signatures, in order: a certificate's votes, a block's transactions.
    /// From about ten signatures of keys with a table on, each takes about two thirds of its time alone.
    ///
    /// ```
    /// # use xl_crypto::{SecretKey, Verifier, InvalidSignature};
    /// let key = SecretKey::generate();
    /// let (public, signature) = (key.public_key(), key.sign(b"a"));
    /// let verdicts = Verifier::default().verify_many(&[(&public, b"a", &signature), (&public, b"b", &signature)]);
    /// assert_eq!(verdicts, [Ok(()), Err(InvalidSignature)]);
    /// ```
    #[must_use]
    pub fn verify_many(&self, signatures: &[(&PublicKey, &[u8], &Signature)]) -> Vec<Result<(), InvalidSignature>> {
        signatures.chunks(MANY).flat_map(|chunk| self.verify_chunk(chunk)).collect()
    }

    fn verify_chunk(&self, signatures: &[(&PublicKey, &[u8], &Signature)]) -> Vec<Result<(), InvalidSignature>> {
        let mut verdicts = vec![Err(InvalidSignature); signatures.len()];
        let mut tabled = Vec::with_capacity(signatures.len());
        for (i, (key, message, signature)) in signatures.iter().enumerate() {
            match self.cache.find(key) {
                Found::Table(key) => tabled.push((i, key)),
                Found::Point(_) | Found::Nothing => verdicts[i] = self.verify(key, message, signature),
            }
        }
        if tabled.len() < MANY_MIN {
            for (i, _) in tabled {
                let (key, message, signature) = signatures[i];
                verdicts[i] = self.verify(key, message, signature);
            }
            return verdicts;
        }
        let messages: Vec<Vec<u8>> =
            tabled.iter().map(|(i, key)| [&key.identity[..], signatures[*i].1].concat()).collect();
        let mut claims = Vec::with_capacity(tabled.len());
        let mut terms = Vec::with_capacity(tabled.len());
        for ((i, key), digest) in tabled.iter().zip(sm3_batch(&messages)) {
            if let Some(claim) = Claim::new(signatures[*i].2, &digest) {
                let mut points = Vec::with_capacity(KeyTable::WINDOWS + Table::<8>::WINDOWS);
                points.extend(key.table.terms(claim.t));
                points.extend(GENERATOR.terms(claim.s));
                terms.push(points);
                claims.push((*i, claim));
            }
        }
        many::add_up(&mut terms);
        for ((i, claim), sum) in claims.iter().zip(terms) {
            verdicts[*i] = claim.check(&sum.first().map_or(Jacobian::INFINITY, |sum| Jacobian::from(*sum)));
        }
        verdicts
    }

    fn verify_without_table(&self, key: &PublicKey, known: &KnownKey, claim: &Claim) -> Result<(), InvalidSignature> {
        claim.check(&GENERATOR.multiply_add(curve::multiply(&claim.t, &known.point), claim.s))?;
        self.cache.count_use(key, known);
        Ok(())
    }
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new(Self::TABLES_DEFAULT)
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Verifier({} tables)", self.tables())
    }
}

/// What a signature says about the point (x1, y1) = s G + t P: r = e + x1 mod n.
struct Claim {
    s: Limbs,
    t: Limbs,
    /// r - e mod n, which x1 must be congruent to.
    x: Limbs,
}

impl Claim {
    /// From the signature, whose type holds r and s in 1..n-1, and the digest e. `None` when t = r + s mod n is 0.
    fn new(signature: &Signature, digest: &[u8; 32]) -> Option<Self> {
        let (r, s) = signature.halves();
        let (r, s) = (limbs(r), limbs(s));
        let t = add_mod(r, s);
        (t != [0; 4]).then(|| Self { s, t, x: sub_mod(r, reduce(limbs(digest))) })
    }

    /// Compares x1 = X / Z^2 with both numbers in [0, p) that are congruent to r - e: p - n is about 2^189, so now and
    /// then x1 lies in [n, p).
    fn check(&self, point: &Jacobian) -> Result<(), InvalidSignature> {
        if point.is_infinity() {
            return Err(InvalidSignature);
        }
        let zz = ark_ff::Field::square(&point.z);
        let is = |x: Limbs| field(x).is_some_and(|x| x * zz == point.x);
        let (high, carry) = add(self.x, ORDER);
        if is(self.x) || (!carry && is(high)) { Ok(()) } else { Err(InvalidSignature) }
    }
}

/// SM3 over the part of ZA that is the same for every key: the identifier and the curve (GB/T 32918.2, 5.5).
static IDENTITY_PREFIX: LazyLock<Sm3> = LazyLock::new(|| {
    let mut hasher = Sm3::default();
    hasher.update(&u16::try_from(DISTINGUISHED_ID.len() * 8).expect("128").to_be_bytes());
    hasher.update(DISTINGUISHED_ID.as_bytes());
    let generator = Affine::GENERATOR;
    for element in [curve::A, curve::B, generator.x, generator.y] {
        hasher.update(&field::bytes(element));
    }
    hasher
});

/// ZA: what binds a signature to its key and identifier.
fn identity(point: &Affine) -> [u8; 32] {
    let mut hasher = IDENTITY_PREFIX.clone();
    hasher.update(&field::bytes(point.x));
    hasher.update(&field::bytes(point.y));
    hasher.finalize_reset()
}

/// [`Verifier::verify`] with the verifier of this process.
///
/// # Errors
/// [`InvalidSignature`] when the signature does not verify.
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), InvalidSignature> {
    static SHARED: LazyLock<Verifier> = LazyLock::new(Verifier::default);
    SHARED.verify(key, message, signature)
}
