"""Every construct of the language goes through the lints and the symbolic machine; and the machine computes
what plain Python computes, where all it starts from is fixed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.checker.lints import lint
from xianglian.checker.symbolic.machine import Machine
from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.storage import Storage
from xianglian.checker.symbolic.values import World, both
from xianglian.compiler import CompileError
from xianglian.compiler.frontend import Checked, check
from xianglian.contract.testing import Chain, load_contract

CONTRACTS = sorted((Path(__file__).parents[1] / "compiler" / "contracts").glob("*.py"))


def checked(path: Path) -> Checked:
    try:
        return check(path)
    except CompileError:
        pytest.skip("a library file")


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_no_construct_is_unknown(path: Path) -> None:
    found = checked(path)
    lint(found)
    for function in found.program.functions.values():
        if function.export:
            world = World()
            machine = Machine(world, Storage(world, found.program.state, empty=False), found.program, 1)
            arguments = [world.any(f"argument {name}", (), kind) for name, kind in function.parameters]
            machine.call(function, arguments)


ARITHMETIC = '''
from xianglian.contract import ContractError, List, Map, Overflow, contract, entry, i64, require, u8, u64

TABLE = (3, 1, 4, 1, 5)

class No(ContractError):
    """不 / No"""

@contract
class C:
    """合约 / Contract"""
    held: Map[u64, u64]
    last: u64

    @entry
    def run(self, a: u64, b: u64, s: i64, items: List[u64, 4]) -> u64:
        """运行 / Run"""
        total = a * 3 + b // 2 - b % 2
        for index in range(5):
            if index == 3:
                continue
            total += u64(TABLE[index]) << 1
            if total > 1000:
                break
        for item in items:
            self.held[item] += total
            if item > 9:
                self.last = item
        if s < 0:
            total += u64(-s // 3) + u64((s % 7 + 7) % 7)
        else:
            require(s != 13, No)
        joined = items + [total] if len(items) < 4 else items
        self.held[a] = max(self.held[a], min(b, u64(len(joined))))
        there = self.held[b] if b in self.held else u64(1)
        return self.held[a] + there + u64(u8(joined[-1] & 255)) + self.last
'''


@pytest.mark.parametrize(
    ("a", "b", "s", "items"),
    [
        (1, 2, 3, ()),
        (0, 0, -5, (0, 0)),
        (7, 7, -1, (7, 7, 10, 7)),
        (300, 9, 12, (300, 9, 11)),
        (5, 1, 13, (1,)),
        (2**63, 1, 0, ()),
        (2, 2**64 - 1, -(2**63) + 1, (2,)),
        (0, 3, 6, (0, 3)),
    ],
)
def test_the_machine_computes_what_python_computes(
    tmp_path: Path, a: int, b: int, s: int, items: tuple[int, ...]
) -> None:
    path = tmp_path / "contract.py"
    path.write_text(ARITHMETIC)
    found = check(path)
    chain = Chain()
    alice = chain.account("alice")
    contract = chain.deploy(load_contract(path).C, by=alice)
    try:
        expected: int | None = int(contract.run(a, b, s, items, by=alice))
    except Exception as error:  # noqa: BLE001 (whatever ends the call)
        expected, code = None, type(error).__name__

    world = World()
    storage = Storage(world, found.program.state, empty=True)
    machine = Machine(world, storage, found.program, 5)
    function = found.program.functions["C:run"]
    arguments = [world.any(f"argument {name}", (), kind) for name, kind in function.parameters]
    result = machine.call(function, arguments)
    fixed = [
        arguments[0] == a,
        arguments[1] == b,
        arguments[2] == s,
        world.length(arguments[3]) == len(items),
    ]
    fixed += [world.item(arguments[3], z3.IntVal(at)) == item for at, item in enumerate(items)]
    solver = z3.Solver()
    solver.add(*world.facts, *fixed)
    assert solver.check() == z3.sat
    if expected is None:
        assert solver.check(machine.path) == z3.unsat
        reached = {name for condition, name, _ in machine.failures if solver.check(both(condition)) == z3.sat}
        assert reached == {code}
    else:
        assert solver.check(machine.path, machine.cut) == z3.unsat
        assert solver.check(machine.path, result != expected) == z3.unsat
        assert solver.check(machine.path, result == expected) == z3.sat
