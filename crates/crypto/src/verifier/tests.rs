//! Accepting and refusing must agree with the maintained library, with and without a table.

use super::curve::multiply;
use super::field::{Fq, ORDER, sub};
use super::*;
use crate::SecretKey;
use ark_ff::Field as _;
use proptest::prelude::*;
use sm2::dsa::signature::{Verifier as _, hazmat::PrehashVerifier as _};

/// n, big endian.
const N: [u8; 32] = hex32("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
/// p, big endian.
const P: [u8; 32] = hex32("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF");

const fn hex32(text: &str) -> [u8; 32] {
    const fn nibble(c: u8) -> u8 {
        if c <= b'9' { c - b'0' } else { c - b'A' + 10 }
    }
    let mut bytes = [0; 32];
    let mut i = 0;
    while i < 32 {
        bytes[i] = nibble(text.as_bytes()[2 * i]) << 4 | nibble(text.as_bytes()[2 * i + 1]);
        i += 1;
    }
    bytes
}

/// What the maintained library says.
fn library(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = sm2::dsa::VerifyingKey::from_sec1_bytes(DISTINGUISHED_ID, key) else { return false };
    let Ok(signature) = sm2::dsa::Signature::from_slice(signature) else { return false };
    key.verify(message, &signature).is_ok()
}

fn library_digest(key: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool {
    let Ok(key) = sm2::dsa::VerifyingKey::from_sec1_bytes(DISTINGUISHED_ID, key) else { return false };
    let Ok(signature) = sm2::dsa::Signature::from_slice(signature) else { return false };
    key.verify_prehash(digest, &signature).is_ok()
}

/// What this module says from the bytes on, without a table and with one.
fn ours(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(public), Ok(parsed)) = (PublicKey::from_slice(key), Signature::from_slice(signature)) else { return false };
    let plain = Verifier::new(0).verify(&public, message, &parsed).is_ok();
    if let Some(known) = KnownKey::new(&public) {
        let digest = sm3(&[&known.identity, message]);
        assert_eq!(plain, ours_digest(key, &digest, signature), "the two ways differ");
    }
    plain
}

fn ours_digest(key: &[u8], digest: &[u8; 32], signature: &[u8]) -> bool {
    let (Ok(public), Ok(signature)) = (PublicKey::from_slice(key), Signature::from_slice(signature)) else {
        return false;
    };
    let Some(known) = KnownKey::new(&public) else { return false };
    let Some(claim) = Claim::new(&signature, digest) else { return false };
    let plain = claim.check(&GENERATOR.multiply_add(multiply(&claim.t, &known.point), claim.s)).is_ok();
    let sum = KeyTable::new(&known.point).multiply_add(Jacobian::INFINITY, claim.t);
    let tabled = claim.check(&GENERATOR.multiply_add(sum, claim.s)).is_ok();
    assert_eq!(plain, tabled, "the two ways differ");
    let table = KeyTable::new(&known.point);
    let mut groups = vec![table.terms(claim.t).chain(GENERATOR.terms(claim.s)).collect::<Vec<_>>(); 2];
    many::add_up(&mut groups);
    for group in groups {
        let sum = group.first().map_or(Jacobian::INFINITY, |sum| Jacobian::from(*sum));
        assert_eq!(plain, claim.check(&sum).is_ok(), "sums differ");
    }
    plain
}

/// A number given relative to n or p, or as it is.
fn number() -> impl Strategy<Value = [u8; 32]> {
    let near = |base: [u8; 32], offset: i8| {
        let offset_limbs = [u64::from(offset.unsigned_abs()), 0, 0, 0];
        let base = limbs(&base);
        to_bytes(if offset < 0 { sub(base, offset_limbs).0 } else { add(base, offset_limbs).0 })
    };
    prop_oneof![
        6 => any::<[u8; 32]>(),
        2 => (-4i8..=4).prop_map(move |offset| near(N, offset)),
        2 => (-4i8..=4).prop_map(move |offset| near(P, offset)),
        2 => (-4i8..=4).prop_map(move |offset| near([0; 32], offset)),
        1 => Just(hex32("8000000000000000000000000000000000000000000000000000000000000000")),
    ]
}

fn to_bytes(value: Limbs) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (chunk, limb) in bytes.chunks_exact_mut(8).zip(value.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

fn secret() -> impl Strategy<Value = SecretKey> {
    any::<[u8; 32]>().prop_filter_map("out of range", |bytes| SecretKey::from_slice(&bytes).ok())
}

/// n - value mod n.
fn opposite(value: Limbs) -> Limbs {
    sub_mod([0; 4], value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn good_signatures_are_accepted(key in secret(), message in prop::collection::vec(any::<u8>(), 0..300)) {
        let signature = key.sign(&message);
        prop_assert!(ours(key.public_key().as_bytes(), &message, signature.as_bytes()));
        prop_assert!(library(key.public_key().as_bytes(), &message, signature.as_bytes()));
    }

    #[test]
    fn one_changed_bit_is_refused(key in secret(), message in prop::collection::vec(any::<u8>(), 1..99),
                                  part in 0..3usize, at in any::<usize>(), bit in 0..8u8) {
        let mut public = key.public_key().as_bytes().to_vec();
        let mut signature = key.sign(&message).as_bytes().to_vec();
        let mut message = message;
        let target = [&mut public, &mut signature, &mut message].into_iter().nth(part).unwrap();
        let at = at % target.len();
        target[at] ^= 1 << bit;
        prop_assert!(!ours(&public, &message, &signature));
        prop_assert!(!library(&public, &message, &signature));
    }

    #[test]
    fn boundary_numbers_get_the_verdict_of_the_library(key in secret(), r in number(), s in number(),
                                                       digest in number(), keep in 0..4u8) {
        let good = key.sign(b"m");
        let (good_r, good_s) = good.halves();
        let r = if keep & 1 == 0 { r } else { *good_r };
        let s = if keep & 2 == 0 { s } else { *good_s };
        let signature = [r, s].concat();
        let public = key.public_key();
        prop_assert_eq!(ours(public.as_bytes(), b"m", &signature), library(public.as_bytes(), b"m", &signature));
        prop_assert_eq!(ours_digest(public.as_bytes(), &digest, &signature),
                        library_digest(public.as_bytes(), &digest, &signature));
    }

    #[test]
    fn arbitrary_keys_are_points_for_both_or_neither(prefix in 0..6u8, x in number()) {
        let bytes = [&[prefix][..], &x].concat();
        let point = <[u8; 33]>::try_from(&bytes[..]).ok().and_then(|bytes| Affine::decompress(&bytes));
        // The library also takes prefix 05, the compact form, which `PublicKey` refuses.
        let theirs = sm2::PublicKey::from_sec1_bytes(&bytes).ok().filter(|_| matches!(prefix, 2 | 3));
        prop_assert_eq!(point.is_some(), theirs.is_some());
        if let (Some(point), Some(theirs)) = (point, theirs) {
            let encoded = sm2::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&theirs, false);
            prop_assert_eq!(&encoded.as_bytes()[33..], &field::bytes(point.y)[..]);
        }
    }

    /// Chosen s, t and R with x(R) in [n, p): the key (R - s G) / t and the digest r - x(R) make a good signature whose
    /// x1 is only found as r - e + n.
    #[test]
    fn a_high_abscissa_is_accepted(s in number(), t in number(), above in 0..64u64) {
        let (s, t) = (reduce(limbs(&s)), reduce(limbs(&t)));
        let r = sub_mod(t, s);
        prop_assume!(s != [0; 4] && t != [0; 4] && r != [0; 4] && s != t);
        let (x, high) = (above..).find_map(|k| {
            let x = add(ORDER, [k, 0, 0, 0]).0;
            let mut bytes = [2; 33];
            bytes[1..].copy_from_slice(&to_bytes(x));
            Some((x, Affine::decompress(&bytes)?))
        }).unwrap();
        let rest = GENERATOR.multiply_add(Jacobian::from(high), opposite(s));
        prop_assume!(!rest.is_infinity());
        let key = Jacobian::normalize(&[multiply(&inverse(t), &Jacobian::normalize(&[rest])[0])])[0];
        let key = compress(&key);
        let digest = to_bytes(sub_mod(r, reduce(x)));
        let signature = [to_bytes(r), to_bytes(s)].concat();
        prop_assert!(library_digest(&key, &digest, &signature));
        prop_assert!(ours_digest(&key, &digest, &signature));
    }

    /// s G + t P = 0 for s = -t d: infinity has no abscissa.
    #[test]
    fn infinity_is_refused(key in secret(), t in number(), digest in number()) {
        let t = reduce(limbs(&t));
        let d = limbs(&key.to_bytes());
        let s = opposite(product(t, d));
        let r = sub_mod(t, s);
        prop_assume!(t != [0; 4] && r != [0; 4]);
        let sum = GENERATOR.multiply_add(multiply(&t, &Affine::decompress(key.public_key().as_bytes()).unwrap()), s);
        prop_assert!(sum.is_infinity());
        // Whatever x1 a careless verifier reads from (1, 1, 0), its r must not pass.
        for digest in [digest, to_bytes(r), to_bytes(sub_mod(r, [1, 0, 0, 0]))] {
            let signature = [to_bytes(r), to_bytes(s)].concat();
            prop_assert!(!library_digest(key.public_key().as_bytes(), &digest, &signature));
            prop_assert!(!ours_digest(key.public_key().as_bytes(), &digest, &signature));
        }
    }

    /// Groups that hit every case: equal points, opposite points, sums that vanish on the way.
    #[test]
    fn adding_up_agrees_with_adding(groups in prop::collection::vec(prop::collection::vec(-4i32..=4, 0..40), 1..9)) {
        let points: Vec<Affine> = GENERATOR.terms([4, 0, 0, 0]).collect();
        let small = |k: i32| match (k, GENERATOR.terms([u64::from(k.unsigned_abs()), 0, 0, 0]).next()) {
            (0, _) | (_, None) => points[0],
            (1.., Some(point)) => point,
            (_, Some(point)) => point.negate(),
        };
        let mut sums: Vec<Vec<Affine>> = groups.iter().map(|g| g.iter().map(|&k| small(k)).collect()).collect();
        let expected: Vec<Jacobian> =
            sums.iter().map(|g| g.iter().fold(Jacobian::INFINITY, |sum, point| sum.add_affine(point))).collect();
        many::add_up(&mut sums);
        for (sum, expected) in sums.iter().zip(expected) {
            prop_assert!(sum.len() <= 1);
            prop_assert_eq!(sum.is_empty(), expected.is_infinity());
            if let Some(sum) = sum.first() {
                prop_assert_eq!(*sum, Jacobian::normalize(&[expected])[0]);
            }
        }
    }

    #[test]
    fn field_arithmetic_agrees_with_adding(a in number(), b in number()) {
        let modulus = limbs(&P);
        let reduced = |value: Limbs| match sub(value, modulus) {
            (smaller, false) => smaller,
            (_, true) => value,
        };
        let plus = |a: Limbs, b: Limbs| match add(a, b) {
            (sum, true) => sub(sum, modulus).0,
            (sum, false) => reduced(sum),
        };
        let (a, b) = (reduced(limbs(&a)), reduced(limbs(&b)));
        let times = (0..256).rev().fold([0; 4], |sum, bit| {
            let sum = plus(sum, sum);
            if field::window(&b, bit, 1) == 1 { plus(sum, a) } else { sum }
        });
        let (x, y) = (super::field::field(a).unwrap(), super::field::field(b).unwrap());
        prop_assert_eq!(field::bytes(x * y), to_bytes(times));
        prop_assert_eq!(field::bytes(x + y), to_bytes(plus(a, b)));
        prop_assert_eq!(x - y + y, x);
        prop_assert_eq!(x.square(), x * x);
        prop_assert_eq!(x.inverse().map_or(Fq::ONE, |inverse| inverse * x), Fq::ONE);
        prop_assert_eq!(x.square().sqrt().map(|root| root.square()), Some(x.square()));
    }

    #[test]
    fn the_three_multiplications_agree(k in number(), key in secret()) {
        let k = limbs(&k);
        let point = Affine::decompress(key.public_key().as_bytes()).unwrap();
        let ways = [multiply(&k, &point), Table::<5>::new(&point).multiply_add(Jacobian::INFINITY, k),
                    Table::<8>::new(&point).multiply_add(Jacobian::INFINITY, k)];
        if reduce(k) == [0; 4] {
            prop_assert!(ways.iter().all(Jacobian::is_infinity));
        } else {
            let affine = Jacobian::normalize(&ways);
            prop_assert_eq!(affine[0], affine[1]);
            prop_assert_eq!(affine[0], affine[2]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))] // each is dozens of signatures

    /// Known and unknown keys, good and bad signatures, mixed in one call.
    #[test]
    fn many_verdicts_equal_single_ones(items in prop::collection::vec((1..6u8, 0..3u8, any::<u8>()), 0..70)) {
        let verifier = Verifier::new(3);
        let keys: Vec<SecretKey> = (1..6u8).map(|i| SecretKey::from_slice(&[i; 32]).unwrap()).collect();
        let good = keys.iter().map(|key| key.sign(b"good"));
        for (key, good) in keys.iter().zip(good).take(3) {
            (0..8).for_each(|_| verifier.verify(&key.public_key(), b"good", &good).unwrap());
        }
        let items: Vec<_> = items.into_iter().map(|(signer, fault, text)| {
            let key = &keys[usize::from(signer) - 1];
            let signature = key.sign(&[text]);
            let public = if fault == 1 { keys[usize::from(signer) % 5].public_key() } else { key.public_key() };
            (public, vec![if fault == 2 { text ^ 1 } else { text }], signature, fault == 0)
        }).collect();
        let call: Vec<_> = items.iter().map(|(key, text, signature, _)| (key, &text[..], signature)).collect();
        let verdicts = verifier.verify_many(&call);
        prop_assert_eq!(verdicts.len(), items.len());
        for ((key, text, signature, valid), verdict) in items.iter().zip(verdicts) {
            prop_assert_eq!(verdict.is_ok(), *valid);
            prop_assert_eq!(verdict, Verifier::new(0).verify(key, text, signature));
        }
    }
}

/// a b mod n by doubling and adding.
fn product(a: Limbs, b: Limbs) -> Limbs {
    (0..256).rev().fold([0; 4], |sum, bit| {
        let sum = add_mod(sum, sum);
        if field::window(&b, bit, 1) == 1 { add_mod(sum, a) } else { sum }
    })
}

/// a^(n-2) mod n.
fn inverse(a: Limbs) -> Limbs {
    let exponent = sub(ORDER, [2, 0, 0, 0]).0;
    (0..256).rev().fold([1, 0, 0, 0], |power, bit| {
        let power = product(power, power);
        if field::window(&exponent, bit, 1) == 1 { product(power, a) } else { power }
    })
}

fn compress(point: &Affine) -> [u8; 33] {
    let mut bytes = [0; 33];
    bytes[0] = 2 + (field::bytes(point.y)[31] & 1);
    bytes[1..].copy_from_slice(&field::bytes(point.x));
    bytes
}

/// A fixed budget of hostile byte strings, the same on every run.
#[test]
fn hostile_bytes_get_the_verdict_of_the_library() {
    let key = SecretKey::from_slice(&[7; 32]).unwrap().public_key();
    let verifier = Verifier::new(1);
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for round in 0..1500 {
        let mut bytes = [0u8; 64];
        bytes.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&next().to_be_bytes()));
        match round % 5 {
            0 => bytes[..32].copy_from_slice(&N),
            1 => bytes[32..].fill((next() & 1) as u8 * 0xFF),
            2 => bytes[..16].fill(0xFF),
            3 => bytes[32..63].fill(0),
            _ => {}
        }
        let accepted = Signature::from_slice(&bytes).is_ok_and(|s| verifier.verify(&key, b"hostile", &s).is_ok());
        assert_eq!(accepted, library(key.as_bytes(), b"hostile", &bytes), "{}", hex::encode(bytes));
    }
}

