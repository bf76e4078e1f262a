"""Points in C, Rust and AssemblyScript behave as Points in typed Python: results, state, events, errors."""

import json
import os
import random
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xianglian import _core
from xianglian.compiler import build
from xianglian.contract.abi import Interface

EXAMPLES = Path(__file__).parents[3] / "examples"
LANGUAGES = ("c", "rust", "assemblyscript")
CONTRACT, NOBODY = b"\x0c" * 20, b"\x99" * 20
ISSUER, ALICE, BOB = b"\x01" * 20, b"\xa1" * 20, b"\xb2" * 20
TOP = 2**128 - 1


@dataclass
class Ledger:
    """A host that keeps state in a dictionary; a failed call is undone."""

    caller: bytes = ISSUER
    origin: bytes = ISSUER
    self_address: bytes = CONTRACT
    height: int = 1
    time_ms: int = 1_000
    tx_id: bytes = bytes(32)
    read_only: bool = False
    state: dict[bytes, bytes] = field(default_factory=dict)
    events: list[tuple[str, bytes]] = field(default_factory=list)

    def get(self, key: bytes) -> bytes | None:
        return self.state.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self.state[key] = value

    def delete(self, key: bytes) -> None:
        self.state.pop(key, None)

    def emit(self, name: str, data: bytes) -> None:
        self.events.append((name, data))

    def has_role(self, account: bytes, role: str) -> bool:
        return False

    def organisation_of(self, account: bytes) -> str | None:
        return None

    def call(self, contract: bytes, method: str, arguments: bytes) -> bytes:
        raise AssertionError("Points calls nobody")


@cache
def typed_python() -> Any:
    return build(EXAMPLES / "points")


def committed(language: str) -> bytes:
    return (EXAMPLES / "languages" / language / "points.wasm").read_bytes()


Step = tuple[bytes, str, bytes]
Told = tuple[str, bytes, dict[bytes, bytes], list[tuple[str, bytes]]]


def run(code: bytes, steps: list[Step], state: dict[bytes, bytes] | None = None) -> list[Told]:
    """Code, output or detail, state and events after each step."""
    machine, host, told = _core.ContractMachine(), Ledger(state=dict(state or {})), []
    for caller, entry, arguments in steps:
        before, host.caller, host.events = dict(host.state), caller, []
        failed, _line, data, _gas = machine.run(code=code, entry=entry, arguments=arguments, host=host)
        if failed:
            host.state, host.events = before, []
        told.append((failed, data, dict(host.state), host.events))
    return told


def call(who: bytes, method: str, **arguments: Any) -> Step:
    return who, method, Interface(typed_python().interface).encode_arguments(method, arguments)


def every_path() -> list[Step]:
    return [
        (ISSUER, "init", b""),
        call(ALICE, "balance", owner=ALICE),
        call(ALICE, "issue", target=ALICE, amount=1),
        call(ISSUER, "issue", target=ALICE, amount=0),
        call(ISSUER, "issue", target=ALICE, amount=100),
        call(ALICE, "transfer", target=BOB, amount=0),
        call(ALICE, "transfer", target=BOB, amount=101),
        call(ALICE, "transfer", target=BOB, amount=TOP),
        call(NOBODY, "transfer", target=BOB, amount=1),
        call(ALICE, "transfer", target=BOB, amount=30),
        call(ALICE, "transfer", target=ALICE, amount=70),
        call(ISSUER, "issue", target=BOB, amount=2**64 - 100),
        call(ISSUER, "issue", target=BOB, amount=TOP),
        call(ISSUER, "issue", target=BOB, amount=TOP - 2**64),
        call(ISSUER, "issue", target=BOB, amount=1),
        call(BOB, "transfer", target=ALICE, amount=2**64 + 5),
        call(ALICE, "balance", owner=BOB),
        call(ALICE, "supply"),
        (ALICE, "transfer", b""),
        (ALICE, "transfer", bytes(35)),
        (ALICE, "transfer", bytes(37)),
        (ALICE, "balance", bytes(21)),
        (ALICE, "supply", bytes(1)),
        (ALICE, "supply", bytes(1_500)),
        (ISSUER, "init", bytes(1)),
        (ALICE, "burn", b""),
    ]


def random_steps(seed: int) -> list[Step]:
    draw = random.Random(seed)
    steps: list[Step] = [(ISSUER, "init", b"")]
    for _ in range(80):
        amount = draw.choice([draw.randrange(20), draw.randrange(2**65), draw.randrange(2**128)])
        who, target = draw.choices([ISSUER, ALICE, BOB], k=2)
        steps.append(call(who, draw.choice(["issue", "transfer"]), target=target, amount=amount))
        steps.append(call(who, "balance", owner=target))
    return [*steps, call(ALICE, "supply")]


