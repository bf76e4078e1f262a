# Every command of the project; CI calls `make check` and `make test` and nothing else. `make help` lists them.
# Everything is installed inside the checkout (.venv, target). Python packages come from wherever pip is configured to
# take them (PIP_INDEX_URL, pip.conf), Rust crates from wherever cargo is (CARGO_HOME/config.toml).
# Progress goes to stderr, so that `make demo ARGS="--once --json"` leaves one JSON document on stdout.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := ready
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules
.NOTPARALLEL:

PYTHON ?=
ARGS ?=
SCENARIO ?=
SEED ?= 1
SEEDS ?= 1
SIM_BUDGET_S ?= 60
FUZZ_SECONDS ?= 60
RUST_TEST_LIMIT_S ?= 1200
BENCH_SECONDS ?= 30

export VIRTUAL_ENV := $(CURDIR)/.venv
export PYTHONDONTWRITEBYTECODE := 1
# What tests draw follows from SEED, so that a run is repeated by naming it and another one looks elsewhere.
export PROPTEST_RNG_SEED := $(SEED)
BIN := .venv/bin
TARGET := $(or $(CARGO_TARGET_DIR),target)
RUST_SOURCES := $(shell find crates -name '*.rs' -not -path '*/tests/*' -o -name Cargo.toml -path 'crates/*') Cargo.toml Cargo.lock
# All own crates but the border and the node, whose tests are Python's and which know no planted bugs. One selection
# everywhere: cargo joins the features of what is selected, and another selection would build the engine again
# (tools/one_build.py).
WORKSPACE := --workspace --exclude xl-py --exclude xl-node --locked

.PHONY: ready demo test check bench sim fuzz docs wheel interop clean help
.PHONY: test-rust test-python test-network test-browser test-sim check-rust check-python check-layers check-docs

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

ready: .venv/.extension ## set up and build, then say what to try
	@tools/what_to_try.sh

demo: .venv/.extension ## four organisations issue and prove licences; ARGS="--once --json" prints one document and ends
	@$(BIN)/xl demo $(ARGS)

# --- set-up: each stamp is redone when what it was made from changes ------------------------------------------------

.venv/.created:
	@tools/preflight.sh >&2
	@echo "[1/4] .venv" >&2
	@"$$(tools/find_python.sh)" -m venv .venv >&2
	@touch $@

.venv/.tools: tools/bootstrap.txt .venv/.created
	@echo "[2/4] locked uv" >&2
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement tools/bootstrap.txt >&2
	@touch $@

.venv/.packages: uv.lock pyproject.toml .venv/.tools
	@echo "[3/4] locked Python packages" >&2
	@$(BIN)/uv export --quiet --frozen --no-emit-project --no-header --output-file .venv/requirements.txt >&2
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement .venv/requirements.txt >&2
	@touch $@

.venv/.extension: $(RUST_SOURCES) .venv/.packages
	@tools/preflight.sh >&2
	@echo "[4/4] Rust core (the first time it compiles some 400 crates: minutes)" >&2
	@$(BIN)/python tools/build_extension.py >&2
	@touch $@

# --- tests ----------------------------------------------------------------------------------------------------------

test: test-rust test-python test-network test-browser test-sim ## all tests: Rust, Python, real processes, browser, simulator; SEED (1)
	@$(BIN)/python tools/build_extension.py --expect-third-party-fresh >&2
	@echo "all tests passed"

test-rust: .venv/.extension ## Rust units, properties, vectors, simulations with planted bugs
	cargo test $(WORKSPACE) --exclude xl-sim --no-run --quiet
	cargo test -p xl-sim --features planted --locked --no-run --quiet
	timeout $(RUST_TEST_LIMIT_S) cargo test $(WORKSPACE) --exclude xl-sim --no-fail-fast
	timeout $(RUST_TEST_LIMIT_S) cargo test -p xl-sim --features planted --locked --no-fail-fast

test-python: .venv/.extension ## Python units, properties, vectors, documents
	$(BIN)/pytest -n 2 --dist loadgroup --hypothesis-seed=$(SEED) -m "not network and not browser" tests examples

test-network: .venv/.extension ## real processes: kill, restart, strangers, idle, acceptance of solutions
	$(BIN)/pytest -m "network and not browser" tests

# In a process of its own: the browser's driver keeps an event loop running in it.
test-browser: .venv/.extension ## every page in a headless Chromium, on a network of its own; skipped without one
	@tools/find_chromium.sh >/dev/null || true
	$(BIN)/pytest -m browser tests

test-sim: .venv/.extension ## every scenario under new seeds until SIM_BUDGET_S is used up
	cargo build $(WORKSPACE) --bins --quiet
	$(TARGET)/debug/xl-sim --seed $(SEED) --seeds 1000000 --budget-s $(SIM_BUDGET_S)

# --- checks ---------------------------------------------------------------------------------------------------------

check: check-rust check-python check-layers check-docs ## format, lint, types, layers, border, licences, documents
	@echo "all checks passed"

check-rust: .venv/.packages
	cargo fmt --all --check
	$(BIN)/python tools/cargo_py.py clippy --workspace --all-targets --locked --quiet -- -D warnings

check-python: .venv/.extension
	$(BIN)/ruff format --check src tests examples tools conftest.py
	$(BIN)/ruff check src tests examples tools conftest.py
	$(BIN)/mypy src
	$(BIN)/python -m mypy.stubtest xianglian._core --ignore-disjoint-bases

check-layers: .venv/.extension
	$(BIN)/lint-imports
	$(BIN)/python tools/layers.py
	$(BIN)/python tools/one_build.py
	$(BIN)/python tools/tidy.py
	$(BIN)/python tools/licences.py

check-docs: .venv/.extension
	$(BIN)/python tools/reference.py --check
	$(BIN)/pytest -q -m "not network" tests/docs

# --- the rest -------------------------------------------------------------------------------------------------------

bench: .venv/.extension ## signed transfers on a fresh network; BENCH_SECONDS, ARGS
	@tools/bench.sh $(BENCH_SECONDS) $(ARGS)

sim: .venv/.extension ## N nodes in one process under a seed: SCENARIO (all), SEED (1), SEEDS (1)
	@cargo build $(WORKSPACE) --bins --quiet
	@$(TARGET)/debug/xl-sim $(if $(SCENARIO),--scenario $(SCENARIO)) --seed $(SEED) --seeds $(SEEDS)

fuzz: .venv/.packages ## libFuzzer on what arrives from strangers, each target for FUZZ_SECONDS; compiles the engine anew
	$(BIN)/python tools/fuzz.py --seconds $(FUZZ_SECONDS) $(ARGS)

docs: .venv/.extension ## write the generated reference pages anew
	$(BIN)/python tools/reference.py

wheel: .venv/.packages ## one abi3 wheel into dist/, release profile
	@tools/preflight.sh >&2
	$(BIN)/maturin build --release --locked --out dist

interop: ## the RFC 8998 channel against Tongsuo (compiles it: minutes)
	cargo run --locked --manifest-path tests/interop/Cargo.toml --target-dir $(TARGET)/interop/cargo -- $(TARGET)/interop

clean: ## remove all that was built and installed
	rm -rf .venv $(TARGET) fuzz/target dist src/xianglian/_core*.so
