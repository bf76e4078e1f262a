//! The base field of SM2 on arkworks' Montgomery arithmetic, and 256-bit numbers modulo the order n.

use ark_ff::{BigInt, Fp256, MontBackend, MontConfig, PrimeField};

/// p = 2^256 - 2^224 - 2^96 + 2^64 - 1 (GB/T 32918.5).
#[derive(MontConfig)]
#[modulus = "115792089210356248756420345214020892766250353991924191454421193933289684991999"]
#[generator = "13"]
pub struct FieldParameters;

/// An element of the base field.
pub type Fq = Fp256<MontBackend<FieldParameters, 4>>;

/// A 256-bit number, least significant limb first.
pub type Limbs = [u64; 4];

/// The order n of the base point.
pub const ORDER: Limbs = [0x53BB_F409_39D5_4123, 0x7203_DF6B_21C6_052B, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFE_FFFF_FFFF];

/// The field element with this value, or `None` when it is p or more.
pub fn field(value: Limbs) -> Option<Fq> {
    Fq::from_bigint(BigInt(value))
}

/// Reads a big-endian number.
pub fn limbs(bytes: &[u8; 32]) -> Limbs {
    let (words, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| u64::from_be_bytes(words[3 - i]))
}

/// The value as a big-endian number.
pub fn bytes(element: Fq) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(element.into_bigint().0.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

/// Sum and carry.
pub fn add(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let mut carry = false;
    let sum = std::array::from_fn(|i| {
        let (limb, out) = a[i].carrying_add(b[i], carry);
        carry = out;
        limb
    });
    (sum, carry)
}

/// Difference and borrow.
pub fn sub(a: Limbs, b: Limbs) -> (Limbs, bool) {
    let mut borrow = false;
    let difference = std::array::from_fn(|i| {
        let (limb, out) = a[i].borrowing_sub(b[i], borrow);
        borrow = out;
        limb
    });
    (difference, borrow)
}

/// `value` mod n for any 256-bit value: 2^256 < 2n, so one subtraction is enough.
pub fn reduce(value: Limbs) -> Limbs {
    match sub(value, ORDER) {
        (reduced, false) => reduced,
        (_, true) => value,
    }
}

/// a + b mod n, for a and b below n.
pub fn add_mod(a: Limbs, b: Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    // With a carry the true sum is below 2n < 2^257, so the wrapped difference is the reduced sum.
    if carry { sub(sum, ORDER).0 } else { reduce(sum) }
}

/// a - b mod n, for a and b below n.
pub fn sub_mod(a: Limbs, b: Limbs) -> Limbs {
    match sub(a, b) {
        (difference, false) => difference,
        (difference, true) => add(difference, ORDER).0,
    }
}

/// `width` bits (at most 8) of `value` from bit `start`; bits past the end are zero.
pub fn window(value: &Limbs, start: usize, width: usize) -> i32 {
    let (limb, shift) = (start / 64, start % 64);
    let low = value.get(limb).map_or(0, |word| word >> shift);
    let high = if shift + width > 64 { value.get(limb + 1).map_or(0, |word| word << (64 - shift)) } else { 0 };
    ((low | high) & ((1 << width) - 1)) as i32
}
