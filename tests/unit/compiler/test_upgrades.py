"""`@migrate` and the layout check of an upgrade, in both worlds."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from xianglian.compiler import CompileError, build
from xianglian.contract.abi import Interface
from xianglian.contract.layout import LayoutRefused, layout_of
from xianglian.contract.testing import Chain, Engine, load_contract

HERE = Path(__file__).parent
OLD = """
from xianglian.contract import Address, Map, contract, ctx, entry, init, u64, view

@contract
class Counter:
    owner: Address
    count: u64
    seen: Map[Address, u64]

    @init
    def start(self) -> None:
        self.owner = ctx.caller

    @entry
    def add(self, by: u64) -> u64:
        self.count += by
        self.seen[ctx.caller] += 1
        return self.count
"""
NEW = """
from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, migrate, require
from xianglian.contract import u64, u128, view

class NotOwner(ContractError):
    \"\"\"不是所有者 / Not the owner\"\"\"

@contract
class Counter:
    owner: Address
    count: u64
    total: u128
    seen: Map[Address, {seen}]

    {mark}
    def _carry_over(self) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.total = u128(self.count) * 10
        self.count = u64(0)

    @view
    def read(self) -> u128:
        return self.total + u128(self.count)
"""


def contracts(tmp_path: Path, *, seen: str = "u64", mark: str = "@migrate") -> tuple[ModuleType, ModuleType]:
    (tmp_path / "old.py").write_text(OLD)
    (tmp_path / "new.py").write_text(NEW.format(seen=seen, mark=mark))
    return load_contract(tmp_path / "old.py"), load_contract(tmp_path / "new.py")


def test_migrate_runs_over_the_state_that_is_there(tmp_path: Path, machine: Engine) -> None:
    old, new = contracts(tmp_path)
    ends = []
    for chain in (Chain(), Chain(machine)):
        ann, bob = chain.account("ann"), chain.account("bob")
        deployed = chain.deploy(old.Counter, by=ann)
        deployed.add(7, by=bob)
        with pytest.raises(new.NotOwner):
            chain.upgrade(deployed, new.Counter, by=bob)
        assert chain.contracts[deployed.address] is deployed
        assert deployed.add(1, by=bob) == 8
        after = chain.upgrade(deployed, new.Counter, by=ann)
        assert after.address == deployed.address
        assert after.read() == 80
        assert after.stored("seen") == {bob: 2}
        assert chain.contracts[after.address] is after
        ends.append(chain.state)
    assert ends[0] == ends[1]


def test_what_would_be_misread_is_refused(tmp_path: Path) -> None:
    old, new = contracts(tmp_path, seen="u128")
    chain = Chain()
    ann = chain.account("ann")
    deployed = chain.deploy(old.Counter, by=ann)
    with pytest.raises(LayoutRefused, match="seen was map<address,u64>, becomes map<address,u128>"):
        chain.upgrade(deployed, new.Counter, by=ann)
    assert chain.upgrade(deployed, new.Counter, by=ann, migrated=["seen"]).read() == 0


def test_naming_a_field_needs_a_migrate(tmp_path: Path) -> None:
    old, new = contracts(tmp_path, seen="u128", mark="")
    chain = Chain()
    ann = chain.account("ann")
    with pytest.raises(LayoutRefused) as refused:
        chain.upgrade(chain.deploy(old.Counter, by=ann), new.Counter, by=ann, migrated=["seen"])
    assert [each.field for each in refused.value.changes] == ["seen"]


def test_the_description_says_whether_there_is_a_migrate(tmp_path: Path) -> None:
    contracts(tmp_path)
    assert build(tmp_path / "new.py").interface["migrate"] is True
    assert build(tmp_path / "old.py").interface["migrate"] is False
    assert '(export "migrate")' in build(tmp_path / "new.py").wat_text


@pytest.mark.parametrize("name", ["everything", "collections", "shop", "generic", "market"])
def test_a_class_has_the_layout_that_the_compiler_describes(name: str) -> None:
    made = build(HERE / "contracts" / f"{name}.py")
    module = importlib.import_module(f"tests.unit.compiler.contracts.{name}")
    assert layout_of(getattr(module, made.name)) == Interface(made.interface).layout


EMPTY = "@migrate\n    def a(self) -> None:\n        pass\n"
REFUSED = {
    "@entry\n    def migrate(self) -> None:\n        pass": "cannot be called from outside",
    "@migrate\n    def go(self, x: u64) -> None:\n        pass": "migrate takes no arguments",
    f"{EMPTY}    @migrate\n    def b(self) -> None:\n        pass": "stands once",
    f"{EMPTY}    @entry\n    def b(self) -> None:\n        self.a()": "`self.a` cannot",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused(tmp_path: Path, text: str) -> None:
    head = "from xianglian.contract import contract, entry, migrate, u64\n\n@contract\nclass C:\n"
    (tmp_path / "contract.py").write_text(head + "    x: u64\n    " + text + "\n")
    with pytest.raises(CompileError, match=REFUSED[text]):
        build(tmp_path)
