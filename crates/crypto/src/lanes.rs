//! SM3 compression of many messages at once, one per vector lane: 16 with AVX-512, 8 with AVX2.
//!
//! Why the `unsafe` here is sound: (1) a [`Lanes`] value, the only way to the kernels, is made by `detect` after the
//! processor reported the feature that the kernel was compiled for; (2) the vectors and the arrays that are turned
//! into one another have the same size, and each bit pattern is a value of both.
#![allow(unsafe_code)]
// Other processors have no kernels yet and hash one by one.
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]

/// The initial value (GB/T 32905, 4.1).
const INITIAL: [u32; 8] =
    [0x7380_166F, 0x4914_B2B9, 0x1724_42D7, 0xDA8A_0600, 0xA96F_30BC, 0x1631_38AA, 0xE38D_EE4D, 0xB0FB_0E4E];

/// T_j rotated left by j mod 32 (GB/T 32905, 4.2 and 5.3.3).
const ROUND: [u32; 64] = {
    let mut table = [0; 64];
    let mut j = 0;
    while j < 64 {
        let t: u32 = if j < 16 { 0x79CC_4519 } else { 0x7A87_9D8A };
        table[j] = t.rotate_left(j as u32 % 32);
        j += 1;
    }
    table
};

/// An expanded block: the words W_0 .. W_67 (GB/T 32905, 5.3.2).
pub type Expanded = [u32; 68];

/// Expands one block.
pub fn expand(block: &[u8; 64]) -> Expanded {
    let mut w = [0; 68];
    for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for j in 16..68 {
        let x = w[j - 16] ^ w[j - 9] ^ w[j - 3].rotate_left(15);
        w[j] = x ^ x.rotate_left(15) ^ x.rotate_left(23) ^ w[j - 13].rotate_left(7) ^ w[j - 6];
    }
    w
}

/// The eight chaining words of `N` messages; word i of message l is `self.0[i][l]`.
#[derive(Clone, Copy)]
pub struct State<const N: usize>([[u32; N]; 8]);

impl<const N: usize> State<N> {
    /// Before the first block.
    pub const INITIAL: Self = {
        let mut words = [[0; N]; 8];
        let mut i = 0;
        while i < 8 {
            words[i] = [INITIAL[i]; N];
            i += 1;
        }
        Self(words)
    };

    /// The digest in lane `lane`, after the last block.
    pub fn digest(&self, lane: usize) -> [u8; 32] {
        let mut digest = [0; 32];
        for (bytes, words) in digest.as_chunks_mut::<4>().0.iter_mut().zip(&self.0) {
            *bytes = words[lane].to_be_bytes();
        }
        digest
    }
}

/// The words of one block of `N` messages; word j of message l is `words[j][l]`.
pub type Words<const N: usize> = [[u32; N]; 16];

/// The kernels of an instruction set that this processor has.
#[derive(Clone, Copy)]
pub struct Lanes<const N: usize> {
    compress: unsafe fn(&mut State<N>, &Words<N>),
    compress_same: unsafe fn(&mut State<N>, &Expanded),
}

impl<const N: usize> Lanes<N> {
    /// Takes one block of each message.
    pub fn compress(&self, state: &mut State<N>, words: &Words<N>) {
        // SAFETY: `self` exists, so the processor has the feature.
        unsafe { (self.compress)(state, words) }
    }

    /// Takes one block that is the same in all messages.
    pub fn compress_same(&self, state: &mut State<N>, expanded: &Expanded) {
        // SAFETY: `self` exists, so the processor has the feature.
        unsafe { (self.compress_same)(state, expanded) }
    }
}

