//! SM3 (GB/T 32905-2016): a 256-bit hash.

use crate::lanes::{Expanded, Lanes, State, Words, expand};
use sm3::Digest as _;
use std::sync::LazyLock;

/// Digest of the concatenation of `parts`.
///
/// ```
/// assert_eq!(xl_crypto::sm3(&[b"a", b"bc"]), xl_crypto::sm3(&[b"abc"]));
/// ```
#[must_use]
pub fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = sm3::Sm3::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Incremental SM3.
#[derive(Clone, Default)]
pub struct Sm3(sm3::Sm3);

impl Sm3 {
    /// Absorbs `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything absorbed; the hasher starts again.
    pub fn finalize_reset(&mut self) -> [u8; 32] {
        self.0.finalize_reset().into()
    }
}

/// Digests of many messages, in order: `sm3_batch(m)[i] == sm3(&[m[i]])`, but several times faster where the processor
/// has AVX-512 or AVX2, the more so for messages of equal length.
///
/// ```
/// assert_eq!(xl_crypto::sm3_batch(&["a", "b"])[1], xl_crypto::sm3(&[b"b"]));
/// ```
#[must_use]
pub fn sm3_batch<M: AsRef<[u8]>>(messages: &[M]) -> Vec<[u8; 32]> {
    match *ENGINE {
        Engine::Avx512(lanes) => in_lanes(lanes, messages),
        Engine::Avx2(lanes) => in_lanes(lanes, messages),
        Engine::Library => one_by_one(messages),
    }
}

/// What computes batches on this processor.
enum Engine {
    Avx512(Lanes<16>),
    Avx2(Lanes<8>),
    Library,
}

/// The widest kernels that this processor has and that reproduce the library's digests here and now.
static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let avx512 = || checked(Lanes::<16>::detect()).map(Engine::Avx512);
    let avx2 = || checked(Lanes::<8>::detect()).map(Engine::Avx2);
    avx512().or_else(avx2).unwrap_or(Engine::Library)
});

/// Every padding case, an equal tail in all lanes and a group that is not full.
fn checked<const N: usize>(lanes: Option<Lanes<N>>) -> Option<Lanes<N>> {
    let messages: Vec<Vec<u8>> = (0..150u8).chain([65; 20]).map(|n| vec![n; usize::from(n)]).collect();
    lanes.filter(|lanes| in_lanes(*lanes, &messages) == one_by_one(&messages))
}

fn one_by_one<M: AsRef<[u8]>>(messages: &[M]) -> Vec<[u8; 32]> {
    messages.iter().map(|message| sm3(&[message.as_ref()])).collect()
}

/// Below this many messages a group costs more than the library does.
const GROUP_MIN: usize = 3;

/// Messages of equal block count go through the kernel together, `N` at a time.
fn in_lanes<const N: usize, M: AsRef<[u8]>>(lanes: Lanes<N>, messages: &[M]) -> Vec<[u8; 32]> {
    let blocks = |i: u32| blocks(messages[i as usize].as_ref());
    let mut order: Vec<u32> = (0..u32::try_from(messages.len()).expect("fewer than 2^32 messages")).collect();
    if !order.is_sorted_by_key(|&i| blocks(i)) {
        order.sort_by_key(|&i| blocks(i));
    }
    let mut digests = vec![[0; 32]; messages.len()];
    let mut last_tail = None;
    for equal in order.chunk_by(|&a, &b| blocks(a) == blocks(b)) {
        for group in equal.chunks(N) {
            if group.len() < GROUP_MIN {
                for &i in group {
                    digests[i as usize] = sm3(&[messages[i as usize].as_ref()]);
                }
                continue;
            }
            // Lanes without a message repeat the last one.
            let inputs = std::array::from_fn(|lane| messages[group[lane.min(group.len() - 1)] as usize].as_ref());
            let state = compress_group(lanes, inputs, &mut last_tail);
            for (lane, &i) in group.iter().enumerate() {
                digests[i as usize] = state.digest(lane);
            }
        }
    }
    digests
}

/// Blocks after padding: at least one bit and the 64-bit length are added.
fn blocks(message: &[u8]) -> usize {
    (message.len() + 9).div_ceil(64)
}

/// A padded last block and its expansion.
type Tail = ([u8; 64], Expanded);