/// Only good signatures count, the table arrives after the promised number, and verdicts stay the same.
#[test]
fn tables_are_for_keys_in_use() {
    let verifier = Verifier::new(2);
    let keys: Vec<SecretKey> = (1..=3).map(|i| SecretKey::from_slice(&[i; 32]).unwrap()).collect();
    let wrong = keys[0].sign(b"other");
    for _ in 0..50 {
        assert_eq!(verifier.verify(&keys[0].public_key(), b"m", &wrong), Err(InvalidSignature));
    }
    assert_eq!(verifier.tables(), 0);
    for (i, key) in keys.iter().enumerate() {
        let good = key.sign(b"m");
        for use_number in 1..=Verifier::USES_BEFORE_TABLE + 2 {
            let before = i.min(2);
            assert_eq!(verifier.verify(&key.public_key(), b"m", &good), Ok(()));
            let built = use_number >= Verifier::USES_BEFORE_TABLE;
            assert_eq!(verifier.tables(), if built { (i + 1).min(2) } else { before });
        }
        assert_eq!(verifier.verify(&key.public_key(), b"n", &good), Err(InvalidSignature));
    }
}

#[test]
fn threads_share_one_verifier() {
    let verifier = Verifier::new(4);
    std::thread::scope(|scope| {
        for seed in 1..=2u8 {
            let verifier = &verifier;
            scope.spawn(move || {
                for i in 0..40u8 {
                    let key = SecretKey::from_slice(&[1 + (i + seed) % 3; 32]).unwrap();
                    let signature = key.sign(&[i]);
                    assert_eq!(verifier.verify(&key.public_key(), &[i], &signature), Ok(()));
                    assert_eq!(verifier.verify(&key.public_key(), &[i, 0], &signature), Err(InvalidSignature));
                }
            });
        }
    });
    assert_eq!(verifier.tables(), 3);
}

