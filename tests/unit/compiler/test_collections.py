"""Sets, nested and ordered maps: the same in both worlds, and what a dict and a sorted list say."""

from __future__ import annotations

import bisect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianglian._core import ContractSandbox
from xianglian.compiler import CompileError, build
from xianglian.contract import codec, spec
from xianglian.contract.errors import ContractError
from xianglian.contract.ordered import LEAST, WIDTH
from xianglian.contract.testing import Chain, Engine, load_contract
from xianglian.contract.values import Ref

SHELF = load_contract(Path(__file__).parent / "contracts" / "collections.py")
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))


class Both:
    """One shelf in plain Python and one compiled; every call must end alike and leave the same bytes."""

    def __init__(self, machine: Engine) -> None:
        self.chains = [Chain(), Chain(machine)]
        (self.ann, self.bob), _ = ([c.account(n) for n in ("ann", "bob")] for c in self.chains)
        self.shelves = [chain.deploy(SHELF.Shelf, by=self.ann) for chain in self.chains]

    def call(self, method: str, *arguments: Any) -> Any:
        """The result, or the code of the refusal."""
        ends = []
        for shelf in self.shelves:
            try:
                ends.append(getattr(shelf, method)(*arguments, by=self.ann))
            except ContractError as error:
                ends.append(error.code)
        assert ends[0] == ends[1], (method, arguments)
        assert self.chains[0].state == self.chains[1].state, (method, arguments)
        return ends[0]


def test_a_set_counts_its_members(machine: Engine) -> None:
    both = Both(machine)
    assert both.call("joined", both.ann) == 0
    assert both.call("join", both.ann, True) is True
    assert both.call("join", both.ann, True) is False
    assert both.call("join", both.bob, True) is True
    assert both.call("joined", both.bob) == 21
    assert both.call("leave", both.ann) == 1
    assert both.call("leave", both.ann) == "NotFound"
    assert both.call("join", both.ann, False) is False
    assert both.call("join", both.bob, False) is True
    assert both.call("joined", both.bob) == 0
    assert both.call("use", both.ann, 5) == 1
    assert both.call("use", both.ann, 5) == "UsedTwice"
    assert both.call("use", both.bob, 5) == 2
    assert both.call("use", both.ann, -1) == "Overflow"
    assert both.call("name", "长" * 20, "长" * 20) is True
    assert both.call("name", "gone", "gone") is False
    assert both.call("name", "a", "b" * 81) == "TooLong"
    assert both.shelves[1].stored("used") == {(both.ann, 5): True, (both.bob, 5): True}


def test_a_nested_map_is_a_map_by_both_keys(machine: Engine) -> None:
    both = Both(machine)
    assert both.call("mark", 3, 4, 10) == 10
    assert both.call("mark", 3, 4, 10) == 20
    assert both.call("mark", 3, 11, 10) == 77
    assert both.call("mark", 256, 1, 1) == "Overflow"
    assert both.call("mark", 1, 65_535, 5) == "Overflow"
    assert both.call("mark", 1, 1, 2) == "Overflow"
    assert both.shelves[1].stored("grid") == {(3, 4): 20, (3, 5): 7, (3, 12): 7}
    assert both.shelves[0].address + b"grid/" + bytes([3, 4, 0]) in both.chains[1].state
    for a, b, amount in ((300, 1, 1), (300, 70_000, 1), (1, 70_000, 1), (1, 70_000, -1), (1, 2, -1)):
        both.call("order", a, b, amount)
    at = b"\x05" * 32
    assert both.call("pin", 1, True, at, "one") == "one"
    assert both.call("pin", 1, False, at, "two") == "one"
    assert both.call("pin", 1, True, at, "three") == "two"
    assert both.call("pin", 2, True, at, "x" * 12) == "x" * 12
    assert set(both.shelves[1].stored("deep")) == {
        (both.ann, 1, True, at),
        (both.ann, 1, False, at),
        (both.ann, 2, True, at),
    }


KEYS = st.integers(0, 40) | st.integers(0, 400) | st.sampled_from([2**64 - 1, 2**63, 2**32])
VALUES = st.integers(0, 20) | st.sampled_from([13, 2**128 - 200])


