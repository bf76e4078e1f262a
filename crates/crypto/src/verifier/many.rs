//! Sums of many points for many signatures at once: affine additions share one inversion a level, which makes an
//! addition 6 multiplications instead of 11.

use super::curve::{A, Affine};
use super::field::Fq;
use ark_ff::{AdditiveGroup as _, Field as _};

/// Adds up each group in place, pairwise, level by level: it ends with one point, or with none when the sum is
/// infinity.
pub fn add_up(groups: &mut [Vec<Affine>]) {
    let mut inverses: Vec<Fq> = Vec::new();
    loop {
        inverses.clear();
        for group in &*groups {
            // 2 y is not zero: no point has order 2.
            inverses.extend(group.as_chunks().0.iter().map(|[a, b]| if a.x == b.x { a.y.double() } else { b.x - a.x }));
        }
        if inverses.is_empty() {
            return;
        }
        ark_ff::batch_inversion(&mut inverses);
        let mut inverses = inverses.iter();
        for group in &mut *groups {
            let (pairs, odd) = (group.len() / 2, group.len() % 2 == 1);
            let mut kept = 0;
            for (i, inverse) in (0..pairs).zip(&mut inverses) {
                if let Some(sum) = add(&group[2 * i], &group[2 * i + 1], inverse) {
                    group[kept] = sum;
                    kept += 1;
                }
            }
            if odd {
                group[kept] = group[2 * pairs];
                kept += 1;
            }
            group.truncate(kept);
        }
    }
}

/// a + b, or `None` for infinity. `inverse` is 1 / (x(b) - x(a)), or 1 / 2 y(a) when that difference is zero.
#[inline]
fn add(a: &Affine, b: &Affine, inverse: &Fq) -> Option<Affine> {
    let slope = if a.x != b.x {
        (b.y - a.y) * inverse
    } else if a.y == b.y {
        let square = a.x.square();
        (square.double() + square + A) * inverse
    } else {
        return None;
    };
    let x = slope.square() - a.x - b.x;
    Some(Affine { x, y: slope * (a.x - x) - a.y })
}