/// Times: `cargo test -p xl-crypto verifier_times -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn verifier_times() {
    let key = SecretKey::from_slice(&[9; 32]).unwrap();
    let message = [5u8; 200];
    let good = key.sign(&message);
    let public = key.public_key();
    let time = |name: &str, f: &mut dyn FnMut()| {
        let best = (0..40).map(|_| {
            let start = std::time::Instant::now();
            (0..50).for_each(|_| f());
            start.elapsed() / 50
        });
        println!("{name}: {:?}", best.min().unwrap());
    };
    let tabled = Verifier::default();
    let plain = Verifier::new(0);
    (0..20).for_each(|_| tabled.verify(&public, &message, &good).unwrap());
    assert_eq!(tabled.tables(), 1);
    time("with a table", &mut || tabled.verify(&public, &message, &good).unwrap());
    for count in [1, 2, 4, 8, 16, 32, 128] {
        let keys: Vec<SecretKey> = (0..count).map(|i| SecretKey::from_slice(&[1 + i; 32]).unwrap()).collect();
        let signed: Vec<_> = keys.iter().map(|key| (key.public_key(), key.sign(&message))).collect();
        let call: Vec<_> = signed.iter().map(|(key, signature)| (key, &message[..], signature)).collect();
        (0..9).for_each(|_| assert!(tabled.verify_many(&call).iter().all(Result::is_ok)));
        let best = |f: &dyn Fn()| {
            let run = |_| {
                let start = std::time::Instant::now();
                f();
                start.elapsed() / u32::from(count)
            };
            (0..100).map(run).min().unwrap()
        };
        let together = best(&|| assert!(tabled.verify_many(&call).iter().all(Result::is_ok)));
        let single = best(&|| call.iter().for_each(|(k, m, s)| tabled.verify(k, m, s).unwrap()));
        println!("{count} keys with tables, each: {together:?} together, {single:?} one by one");
    }
    time("without a table, key seen", &mut || plain.verify(&public, &message, &good).unwrap());
    time("decode a key", &mut || assert!(KnownKey::new(&public).is_some()));
    let point = KnownKey::new(&public).unwrap().point;
    time("build a table", &mut || drop(std::hint::black_box(KeyTable::new(&point))));
    time("SM3 of the message", &mut || {
        std::hint::black_box(sm3(&[&[1; 32], &message]));
    });
    time("library", &mut || assert!(library(public.as_bytes(), &message, good.as_bytes())));
    time("sign", &mut || {
        std::hint::black_box(key.sign(&message));
    });
}

/// Cases that need a chosen digest: a high abscissa, infinity, a doubling inside the sum, digests of n and more.
#[test]
fn chosen_digests_of_the_vectors() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../../../../spec/vectors/sm2.json")).unwrap();
    let bytes = |case: &serde_json::Value, field: &str| hex::decode(case[field].as_str().unwrap()).unwrap();
    for case in vectors["digests"].as_array().unwrap() {
        let (key, signature) = (bytes(case, "public_key"), bytes(case, "signature"));
        let digest = bytes(case, "digest").try_into().unwrap();
        assert_eq!(ours_digest(&key, &digest, &signature), case["valid"].as_bool().unwrap(), "{case}");
        assert_eq!(library_digest(&key, &digest, &signature), case["valid"].as_bool().unwrap(), "{case}");
    }
    let standard = &vectors["standard"];
    let key = PublicKey::from_slice(&bytes(standard, "public_key")).unwrap();
    let known = KnownKey::new(&key).unwrap();
    assert_eq!(known.identity[..], bytes(standard, "identity"));
    assert_eq!(sm3(&[&known.identity, &bytes(standard, "message")])[..], bytes(standard, "digest"));
}
