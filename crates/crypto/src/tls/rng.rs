//! Where the provider's random bytes come from.

use rustls::crypto::{GetRandomFailed, SecureRandom};
use std::cell::RefCell;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

/// A generator over SM3 with fast key erasure: each 32 bytes of output replace the key, so what was drawn earlier
/// cannot be computed from what is in memory later.
#[derive(ZeroizeOnDrop)]
pub struct Seeded {
    key: [u8; 32],
}

impl Seeded {
    /// Starts from 32 secret, uniformly random bytes.
    #[must_use]
    pub const fn new(seed: [u8; 32]) -> Self {
        Self { key: seed }
    }

    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = Zeroizing::new(crate::sm3(&[&self.key, b"out"]));
            chunk.copy_from_slice(&block[..chunk.len()]);
            let mut next = crate::sm3(&[&self.key, b"key"]);
            self.key = next;
            next.zeroize();
        }
    }
}

thread_local!(static SCOPED: RefCell<Option<Seeded>> = const { RefCell::new(None) });

/// Runs `f` with every draw of the provider on this thread taken from `source`.
///
/// rustls takes its random source as `&'static dyn SecureRandom`, which can carry no state of a connection. Since every
/// call into a connection is synchronous, the connection's generator is lent to the thread for that call.
pub fn scoped<T>(source: &mut Seeded, f: impl FnOnce() -> T) -> T {
    /// Gives the generator back, also when `f` panics.
    struct Lent<'a> {
        owner: &'a mut Seeded,
        before: Option<Seeded>,
    }
    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            if let Some(used) = SCOPED.replace(self.before.take()) {
                self.owner.key = used.key;
            }
        }
    }
    let before = SCOPED.replace(Some(Seeded { key: source.key }));
    let _lent = Lent { owner: source, before };
    f()
}

/// Fills `out` from the generator lent to this thread, else from the operating system.
pub(super) fn fill(out: &mut [u8]) -> Result<(), GetRandomFailed> {
    SCOPED.with_borrow_mut(|scoped| match scoped {
        Some(source) => {
            source.fill(out);
            Ok(())
        }
        None => getrandom::fill(out).map_err(|_| GetRandomFailed),
    })
}

/// The provider's source for rustls.
#[derive(Debug)]
pub(super) struct Random;

impl SecureRandom for Random {
    fn fill(&self, out: &mut [u8]) -> Result<(), GetRandomFailed> {
        fill(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{Seeded, fill, scoped};

    fn draw(length: usize) -> Vec<u8> {
        let mut out = vec![0; length];
        fill(&mut out).expect("random");
        out
    }

    #[test]
    fn same_seed_same_bytes_and_state_moves_on() {
        let (mut a, mut b) = (Seeded::new([7; 32]), Seeded::new([7; 32]));
        let first = scoped(&mut a, || draw(100));
        assert_eq!(first, scoped(&mut b, || draw(100)));
        assert_ne!(first, scoped(&mut a, || draw(100)));
        assert_ne!(first[..32], first[32..64]);
    }

    #[test]
    fn scopes_nest_and_end() {
        let (mut a, mut b) = (Seeded::new([1; 32]), Seeded::new([2; 32]));
        let expected = {
            let mut twin = Seeded::new([1; 32]);
            scoped(&mut twin, || (draw(32), draw(32)))
        };
        let got = scoped(&mut a, || {
            let first = draw(32);
            scoped(&mut b, || draw(32));
            (first, draw(32))
        });
        assert_eq!(got, expected);
        assert_ne!(draw(32), draw(32), "outside, bytes come from the system");
    }

    #[test]
    fn a_panic_gives_the_generator_back() {
        let mut a = Seeded::new([1; 32]);
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            scoped(&mut a, || {
                draw(32);
                panic!("inside")
            })
        }));
        assert!(outcome.is_err());
        let mut twin = Seeded::new([1; 32]);
        scoped(&mut twin, || draw(32));
        assert_eq!(scoped(&mut a, || draw(32)), scoped(&mut twin, || draw(32)));
    }
}
