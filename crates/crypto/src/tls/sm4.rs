//! The SM4 block cipher for record protection: eight blocks at a time, and without look-ups that depend on secrets.
//!
//! SM4 and AES have the same non-linear core, inversion in a field of 256 elements, between different affine maps. So
//! `SM4 S-box(x) = OUT(AES S-box(IN(x)))` for two affine maps of bytes, and the processor's AES instruction computes
//! the middle. Each map is the sum of a function of the low and one of the high four bits, which a byte shuffle looks
//! up in a register. The table form of the `sm4` crate serves processors without these instructions; its time depends
//! on the cache.
//!
//! Why the `unsafe` here is sound: [`Keys`], the only way to the functions compiled for these instructions, is made by
//! [`Keys::detect`] after the processor reported every one of them.
#![allow(unsafe_code)]

use sm4::cipher::array::Array;
use sm4::cipher::consts::{U8, U16};
use sm4::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, InOut, Key, KeyInit,
    KeySizeUser, ParBlocks, ParBlocksSizeUser,
};

/// SM4 under one key, for encryption (all that GCM needs).
pub(super) enum Sm4 {
    /// With AES instructions.
    #[cfg(target_arch = "x86_64")]
    Lanes(lanes::Keys),
    /// With tables.
    Table(sm4::Sm4),
}

impl KeySizeUser for Sm4 {
    type KeySize = U16;
}

impl BlockSizeUser for Sm4 {
    type BlockSize = U16;
}

impl KeyInit for Sm4 {
    fn new(key: &Key<Self>) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(keys) = lanes::Keys::detect(&(*key).into()) {
            return Self::Lanes(keys);
        }
        Self::Table(sm4::Sm4::new(key))
    }
}

impl BlockCipherEncrypt for Sm4 {
    fn encrypt_with_backend(&self, f: impl BlockCipherEncClosure<BlockSize = U16>) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Lanes(keys) => f.call(keys),
            Self::Table(table) => table.encrypt_with_backend(f),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use super::{Array, Block, BlockCipherEncBackend, BlockSizeUser, InOut, ParBlocks, ParBlocksSizeUser, U8, U16};
    use std::arch::x86_64::*;
    use zeroize::Zeroizing;

    const IN_LOW: [u8; 16] =
        [0x3E, 0xB2, 0x0E, 0x82, 0xBB, 0x37, 0x8B, 0x07, 0xA1, 0x2D, 0x91, 0x1D, 0x24, 0xA8, 0x14, 0x98];
    const IN_HIGH: [u8; 16] =
        [0x00, 0xDC, 0x2E, 0xF2, 0xC5, 0x19, 0xEB, 0x37, 0x08, 0xD4, 0x26, 0xFA, 0xCD, 0x11, 0xE3, 0x3F];
    const OUT_LOW: [u8; 16] =
        [0x6C, 0xD4, 0xA6, 0x1E, 0x52, 0xEA, 0x98, 0x20, 0x0B, 0xB3, 0xC1, 0x79, 0x35, 0x8D, 0xFF, 0x47];
    const OUT_HIGH: [u8; 16] =
        [0x00, 0xE0, 0x50, 0xB0, 0x9D, 0x7D, 0xCD, 0x2D, 0xC0, 0x20, 0x90, 0x70, 0x5D, 0xBD, 0x0D, 0xED];

    /// Where each byte of a register comes from, when 32-bit lanes are permuted alike.
    const fn per_lane(order: [u8; 4]) -> [u8; 16] {
        let mut out = [0; 16];
        let mut i = 0;
        while i < 16 {
            out[i] = (i as u8 & !3) + order[i & 3];
            i += 1;
        }
        out
    }

    const SWAP: [u8; 16] = per_lane([3, 2, 1, 0]);
    const ROTATE_8: [u8; 16] = per_lane([3, 0, 1, 2]);
    const ROTATE_16: [u8; 16] = per_lane([2, 3, 0, 1]);
    const ROTATE_24: [u8; 16] = per_lane([1, 2, 3, 0]);

    /// Undoes ShiftRows, which the AES instruction also does.
    const UNSHIFT: [u8; 16] = {
        let mut out = [0; 16];
        let mut i = 0;
        while i < 16 {
            let (row, column) = (i & 3, i >> 2);
            out[i] = (row + 4 * ((4 + column - row) & 3)) as u8;
            i += 1;
        }
        out
    };

