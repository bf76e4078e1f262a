#!/bin/sh
# Prints the first Python >= 3.11 with venv and ensurepip; exits 1 when there is none. $PYTHON goes first.
set -eu
for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    if "$path" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done
exit 1
