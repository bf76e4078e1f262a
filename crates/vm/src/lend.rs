//! The one place that stretches a lifetime: what the caller of a contract lends for the duration of the call.
//!
//! The engine keeps a call's data in a `Store` that must be `'static`, while the host's state borrows from the block
//! being executed. [`Lent`] carries both borrows as pointers.
//!
//! Sound because [`lend`] gives the only `Lent` out for the run of one closure, which borrows the host exclusively and
//! the input shared for all that time; the machine's closure makes the store, runs the call and drops the store before
//! it returns, and `Lent` can neither be cloned nor leave this crate. Access goes through `&mut Lent` or `&Lent`, so
//! two exclusive borrows of the host cannot exist at once; a call that the host runs within another lends a host of its
//! own. A panic of the host unwinds through the store and drops it as well.
#![allow(unsafe_code)]

use crate::host::HostState;
use std::ptr::NonNull;

/// A host and an input, borrowed until the closure given to [`lend`] returns.
pub(crate) struct Lent {
    host: NonNull<dyn HostState>,
    input: NonNull<[u8]>,
}

/// Runs `call` with what it may use. `call` must drop the [`Lent`] before it returns.
pub(crate) fn lend<R>(host: &mut dyn HostState, input: &[u8], call: impl FnOnce(Lent) -> R) -> R {
    let host: NonNull<dyn HostState + '_> = NonNull::from(host);
    // SAFETY: the two types differ in a lifetime alone; the module's text says why the pointer is not used after it.
    let host = unsafe { std::mem::transmute::<NonNull<dyn HostState + '_>, NonNull<dyn HostState>>(host) };
    call(Lent { host, input: NonNull::from(input) })
}

impl Lent {
    /// The host's state.
    pub fn host(&mut self) -> &mut dyn HostState {
        // SAFETY: `lend` holds the exclusive borrow while `self` lives, and `&mut self` makes this the only use of it.
        unsafe { self.host.as_mut() }
    }

    /// The call's argument.
    pub fn input(&self) -> &[u8] {
        // SAFETY: `lend` holds the borrow while `self` lives.
        unsafe { self.input.as_ref() }
    }
}
