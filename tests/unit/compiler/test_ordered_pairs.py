"""Ordered maps by several parts: the same in both worlds, and what a dict and a sorted list of tuples say."""

from __future__ import annotations

import bisect
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Engine, load_contract
from xianglian.contract.values import Address, Hash

BOOK = load_contract(Path(__file__).parent / "contracts" / "ordered_pairs.py")
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))
OWNERS = [
    Address(bytes([first]) + bytes(18) + bytes([last])) for first, last in ((0, 0), (3, 1), (3, 2), (255, 0))
]
NUMBERS = st.integers(0, 5) | st.sampled_from([255, 256, 2**32, 2**63, 2**64 - 1])


class Both:
    """One book in plain Python and one compiled; every call must end alike and leave the same bytes."""

    def __init__(self, machine: Engine) -> None:
        self.chains = [Chain(), Chain(machine)]
        self.by = [chain.account("ann") for chain in self.chains].pop()
        self.books = [chain.deploy(BOOK.Book, by=self.by) for chain in self.chains]

    def call(self, method: str, *arguments: Any) -> Any:
        """The result, or the code of the refusal."""
        ends = []
        for book in self.books:
            try:
                ends.append(getattr(book, method)(*arguments, by=self.by))
            except ContractError as error:
                ends.append(error.code)
        assert ends[0] == ends[1], (method, arguments)
        assert self.chains[0].state == self.chains[1].state, (method, arguments)
        return ends[0]


@settings(QUIET, max_examples=20)
@given(data=st.data())
def test_pairs_are_in_the_order_of_tuples(data: st.DataObject, machine: Engine) -> None:
    both, model = Both(machine), dict[tuple[Address, int], int]()
    for _ in range(data.draw(st.integers(1, 30))):
        owner, at = data.draw(st.sampled_from(OWNERS)), data.draw(NUMBERS)
        match data.draw(st.sampled_from(["put", "put", "put", "many", "take", "sweep"])):
            case "put":
                amount = data.draw(st.integers(1, 20))
                model[owner, at] = model.get((owner, at), 0) + amount
                assert both.call("put", owner, at, amount) == model[owner, at]
            case "many":
                for number in range(40):
                    both.call("put", owner, number * 7, 13)
                    model[owner, number * 7] = model.get((owner, number * 7), 0) + 13
            case "take":
                if at < 2**63:
                    assert both.call("take", owner, at) is (model.pop((owner, at), None) is not None)
            case "sweep":
                gone = [key for key in sorted(model) if key >= (owner, at)][:30]
                assert both.call("sweep", owner, at) == len(gone)
                for key in gone:
                    del model[key]
        ordered = sorted(model)
        owner, at = data.draw(st.sampled_from(OWNERS)), data.draw(NUMBERS)
        place, behind = bisect.bisect_left(ordered, (owner, at)), bisect.bisect_right(ordered, (owner, at))
        assert list(both.books[1].stored("orders").items()) == [(key, model[key]) for key in ordered]
        page = [
            (key[0][0], key[1], model[key] % 1000) for key in ordered[place : place + 7] if model[key] != 13
        ]
        assert both.call("page", owner, at) == tuple(part for each in page for part in each)
        own = [(key[1], model[key] % 1000) for key in ordered[place : place + 9] if key[0] == owner]
        assert both.call("of_owner", owner, at) == tuple(part for each in own for part in each)
        ends = [ordered[0], ordered[-1]] if ordered else []
        beside = ordered[max(place - 1, 0) : place] + ordered[behind : behind + 1]
        told = tuple(part for key in ends + beside for part in (key[0][0], key[1]))
        assert both.call("around", owner, at) == (len(model), *told)
    assert both.call("take", OWNERS[0], -1) == "Overflow"


@settings(QUIET, max_examples=12)
@given(data=st.data())
def test_every_part_has_its_order(data: st.DataObject, machine: Engine) -> None:
    both = Both(machine)
    for _ in range(data.draw(st.integers(1, 25))):
        side = data.draw(st.sampled_from(list(BOOK.Side)))
        price = data.draw(st.integers(-2, 2) | st.sampled_from([-(2**63), 2**63 - 1]))
        firm, number, on = (
            data.draw(st.booleans()),
            data.draw(st.integers(0, 3)),
            data.draw(st.integers(0, 3)) > 0,
        )
        quoted = both.call("quote", side, price, firm, number, on)
        depth = both.books[1].stored("depth")
        from_here = [key for key in sorted(depth) if key >= (side, price, False, 0)][:8]
        assert quoted == tuple(int(part) for key in from_here for part in (*key, depth[key]))
        wide = data.draw(st.sampled_from([0, 2**255, 2**256 - 1]))
        sign = data.draw(st.sampled_from([-(2**127), -1, 0, 2**127 - 1]))
        digest = Hash(bytes([data.draw(st.integers(0, 2))]) + bytes(30) + bytes([number]))
        both.call("others", wide, sign, number, digest, bytes([number % 2, 255, 0]), on)
        for name in ("depth", "wide", "digests"):
            keys = list(both.books[1].stored(name))
            assert keys == sorted(keys)
