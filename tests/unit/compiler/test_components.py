"""Contracts that inherit components: merged alike in both worlds, and what is refused."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build
from xianglian.contract import Address, component, contract, entry, overridable
from xianglian.contract.abi import Interface
from xianglian.contract.testing import Chain, Engine, load_contract

HERE = Path(__file__).parent
SHOP = importlib.import_module("tests.unit.compiler.contracts.shop")
PARTS = importlib.import_module("tests.unit.compiler.contracts.parts")


def test_a_contract_of_components_runs_alike(machine: Engine) -> None:
    ends = []
    for chain in (Chain(), Chain(machine)):
        ann, bob = chain.account("ann"), chain.account("bob")
        shop = chain.deploy(SHOP.Shop, by=ann)
        found: list[object] = [shop.visit(by=ann), shop.visit(by=bob), shop.step(ann), shop.step(bob)]
        shop.sell(4, by=bob)
        with pytest.raises(PARTS.NotOwner) as refused:
            shop.pause(True, by=bob)
        found.append(refused.value.facts)
        shop.pause(True, by=ann)
        with pytest.raises(PARTS.Paused):
            shop.visit(by=ann)
        with pytest.raises(PARTS.Paused):
            shop.sell(1, by=ann)
        shop.transfer_ownership(bob, by=ann)
        assert chain.events[-1].value == PARTS.OwnerChanged(before=ann, after=bob)
        assert shop.stored("counts") == {ann: 3, bob: 2}
        assert chain.broken_invariants(shop) == []
        ends.append((found, chain.state, chain.events))
    assert ends[0] == ends[1]
    assert ends[0][0][:4] == [3, 2, 3, 2]


def test_the_description_lists_what_is_inherited_once() -> None:
    made = build(HERE / "contracts" / "shop.py")
    assert [each["name"] for each in made.interface["methods"]] == [
        "transfer_ownership",
        "pause",
        "step",
        "visit",
        "sell",
    ]
    assert [each["field"] for each in made.interface["layout"]] == ["owner", "paused", "counts", "sold"]
    assert made.interface["state"][0]["label"] == {"zh": "所有者", "en": "Owner"}
    assert "OwnerChanged" in [each["name"] for each in made.interface["events"]]
    assert {"NotOwner", "Paused"} <= {each["code"] for each in made.interface["errors"]}
    assert next(m for m in made.interface["methods"] if m["name"] == "step")["label"]["en"].startswith(
        "The owner"
    )


def test_a_refusal_inside_a_component_names_its_file() -> None:
    made = build(HERE / "contracts" / "shop.py")
    interface = Interface.parse(made.interface_json)
    source = (HERE / "contracts" / "parts.py").read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(source, 1) if "NotOwner(o" in text)
    lines = [int(n) for n in re.findall(r"raise\(NotOwner, .*@(\d+)\)", made.ir_text)]
    assert [interface.place(each) for each in lines] == [("parts.py", line)]


HEAD = """
from xianglian.contract import (
    Address, component, contract, ctx, entry, init, invariant, overridable, u32, u64, view
)

@component
class A:
    a: u64
    def _a(self) -> u64:
        return self.a
    @overridable
    @view
    def get(self, which: u32) -> u64:
        return self._a()

@component
class B(A):
    b: u64

@component
class C(A):
    @view
    def get(self, which: u32) -> u64:
        return u64(3)

"""
A_IN_TWO = r"`a` is declared by A \(contract.py, line 8\) and by X \(contract.py, line 29\)"
OTHER = "another signature"
GET = "    @view\n    def get(self, which: u64) -> u64:\n        return which"
REFUSED = {
    "class X(Missing):\n    pass": "inherits `Missing`, which is no component",
    "class X(A):\n    a: u64": A_IN_TWO,
    "class X(A):\n    def _a(self) -> u64:\n        return u64(1)": "mark A._a @overridable",
    f"class X(A):\n{GET}": r"another signature(?s:.*)fix: write @view def get\(self, which: u32\) -> u64",
    "class X(A):\n    @entry\n    def get(self, which: u32) -> u64:\n        return u64(1)": OTHER,
    "class X(A):\n    get: u64": "`get` is declared by A",
    "class X(A, B):\n    pass": "in two orders",
    "class X(C, D):\n    pass": "`get` is declared by D .* and by C",
    "class X(E):\n    c: u64": "E has no state field `c`",
    "class X(F):\n    pass": "@init of X does not call F._init_f",
    "class X(G):\n    pass": "@init in the component G",
}
MORE = {
    "D": """
@component
class D(A):
    @view
    def get(self, which: u32) -> u64:
        return u64(4)
""",
    "E": """
@component
class E:
    @view
    def other(self) -> u64:
        return self.c
""",
    "F": """
@component
class F:
    f: Address
    def _init_f(self) -> None:
        self.f = ctx.caller
""",
    "G": """
@component
class G:
    g: u64
    @init
    def start(self) -> None:
        self.g = u64(1)
""",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(tmp_path: Path, text: str) -> None:
    more = "".join(MORE[each] for each in MORE if re.search(rf"\(.*\b{each}\b", text))
    (tmp_path / "contract.py").write_text(f"{HEAD}{more}\n@contract\n{text}\n")
    with pytest.raises(CompileError, match=REFUSED[text]):
        build(tmp_path)


@pytest.mark.parametrize("inherits", [True, False])
def test_what_is_not_compiled_is_checked_all_the_same(tmp_path: Path, inherits: bool) -> None:
    """The body of a method that is replaced, and components of the file that nobody inherits."""
    odd = "@component\nclass H:\n    h: u64\n    @overridable\n"
    odd += "    def _h(self) -> u64:\n        return self.g\n"
    own = "(H):\n    def _h(self) -> u64:\n        return self.h\n" if inherits else ":\n    x: u64\n"
    (tmp_path / "contract.py").write_text(f"{HEAD}\n{odd}\n@contract\nclass X{own}")
    with pytest.raises(CompileError, match="H has no state field `g`"):
        build(tmp_path)


def test_of_two_overriding_components_the_nearest_counts_in_both_worlds(
    tmp_path: Path, machine: Engine
) -> None:
    """B does not override `get`, C does: Python's order takes C's, and so does the compiler."""
    file = tmp_path / "contract.py"
    file.write_text(f"{HEAD}\n@contract\nclass X(B, C):\n    pass\n")
    contract = load_contract(file).X
    for chain in (Chain(), Chain(machine)):
        assert chain.deploy(contract, by=chain.account("ann")).get(0) == 3


def test_plain_python_refuses_a_clash_too() -> None:
    @component
    class First:
        kept: Address

        @overridable
        def _hook(self) -> None: ...

        @entry
        def go(self) -> None: ...

    @component
    class Second:
        kept: Address

    class Third:
        pass

    with pytest.raises(TypeError, match="kept is declared by Second and by First"):

        @contract
        class Both(First, Second): ...

    with pytest.raises(TypeError, match="Third, which is no component"):

        @contract
        class Other(First, Third): ...

    with pytest.raises(TypeError, match="go is declared by First"):

        @contract
        class Changed(First):
            def go(self) -> None: ...

    @contract
    class Good(First):
        def _hook(self) -> None: ...