    /// FK and CK of the key schedule (GB/T 32907, 7.3).
    const SYSTEM: [u32; 4] = [0xA3B1_BAC6, 0x56AA_3350, 0x677D_9197, 0xB270_22DC];

    fn constant(round: usize) -> u32 {
        u32::from_be_bytes(std::array::from_fn(|j| ((4 * round + j) * 7) as u8))
    }

    /// Four blocks; in the rounds, word `i` of all four stands in register `i`.
    type Group = [__m128i; 4];

    /// Round keys, on a processor that has the instructions.
    pub struct Keys(Zeroizing<[u32; 32]>);

    impl Keys {
        /// Expands `key` if the processor has the instructions.
        pub fn detect(key: &[u8; 16]) -> Option<Self> {
            let here = is_x86_feature_detected!("aes")
                && is_x86_feature_detected!("ssse3")
                && is_x86_feature_detected!("sse4.1");
            // SAFETY: the features of `expand` were just detected.
            here.then(|| Self(unsafe { expand(key) }))
        }
    }

    impl BlockSizeUser for Keys {
        type BlockSize = U16;
    }

    impl ParBlocksSizeUser for Keys {
        type ParBlocksSize = U8;
    }

    impl BlockCipherEncBackend for Keys {
        fn encrypt_block(&self, mut block: InOut<'_, '_, Block<Self>>) {
            let mut blocks = [[[0; 16]; 4]];
            blocks[0][0] = (*block.get_in()).into();
            // SAFETY: a `Keys` exists only where the features were detected.
            unsafe { encrypt(&self.0, &mut blocks) };
            *block.get_out() = blocks[0][0].into();
        }

