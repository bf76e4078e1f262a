#!/bin/sh
# Is all there that the build needs? Names what is missing, each with the command that installs it; exit 1 then.
# Plain sh: this runs before anything is known to be installed.
set -eu
cd "$(dirname "$0")/.."
missing=0
DISK_MIN_MB=8000

lacks() { # what, command
    missing=1
    printf 'missing: %s\n    %s\n' "$1" "$2" >&2
}

as_root=""
if [ "$(id -u)" != 0 ]; then as_root="sudo "; fi

# install DEBIAN FEDORA ALPINE ARCH BREW: the command for this machine's package manager.
install() {
    if command -v apt-get >/dev/null 2>&1; then echo "${as_root}apt-get update && ${as_root}apt-get install -y $1"
    elif command -v dnf >/dev/null 2>&1; then echo "${as_root}dnf install -y $2"
    elif command -v yum >/dev/null 2>&1; then echo "${as_root}yum install -y $2"
    elif command -v apk >/dev/null 2>&1; then echo "${as_root}apk add $3"
    elif command -v pacman >/dev/null 2>&1; then echo "${as_root}pacman -S --noconfirm $4"
    elif command -v brew >/dev/null 2>&1; then echo "brew install $5"
    else echo "install it with your system's package manager: $1"
    fi
}

# at_least VERSION WANTED: dotted numbers, the first two count.
at_least() {
    have_major=${1%%.*}; rest=${1#*.}; have_minor=${rest%%.*}
    want_major=${2%%.*}; rest=${2#*.}; want_minor=${rest%%.*}
    [ "$have_major" -gt "$want_major" ] || { [ "$have_major" -eq "$want_major" ] && [ "$have_minor" -ge "$want_minor" ]; }
}

tools/find_python.sh >/dev/null || lacks "Python 3.11 or newer with venv (or name one: make PYTHON=/path/to/python3)" \
    "$(install 'python3 python3-venv' python3 'python3 py3-pip' python python)"

wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
if command -v rustc >/dev/null 2>&1 && command -v cargo >/dev/null 2>&1; then
    found=$(rustc --version | cut -d' ' -f2)
    if ! at_least "$found" "$wanted"; then
        if command -v rustup >/dev/null 2>&1; then lacks "rustc $wanted or newer (this is $found)" "rustup update stable"
        else lacks "rustc $wanted or newer (this is $found)" \
            "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile default && . \"\$HOME/.cargo/env\""
        fi
    fi
else
    lacks "a Rust toolchain, $wanted or newer" \
        "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile default && . \"\$HOME/.cargo/env\""
fi

command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1 ||
    lacks "a C compiler" "$(install build-essential 'gcc gcc-c++ make' build-base base-devel gcc)"

if [ ! -d "${CARGO_TARGET_DIR:-target}/debug/deps" ]; then
    free_mb=$(df -Pm . | awk 'NR == 2 {print $4}')
    [ "$free_mb" -ge "$DISK_MIN_MB" ] || lacks "disk space: $free_mb MB free here, the build takes up to $DISK_MIN_MB MB" \
        "df -h .    # then free some, or put the build elsewhere: export CARGO_TARGET_DIR=/other/disk/target"
fi

[ "$missing" = 0 ] || { echo "install what is missing, then run make again" >&2; exit 1; }
