//! Precomputed multiples of one point, which turn a multiplication into additions alone.

use super::curve::{Affine, Jacobian};
use super::field::{Limbs, window};

/// For each `W`-bit window i of a scalar: 1, 2, ... 2^(W-1) times 2^(W i) times the point. Digits are signed, so half
/// of the multiples suffice. 53 KB for W = 5, 270 KB for W = 8.
pub struct Table<const W: usize> {
    multiples: Box<[Affine]>,
}

impl<const W: usize> Table<W> {
    /// 256 bits and the carry of the signed form.
    pub const WINDOWS: usize = 256 / W + 1;
    const HALF: usize = 1 << (W - 1);

    /// Computes the multiples of `point`. None of them is infinity: the order is a prime above 2^255.
    pub fn new(point: &Affine) -> Self {
        let mut base = Jacobian::from(*point);
        let bases: Vec<Jacobian> = (0..Self::WINDOWS)
            .map(|_| {
                let this = base;
                (0..W).for_each(|_| base = base.double());
                this
            })
            .collect();
        let multiples: Vec<Jacobian> = Jacobian::normalize(&bases)
            .iter()
            .flat_map(|base| {
                std::iter::successors(Some(Jacobian::from(*base)), |sum| Some(sum.add_affine(base))).take(Self::HALF)
            })
            .collect();
        Self { multiples: Jacobian::normalize(&multiples).into_boxed_slice() }
    }

    /// The table points whose sum is k times the point.
    #[inline]
    pub fn terms(&self, k: Limbs) -> impl Iterator<Item = Affine> {
        let mut carry = 0;
        self.multiples.chunks_exact(Self::HALF).enumerate().filter_map(move |(i, multiples)| {
            let word = window(&k, i * W, W) + carry;
            carry = i32::from(word > 1 << (W - 1));
            let digit = word - (carry << W);
            match digit {
                0 => None,
                1.. => Some(multiples[digit as usize - 1]),
                _ => Some(multiples[digit.unsigned_abs() as usize - 1].negate()),
            }
        })
    }

    /// sum + k times the point.
    #[inline]
    pub fn multiply_add(&self, sum: Jacobian, k: Limbs) -> Jacobian {
        self.terms(k).fold(sum, |sum, term| sum.add_affine(&term))
    }
}
