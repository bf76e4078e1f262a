"""Properties of Points, on plain Python: `pytest examples/points`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract import ContractError
from xianglian.contract.testing import Chain, load_contract

points_contract = load_contract(Path(__file__).with_name("contract.py"))

NAMES = ("issuer", "alice", "bob")
amounts = st.integers(0, 2**128 - 1) | st.integers(0, 20)
calls = st.lists(
    st.tuples(
        st.sampled_from(("issue", "transfer")), st.sampled_from(NAMES), st.sampled_from(NAMES), amounts
    ),
    max_size=25,
)


@given(calls)
def test_points_are_neither_lost_nor_made(history: list[tuple[str, str, str, int]]) -> None:
    """Whoever calls what, the balances add up to what was issued, and a refusal changes nothing."""
    chain = Chain()
    accounts = {name: chain.account(name) for name in NAMES}
    points = chain.deploy(points_contract.Points, by=accounts["issuer"])
    for method, caller, target, amount in history:
        before = dict(chain.state)
        try:
            getattr(points, method)(accounts[target], amount, by=accounts[caller])
        except ContractError:
            assert chain.state == before
        assert chain.broken_invariants(points) == []
        assert sum(points.stored("balances").values()) == points.supply()


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_a_transfer_moves_exactly_the_amount(issued: int, amount: int) -> None:
    chain = Chain()
    alice, bob = chain.account("alice"), chain.account("bob")
    points = chain.deploy(points_contract.Points, by=alice)
    points.issue(alice, issued, by=alice)
    with suppress(points_contract.InsufficientBalance):
        points.transfer(bob, amount, by=alice)
    moved = amount if amount <= issued else 0
    assert (points.balance(alice), points.balance(bob)) == (issued - moved, moved)


def test_refusals_name_their_reason() -> None:
    chain = Chain()
    alice, bob = chain.account("alice"), chain.account("bob")
    points = chain.deploy(points_contract.Points, by=alice)
    with pytest.raises(points_contract.NotIssuer):
        points.issue(bob, 1, by=bob)
    with pytest.raises(points_contract.AmountIsZero):
        points.issue(bob, 0, by=alice)
    with pytest.raises(points_contract.InsufficientBalance) as refused:
        points.transfer(bob, 5, by=alice)
    assert refused.value.facts == {"held": 0, "wanted": 5}
    points.issue(bob, 2**128 - 1, by=alice)
    with pytest.raises(ContractError) as overflow:
        points.issue(bob, 1, by=alice)
    assert overflow.value.code == "Overflow"


def test_a_transfer_to_oneself_changes_nothing() -> None:
    chain = Chain()
    alice = chain.account("alice")
    points = chain.deploy(points_contract.Points, by=alice)
    points.issue(alice, 7, by=alice)
    points.transfer(alice, 7, by=alice)
    assert points.balance(alice) == 7
    assert [event.name for event in chain.events] == ["Issued", "Transferred"]
