"""The same calls in plain Python and on the machine: same results, events, refusals and stored bytes.

Arguments are random by type, drawn towards borders and towards each other, so that equal keys and refusals
are common.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from xianglian.contract import spec
from xianglian.contract.errors import BadArguments, ContractError
from xianglian.contract.testing import Chain, Deployed, Engine, load_contract, signature
from xianglian.contract.values import Items, Ref, i64, u8

HERE = Path(__file__).parent
POINTS = load_contract(HERE.parents[2] / "examples" / "points" / "contract.py")


def _everything() -> Any:
    """`contracts/everything.py` imports a sibling, so it needs a package around it."""
    folder = HERE / "contracts"
    package = importlib.util.module_from_spec(importlib.util.spec_from_loader("language", None))  # type: ignore[arg-type]
    package.__path__ = [str(folder)]
    sys.modules["language"] = package
    return importlib.import_module("language.everything")


EVERYTHING = _everything()


def values(shape: spec.Type, accounts: list[bytes]) -> st.SearchStrategy[Any]:
    """Random values of a type."""
    match shape:
        case spec.IntType():
            border = st.sampled_from(
                [shape.low, shape.high, shape.high // 2, min(shape.high, 2**64 - 1), min(shape.high, 2**64)]
            )
            return border | st.integers(max(shape.low, -5), 70) | st.integers(shape.low, shape.high)
        case spec.BoolType():
            return st.booleans()
        case spec.EnumType():
            assert shape.make is not None
            return st.sampled_from([shape.make(number) for _, number in shape.members])
        case spec.FixedType(name="address"):
            return st.sampled_from(accounts)
        case spec.FixedType(name="fixed"):
            return st.sampled_from([bytes(shape.size), bytes(range(1, shape.size + 1))])
        case spec.TupleType():
            return st.tuples(*[values(item, accounts) for item in shape.items])
        case spec.FixedType():
            return st.sampled_from([bytes([n]) * 32 for n in (1, 2, 255)])
        case spec.VarType(name="text"):
            known = st.sampled_from(
                [
                    t
                    for t in ("", "x", "é", "same", "abc", "AZ09", "11010519491231002X")
                    if len(t.encode()) <= (shape.limit or 99)
                ]
            )
            return known | st.text(max_size=shape.limit or 9).filter(
                lambda t: len(t.encode()) <= (shape.limit or 99)
            )
        case spec.VarType():
            return st.sampled_from([b"", b"same"]) | st.binary(max_size=shape.limit or 9)
        case spec.ListType():
            return st.lists(values(shape.item, accounts), max_size=shape.limit).map(
                lambda items: Items(shape, items)
            )
        case spec.OptionType():
            return st.none() | values(shape.item, accounts)
        case spec.RecordType():
            assert shape.make is not None
            make = shape.make
            return st.fixed_dictionaries({n: values(k, accounts) for n, k in shape.fields}).map(
                lambda kw: make(**kw)
            )
    raise AssertionError(shape)


def attempt(deployed: Deployed, method: str, arguments: list[Any], caller: Any) -> tuple[str, Any]:
    """What a call ends with."""
    try:
        return "ok", getattr(deployed, method)(*arguments, by=caller)
    except ContractError as error:
        return error.code, error.facts


class Twins:
    """One contract on two chains that differ only in how they run it."""

    def __init__(self, contract: type, machine: Engine) -> None:
        self.chains = [Chain(), Chain(machine)]
        self.contract = contract
        self.accounts = []
        for chain in self.chains:
            self.accounts = [chain.account("ann", organisation="局", roles=("issuer",)), chain.account("bob")]
        self.deployed = [chain.deploy(contract, by=self.accounts[0]) for chain in self.chains]
        self.methods = [
            n for n, f in vars(contract).items() if getattr(f, "__kind__", "") in ("entry", "view")
        ]

    def same(self, method: str, arguments: list[Any], caller: Any) -> str:
        """Makes one call on both; the code it ended with."""
        plain, machine = (attempt(each, method, arguments, caller) for each in self.deployed)
        assert plain == machine, (method, arguments)
        assert self.chains[0].state == self.chains[1].state, (method, arguments)
        assert self.chains[0].events == self.chains[1].events, (method, arguments)
        return plain[0]

    def draw(self, data: st.DataObject, method: str) -> list[Any]:
        """Arguments for a method."""
        shapes, _ = signature(getattr(self.contract, method))
        return [
            data.draw(values(shape, list(self.accounts)), label=f"{method}.{name}")
            for name, shape in shapes.items()
        ]


CONSTRUCTS = load_contract(HERE / "contracts" / "constructs.py")
WIDE = load_contract(HERE / "contracts" / "wide.py")
SOURCES = [POINTS.Points, EVERYTHING.Everything, CONSTRUCTS.Constructs, WIDE.Wide]


@pytest.mark.parametrize("contract", SOURCES, ids=lambda c: c.__name__)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_histories(contract: type, data: st.DataObject, machine: Engine) -> None:
    twins = Twins(contract, machine)
    for _ in range(data.draw(st.integers(1, 12))):
        method = data.draw(st.sampled_from(twins.methods))
        twins.same(method, twins.draw(data, method), data.draw(st.sampled_from(twins.accounts)))


VIEWS = [
    "arithmetic",
    "small",
    "negative",
    "compare",
    "loops",
    "text",
    "at",
    "checks",
    "hashes",
    "fixed",
    "prove",
    "lists",
    "verify",
]


@pytest.mark.parametrize("method", VIEWS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_part_of_the_language(method: str, data: st.DataObject, machine: Engine) -> None:
    twins = Twins(EVERYTHING.Everything, machine)
    for _ in range(6):
        twins.same(method, twins.draw(data, method), twins.accounts[0])


METHODS = [
    (contract, name)
    for contract in (CONSTRUCTS.Constructs, WIDE.Wide)
    for name, function in vars(contract).items()
    if getattr(function, "__kind__", "") in ("entry", "view")
]


@pytest.mark.parametrize(("contract", "method"), METHODS, ids=[name for _, name in METHODS])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_construct(contract: type, method: str, data: st.DataObject, machine: Engine) -> None:
    twins = Twins(contract, machine)
    for _ in range(6):
        twins.same(method, twins.draw(data, method), twins.accounts[0])


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    junk=st.binary(max_size=90),
    method=st.sampled_from(["put", "change", "note", "point", "lists", "prove", "text"]),
)
@example(junk=b"\x04\x00\x00\x00\xf4\x90\x80\x80" + bytes(60), method="text")
def test_hostile_argument_bytes(junk: bytes, method: str, machine: Engine) -> None:
    """Arguments that no encoder made are refused alike, and nothing else happens."""
    twins = Twins(EVERYTHING.Everything, machine)
    ends = []
    for chain, deployed in zip(twins.chains, twins.deployed, strict=True):
        try:
            ends.append(chain.run(deployed, method, junk, by=twins.accounts[0]))
        except ContractError as error:
            ends.append(error.code.encode())
    assert ends[0] == ends[1]
    assert twins.chains[0].state == twins.chains[1].state


@pytest.mark.parametrize("known", [False, True])
def test_of_two_failures_the_same_one_wins(machine: Engine, known: bool) -> None:
    """Values are evaluated before any is converted or checked, in both worlds."""
    twins = Twins(EVERYTHING.Everything, machine)
    key = Ref(b"\x01" * 32)
    if known:
        twins.same("put", [key, "A-1", None, 1, 1], twins.accounts[0])
    for which in range(9):
        for number in (-1, 0, 5, 256, 70_000, 2**40, -(2**63), 2**63 - 1):
            twins.same("order", [which, number, key], twins.accounts[0])


def test_a_story_that_reaches_the_rare_branches(machine: Engine) -> None:
    """Each call must end as written, in both worlds."""
    twins = Twins(EVERYTHING.Everything, machine)
    ann, bob = twins.accounts
    key, status = Ref(b"\x01" * 32), EVERYTHING.Status
    point = EVERYTHING.Point(x=i64(5), tag=b"\x02" * 32, names=["é", "x"])
    story: list[tuple[str, str, list[Any]]] = [
        ("NotFound", "change", [key, status.VALID, None]),
        ("ok", "put", [key, "A-1", None, 2**128 - 1, 0]),
        ("WrongState", "change", [key, status.VALID, None]),
        ("ok", "put", [key, "A-1", 17, 2**64, 9]),
        ("ok", "change", [key, status.SUSPENDED, None]),
        ("ok", "change", [key, status.REVOKED, 99]),
        ("WrongState", "change", [key, status.VALID, None]),
        ("ok", "note", ["长" * 60, "", b"\xff" * 20]),
        ("ok", "mixed", [ann]),
        ("ok", "note", ["ab", "12345678901234567890", b""]),
        ("TooLong", "note", ["ab", "123456789012345678901", b""]),
        ("ok", "mixed", [ann]),
        ("ok", "note", ["ab", "c", b""]),
        ("ok", "note", ["ab", "c", b""]),
        ("TooLong", "note", ["ab", "c", b""]),
        ("Overflow", "point", [1, EVERYTHING.Point(x=i64(-(2**63)), tag=b"\x02" * 32, names=[]), b"s"]),
        ("ok", "point", [1, point, b"s"]),
        ("ok", "point", [1, point, b"t"]),
        ("ok", "read", [key, 1]),
        ("NotFound", "read", [key, 2]),
        ("ok", "remove", [1]),
        ("ok", "remove", [1]),
        ("NotFound", "read", [key, 1]),
        ("ok", "checks", ["11010519491231002X"]),
        ("ok", "facts", [1]),
        ("IndexOutOfRange", "fixed", [b"short"]),
        ("ok", "fixed", [bytes(20)]),
        ("IndexOutOfRange", "at", [b"abc", -4]),
        ("ok", "at", [b"abc", -3]),
        ("DivisionByZero", "negative", [5, 0, 4]),
    ]
    for code, method, arguments in story:
        assert twins.same(method, arguments, ann) == code, (method, arguments)
    assert twins.deployed[1].checks("11010519491231002X") > 1000
    assert twins.same("mixed", [bob], bob) == "ok"
    assert isinstance(twins.deployed[1].at(b"a", 0), u8)


CODES = [
    b"91440300708461136T",
    b"91529999MA0XL001XC",
    b"529999200002290038",
    b"11010519491231002X",
    b"708461136",
    b"1.2.156.3005.2.11529999MB0XL00211001.11529999MB0XL00211.2026000001.001.Z",
    b"11529999MB0XL00211001",
    b"ABCDEF12",
    "\u4eba".encode() + b"440524188001010014",
]


def test_the_identifier_library(machine: Engine) -> None:
    """Each code, and each with one byte changed, is judged alike; the genuine ones are found good."""
    contract = load_contract(HERE / "contracts" / "identifiers.py").Identifiers
    twins = Twins(contract, machine)
    for which in range(11):
        for number, code in enumerate(CODES):
            changed = code[: number + 5] + b"7" + code[number + 6 :]
            for each in (code, changed, code[:-1], b""):
                twins.same("check", [which, each], twins.accounts[0])
    compiled = twins.deployed[1]
    assert [compiled.check(0, CODES[0]), compiled.check(1, CODES[2]), compiled.check(3, CODES[5])] == [
        0,
        0,
        0,
    ]
    assert compiled.check(3, CODES[5][:-1] + b"Y") == 3
    twins.same("parts", [CODES[5]], twins.accounts[0])


UTF8 = ["c080", "e08080", "e09f80", "ed9fbf", "eda080", "edbfbf", "ee8080", "f08080", "f0808080", "f08fbfbf"]
UTF8 += [
    "f0908080",
    "f48fbfbf",
    "f4908080",
    "f5808080",
    "80",
    "bf",
    "c2",
    "c3a9",
    "e282",
    "e282ac",
    "ff",
    "41c3",
]


@pytest.mark.parametrize("sequence", UTF8)
def test_only_utf8_is_text(machine: Engine, sequence: str) -> None:
    """Overlong forms, surrogates, what is beyond U+10FFFF, and cut sequences are refused by both."""
    twins = Twins(EVERYTHING.Everything, machine)
    raw = bytes.fromhex(sequence)
    arguments = len(raw).to_bytes(4, "little") + raw + bytes(4) + bytes(16)
    try:
        raw.decode()
        good = True
    except UnicodeDecodeError:
        good = False
    for chain, deployed in zip(twins.chains, twins.deployed, strict=True):
        if good:
            chain.run(deployed, "text", arguments, by=twins.accounts[0])
        else:
            with pytest.raises(BadArguments):
                chain.run(deployed, "text", arguments, by=twins.accounts[0])


FIELDS = [
    b"counter",
    b"flag",
    b"last",
    b"log",
    b"secret",
    b"licences/" + b"\x01" * 32,
    b"names/\x03\0\0\0abc",
    b"points/\x01",
]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    junk=st.lists(st.tuples(st.sampled_from(FIELDS), st.binary(max_size=60)), min_size=1, max_size=4),
    data=st.data(),
)
def test_state_of_another_version_is_refused_alike(
    junk: list[tuple[bytes, bytes]], data: st.DataObject, machine: Engine
) -> None:
    twins = Twins(EVERYTHING.Everything, machine)
    for chain, deployed in zip(twins.chains, twins.deployed, strict=True):
        chain.state |= {deployed.address + key: value for key, value in junk}
    key = Ref(b"\x01" * 32)
    calls: list[tuple[str, list[Any]]] = [
        ("read", [key, 1]),
        ("mixed", [twins.accounts[0]]),
        ("change", [key, EVERYTHING.Status.VALID, None]),
        ("note", ["ab", "c", b""]),
        ("point", twins.draw(data, "point")),
        ("order", [6, 1, key]),
    ]
    for method, arguments in calls:
        twins.same(method, arguments, twins.accounts[0])
