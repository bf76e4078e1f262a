"""Contracts that call others: alike in both worlds, results, events, failures and what is left of them."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianglian.compiler import CompileError, build
from xianglian.contract import Address, u64, u128
from xianglian.contract.abi import Interface
from xianglian.contract.errors import CallFailed, ContractError
from xianglian.contract.outside import id_of
from xianglian.contract.testing import Chain, Deployed, Engine

HERE = Path(__file__).parent
TOKEN = importlib.import_module("tests.unit.compiler.contracts.token")
MARKET = importlib.import_module("tests.unit.compiler.contracts.market")


class World:
    """A token and two markets on one chain."""

    def __init__(self, engine: Engine | None) -> None:
        self.chain = Chain(engine)
        self.ann, self.bob = self.chain.account("ann"), self.chain.account("bob")
        self.token = self.chain.deploy(TOKEN.Token, by=self.ann)
        self.markets = [self.chain.deploy(MARKET.Market, by=self.ann) for _ in range(2) if self._tick()]
        for market in self.markets:
            self.token.mint(market.address, 1000, by=self.ann)

    def _tick(self) -> bool:
        self.chain.height += 1
        return True

    def end(self, deployed: Deployed, method: str, *arguments: Any) -> tuple[str, Any]:
        """What a call by ann ends with."""
        try:
            return "ok", getattr(deployed, method)(*arguments, by=self.ann)
        except ContractError as error:
            return error.code, error.facts


@pytest.fixture
def worlds(machine: Engine) -> list[World]:
    return [World(None), World(machine)]


def same(worlds: list[World], call: Any) -> tuple[str, Any]:
    ends = [call(world) for world in worlds]
    assert ends[0] == ends[1]
    assert worlds[0].chain.state == worlds[1].chain.state
    assert worlds[0].chain.events == worlds[1].chain.events
    return ends[0]  # type: ignore[no-any-return]


def test_a_call_carries_caller_origin_and_result(worlds: list[World]) -> None:
    found = same(worlds, lambda w: w.end(w.markets[0], "pay", w.token.address, w.bob, 30))
    assert found == ("ok", 970)
    for world in worlds:
        moved = world.chain.events[-1]
        market = world.markets[0].address
        assert moved.contract == world.token.address
        assert moved.value == TOKEN.Moved(source=market, origin=world.ann, amount=u128(30))
        assert world.token.balance_of(world.bob) == 30
        assert type(world.markets[0].pay(world.token.address, world.bob, 1, by=world.ann)) is u128


def test_a_failure_that_is_not_caught_drops_all(worlds: list[World]) -> None:
    before = [dict(world.chain.state) for world in worlds]
    found = same(worlds, lambda w: w.end(w.markets[0], "pay", w.token.address, w.bob, 1001))
    assert found == ("Poor", {"code": "Poor"})
    assert [world.chain.state for world in worlds] == before
    with pytest.raises(CallFailed):
        worlds[1].markets[0].pay(worlds[1].bob, worlds[1].bob, 1, by=worlds[1].ann)


def test_a_caught_failure_leaves_nothing_of_the_callee(worlds: list[World]) -> None:
    assert same(worlds, lambda w: w.end(w.markets[0], "try_pay", w.token.address, w.bob, 5)) == ("ok", "much")
    assert same(worlds, lambda w: w.end(w.markets[0], "try_pay", w.token.address, w.bob, 960)) == ("ok", "ok")
    events = len(worlds[0].chain.events)
    assert same(worlds, lambda w: w.end(w.markets[0], "try_pay", w.token.address, w.bob, 999)) == (
        "ok",
        "Poor",
    )
    assert same(worlds, lambda w: w.end(w.markets[0], "try_pay", w.bob, w.bob, 1))[0] == "Refused"
    assert len(worlds[0].chain.events) == events
    for world in worlds:
        assert world.token.balance_of(world.markets[0].address) == 35
        assert world.chain.state[world.token.address + b"calls"] == b"\x02\0\0\0"
        assert world.chain.state[world.markets[0].address + b"failures"] == b"\x01\0\0\0"


def test_a_second_call_sees_what_the_first_wrote(worlds: list[World]) -> None:
    assert same(worlds, lambda w: w.end(w.markets[0], "both", w.token.address, w.bob, 300)) == ("ok", 400)
    assert same(worlds, lambda w: w.end(w.markets[0], "both", w.token.address, w.bob, 300)) == ("ok", 100)


def test_a_call_that_returns_nothing(worlds: list[World]) -> None:
    assert same(worlds, lambda w: w.end(w.markets[0], "top_up", w.token.address, 7)) == ("ok", 0)
    assert same(worlds, lambda w: w.end(w.markets[0], "top_up", w.token.address, 2**128 - 8)) == (
        "Overflow",
        {"code": "Overflow"},
    )
    for world in worlds:
        assert world.token.balance_of(world.markets[0].address) == 1007
        assert world.token.balance_of(world.ann) == 7


def test_what_cannot_be_called(worlds: list[World]) -> None:
    codes = {
        "XL-CONTRACT-UNKNOWN": lambda w: w.end(w.markets[0], "pay", w.bob, w.bob, 1),
        "XL-VM-REENTRANT": lambda w: w.end(w.markets[0], "nested", w.markets[0].address, w.token.address, 1),
        "XL-VM-UNKNOWN_ENTRY": lambda w: w.end(w.markets[0], "nothing", w.token.address),
        "Overflow": lambda w: w.end(w.markets[0], "drained", w.token.address, w.bob, 0),
        "ok": lambda w: w.end(w.markets[0], "drained", w.token.address, w.bob, 1),
    }
    for code, call in codes.items():
        assert same(worlds, call)[0] == code


def test_an_untrue_interface(worlds: list[World]) -> None:
    for which in range(3):
        found = same(worlds, lambda w, which=which: w.end(w.markets[0], "wrong", w.token.address, which))
        assert found[0] == ("XL-VM-READ_ONLY" if which == 2 else "BadResult")


def test_the_innermost_failure_is_told(worlds: list[World]) -> None:
    def call(amount: int) -> Any:
        return lambda w: w.end(w.markets[0], "nested", w.markets[1].address, w.token.address, amount)

    assert same(worlds, call(400)) == ("ok", 600)
    assert same(worlds, call(4000)) == ("Poor", {"code": "Poor"})
    assert worlds[0].token.balance_of(worlds[0].ann) == 400


def test_calls_are_at_most_sixteen_deep(machine: Engine) -> None:
    for engine in (None, machine):
        world = World(engine)
        path = []
        for _ in range(16):
            world.chain.height += 1
            market = world.chain.deploy(MARKET.Market, by=world.ann)
            world.token.mint(market.address, 5, by=world.ann)
            path.append(market)
        addresses = [each.address for each in path]
        # Fifteen markets and the token are sixteen running calls.
        assert world.end(path[0], "relay", addresses[1:15], world.token.address, 1) == ("ok", 4)
        found = world.end(path[0], "relay", addresses[1:16], world.token.address, 1)
        assert found == ("Refused", {"why": "Refused"})


def test_the_limits_have_the_codes_of_a_node(machine: Engine) -> None:
    for engine in (None, machine):
        world = World(engine)
        tokens, markets = [], []
        for _ in range(33):
            world.chain.height += 1
            tokens.append(world.chain.deploy(TOKEN.Token, by=world.ann).address)
            markets.append(world.chain.deploy(MARKET.Market, by=world.ann).address)
        # A contract that is called again counts once.
        assert world.end(world.markets[0], "sum_of", tokens[:32] + tokens[:8], world.bob) == ("ok", 0)
        assert world.end(world.markets[0], "sum_of", tokens, world.bob)[0] == "XL-VM-LIMIT_CONTRACTS"
        assert world.end(world.markets[0], "deep", markets[:15]) == ("ok", "ok")
        assert world.end(world.markets[0], "deep", markets[:16]) == ("ok", "XL-VM-DEPTH")
        again = [*markets[:3], world.markets[0].address]
        assert world.end(world.markets[0], "deep", again) == ("ok", "XL-VM-REENTRANT")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_views_of_others_decode_alike(machine: Engine, data: st.DataObject) -> None:
    worlds = [World(None), World(machine)]
    count = data.draw(st.integers(0, 4))
    amount = data.draw(st.integers(0, 2**64))
    for world in worlds:
        world.token.mint(world.bob, amount, by=world.ann)
    found = same(worlds, lambda w: w.end(w.markets[0], "seen", w.token.address, w.bob, count))
    assert found[0] == ("ok" if count <= 3 else "TooLong")


WHERE = st.sampled_from(["token", "first", "second", "ann"])
AMOUNT = st.sampled_from([0, 1, 30, 400, 999, 1000, 1001, 2**64, 2**128 - 1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["pay", "try_pay", "both"]), WHERE, WHERE, AMOUNT),
        st.tuples(st.just("nested"), WHERE, WHERE, AMOUNT),
        st.tuples(st.just("relay"), st.lists(WHERE, max_size=3), WHERE, AMOUNT),
        st.tuples(st.just("seen"), WHERE, WHERE, st.integers(0, 5)),
        st.tuples(st.just("wrong"), WHERE, st.integers(0, 2)),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_any_history_of_calls_ends_alike(machine: Engine, steps: list[tuple[Any, ...]]) -> None:
    worlds = [World(None), World(machine)]

    def given_in(world: World, value: Any) -> Any:
        if isinstance(value, list):
            return [given_in(world, each) for each in value]
        places = {
            "token": world.token.address,
            "first": world.markets[0].address,
            "second": world.markets[1].address,
            "ann": world.ann,
        }
        return places.get(value, value)

    for method, *arguments in steps:
        same(
            worlds,
            lambda w, m=method, a=arguments: w.end(w.markets[0], m, *[given_in(w, each) for each in a]),
        )
    held = [worlds[0].token.stored("balances"), worlds[1].token.stored("balances")]
    assert held[0] == held[1]
    assert sum(held[0].values()) == 2000


def test_the_id_of_an_interface_is_that_of_the_contracts_methods() -> None:
    interface = Interface(build(HERE / "contracts" / "token.py").interface)
    assert interface.id_of(["transfer", "balance_of", "lines", "mint", "word"]) == id_of(TOKEN.Token)
    assert id_of(MARKET.Other) == Interface(build(HERE / "contracts" / "market.py").interface).id_of(
        ["relay", "pay", "deep"]
    )
    assert id_of(MARKET.Other) != id_of(MARKET.Token)


HEAD = """
from xianglian.contract import (
    Address, CallFailed, ContractError, Public, Text, contract, ctx, entry, interface, u64, view
)