@settings(QUIET, max_examples=12)
@given(data=st.data())
def test_an_ordered_map_is_a_dict_with_sorted_keys(data: st.DataObject, machine: Engine) -> None:
    both, model = Both(machine), dict[int, int]()
    for _ in range(data.draw(st.integers(1, 14))):
        match data.draw(st.sampled_from(["put", "bump", "take", "fill", "sweep", "grow"])):
            case "put":
                key, value = data.draw(KEYS), data.draw(VALUES)
                both.call("put", key, value)
                model[key] = value
            case "bump":
                key = data.draw(st.integers(-1, 40))
                found = both.call("bump", key, 3)
                if key >= 0:
                    model[key] = model.get(key, 0) + 3
                    assert found == model[key]
                else:
                    assert found == "Overflow"
            case "take":
                key = data.draw(KEYS)
                both.call("take", key)
                model.pop(key, None)
            case "fill":
                start, step = data.draw(KEYS), data.draw(st.integers(1, 9))
                count = data.draw(st.integers(0, 255))
                if both.call("fill", start, step, count) is None:
                    model |= {start + step * i: i for i in range(count)}
            case "sweep":
                start, also = data.draw(KEYS), data.draw(KEYS)
                removed = 0
                for key in [k for k in sorted(model) if k >= start]:
                    if removed == 50 or model.get(key) == 13:
                        break
                    if key in model:
                        model.pop(key)
                        model.pop(also, None)
                        removed += 1
                assert both.call("sweep", start, also) == removed
            case "grow":
                both.call("grow", data.draw(KEYS))
                model = {int(k): int(v) for k, v in both.shelves[0].stored("by_number").items()}
        ordered, key = sorted(model), data.draw(KEYS)
        assert both.shelves[1].stored("by_number") == model
        assert both.call("ends") == ((ordered[0], ordered[-1]) if ordered else ())
        look = both.call("look", key)
        absent = 1_000_000_007
        assert look == (len(model), model.get(key, 0), *([1] if key in model else []), model.get(key, absent))
        place = bisect.bisect_left(ordered, key)
        beside = ordered[max(place - 1, 0) : place] + ordered[bisect.bisect_right(ordered, key) :][:1]
        assert both.call("around", key) == tuple(beside)
        page: list[int] = []
        for each in ordered[place : place + 7]:
            if each == key:
                continue
            if model[each] == 13:
                break
            page += [each, model[each]]
        assert both.call("page", key, key) == tuple(page)


