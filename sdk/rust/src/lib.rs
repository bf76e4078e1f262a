//! Contracts in Rust: the chain's host functions, and arguments, state and events in Borsh.
//!
//! Arguments are read in the order of the interface description, then [`Arguments::finish`]: left-over or missing bytes
//! are `BadArguments`. State keys are those of a contract in typed Python: a field's name, a map's name, "/" and the
//! key. Nothing here allocates. Meaning and price of each host function: `spec/10-vm.md`, XL-VM-5.
#![no_std]

/// What the host offers, as it is: pointers into this module's memory, lengths in bytes.
pub mod host {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub fn get(key: *const u8, key_len: usize, to: *mut u8, cap: usize) -> i32;
        pub fn put(key: *const u8, key_len: usize, value: *const u8, value_len: usize);
        pub fn del(key: *const u8, key_len: usize);
        pub fn caller(to: *mut u8);
        pub fn origin(to: *mut u8);
        pub fn self_addr(to: *mut u8);
        pub fn tx_id(to: *mut u8);
        pub safe fn height() -> i64;
        pub safe fn time() -> i64;
        pub safe fn input_len() -> usize;
        pub fn input(to: *mut u8, cap: usize) -> usize;
        pub fn ret(from: *const u8, len: usize);
        pub fn emit(name: *const u8, name_len: usize, data: *const u8, data_len: usize);
        pub fn abort(code: *const u8, code_len: usize, line: u32, detail: *const u8, detail_len: usize);
        pub fn call(
            contract: *const u8,
            method: *const u8,
            method_len: usize,
            args: *const u8,
            args_len: usize,
            gas: i64,
        ) -> i32;
        pub safe fn returned_len() -> usize;
        pub fn returned(to: *mut u8, cap: usize) -> usize;
        pub fn sm3(from: *const u8, len: usize, to: *mut u8);
        pub fn sm2_verify(key: *const u8, signature: *const u8, message: *const u8, len: usize) -> i32;
        pub fn has_role(account: *const u8, role: *const u8, len: usize) -> i32;
        pub fn org_of(account: *const u8, to: *mut u8, cap: usize) -> i32;
    }
}

/// Who calls: an account or a contract.
pub type Address = [u8; 20];

/// Entries and views: `entries! { supply => { ... } }` exports each name as a function that succeeds at its end.
#[macro_export]
macro_rules! entries {
    ($($name:ident => $body:block)*) => {
        $(#[unsafe(no_mangle)]
        extern "C" fn $name() -> i32 {
            $body
            0
        })*
    };
}

/// Ends the call without effect, with the line where it stands: `fail!("NotIssuer")`, `fail!("Short", &detail)`.
#[macro_export]
macro_rules! fail {
    ($code:expr) => {
        $crate::abort($code, line!(), &[])
    };
    ($code:expr, $detail:expr) => {
        $crate::abort($code, line!(), $detail.as_bytes())
    };
}

/// Fails with the code unless the condition holds.
#[macro_export]
macro_rules! require {
    ($condition:expr, $code:expr) => {
        if !$condition {
            $crate::fail!($code)
        }
    };
}

/// A panic is a trap: the call fails without effect. Contracts say `fail!` for what they foresee.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// Ends the call without effect; [`fail!`] fills in the line.
#[cold]
pub fn abort(code: &str, line: u32, detail: &[u8]) -> ! {
    // SAFETY: both slices are readable for their lengths.
    unsafe { host::abort(code.as_ptr(), code.len(), line, detail.as_ptr(), detail.len()) };
    unreachable!("the host has ended the call")
}

/// The account that signed, or the contract that calls.
#[must_use]
pub fn caller() -> Address {
    let mut found = Address::default();
    // SAFETY: the host writes 20 bytes.
    unsafe { host::caller(found.as_mut_ptr()) };
    found
}

/// Sets the output of the call.
pub fn output(data: &[u8]) {
    // SAFETY: the slice is readable for its length.
    unsafe { host::ret(data.as_ptr(), data.len()) };
}

/// Reports an event of what was written to `data`.
pub fn emit(name: &str, data: &Buffer) {
    let data = data.as_bytes();
    // SAFETY: both slices are readable for their lengths.
    unsafe { host::emit(name.as_ptr(), name.len(), data.as_ptr(), data.len()) };
}

/// Bytes being written: an event's fields, the facts of an error, a key.
pub struct Buffer {
    bytes: [u8; 256],
    len: usize,
}

impl Buffer {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; 256], len: 0 }
    }

    /// Bytes as they are: an address, a hash. Beyond 256 in all: `TooLong`.
    #[must_use]
    pub fn bytes(mut self, data: &[u8]) -> Self {
        let Some(to) = self.bytes.get_mut(self.len..self.len + data.len()) else { fail!("TooLong") };
        to.copy_from_slice(data);
        self.len += data.len();
        self
    }

    /// A number.
    #[must_use]
    pub fn u128(self, value: u128) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    /// A number.
    #[must_use]
    pub fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    /// What was written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

/// The arguments of the call.
pub struct Arguments {
    bytes: [u8; 1024],
    len: usize,
    at: usize,
    line: u32,
}

impl Arguments {
    /// Reads them; `line` is told where they do not decode.
    #[must_use]
    pub fn read(line: u32) -> Self {
        let mut found = Self { bytes: [0; 1024], len: host::input_len(), at: 0, line };
        if found.len > found.bytes.len() {
            found.bad();
        }
        // SAFETY: the host writes at most the given length.
        unsafe { host::input(found.bytes.as_mut_ptr(), found.bytes.len()) };
        found
    }

    /// The next N bytes: an address, a hash, a number's.
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        let end = self.at + N;
        let found = if end <= self.len { self.bytes.get(self.at..end) } else { None };
        self.at = end;
        match found.and_then(|found| found.try_into().ok()) {
            Some(found) => found,
            None => self.bad(),
        }
    }

    /// A number.
    pub fn u128(&mut self) -> u128 {
        u128::from_le_bytes(self.take())
    }

    /// A number.
    pub fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    /// All of them have been taken.
    pub fn finish(self) {
        if self.at != self.len {
            self.bad();
        }
    }

    fn bad(&self) -> ! {
        abort("BadArguments", self.line, &[])
    }
}

/// The stored value of N bytes under a key, if there is one; of another length: `BadState`.
#[must_use]
pub fn load<const N: usize>(key: &Buffer) -> Option<[u8; N]> {
    let (key, mut value) = (key.as_bytes(), [0; N]);
    // SAFETY: the host reads the key's length and writes at most N bytes.
    match unsafe { host::get(key.as_ptr(), key.len(), value.as_mut_ptr(), N) } {
        -1 => None,
        len if usize::try_from(len) == Ok(N) => Some(value),
        _ => fail!("BadState"),
    }
}

/// Stores a value.
pub fn store(key: &Buffer, value: &[u8]) {
    let key = key.as_bytes();
    // SAFETY: both slices are readable for their lengths.
    unsafe { host::put(key.as_ptr(), key.len(), value.as_ptr(), value.len()) };
}
