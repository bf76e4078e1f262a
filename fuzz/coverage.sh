#!/bin/sh
# A compiler wrapper (RUSTC_WRAPPER): what reads strangers' bytes is compiled with the counters that libFuzzer steers by,
# the engine and the rest without. It works on the stable compiler.
rustc=$1
shift
case "$*" in
*"--crate-name build_script_"* | *"--print"*) exec "$rustc" "$@" ;;
*"--crate-name xl_"* | *"--crate-name wasmparser "* | *"--crate-name wasm_encoder "* | *"--crate-name borsh "* | *"fuzz_targets/"*)
	exec "$rustc" "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
		-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
		-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 ;;
*) exec "$rustc" "$@" ;;
esac
