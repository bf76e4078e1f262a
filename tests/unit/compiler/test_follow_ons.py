"""A mistake is reported where it is made, and not again at each use of what it left without a meaning."""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build

PARTS = {
    "import": """from xianglian.contract import (
    Address, ContractError, Enum, Map, contract, ctx, emit, entry, event, init, interface, record, require,
    u64, view,
)""",
    "event": "@event\nclass Paid:\n    amount: u64",
    "error": 'class Late(ContractError):\n    """迟 / Late"""\n    days: u64',
    "record": "@record\nclass Loan:\n    days: u64",
    "enum": "class Mode(Enum):\n    ON = 1\n    OFF = 2",
    "constant": "LIMIT = 9",
    "helper": "def share(x: u64, y: u64) -> u64:\n    return x // y",
    "interface": "@interface\nclass Token:\n    @view\n    def balance(self, of: Address) -> u64: ...",
    "uses": """
def charge(loan: Loan, mode: Mode) -> u64:
    if loan.days > LIMIT:
        raise Late(days=loan.days)
    return share(loan.days, u64(int(mode)))

@contract
class C:
    loans: Map[Address, Loan]
""",
    "field": "    total: u64",
    "method": "    def _half(self, of: u64) -> u64:\n        return share(of, u64(2))",
    "rest": """
    @entry
    def pay(self, token: Address, days: u64) -> u64:
        if days > LIMIT:
            raise Late(days=days)
        require(days > 1, Late(days=days))
        mode = Mode.ON if days > 3 else Mode.OFF
        self.loans[ctx.caller] = Loan(days=days)
        emit(Paid(amount=days))
        self.total += charge(self.loans[ctx.caller], mode)
        match mode:
            case Mode.ON:
                return share(days, self._half(self.total))
            case Mode.OFF:
                pass
        held = Token(token).balance(ctx.caller)
        self.total += held
        return held

    @view
    def owed(self, of: Address) -> u64:
        return self._half(self.loans[of].days)
""",
}

MISTAKES = [
    ("event", "@event\nclass Paid:\n    amount: int", "`int` is no type here"),
    ("event", "@event\nclass Paid:\n    amount: u64 = 1", "has more than fields"),
    ("error", 'class Late(ContractError):\n    """迟 / Late"""\n    days: int', "`int` is no type here"),
    ("record", "@record\nclass Loan:\n    days: int", "`int` is no type here"),
    ("record", "class Loan:\n    days: u64", "class Loan is of no known kind"),
    ("enum", "class Mode(Enum):\n    ON = 1\n    OFF = 1", "numbers must differ"),
    ("constant", "LIMIT = len('abc')", "is no constant"),
    ("helper", "def share(x: u64, y) -> u64:\n    return x // y", "parameter y of share has no type"),
    ("interface", "@interface\nclass Token:\n    balance: u64", "something else than entries and views"),
    ("field", "    total: int", "`int` is no type here"),
    (
        "method",
        "    def _half(self, of: int, by) -> u64:\n        return of",
        "parameter by of _half has no type",
    ),
    (
        "method",
        "    @entry\n    def _half(self, of: u64) -> u64:\n        return of",
        "_half cannot be called",
    ),
    ("import", "from xianglian.contract import *", "`*` is imported"),
    ("import", "from .everything import *", "import from `.everything`"),
    ("import", PARTS["import"].replace(".contract", ".contracts"), "import from `xianglian.contracts`"),
    ("import", PARTS["import"].replace("entry, event", "entry, evnt as event"), "has no `evnt`"),
    ("import", PARTS["import"].replace("contract, ctx", "contrct as contract, ctx"), "has no `contrct`"),
    ("record", "from .loans import Loan", "import from `.loans`"),
    ("record", "from .broken import Loan", "not Python"),
    ("record", "from .wrong import Loan", "`int` is no type here"),
    ("record", "from .other import Loan", "other.py declares no `Loan`"),
    ("record", "from .other import *", "`*` is imported"),
]


def found(folder: Path, **other: str) -> list[str]:
    """What is refused of the program with other parts."""
    (folder / "contract.py").write_text("\n\n".join({**PARTS, **other}.values()))
    (folder / "broken.py").write_text("class Loan\n")
    (folder / "wrong.py").write_text(
        "from xianglian.contract import record\n\n@record\nclass Loan:\n    days: int\n"
    )
    (folder / "other.py").write_text("NUMBER = 1\n")
    try:
        build(folder)
    except CompileError as error:
        return [each.what for each in error.diagnostics]
    return []


def test_the_program_is_right(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(("part", "text", "words"), MISTAKES)
def test_one_mistake_is_one_refusal(tmp_path: Path, part: str, text: str, words: str) -> None:
    told = found(tmp_path, **{part: text})
    assert len(told) == 1, told
    assert words in told[0]


def test_two_mistakes_are_two_refusals(tmp_path: Path) -> None:
    told = found(
        tmp_path,
        event="@event\nclass Paid:\n    amount: int",
        rest=PARTS["rest"].replace("return held", "return held / 2"),
    )
    assert told == ["`int` is no type here", "the operator /"]


def test_a_refused_end_is_an_end(tmp_path: Path) -> None:
    """A function is not also said to end without a result, nor @init to leave a component's start out."""
    text = """
from xianglian.contract import contract, init, u64, view
from xianglian.contract.lib.access import Ownable

@contract
class C(Ownable):
    @init
    def start(self) -> None:
        self._init_ownable(missing)

    @view
    def half(self, x: u64) -> u64:
        return x / 2
"""
    (tmp_path / "contract.py").write_text(text)
    with pytest.raises(CompileError) as refused:
        build(tmp_path)
    told = [each.what for each in refused.value.diagnostics]
    assert told == ["self._init_ownable takes 0 unnamed values", "the operator /"]
    assert refused.value.code == "XL-CONTRACT-LANGUAGE"
