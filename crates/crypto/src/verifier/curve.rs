//! Points of the SM2 curve y^2 = x^3 - 3x + b. Variable time: for public inputs only.

use super::field::{Fq, Limbs, field, limbs, window};
use ark_ff::{AdditiveGroup as _, BigInteger as _, Field as _, MontFp, PrimeField as _};

/// The coefficient a = -3.
pub const A: Fq = MontFp!("-3");
/// The coefficient b.
pub const B: Fq = MontFp!("18505919022281880113072981827955639221458448578012075254857346196103069175443");

/// A point other than infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    /// Abscissa.
    pub x: Fq,
    /// Ordinate.
    pub y: Fq,
}

impl Affine {
    /// The base point G (GB/T 32918.5).
    pub const GENERATOR: Self = Self {
        x: MontFp!("22963146547237050559479531362550074578802567295341616970375194840604139615431"),
        y: MontFp!("85132369209828568825618990617112496413088388631904505083283536607588877201568"),
    };

    /// Decodes 33 compressed SEC1 bytes; `None` when they are not a point of the curve.
    ///
    /// The curve has prime order, so every point but infinity, which has no such encoding, is in the group.
    pub fn decompress(bytes: &[u8; 33]) -> Option<Self> {
        let (prefix, x) = bytes.split_first_chunk::<1>()?;
        let odd = match prefix {
            [2] => false,
            [3] => true,
            _ => return None,
        };
        let x = field(limbs(x.first_chunk()?))?;
        let y = ((x.square() + A) * x + B).sqrt()?;
        Some(Self { x, y: if y.into_bigint().is_odd() == odd { y } else { -y } })
    }

    /// -self.
    pub fn negate(&self) -> Self {
        Self { x: self.x, y: -self.y }
    }
}

/// (X, Y, Z) stands for (X/Z^2, Y/Z^3), and for infinity when Z = 0.
#[derive(Clone, Copy)]
pub struct Jacobian {
    /// X.
    pub x: Fq,
    /// Y.
    pub y: Fq,
    /// Z.
    pub z: Fq,
}

impl Jacobian {
    /// The neutral element.
    pub const INFINITY: Self = Self { x: Fq::ONE, y: Fq::ONE, z: Fq::ZERO };

    /// Whether this is the neutral element.
    pub fn is_infinity(&self) -> bool {
        self.z == Fq::ZERO
    }

    /// 2 self (dbl-2001-b for a = -3). Infinity stays: Z3 = (Y + 0)^2 - Y^2 - 0 = 0.
    pub fn double(&self) -> Self {
        let delta = self.z.square();
        let gamma = self.y.square();
        let beta = self.x * gamma;
        let slope = (self.x - delta) * (self.x + delta);
        let slope = slope.double() + slope;
        let beta4 = beta.double().double();
        let x = slope.square() - beta4.double();
        let z = (self.y + self.z).square() - gamma - delta;
        let y = slope * (beta4 - x) - gamma.square().double().double().double();
        Self { x, y, z }
    }

    /// self + q, complete: doubling, opposite points and infinity are told apart.
    #[inline]
    pub fn add_affine(&self, q: &Affine) -> Self {
        if self.is_infinity() {
            return Self::from(*q);
        }
        let zz = self.z.square();
        let h = q.x * zz - self.x;
        let r = q.y * (self.z * zz) - self.y;
        if h == Fq::ZERO {
            return if r == Fq::ZERO { self.double() } else { Self::INFINITY };
        }
        let hh = h.square();
        let hhh = h * hh;
        let v = self.x * hh;
        let x = r.square() - hhh - v.double();
        Self { x, y: r * (v - x) - self.y * hhh, z: self.z * h }
    }

    /// Affine forms with one inversion for all. None of `points` may be infinity.
    pub fn normalize(points: &[Self]) -> Vec<Affine> {
        let mut z: Vec<Fq> = points.iter().map(|point| point.z).collect();
        ark_ff::batch_inversion(&mut z);
        points
            .iter()
            .zip(z)
            .map(|(point, inverse)| {
                let square = inverse.square();
                Affine { x: point.x * square, y: point.y * (square * inverse) }
            })
            .collect()
    }
}

impl From<Affine> for Jacobian {
    fn from(point: Affine) -> Self {
        Self { x: point.x, y: point.y, z: Fq::ONE }
    }
}

/// k q for a point without a table: 5-bit non-adjacent form, about 256 doublings and 43 additions.
pub fn multiply(k: &Limbs, q: &Affine) -> Jacobian {
    const WIDTH: usize = 5;
    let twice = Jacobian::normalize(&[Jacobian::from(*q).double()])[0];
    let mut odd = [Jacobian::from(*q); 1 << (WIDTH - 2)];
    for i in 1..odd.len() {
        odd[i] = odd[i - 1].add_affine(&twice);
    }
    let odd = Jacobian::normalize(&odd);

    let mut digits = [0i32; 257];
    let (mut bit, mut carry) = (0, 0);
    while bit < digits.len() {
        if window(k, bit, 1) == carry {
            bit += 1;
            continue;
        }
        let width = WIDTH.min(digits.len() - bit);
        let word = window(k, bit, width) + carry;
        carry = (word >> (WIDTH - 1)) & 1;
        digits[bit] = word - (carry << WIDTH);
        bit += width;
    }
    digits.iter().rev().fold(Jacobian::INFINITY, |sum, &digit| {
        let sum = if sum.is_infinity() { sum } else { sum.double() };
        match digit {
            0 => sum,
            1.. => sum.add_affine(&odd[digit as usize / 2]),
            _ => sum.add_affine(&odd[digit.unsigned_abs() as usize / 2].negate()),
        }
    })
}