#[cfg(target_arch = "x86_64")]
macro_rules! kernels {
    ($lanes:literal, $feature:tt, $vector:ty, $splat:ident, $add:ident, $xor:ident, $rotate:ident,
     $majority:ident, $choose:ident, $xor3:ident) => {
        use super::*;

        impl Lanes<$lanes> {
            /// The kernels, if this processor has the instructions.
            pub fn detect() -> Option<Self> {
                is_x86_feature_detected!($feature).then_some(Self { compress, compress_same })
            }
        }

        #[inline]
        #[target_feature(enable = $feature)]
        fn load(words: &[u32; $lanes]) -> $vector {
            // SAFETY: same size, and any bits are a vector.
            unsafe { std::mem::transmute_copy(words) }
        }

        #[inline]
        #[target_feature(enable = $feature)]
        fn store(vector: $vector) -> [u32; $lanes] {
            // SAFETY: same size, and any bits are words.
            unsafe { std::mem::transmute(vector) }
        }

        #[inline]
        #[target_feature(enable = $feature)]
        fn rounds(state: &mut State<$lanes>, word: impl Fn(usize) -> ($vector, $vector)) {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state.0.each_ref().map(|words| load(words));
            macro_rules! round {
                ($j:expr, $f1:ident, $g1:ident) => {{
                    let (w, w_xor) = word($j);
                    let a12 = $rotate::<12>(a);
                    let ss1 = $rotate::<7>($add($add(a12, e), $splat(ROUND[$j].cast_signed())));
                    let ss2 = $xor(ss1, a12);
                    let tt1 = $add($add($f1(a, b, c), d), $add(ss2, w_xor));
                    let tt2 = $add($add($g1(e, f, g), h), $add(ss1, w));
                    (d, c, b, a) = (c, $rotate::<9>(b), a, tt1);
                    (h, g, f, e) = (g, $rotate::<19>(f), e, $xor3(tt2, $rotate::<9>(tt2), $rotate::<17>(tt2)));
                }};
            }
            for j in 0..16 {
                round!(j, $xor3, $xor3);
            }
            for j in 16..64 {
                round!(j, $majority, $choose);
            }
            for (words, vector) in state.0.iter_mut().zip([a, b, c, d, e, f, g, h]) {
                *words = store($xor(load(words), vector));
            }
        }

        #[target_feature(enable = $feature)]
        fn compress(state: &mut State<$lanes>, words: &Words<$lanes>) {
            let mut w = [$splat(0); 68];
            for (vector, words) in w.iter_mut().zip(words) {
                *vector = load(words);
            }
            for j in 16..68 {
                let x = $xor3(w[j - 16], w[j - 9], $rotate::<15>(w[j - 3]));
                let x = $xor3(x, $rotate::<15>(x), $rotate::<23>(x));
                w[j] = $xor3(x, $rotate::<7>(w[j - 13]), w[j - 6]);
            }
            rounds(state, |j| (w[j], $xor(w[j], w[j + 4])));
        }

        #[target_feature(enable = $feature)]
        fn compress_same(state: &mut State<$lanes>, w: &Expanded) {
            rounds(state, |j| ($splat(w[j].cast_signed()), $splat((w[j] ^ w[j + 4]).cast_signed())));
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::*;

    kernels!(
        16,
        "avx512f",
        __m512i,
        _mm512_set1_epi32,
        _mm512_add_epi32,
        _mm512_xor_si512,
        rotate,
        majority,
        choose,
        xor3
    );

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn rotate<const BITS: i32>(x: __m512i) -> __m512i {
        _mm512_rol_epi32::<BITS>(x)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn majority(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
        _mm512_ternarylogic_epi32::<0xE8>(x, y, z)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn choose(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
        _mm512_ternarylogic_epi32::<0xCA>(x, y, z)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn xor3(x: __m512i, y: __m512i, z: __m512i) -> __m512i {
        _mm512_ternarylogic_epi32::<0x96>(x, y, z)
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    kernels!(8, "avx2", __m256i, _mm256_set1_epi32, _mm256_add_epi32, _mm256_xor_si256, rotate, majority, choose, xor3);

    #[inline]
    #[target_feature(enable = "avx2")]
    fn rotate<const BITS: i32>(x: __m256i) -> __m256i {
        let (left, right) = (_mm_cvtsi32_si128(BITS), _mm_cvtsi32_si128(32 - BITS));
        _mm256_or_si256(_mm256_sll_epi32(x, left), _mm256_srl_epi32(x, right))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn majority(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
        _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(z, _mm256_or_si256(x, y)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn choose(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
        _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor3(x: __m256i, y: __m256i, z: __m256i) -> __m256i {
        _mm256_xor_si256(x, _mm256_xor_si256(y, z))
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl<const N: usize> Lanes<N> {
    /// No kernels for this processor.
    pub fn detect() -> Option<Self> {
        None
    }
}
