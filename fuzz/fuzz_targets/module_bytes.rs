//! Any bytes as a contract: a refusal, or a module that compiles and whose entries end, twice alike. Never a panic and
//! never a fault of the node.
#![no_main]

mod machine;

libfuzzer_sys::fuzz_target!(|code: &[u8]| {
    let Ok(prepared) = xl_vm::prepare(code) else { return };
    assert_eq!(xl_vm::prepare(code).as_ref(), Ok(&prepared), "a pure function");
    machine::run_twice(&prepared);
});
