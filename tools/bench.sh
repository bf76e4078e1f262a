#!/bin/sh
# bench.sh SECONDS [ARGS...]: signed Points transfers on a fresh network in a temporary folder, stopped afterwards.
set -eu
seconds=$1
shift
folder=$(mktemp -d)/network
.venv/bin/xl network new "$folder" --orgs 4 >&2
trap '.venv/bin/xl network down "$folder" >&2; rm -rf "$(dirname "$folder")"' EXIT
.venv/bin/xl network up "$folder" --detach >&2
.venv/bin/xl bench "$folder" --workload transfer --seconds "$seconds" "$@"
