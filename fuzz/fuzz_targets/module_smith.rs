//! Modules of wasm-smith, restricted to the subset: refused by what bounds the outline alone; metered is plain.
#![no_main]

mod machine;

use libfuzzer_sys::arbitrary::Unstructured;
use std::sync::LazyLock;
use wasm_smith::{Config, Module};
use xl_vm::{Feature, Rejected};

static EXPORTS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "go") (result i32) i32.const 0))"#)
        .expect("parses")
});

fn config() -> Config {
    Config {
        allow_start_export: false,
        allow_floats: false,
        bulk_memory_enabled: false,
        reference_types_enabled: false,
        simd_enabled: false,
        relaxed_simd_enabled: false,
        multi_value_enabled: false,
        saturating_float_to_int_enabled: false,
        sign_extension_ops_enabled: true,
        tail_call_enabled: false,
        exceptions_enabled: false,
        threads_enabled: false,
        memory64_enabled: false,
        gc_enabled: false,
        extended_const_enabled: false,
        wide_arithmetic_enabled: false,
        custom_page_sizes_enabled: false,
        max_imports: 0,
        max_memories: 1,
        max_memory32_bytes: 64 << 16,
        // Plain modules grow as far as they say, metered ones to 64 pages at most: these must be the same.
        memory_max_size_required: true,
        max_tables: 1,
        max_table_elements: 4_096,
        memory_offset_choices: wasm_smith::MemoryOffsetChoices(90, 8, 2),
        disallow_traps: false,
        exports: Some(EXPORTS.clone()),
        generate_custom_sections: false,
        ..Config::default()
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(mut module) = Module::new(config(), &mut Unstructured::new(bytes)) else { return };
    if module.ensure_termination(20_000).is_err() {
        return;
    }
    let code = module.to_bytes();
    match xl_vm::prepare(&code) {
        Ok(prepared) => {
            machine::compare(&code, &prepared);
            machine::run_twice(&prepared);
        }
        // The memory that the generator was told to export may be its second one.
        Err(
            Rejected::Bound { .. } | Rejected::Segment { .. } | Rejected::Feature { feature: Feature::MultiMemory, .. },
        ) => {}
        Err(other) => panic!("a module of the subset is refused: {other}"),
    }
});
