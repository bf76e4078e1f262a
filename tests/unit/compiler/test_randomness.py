"""Commit and reveal: the library's component in both worlds, under any order of calls."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianglian.contract import Hash, u64
from xianglian.contract.errors import ContractError
from xianglian.contract.lib import randomness
from xianglian.contract.testing import Chain, Engine

LOTTERY = importlib.import_module("tests.unit.compiler.contracts.lottery").Lottery
VALUES = [Hash(bytes([n]) * 32) for n in range(4)]


class Draw:
    """A lottery and four people on one chain; each call is one block."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.chain = Chain(engine)
        self.people = [self.chain.account(f"p{n}") for n in range(4)]
        self.lottery = self.chain.deploy(LOTTERY, by=self.people[0])

    def open(self, commit: int, reveal: int, least: int = 1) -> None:
        self.lottery.open(1, commit, reveal, least, by=self.people[0])

    def commit(self, who: int, value: Hash) -> None:
        digest = randomness.commitment(u64(1), self.people[who], value)
        self.lottery.commit(1, digest, by=self.people[who])

    def reveal(self, who: int, value: Hash) -> None:
        self.lottery.reveal(1, value, by=self.people[who])

    def rest(self, blocks: int) -> None:
        """Blocks without calls."""
        self.chain.height += blocks

    def end(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self.lottery if method == "outcome" else self, method)(*arguments)
        except ContractError as error:
            return error.code


STEPS = st.lists(
    st.tuples(st.sampled_from(["commit", "reveal", "outcome", "rest"]), st.integers(0, 3), st.integers(0, 3)),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, commit=st.integers(1, 8), reveal=st.integers(1, 8), least=st.integers(1, 3))
def test_any_history_ends_alike_and_keeps_the_rules(
    machine: Engine, steps: list[tuple[str, int, int]], commit: int, reveal: int, least: int
) -> None:
    draws = [Draw(), Draw(machine)]
    for draw in draws:
        draw.open(commit, reveal, least)
    opened = draws[0].chain.height
    committed: dict[int, Hash] = {}
    shown: list[Any] = []
    for step, who, what in steps:
        height = draws[0].chain.height + 1
        arguments = {"rest": (what,), "outcome": (1,)}.get(step, (who, VALUES[what]))
        ends = [draw.end(step, *arguments) for draw in draws]
        assert ends[0] == ends[1]
        assert draws[0].chain.state == draws[1].chain.state
        for draw in draws:
            assert draw.chain.broken_invariants(draw.lottery) == []
        match step, ends[0]:
            case "commit", None:
                assert height <= opened + commit
                assert who not in committed
                committed[who] = VALUES[what]
            case "reveal", None:
                assert opened + commit < height <= opened + commit + reveal
                assert committed[who] == VALUES[what]
            case "outcome", Hash() as value:
                assert height > opened + commit
                shown.append(value)
    # Whoever asks, and whenever: there is one outcome.
    assert len(set(shown)) <= 1


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(range(4)), silent=st.sets(st.integers(0, 3), max_size=3))
def test_the_order_and_time_of_revealing_does_not_matter(order: list[int], silent: set[int]) -> None:
    outcomes = []
    for each in (range(4), order):
        draw = Draw()
        draw.open(4, 10)
        for who in range(4):
            draw.commit(who, VALUES[who])
        for who in each:
            if who not in silent:
                draw.reveal(who, VALUES[who])
        draw.rest(10)
        outcomes.append(draw.lottery.outcome(1))
    assert outcomes[0] == outcomes[1]


def test_each_value_counts() -> None:
    found = set()
    for changed in range(5):
        draw = Draw()
        draw.open(4, 4)
        values = [VALUES[0] if who == changed else VALUES[who + 1] for who in range(3)]
        for who, value in enumerate(values):
            draw.commit(who, value)
        draw.rest(1)
        for who, value in enumerate(values):
            draw.reveal(who, value)
        found.add(draw.lottery.outcome(1))
    assert len(found) == 4


def test_what_is_refused() -> None:
    draw = Draw()
    assert draw.end("commit", 0, VALUES[0]) == "RoundUnknown"
    for windows in ((0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 65)):
        assert draw.end("open", *windows) == "WindowsWrong"
    draw.open(4, 4, 2)
    assert draw.end("open", 4, 4) == "RoundExists"
    draw.commit(0, VALUES[0])
    assert draw.end("commit", 0, VALUES[1]) == "CommittedAlready"
    assert draw.end("reveal", 0, VALUES[0]) == "RevealClosed"
    assert draw.end("commit", 1, VALUES[1]) == "CommitClosed"
    assert draw.end("reveal", 1, VALUES[1]) == "NotCommitted"
    assert draw.end("reveal", 0, VALUES[1]) == "OtherCommitment"
    assert draw.end("reveal", 0, VALUES[0]) is None
    assert draw.end("outcome", 1) == "TooFewRevealed"


def test_another_cannot_use_a_digest_and_silence_is_seen(machine: Engine) -> None:
    for engine in (None, machine):
        draw = Draw(engine)
        draw.open(2, 6)
        draw.commit(0, VALUES[0])
        copied = draw.lottery.digest(1, draw.people[0], VALUES[0])
        draw.chain.height -= 1
        draw.lottery.commit(1, copied, by=draw.people[1])
        draw.rest(1)
        draw.reveal(0, VALUES[0])
        with pytest.raises(randomness.OtherCommitment):
            draw.reveal(1, VALUES[0])
        assert draw.lottery.silent(1, draw.people[1])
        assert draw.end("outcome", 1) == "OutcomePending"
        draw.rest(6)
        assert draw.lottery.drawn(1, 10) < 10