        fn encrypt_par_blocks(&self, mut blocks: InOut<'_, '_, ParBlocks<Self>>) {
            let input = blocks.get_in();
            let mut groups: [[[u8; 16]; 4]; 2] =
                std::array::from_fn(|group| std::array::from_fn(|i| input[4 * group + i].into()));
            // SAFETY: a `Keys` exists only where the features were detected.
            unsafe { encrypt(&self.0, &mut groups) };
            for (out, block) in blocks.get_out().iter_mut().zip(groups.as_flattened()) {
                *out = Array(*block);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn load(bytes: &[u8; 16]) -> __m128i {
        let value = u128::from_le_bytes(*bytes);
        _mm_set_epi64x((value >> 64) as i64, value as i64)
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn store(register: __m128i) -> [u8; 16] {
        let (low, high) = (_mm_cvtsi128_si64(register) as u64, _mm_extract_epi64::<1>(register) as u64);
        (u128::from(high) << 64 | u128::from(low)).to_le_bytes()
    }

    /// An affine map of all 16 bytes.
    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn affine(x: __m128i, low: &[u8; 16], high: &[u8; 16]) -> __m128i {
        let nibble = _mm_set1_epi8(0x0F);
        let from_low = _mm_shuffle_epi8(load(low), _mm_and_si128(x, nibble));
        let from_high = _mm_shuffle_epi8(load(high), _mm_and_si128(_mm_srli_epi64::<4>(x), nibble));
        _mm_xor_si128(from_low, from_high)
    }

    /// The S-box on all 16 bytes.
    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn substitute(x: __m128i) -> __m128i {
        let x = _mm_shuffle_epi8(affine(x, &IN_LOW, &IN_HIGH), load(&UNSHIFT));
        affine(_mm_aesenclast_si128(x, _mm_setzero_si128()), &OUT_LOW, &OUT_HIGH)
    }

    /// L (GB/T 32907, 6.2): `x ^ x<<<2 ^ x<<<10 ^ x<<<18 ^ x<<<24` in each lane.
    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn diffuse(x: __m128i) -> __m128i {
        let rotated = |by: &[u8; 16]| _mm_shuffle_epi8(x, load(by));
        let y = _mm_xor_si128(_mm_xor_si128(x, rotated(&ROTATE_8)), rotated(&ROTATE_16));
        let y = _mm_or_si128(_mm_slli_epi32::<2>(y), _mm_srli_epi32::<30>(y));
        _mm_xor_si128(_mm_xor_si128(x, y), rotated(&ROTATE_24))
    }

    #[inline]
    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn transpose([a, b, c, d]: Group) -> Group {
        let (ab_low, ab_high) = (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
        [
            _mm_unpacklo_epi64(ab_low, cd_low),
            _mm_unpackhi_epi64(ab_low, cd_low),
            _mm_unpacklo_epi64(ab_high, cd_high),
            _mm_unpackhi_epi64(ab_high, cd_high),
        ]
    }

    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn expand(key: &[u8; 16]) -> Zeroizing<[u32; 32]> {
        let mut words = Zeroizing::new([0; 4]);
        for ((word, bytes), system) in words.iter_mut().zip(key.as_chunks::<4>().0).zip(SYSTEM) {
            *word = u32::from_be_bytes(*bytes) ^ system;
        }
        let mut keys = Zeroizing::new([0; 32]);
        for (round, round_key) in keys.iter_mut().enumerate() {
            let [a, b, c, d] = *words;
            let x = _mm_cvtsi128_si32(substitute(_mm_cvtsi32_si128((b ^ c ^ d ^ constant(round)) as i32))) as u32;
            *round_key = a ^ x ^ x.rotate_left(13) ^ x.rotate_left(23);
            *words = [b, c, d, *round_key];
        }
        keys
    }

    #[target_feature(enable = "aes,ssse3,sse4.1")]
    fn encrypt<const GROUPS: usize>(keys: &[u32; 32], blocks: &mut [[[u8; 16]; 4]; GROUPS]) {
        let swap = load(&SWAP);
        let mut groups = [[_mm_setzero_si128(); 4]; GROUPS];
        for (group, blocks) in groups.iter_mut().zip(blocks.iter()) {
            let mut rows = [_mm_setzero_si128(); 4];
            for (row, block) in rows.iter_mut().zip(blocks) {
                *row = _mm_shuffle_epi8(load(block), swap);
            }
            *group = transpose(rows);
        }
        for quarter in keys.as_chunks::<4>().0 {
            for (i, &key) in quarter.iter().enumerate() {
                let key = _mm_set1_epi32(key as i32);
                for x in &mut groups {
                    let sum = _mm_xor_si128(_mm_xor_si128(x[(i + 1) & 3], x[(i + 2) & 3]), x[(i + 3) & 3]);
                    x[i] = _mm_xor_si128(x[i], diffuse(substitute(_mm_xor_si128(sum, key))));
                }
            }
        }
        for ([a, b, c, d], blocks) in groups.into_iter().zip(blocks) {
            for (row, block) in transpose([d, c, b, a]).into_iter().zip(blocks) {
                *block = store(_mm_shuffle_epi8(row, swap));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Array, Sm4};
    use proptest::prelude::*;
    use sm4::cipher::{BlockCipherEncrypt as _, KeyInit as _};

    /// GB/T 32907, appendix A.1.
    #[test]
    fn standard_example() {
        let text = 0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210_u128.to_be_bytes();
        let mut block = text.into();
        Sm4::new(&text.into()).encrypt_block(&mut block);
        assert_eq!(u128::from_be_bytes(block.into()), 0x681E_DF34_D206_965E_86B3_E94F_536E_4246);
    }

    proptest! {
        /// Any number of blocks, so both widths and every remainder, against the table form.
        #[test]
        fn agrees_with_the_table_form(key: [u8; 16], blocks in prop::collection::vec(any::<[u8; 16]>(), 0..40)) {
            let mut ours: Vec<_> = blocks.into_iter().map(Array).collect();
            let mut theirs = ours.clone();
            Sm4::new(&key.into()).encrypt_blocks(&mut ours);
            sm4::Sm4::new(&key.into()).encrypt_blocks(&mut theirs);
            prop_assert_eq!(ours, theirs);
        }
    }

    /// Each byte value passes through each of the 16 places of a register.
    #[test]
    fn agrees_on_every_byte_in_every_place() {
        for value in 0..=255u8 {
            let key = [value; 16];
            let mut ours: Vec<_> = (0..8).map(|i| Array([value.wrapping_add(i); 16])).collect();
            let mut theirs = ours.clone();
            Sm4::new(&key.into()).encrypt_blocks(&mut ours);
            sm4::Sm4::new(&key.into()).encrypt_blocks(&mut theirs);
            assert_eq!(ours, theirs);
        }
    }
}
