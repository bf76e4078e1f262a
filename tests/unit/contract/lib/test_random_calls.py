"""Anyone calls anything: every pattern keeps its invariants, and is the same compiled as in plain Python."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianglian.compiler import build
from xianglian.contract import spec
from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Deployed, load_contract, signature
from xianglian.contract.values import Items

FOLDERS = [Path(__file__).parents[4] / "examples" / name for name in ("patterns", "standards")]
EXAMPLES = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))
ROLES = (
    "bank", "bidder", "enterprise", "evidence", "inspector", "issuer", "maker", "manager", "metrology",
    "provider", "registrar", "supervisor", "tenderer", "treasury",
)  # fmt: skip
TEXTS = ["a", "org1", "administrator", "registrar"]


def values(shape: spec.Type, accounts: list[Any], now: int) -> st.SearchStrategy[Any]:
    """Values that meet each other often."""
    match shape:
        case spec.IntType(name="u64"):
            return st.sampled_from([0, 1, 1, 2, 3, now - 1, now + 50, now + 100_000, 2**64 - 1])
        case spec.IntType():
            return st.sampled_from([1, 1, 2, 3, 5, 10]) | st.sampled_from([0, shape.high])
        case spec.BoolType():
            return st.booleans()
        case spec.EnumType():
            assert shape.make is not None
            return st.sampled_from([shape.make(number) for _, number in shape.members])
        case spec.FixedType(name="address"):
            return st.sampled_from(accounts)
        case spec.FixedType():
            return st.sampled_from([bytes([n]) * 32 for n in (1, 2, 3)])
        case spec.VarType(name="text"):
            return st.sampled_from(TEXTS)
        case spec.VarType():
            return st.sampled_from([b"\x02" * 33, b"\x03" * 33, b""])
        case spec.ListType():
            item = values(shape.item, accounts, now)
            return st.lists(item, max_size=3).map(lambda items: Items(shape, items))
        case spec.OptionType():
            return st.none() | values(shape.item, accounts, now)
        case spec.RecordType():
            assert shape.make is not None
            make = shape.make
            fields = {name: values(kind, accounts, now) for name, kind in shape.fields}
            return st.fixed_dictionaries(fields).map(lambda given: make(**given))
    raise AssertionError(shape)


def the_contract(path: Path) -> type:
    """The contract class of an example."""
    made: type = getattr(load_contract(path), "".join(part.capitalize() for part in path.stem.split("_")))
    return made


def attempt(deployed: Deployed, method: str, arguments: list[Any], caller: Any) -> tuple[str, Any]:
    """What a call ends with."""
    try:
        return "ok", getattr(deployed, method)(*arguments, by=caller)
    except ContractError as error:
        return error.code, error.facts


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_invariants_hold_in_both_worlds(path: Path, data: st.DataObject, machine: Any) -> None:
    contract = the_contract(path)
    chains = [Chain(), Chain(machine)]
    accounts: list[Any] = []
    for chain in chains:
        accounts = [
            chain.account("ann", roles=ROLES),
            chain.account("bob", roles=ROLES),
            chain.account("cid", organisation="org2"),
        ]
    deployed = [chain.deploy(contract, by=accounts[0]) for chain in chains]
    everyone = [*accounts, deployed[0].address]
    methods = [name for name in dir(contract) if getattr(getattr(contract, name), "__kind__", "") == "entry"]
    views = [name for name in dir(contract) if getattr(getattr(contract, name), "__kind__", "") == "view"]
    for _ in range(data.draw(st.integers(5, 25))):
        method = data.draw(st.sampled_from(methods * 3 + views))
        shapes, _result = signature(getattr(contract, method))
        now = chains[0].time_ms
        drawn = [
            data.draw(values(shape, everyone, now), label=f"{method}.{name}")
            for name, shape in shapes.items()
        ]
        caller = data.draw(st.sampled_from(accounts), label="by")
        plain, compiled = (attempt(each, method, drawn, caller) for each in deployed)
        assert plain == compiled, (method, drawn)
        assert chains[0].state == chains[1].state, (method, drawn)
        assert chains[0].events == chains[1].events
        assert chains[0].broken_invariants(deployed[0]) == [], (method, drawn)
        if data.draw(st.integers(0, 4)) == 0:
            passed = data.draw(st.sampled_from([60, 200_000]))
            for chain in chains:
                chain.advance(ms=passed)


def test_patterns_compile_fast_into_small_modules(capsys: pytest.CaptureFixture[str]) -> None:
    """The largest within 300 ms (the best of three), each far below a node's limits; prints a table."""
    rows = []
    for path in EXAMPLES:
        taken = []
        for _ in range(3):
            start = time.perf_counter()
            built = build(path)
            taken.append(time.perf_counter() - start)
        rows.append((path.stem, len(built.wasm), 1000 * min(taken)))
        assert len(built.wasm) < 16_384, path.stem
    with capsys.disabled():
        print()
        for name, size, took in rows:
            print(f"{name:20} {size:6} bytes {took:5.0f} ms")
    assert max(took for _, _, took in rows) < 300
