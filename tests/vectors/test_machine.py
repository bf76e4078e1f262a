"""The contract machine's golden modules: in the core, and on another engine with the same gas."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from xianglian import _core
from xianglian.compiler import build
from xianglian.errors import ContractRefused

from .machine import TRAPS, Host, Machine

FOLDER = Path(__file__).resolve().parents[2] / "spec" / "vectors"
HOSTILE = json.loads((FOLDER / "hostile.json").read_text(encoding="utf-8"))
METERED = json.loads((FOLDER / "metering.json").read_text(encoding="utf-8"))
PUBLISHED = json.loads((FOLDER / "vm.json").read_text(encoding="utf-8"))
CALL, PAGE, DATA_BYTE, TABLE_ELEMENT = 30_000, 8_000, 1, 10
"""XL-VM-GAS-2."""

Module = dict[str, Any]


def joined(parts: list[tuple[str, int]]) -> bytes:
    """A module's bytes from the parts of the vectors."""
    return b"".join(bytes.fromhex(part) * times for part, times in parts)


def title(module: Module) -> str:
    return f"{module['attack']}: {module['name']}"


REFUSED = [module for module in HOSTILE["modules"] if "refused" in module]
RUN = [module for module in HOSTILE["modules"] if "outcome" in module]
CONTEXT = HOSTILE["context"]


def test_every_attack_is_in_the_set() -> None:
    attacks = {module["attack"] for module in HOSTILE["modules"]}
    assert attacks >= {
        "infinite loop",
        "start function",
        "deep recursion",
        "memory bomb",
        "table bomb",
        "JIT bomb",
        "oversized",
        "floats",
        "SIMD",
        "threads",
        "unknown imports",
        "indirect call to an import",
        "pointers out of bounds",
        "bulk operations",
        "page touch",
    }


@pytest.mark.parametrize("module", REFUSED, ids=title)
def test_a_node_refuses(module: Module) -> None:
    with pytest.raises(ContractRefused) as refused:
        _core.check_contract(joined(module["code"]))
    assert refused.value.code == module["refused"]


@pytest.mark.parametrize("module", RUN, ids=title)
def test_a_node_stops(module: Module) -> None:
    """In the core: the published end and gas, twice."""
    code = joined(module["code"])
    for _ in range(2):
        sandbox = _core.ContractSandbox(code)
        for account in HOSTILE["accounts"]:
            sandbox.set_account(bytes.fromhex(account["address"]), account["organisation"], [])
        answer = json.loads(
            sandbox.call(
                entry="go",
                arguments=bytes.fromhex(HOSTILE["input"]),
                caller=bytes.fromhex(CONTEXT["caller"]),
                origin=bytes.fromhex(CONTEXT["origin"]),
                contract=bytes.fromhex(CONTEXT["contract"]),
                height=int(CONTEXT["height"]),
                time_ms=int(CONTEXT["time_ms"]),
                tx_id=bytes.fromhex(CONTEXT["tx_id"]),
                gas_limit=int(HOSTILE["gas_limit"]),
            )
        )
        code_found = "OK" if answer["status"] == "success" else answer["code"].removeprefix("XL-VM-")
        assert (code_found, int(answer["gas_used"])) == (module["outcome"], int(module["gas_used"]))


