"""Contracts that are wrong in ways a proof could overlook: none is called proved, each breaks when run."""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.checker.symbolic import prove
from xianglian.compiler.frontend import check
from xianglian.contract import Address, codec, spec
from xianglian.contract.testing import Chain, load_contract

HEAD = '''
from __future__ import annotations

from xianglian.contract import Address, Enum, List, Map, Public, Text, contract, entry, invariant, record
from xianglian.contract import total, u8, u64


class Fruit(Enum):
    """果 / Fruit."""

    APPLE = 0, "苹果 / Apple"
    PEAR = 1, "梨 / Pear"


class Colour(Enum):
    """色 / Colour."""

    RED = 0, "红 / Red"
    BLUE = 1, "蓝 / Blue"


@record
class Row:
    """行 / Row."""

    amount: u64
    share: u64
    who: List[Address, 4]


@contract
class Subject:
    """对象 / Subject."""

    number: u64
    rows: Map[u64, Row]
    names: Map[Public[Text[200]], u64]

    @entry
'''
SET = '''    def go(self, number: u64) -> None:
        """做 / Go."""
        self.number = number
'''
ROW = '''    def go(self, number: u64) -> None:
        """做 / Go."""
        self.rows[number] = Row(amount=u64(1), share=u64(0), who=List[Address, 4]())
'''
NAMES = '''    def go(self, fruit: Fruit, colour: Colour) -> None:
        """做 / Go."""
        if fruit.name != colour.name:
            self.number = u64(1) if (fruit == Fruit.APPLE) == (colour == Colour.RED) else u64(0)
'''
SHIFT = '''    def go(self, by: u8) -> None:
        """做 / Go."""
        self.number = u64(200) << int(by)
        if by > 1:
            self.number = u64(u8(200) << int(by))
'''


def number(value: int) -> bytes:
    return codec.encode(spec.U64, value)


WRONG = {
    "names of two enums": (NAMES, "self.number != 1", bytes([0, 0])),
    "a shift of another type on another path": (SHIFT, "self.number <= 255", bytes([1])),
    "a sum of a part without a value": (
        ROW,
        "total(self.rows, lambda key, row: row.amount // row.share) >= 0",
        number(1),
    ),
    "a number that does not fit": (SET, "u8(self.number) >= 0", number(300)),
    "a choice by what has no value": (
        SET,
        "(1 if self.number > 7 or 1 // self.number >= 0 else 1) == 1",
        number(0),
    ),
    "a condition without a value, compared": (
        SET,
        "(1 // self.number > 100 and True) == False",
        number(0),
    ),
}


def source(folder: Path, body: str, condition: str) -> Path:
    path = folder / "contract.py"
    path.write_text(
        f'{HEAD}{body}\n    @invariant\n    def holds(self) -> bool:\n        """对 / Holds."""\n'
        f"        return {condition}\n"
    )
    return path


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_not_proved(tmp_path: Path, name: str) -> None:
    body, condition, arguments = WRONG[name]
    path = source(tmp_path, body, condition)
    verdicts = {each.verdict for each in prove(check(path), only="go")}
    assert not verdicts & {"proved", "bounded"}
    chain = Chain()
    start = {b"number": number(5)}
    subject = chain.install(load_contract(path).Subject, start)
    assert chain.broken_invariants(subject) == []
    chain.run(subject, "go", arguments, by=Address(bytes(20)))
    assert chain.broken_invariants(subject) == ["holds"]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("each(self.rows, lambda key, row: self.rows[key] == row)", "comparing lists"),
        ("each(self.names, lambda key, held: self.names[key] == held)", "digests of its keys"),
        ("(each(self.names, lambda key, held: held < 3) and True) == False", "each"),
    ],
)
def test_what_the_solver_cannot_say_is_not_covered(tmp_path: Path, condition: str, why: str) -> None:
    path = source(tmp_path, SET, condition)
    path.write_text(path.read_text().replace("import total", "import each, total"))
    (found,) = prove(check(path), only="go")
    assert found.verdict == "not-covered"
    assert why in found.detail