@settings(QUIET, max_examples=8)
@given(data=st.data())
def test_every_key_type_has_its_order(data: st.DataObject, machine: Engine) -> None:
    both = Both(machine)
    for _ in range(data.draw(st.integers(1, 25))):
        sign = data.draw(st.sampled_from([-(2**63), 2**63 - 1]) | st.integers(-9, 9))
        ref = Ref(bytes([data.draw(st.integers(0, 5))]) * 31 + bytes([data.draw(st.integers(250, 255))]))
        amount = data.draw(st.sampled_from([2**127, 2**64, 2**64 - 1, 2**128 - 1]) | st.integers(0, 9))
        colour = data.draw(st.sampled_from(list(SHELF.Colour)))
        on = data.draw(st.booleans())
        both.call("others", sign, colour, ref, amount, on)
        wide = data.draw(st.sampled_from([0, 2**255, 2**256 - 1]))
        tag = bytes([data.draw(st.integers(0, 2)), 0, 255, data.draw(st.integers(0, 2))])
        both.call("wide", wide, -wide // 4 if sign < 0 else wide // 4, tag, on)
        compiled = both.shelves[1]
        for name in ("by_sign", "by_colour", "by_ref", "by_amount", "by_wide", "by_wide_sign", "by_tag"):
            assert list(compiled.stored(name)) == sorted(compiled.stored(name))


@settings(QUIET, max_examples=6)
@given(seed=st.randoms(use_true_random=False), rising=st.booleans())
def test_rows_stay_between_their_bounds(seed: Any, rising: bool) -> None:
    """After any history all keys are found from the top, in order, in rows of lawful length."""
    chain = Chain()
    ann = chain.account("ann")
    shelf = chain.deploy(SHELF.Shelf, by=ann)
    keys = [seed.randrange(10_000) for _ in range(700)]
    for key in sorted(keys) if rising else keys:
        shelf.put(key, 1, by=ann)
    held = set(keys)
    check_rows(chain, shelf, held)
    gone = seed.sample(sorted(held), len(held) - seed.choice([0, 1, 9, 60]))
    for number, key in enumerate(gone):
        shelf.take(key, by=ann)
        held.discard(key)
        if number % 100 == 0:
            check_rows(chain, shelf, held)
    check_rows(chain, shelf, held)


def test_the_price_of_an_ordered_map(machine: Engine) -> None:
    """Gas of a node: rows are read and written a few at a time, however many entries there are."""
    code = build(Path(SHELF.__file__)).wasm
    sandbox, height = ContractSandbox(code), 0

    def gas(method: str, *numbers: tuple[int, int]) -> int:
        nonlocal height
        height += 1
        answer = json.loads(
            sandbox.call(
                entry=method,
                arguments=b"".join(number.to_bytes(size, "little") for number, size in numbers),
                caller=bytes(20),
                contract=bytes(20),
                height=height,
                time_ms=height,
                tx_id=bytes(32),
                gas_limit=10**10,
            )
        )
        assert answer["status"] == "success", answer
        return int(answer["gas_used"])

    few = [gas("put", (7 * n, 8), (5, 16)) for n in range(1, 11)]
    for start in range(1, 21):
        gas("fill", (start * 5_003, 8), (17, 8), (200, 1))
    for least, most, method, numbers in (
        (400_000, 1_100_000, "put", ((50_001, 8), (5, 16))),
        (100_000, 200_000, "put", ((50_001, 8), (6, 16))),
        (300_000, 600_000, "page", ((50_002, 8), (0, 8))),
        (400_000, 800_000, "take", ((50_001, 8),)),
    ):
        assert least < gas(method, *numbers) < most, method
    assert max(few) < 400_000


def check_rows(chain: Chain, shelf: Any, held: set[int]) -> None:
    """Reads the stored rows as the module's docstring describes them."""
    step = spec.RecordType("Step", (("key", spec.U64), ("row", spec.U32)))
    prefix = shelf.address + b"by_number.rows/"
    rows = {
        int.from_bytes(key[len(prefix) :], "little"): codec.decode(spec.ListType(step, WIDTH), value)
        for key, value in chain.state.items()
        if key.startswith(prefix)
    }
    tree = chain.state[shelf.address + b"by_number.tree"]
    top, height, size = (
        int.from_bytes(tree[1:5], "little"),
        tree[5],
        int.from_bytes(tree[10:18], "little"),
    )
    assert size == len(held)
    level, seen = [top] if held else [], 0
    for depth in range(height, -1, -1):
        seen += len(level)
        for number in level:
            assert len(rows[number]) >= (LEAST if number != top else 1 if depth == 0 else 2)
        steps = [step for number in level for step in rows[number]]
        assert [s["key"] for s in steps][1:] == sorted(s["key"] for s in steps[1:])
        level = [s["row"] for s in steps] if depth else level
    assert seen == len(rows), "a row that nothing leads to"
    assert [s["key"] for number in level for s in rows[number]] == sorted(held)


def test_a_page_can_be_checked_from_proven_entries_alone() -> None:
    """Whoever has proofs of the rows on the way and of the entries runs the same code over just these."""
    chain = Chain()
    ann = chain.account("ann")
    shelf = chain.deploy(SHELF.Shelf, by=ann)
    for start in range(0, 2_000, 200):
        shelf.fill(start, 1, 200, by=ann)
    read: set[bytes] = set()

    class Watched(dict[bytes, bytes]):
        def get(self, key: bytes, default: Any = None) -> Any:
            read.add(key)
            return super().get(key, default)

    everything = chain.state
    chain.state = Watched(everything)
    page = shelf.page(777, 0)
    assert len(page) == 14
    assert len(read) < 16, "the tree, the rows on the way, seven entries"

    class Proven(dict[bytes, bytes]):
        def get(self, key: bytes, default: Any = None) -> Any:
            return self[key]

    chain.state = Proven({key: everything[key] for key in read})
    assert shelf.page(777, 0) == page
    del chain.state[next(key for key in read if b".rows/" in key)]
    with pytest.raises(KeyError):
        shelf.page(777, 0)


REFUSED = [
    ("m: Set[u64, u8]", "pass", "is no type of the language"),
    ("m: Map[u64, Set[u8]]", "pass", "as a state field"),
    ("m: Map[u64, OrderedMap[u8, u8]]", "pass", "as a state field"),
    ("m: OrderedMap[Public[Text[8]], u8]", "pass", "an OrderedMap by Text[8]"),
    ("m: OrderedMap[tuple[u8, Public[Text[8]]], u8]", "pass", "an OrderedMap by u8, Text[8]"),
    ("m: Map[tuple[u8], u8]", "pass", "a tuple of one part"),
    ("m: OrderedMap[tuple[u8], u8]", "pass", "a tuple of one part"),
    ("m: OrderedMap[tuple[u8, u8], u8]", "self.m[1] = n", "a key of 2 parts"),
    (
        "m: OrderedMap[tuple[u8, u8], u8]",
        "for a, b, v in self.m.page((1, 2), 3):\n            pass",
        "a loop over",
    ),
    (
        "m: OrderedMap[tuple[u8, u8], u8]",
        "for k, v in self.m.page(1, 3):\n            pass",
        "a key of 2 parts",
    ),
    ("m: OrderedMap[bool, u8]", "pass", "an OrderedMap by bool"),
    ("m: List[Set[u8], 3]", "pass", "a Set inside another type"),
    ("m: Map[u8, Map[u8, u8]]", "self.m[1] = 2", "is no entry yet"),
    ("m: Map[u8, Map[u8, u8]]", "x = self.m[1]", "is no entry yet"),
    ("m: Map[u8, Map[u8, u8]]", "self.m[1][2][3] = 4", "is no entry of a map"),
    ("m: Map[u8, Map[u8, u8]]", "del self.m[1]", "is no entry yet"),
    ("m: Map[u8, Map[u8, u8]]", "x = 1 in self.m", "is no entry yet"),
    ("m: Map[u8, u8]", "x = self.m.first()", "`self.m.first()` on m"),
    ("m: Map[u8, u8]", "x = len(self.m)", "as a value"),
    ("m: Set[u8]", "self.m[1] = True", "an entry of a set"),
    ("m: Set[u8]", "del self.m[1]", "an entry of a set"),
    ("m: Set[u8]", "self.m.clear()", "`self.m.clear()` on m"),
    ("m: OrderedMap[u8, u8]", "self.m.first(1)", "`self.m.first(1)` on m"),
    ("m: OrderedMap[u8, u8]", "for k in self.m.page(1, 2):\n            pass", "a loop over"),
    ("m: OrderedMap[u8, u8]", "for k, v in self.m.page(1, n):\n            pass", "the limit is no constant"),
    (
        "m: OrderedMap[u8, u8]",
        "for k, v in self.m.page(1, 5000):\n            pass",
        "the limit is no constant",
    ),
]


@pytest.mark.parametrize(("field", "body", "what"), REFUSED)
def test_what_collections_refuse(field: str, body: str, what: str, tmp_path: Path) -> None:
    source = (
        "from xianglian.contract import List, Map, OrderedMap, Public, Set, Text, contract, entry, u8, u64\n"
    )
    source += f'@contract\nclass C:\n    """C / C"""\n    {field}\n    @entry\n'
    source += f'    def go(self, n: u8) -> None:\n        """C / C"""\n        {body}\n'
    (tmp_path / "contract.py").write_text(source, encoding="utf-8")
    with pytest.raises(CompileError) as refused:
        build(tmp_path)
    assert what in str(refused.value)


def test_a_view_changes_no_collection(tmp_path: Path) -> None:
    source = "from xianglian.contract import OrderedMap, Set, contract, u8, view\n"
    source += '@contract\nclass C:\n    """C / C"""\n    s: Set[u8]\n    m: OrderedMap[u8, u8]\n    @view\n'
    source += '    def go(self, n: u8) -> None:\n        """C / C"""\n        self.s.add(n)\n'
    source += "        self.m[n] = n\n        del self.m[n]\n"
    (tmp_path / "contract.py").write_text(source, encoding="utf-8")
    with pytest.raises(CompileError) as refused:
        build(tmp_path)
    assert [each.line for each in refused.value.diagnostics] == [10, 11, 12]