@interface
class Token:
    @entry
    def move(self, amount: u64) -> u64: ...
    @view
    def held(self, who: Address) -> u64: ...

class Own(ContractError):
    \"\"\"一 / One\"\"\"

def ask(a: Address) -> u64:
    return Token(a).held(a)

@contract
class C:
    n: u64
"""
METHODS = """
    def _me(self, a: Address) -> Address:
        return a
    @view
    def go(self, a: Address) -> u64:
"""
NOT_ONE = "not one call of another contract"
REFUSED = {
    "t = Token(a)": "`Token\\(a\\)` as a value",
    "x = Token(a).gone()": "Token has no method `gone`",
    "x = Token(a).held(5)": "who of Token.held is Address",
    "x = Token(5).held(a)": "the address of Token is Address",
    "x = Token(a).move(1)": "the view go calls an entry of another contract",
    "try:\n    x = ask(a)\nexcept CallFailed:\n    pass": NOT_ONE,
    "try:\n    x = Token(a).held(a)\n    y = x\nexcept CallFailed:\n    pass": NOT_ONE,
    "try:\n    Token(a).held(self._me(a))\nexcept CallFailed:\n    pass": "inside the arguments",
    "try:\n    x = Token(a).held(a)\nexcept Own:\n    pass": "only a failed call of another contract",
    "try:\n    x = Token(a).held(a)\nexcept CallFailed:\n    pass\nx += 1": "`x` may be unset",
    "try:\n    x = Token(a).held(a)\nexcept CallFailed as f:\n    x = u64(1)\ny = f.code": "`f` may be unset",
    "try:\n    Token(a).held(a)\nexcept CallFailed as f:\n    y = f.line": "CallFailed has no field `line`",
    "raise CallFailed": "CallFailed raised by name",
}


@pytest.mark.parametrize("body", REFUSED)
def test_what_is_refused(tmp_path: Path, body: str) -> None:
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    (tmp_path / "contract.py").write_text(HEAD + METHODS + lines + "        return u64(1)\n")
    with pytest.raises(CompileError, match=REFUSED[body]):
        build(tmp_path)


INTERFACES = {
    "    x: u64": "something else than entries and views",
    "    @view\n    def a(self) -> u64:\n        return u64(1)": "is no method of an interface",
    "    def a(self) -> u64: ...": "something else than entries and views",
    "    @view\n    def a(self, t: Text[5]) -> u64: ...": "without saying who may read it",
    "    pass": "something else than entries",
}


@pytest.mark.parametrize("body", INTERFACES)
def test_what_is_no_interface(tmp_path: Path, body: str) -> None:
    text = (
        f"{HEAD}    @view\n    def go(self) -> u64:\n        return u64(1)\n\n@interface\nclass I:\n{body}\n"
    )
    (tmp_path / "contract.py").write_text(text)
    with pytest.raises(CompileError, match=INTERFACES[body]):
        build(tmp_path)


def test_addresses_and_arguments_are_checked_in_plain_python_too() -> None:
    with pytest.raises(TypeError):
        MARKET.Token(u64(5))
    assert MARKET.Token(Address(bytes(20))).address == bytes(20)