/// `inputs` have the same number of blocks. `last_tail` remembers the last block that was the same in a whole group:
/// the nodes of a tree differ in their first 64 bytes only, so its expansion is computed once for all of them.
fn compress_group<const N: usize>(lanes: Lanes<N>, inputs: [&[u8]; N], last_tail: &mut Option<Tail>) -> State<N> {
    let mut state = State::INITIAL;
    let count = blocks(inputs[0]);
    let mut words = [[0; N]; 16];
    for block in 0..count - 1 {
        for (lane, input) in inputs.iter().enumerate() {
            match input.get(64 * block..).and_then(<[u8]>::first_chunk) {
                Some(bytes) => put(&mut words, lane, bytes),
                None => put(&mut words, lane, &padded(input, block)),
            }
        }
        lanes.compress(&mut state, &words);
    }
    // Equal last blocks: messages of one length that end in the same bytes.
    let first = inputs[0];
    if inputs
        .iter()
        .all(|input| input.len() == first.len() && input.get(64 * (count - 1)..) == first.get(64 * (count - 1)..))
    {
        let tail = padded(first, count - 1);
        let (_, expanded) = match last_tail {
            Some(known) if known.0 == tail => known,
            other => other.insert((tail, expand(&tail))),
        };
        lanes.compress_same(&mut state, expanded);
    } else {
        for (lane, input) in inputs.iter().enumerate() {
            put(&mut words, lane, &padded(input, count - 1));
        }
        lanes.compress(&mut state, &words);
    }
    state
}

/// Block `block` of the padded message, where it is not message alone (GB/T 32905, 5.2).
fn padded(message: &[u8], block: usize) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some(rest) = message.get(64 * block..) {
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
    }
    if block + 1 == blocks(message) {
        bytes[56..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    }
    bytes
}

fn put<const N: usize>(words: &mut Words<N>, lane: usize, block: &[u8; 64]) {
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        word[lane] = u32::from_be_bytes(*bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all_engines(messages: &[Vec<u8>]) -> Vec<Vec<[u8; 32]>> {
        let mut results = vec![sm3_batch(messages)];
        results.extend(Lanes::<16>::detect().map(|lanes| in_lanes(lanes, messages)));
        results.extend(Lanes::<8>::detect().map(|lanes| in_lanes(lanes, messages)));
        results
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn batches_equal_the_library(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..260), 0..70)) {
            let expected = one_by_one(&messages);
            for digests in all_engines(&messages) {
                prop_assert_eq!(&digests, &expected);
            }
        }

        #[test]
        fn nodes_equal_the_library(nodes in prop::collection::vec(any::<[u8; 32]>(), 0..70), tag in any::<u8>()) {
            let messages: Vec<Vec<u8>> = nodes.iter().map(|n| [&n[..], &n[..], &[tag]].concat()).collect();
            let expected = one_by_one(&messages);
            for digests in all_engines(&messages) {
                prop_assert_eq!(&digests, &expected);
            }
        }
    }

    #[test]
    fn every_length_and_group_size() {
        for length in 0..200 {
            let messages: Vec<Vec<u8>> = (0..length % 35).map(|i| vec![i as u8; length]).collect();
            let expected = one_by_one(&messages);
            assert!(all_engines(&messages).iter().all(|digests| *digests == expected), "length {length}");
        }
    }

    /// Times: `cargo test -p xl-crypto batch_times -- --ignored --nocapture`.
    #[test]
    #[ignore = "a measurement"]
    fn batch_times() {
        let nodes: Vec<[u8; 65]> = (0..4096u32)
            .map(|i| std::array::from_fn(|k| if k == 64 { 1 } else { (i * 7 + k as u32 * 13) as u8 }))
            .collect();
        let values: Vec<Vec<u8>> = (0..4096usize).map(|i| vec![i as u8; 100 + i * 37 % 101]).collect();
        let time = |name: &str, f: &dyn Fn()| {
            let best = (0..30).map(|_| {
                let start = std::time::Instant::now();
                f();
                start.elapsed() / 4096
            });
            println!("{name}: {:?}", best.min().unwrap());
        };
        let used = match *ENGINE {
            Engine::Avx512(_) => "AVX-512",
            Engine::Avx2(_) => "AVX2",
            Engine::Library => "library",
        };
        println!("this processor: {used}");
        time("65-byte node, library", &|| drop(std::hint::black_box(one_by_one(&nodes))));
        time("100-200 bytes, library", &|| drop(std::hint::black_box(one_by_one(&values))));
        if let Some(lanes) = Lanes::<8>::detect() {
            time("65-byte node, AVX2", &|| drop(std::hint::black_box(in_lanes(lanes, &nodes))));
            time("100-200 bytes, AVX2", &|| drop(std::hint::black_box(in_lanes(lanes, &values))));
        }
        if let Some(lanes) = Lanes::<16>::detect() {
            time("65-byte node, AVX-512", &|| drop(std::hint::black_box(in_lanes(lanes, &nodes))));
            time("100-200 bytes, AVX-512", &|| drop(std::hint::black_box(in_lanes(lanes, &values))));
        }
    }
}
