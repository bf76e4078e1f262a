#!/bin/sh
# Compiles Points from one of the languages here: compile.sh c|rust|assemblyscript [OUTPUT.wasm]
# CLANG, LLD and ASC name other commands than clang, rust-lld of the toolchain, and asc.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${2:-$here/$1/points.wasm}
case $1 in
c)
    ${CLANG:-clang} --target=wasm32 -mcpu=mvp -mbulk-memory -msign-ext -Os -ffreestanding -nostdlib \
        -Wall -Wextra -Werror -I"$here/../../sdk/c" -Wl,--no-entry,--strip-all,-z,stack-size=16384 \
        -o "$out" "$here/c/contract.c"
    ;;
rust)
    lld=${LLD:-$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld}
    target=${CARGO_TARGET_DIR:-$(mktemp -d)}
    (cd "$here/rust" && RUSTFLAGS="-C target-cpu=mvp -C target-feature=+bulk-memory,+sign-ext" \
        cargo build --quiet --release --locked --target wasm32-unknown-unknown --target-dir "$target")
    # A cdylib would export globals, which contracts do not; so the library is linked here.
    "$lld" -flavor wasm --no-entry --strip-all --gc-sections -z stack-size=16384 \
        --export=init --export=issue --export=transfer --export=balance --export=supply \
        -o "$out" "$target/wasm32-unknown-unknown/release/libpoints.a"
    ;;
assemblyscript)
    cd "$here/assemblyscript"
    ${ASC:-asc} contract.ts -o "$out" --runtime stub --use abort= --disable bulk-memory \
        --optimizeLevel 3 --shrinkLevel 1 --converge
    ;;
esac
