"""Helper functions with type parameters: compiled for each set of types, alike in both worlds."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build
from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Engine

HERE = Path(__file__).parent


def test_generic_helpers_run_alike(machine: Engine) -> None:
    contract = importlib.import_module("tests.unit.compiler.contracts.generic").Generic
    ends = []
    for chain in (Chain(), Chain(machine)):
        ann, bob = chain.account("ann"), chain.account("bob")
        deployed = chain.deploy(contract, by=ann)
        found: list[object] = []
        for number, name, who in [(5, "a", ann), (5, "a", bob), (6, "b", ann), (5, "c", bob), (0, "a", bob)]:
            try:
                deployed.add(number, name, by=who)
            except ContractError as error:
                found.append(error.code)
            found.append(deployed.find(number, name, who))
        found += [
            deployed.names(["a", "b"], "b"),
            deployed.names([], "b"),
            deployed.names(["a", "b", "c"], "c"),
        ]
        for full in (["a", "b", "c"], ["a"]):
            try:
                deployed.names(full, "longer")
            except ContractError as error:
                found.append(error.code)
        ends.append((found, chain.state))
    assert ends[0] == ends[1]
    assert "TooLong" in ends[0][0]


def test_each_set_of_types_is_one_function() -> None:
    made = build(HERE / "contracts" / "generic.py")
    found = [name for name in made.checked.program.functions if name.startswith("search:index_of")]
    assert [each.split("#")[0] for each in found] == [
        "search:index_of[N=3,T=Text[4]]",
        "search:index_of[N=3,T=u64]",
        "search:index_of[N=4,T=Address]",
    ]


TEXT = """
from xianglian.contract import Enum, List, Option, TypeVar, contract, record, u8, u64, view

T = TypeVar("T")
N = TypeVar("N")

@record
class R:
    r: u64

def larger(a: T, b: T) -> T:
    return a if a > b else b

def fresh(a: T) -> int:
    return len(List[T, 3](a))

def deeper(a: T, n: u64) -> u64:
    return n if n == 0 else deeper(List[T | None, 2](a), n)
{more}

@contract
class C:
    c: u64
    @view
    def go(self, a: u64, b: u8, r: R) -> u64:
        {body}
        return a
"""
REFUSED = {
    "x = larger(a, b)": "b of larger is u64, the value u8",
    "x = larger(r, r)": r"\(where T is R\)",
    "x = larger(a, 4)": "b of larger is u64, the value a plain int",
    "x = larger(None, None)": "T of larger is not known",
    "x = fresh(a)": "a list of a type parameter",
    "x = larger(a)": "takes 2 unnamed values",
    "x: T = a": "the type parameter T here",
}
DECLARED = {
    "def f(a: u64) -> T:\n    return a": "leave a type open",
    'X = TypeVar("Y")': "under two names",
    "@record\nclass Q:\n    q: T": "the type parameter T here",
}


@pytest.mark.parametrize("body", REFUSED)
def test_refused_calls(tmp_path: Path, body: str) -> None:
    (tmp_path / "contract.py").write_text(TEXT.format(body=body, more=""))
    with pytest.raises(CompileError, match=REFUSED[body]):
        build(tmp_path)


@pytest.mark.parametrize("more", DECLARED)
def test_refused_declarations(tmp_path: Path, more: str) -> None:
    (tmp_path / "contract.py").write_text(TEXT.format(body="pass", more=more))
    with pytest.raises(CompileError, match=DECLARED[more]):
        build(tmp_path)


def test_a_helper_for_ever_more_types_ends_in_a_refusal(tmp_path: Path) -> None:
    more = "\ndef again(a: T, n: List[T, N]) -> u64:\n    return again(n, n + n)\n"
    (tmp_path / "contract.py").write_text(TEXT.format(body="again(a, List[u64, 2]())", more=more))
    with pytest.raises(CompileError):
        build(tmp_path)