def assert_same_behaviour(code: bytes) -> None:
    told, expected = run(code, every_path()), run(typed_python().wasm, every_path())
    for step, ours, theirs in zip(every_path(), told, expected, strict=True):
        assert ours == theirs, step
    codes = {failed for failed, *_ in told}
    assert codes >= {"", "NotIssuer", "AmountIsZero", "InsufficientBalance", "Overflow", "BadArguments"}
    assert {event for *_, events in told for event, _ in events} == {"Issued", "Transferred"}
    for seed in (1, 2, 3):
        assert run(code, random_steps(seed)) == run(typed_python().wasm, random_steps(seed)), seed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_committed_module_behaves_as_typed_python(language: str) -> None:
    assert set(_core_exports(committed(language))) == {"init", "issue", "transfer", "balance", "supply"}
    assert_same_behaviour(committed(language))


def _core_exports(code: bytes) -> list[str]:
    found: list[str] = json.loads(_core.check_contract(code))["exports"]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_state_that_another_version_wrote(language: str) -> None:
    """Missing and damaged values end as in typed Python."""
    for state in ({}, {b"issuer": b"short"}, {b"issuer": ISSUER, b"issued": bytes(15)}):
        steps = [call(ISSUER, "issue", target=ALICE, amount=5), call(ALICE, "supply")]
        told = run(committed(language), steps, state)
        assert told == run(typed_python().wasm, steps, state), state
        assert told[0][0] in ("NotFound", "BadState")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_interface_is_that_of_points(language: str) -> None:
    """But for the places in the source."""

    def without_places(document: dict[str, Any]) -> dict[str, Any]:
        methods = [{**each, "line": 0} for each in document["methods"]]
        return {**document, "source": None, "methods": methods}

    folder = EXAMPLES / "languages" / language
    described = json.loads((folder / "points.interface.json").read_text(encoding="utf-8"))
    assert without_places(described) == without_places(typed_python().interface)
    source = folder / described["source"]["files"][0]
    lines = source.read_text(encoding="utf-8").splitlines()
    for name, line in described["source"]["functions"].items():
        assert name in lines[line - 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_failure_names_the_line_of_its_source(language: str) -> None:
    machine, host = _core.ContractMachine(), Ledger()
    _, entry, arguments = call(ISSUER, "transfer", target=ALICE, amount=0)
    failed, line, _, _ = machine.run(code=committed(language), entry=entry, arguments=arguments, host=host)
    folder = EXAMPLES / "languages" / language
    described = json.loads((folder / "points.interface.json").read_text(encoding="utf-8"))
    lines = (folder / described["source"]["files"][0]).read_text(encoding="utf-8").splitlines()
    assert failed == "AmountIsZero"
    assert "AmountIsZero" in lines[line - 1]


def toolchain(language: str) -> tuple[dict[str, str], str]:
    """Environment for the compile script, and the compiler's version; skips where there is none."""
    if language == "c":
        clang = next((c for c in ("clang-19", "clang") if shutil.which(c)), None)
        if clang is None or not any(shutil.which(linker) for linker in ("wasm-ld", f"wasm-ld{clang[5:]}")):
            pytest.skip("needs clang and its linker for WebAssembly: apt install clang-19 lld-19")
        return {"CLANG": clang}, _first_line(clang, "--version")
    if language == "rust":
        if shutil.which("rustc") is None:
            pytest.skip("needs rustc: see rustup")
        target = Path(_first_line("rustc", "--print", "sysroot")) / "lib/rustlib/wasm32-unknown-unknown"
        if not target.exists():
            pytest.skip("needs the target: rustup target add wasm32-unknown-unknown")
        return {}, _first_line("rustc", "--version")
    asc = os.environ.get("XL_ASC") or shutil.which("asc")
    if not asc:
        pytest.skip("needs asc: npm install assemblyscript, and XL_ASC with the path of its asc")
    return {"ASC": asc}, _first_line(asc, "--version")


def _first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_here_it_behaves_the_same(language: str, tmp_path: Path) -> None:
    extra, version = toolchain(language)
    made = tmp_path / "points.wasm"
    environment = {key: value for key, value in os.environ.items() if key not in ("RUSTFLAGS", "LLD")}
    environment |= {"CARGO_TARGET_DIR": str(tmp_path / "target"), "CARGO_NET_OFFLINE": "true", **extra}
    script = EXAMPLES / "languages" / "compile.sh"
    done = subprocess.run(
        ["sh", str(script), language, str(made)],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    recorded = json.loads((EXAMPLES / "languages" / "toolchains.json").read_text(encoding="utf-8"))
    if version == recorded[language]:
        assert made.read_bytes() == committed(language)
    else:
        assert_same_behaviour(made.read_bytes())