def start_gas(code: bytes) -> int:
    """XL-VM-GAS-2 from the module's own sections: initial pages, data, table elements."""
    gas, at = CALL, 8

    def number() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = code[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(code):
        section = code[at]
        at += 1
        end = number() + at
        if section == 5 and number():
            number()
            gas += number() * PAGE
        elif section == 4 and number():
            at += 1
            number()
            gas += number() * TABLE_ELEMENT
        elif section == 11:
            for _ in range(number()):
                number()
                at += 1  # i32.const
                number()
                at += 1  # end
                length = number()
                gas += length * DATA_BYTE
                at += length
        at = end
    return gas


def test_hostile_modules_cost_the_same_on_another_engine() -> None:
    machine = Machine()
    limit = int(HOSTILE["gas_limit"])
    accounts = {bytes.fromhex(a["address"]): a["organisation"].encode() for a in HOSTILE["accounts"]}
    for module in RUN:
        code = joined(module["instrumented"])
        host = Host(CONTEXT, accounts, input=bytes.fromhex(HOSTILE["input"]))
        end = machine.call(code, "go", limit - start_gas(code), host, host.functions())
        assert (end.code, limit - max(end.gas_left, 0)) == (module["outcome"], int(module["gas_used"])), (
            title(module)
        )


def test_drawn_modules_cost_the_same_on_another_engine() -> None:
    machine = Machine()
    endings = set()
    for module in METERED["modules"]:
        host = Host(CONTEXT)
        functions = host.functions() | {
            "input_len": lambda: 3,
            "get": lambda _key, _length, to, cap, host=host: host.capped(to, cap, b"\x07\x08\x09\x0a"),
        }
        end = machine.call(bytes.fromhex(module["instrumented"]), "go", int(METERED["gas"]), host, functions)
        counters = str(end.gas_left), str(end.stack_left)
        assert counters == (module["gas_left"], module["stack_left"])
        assert end.status == module["status"]
        assert _core.sm3(end.memory).hex() == module["memory_sm3"]
        endings.add(end.code)
    assert endings >= {"OK", "RETURNED"}
    assert endings & set(TRAPS.values())


def test_published_points_are_what_their_sources_compile_to() -> None:
    """A difference changes the gas of contracts: read it, approve it with XL_APPROVE=1, then `vm.json`."""
    examples = FOLDER.parents[1] / "examples"
    built, golden = build(examples / "points"), FOLDER / "points.wasm"
    if os.environ.get("XL_APPROVE"):
        golden.write_bytes(built.wasm)
    assert built.wasm == golden.read_bytes()
    published = {module["name"]: module for module in PUBLISHED["accepted"]}
    assert published["Points in typed Python"]["code_hash"] == built.code_hash
    told = {}
    for language, folder in {"C": "c", "Rust": "rust", "AssemblyScript": "assemblyscript"}.items():
        module = published[f"Points in {language}"]
        assert module["code"] == (examples / "languages" / folder / "points.wasm").read_bytes().hex()
        told[language] = [(call["code"], call["output"]) for call in module["calls"]]
    calls = published["Points in typed Python"]["calls"]
    assert all(each == [(call["code"], call["output"]) for call in calls] for each in told.values())


def test_the_reference_tells_the_published_gas() -> None:
    page = (FOLDER.parents[1] / "docs" / "reference" / "other_languages.md").read_text(encoding="utf-8")
    for module in PUBLISHED["accepted"]:
        if module["name"].startswith("Points in "):
            language = module["name"].removeprefix("Points in ")
            between_holders = module["calls"][4]
            size, gas = len(module["code"]) // 2, int(between_holders["gas_used"])
            assert f"| {language} | {size:,} | {gas:,} |".replace(",", " ") in page


def test_published_calls_cost_the_same_on_another_engine() -> None:
    machine = Machine()
    limit = int(PUBLISHED["gas_limit"])
    context = PUBLISHED["context"]
    for module in PUBLISHED["accepted"]:
        code = bytes.fromhex(module["instrumented"])
        gas = limit - start_gas(code)
        state = {b"b/" + bytes.fromhex(context["caller"]): (100).to_bytes(16, "little")}
        for call in module["calls"]:
            if call["code"] == "UNKNOWN_ENTRY":
                assert int(call["gas_used"]) == limit - gas
                continue
            host = Host(context, state=dict(state), input=bytes.fromhex(call["input"]))
            end = machine.call(code, call["entry"], gas, host, host.functions())
            assert (end.code, limit - max(end.gas_left, 0)) == (call["code"], int(call["gas_used"]))
            if end.code == "OK":
                assert end.output.hex() == call["output"]
                state = host.state
