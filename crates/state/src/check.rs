//! A 64-bit check word against accidental damage. It is no hash against an adversary: the root is that.

/// Check word of `bytes`, bound to `seed`.
pub(crate) fn check_word(seed: u64, bytes: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        product as u64 ^ (product >> 64) as u64
    };
    let mut word = fold(seed ^ 0x2545_F491_4F6C_DD1D, K) ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let next = u64::from_le_bytes(chunk.try_into().expect("8 bytes"));
        word = fold(word ^ next, K).wrapping_add(next.rotate_left(32));
    }
    let mut last = [0; 8];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    let last = u64::from_le_bytes(last);
    fold(word ^ last, K) ^ word.rotate_left(29) ^ last
}

#[cfg(test)]
mod tests {
    use super::check_word;

    #[test]
    fn every_flipped_bit_and_every_cut_changes_the_word() {
        let bytes: Vec<u8> = (0u8..=250).collect();
        let word = check_word(7, &bytes);
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(check_word(7, &bad), word, "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert_ne!(check_word(7, &bytes[..cut]), word, "cut {cut}");
        }
        assert_ne!(check_word(8, &bytes), word);
        assert_ne!(check_word(0, &[0; 8]), check_word(0, &[0; 16]));
    }
}
