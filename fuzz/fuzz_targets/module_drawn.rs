//! Bytes steer the generator of `crates/vm/tests/vm/draw.rs`: valid modules, which must be accepted; metered is plain.
#![no_main]

#[path = "../../crates/vm/tests/vm/draw.rs"]
mod draw;
mod machine;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let code = draw::draw(bytes, true);
    let prepared = xl_vm::prepare(&code).expect("what is drawn may be deployed");
    machine::compare(&code, &prepared);
    machine::run_twice(&prepared);
});
