"""`@invariant` in plain Python, and that the compiler leaves it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build
from xianglian.contract import codec, spec
from xianglian.contract.errors import Overflow
from xianglian.contract.testing import Chain, load_contract

SOURCE = '''
from xianglian.contract import Address, Map, Public, Text, contract, ctx, each, entry, invariant, record
from xianglian.contract import total, u8, u64

@record
class Account:
    """账户 / Account"""
    held: u64
    closed: bool

@contract
class Bank:
    """银行 / Bank"""
    supply: u64
    limit: u64
    accounts: Map[tuple[Address, u8], Account]
    notes: Map[Public[Text[200]], u64]

    @entry
    def put(self, kind: u8, amount: u64) -> None:
        """存 / Put"""
        self.accounts[ctx.caller, kind] = Account(held=amount, closed=False)
        self.supply += amount

    @entry
    def note(self, text: Public[Text[200]]) -> None:
        """记 / Note"""
        self.notes[text] = 1

    @invariant
    def sums(self) -> bool:
        """和 / Sum"""
        return total(self.accounts, lambda k, v: v.held) == self.supply and total(self.notes) < 2

    @invariant
    def small(self) -> bool:
        """小 / Small"""
        return each(self.accounts, lambda k, v: v.held <= 100 and k[1] < 3)
'''


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "contract.py"
    path.write_text(SOURCE)
    return path


def test_they_look_at_all_entries(bank: Path) -> None:
    chain = Chain()
    alice = chain.account("alice")
    deployed = chain.deploy(load_contract(bank).Bank, by=alice)
    assert chain.broken_invariants(deployed) == []
    deployed.put(1, 70, by=alice)
    deployed.put(2, 100, by=alice)
    assert chain.broken_invariants(deployed) == []
    deployed.put(2, 101, by=alice)
    assert chain.broken_invariants(deployed) == ["sums", "small"]
    chain.state[deployed.address + b"supply"] = codec.encode(spec.U64, 171)
    assert chain.broken_invariants(deployed) == ["small"]
    deployed.put(3, 0, by=alice)
    deployed.note("a" * 100, by=alice)
    deployed.note("b" * 100, by=alice)
    assert chain.broken_invariants(deployed) == ["sums", "small"]


def test_their_numbers_have_no_bounds(tmp_path: Path) -> None:
    path = tmp_path / "contract.py"
    path.write_text(
        SOURCE[: SOURCE.index("    @invariant")]
        + """
    @invariant
    def beyond(self) -> bool:
        \"\"\"超出 / Beyond\"\"\"
        return self.supply + 1 > 0 and 0 - self.supply <= 0 and self.supply - 1 >= -1 and -self.limit <= 0

    @invariant
    def converted(self) -> bool:
        \"\"\"转换 / Converted\"\"\"
        return u8(self.supply) >= 0
"""
    )
    chain = Chain()
    alice = chain.account("alice")
    deployed = chain.deploy(load_contract(path).Bank, by=alice)
    assert chain.broken_invariants(deployed) == []
    deployed.put(1, 255, by=alice)
    assert chain.broken_invariants(deployed) == []
    deployed.put(1, 2**64 - 256, by=alice)
    assert chain.broken_invariants(deployed) == ["converted"], "a conversion has the bounds of its type"
    with pytest.raises(Overflow):
        deployed.put(1, 1, by=alice)


def test_they_cost_the_module_nothing(bank: Path) -> None:
    plain = SOURCE[: SOURCE.index("    @invariant")]
    (bank.parent / "plain.py").write_text(plain)
    assert build(bank).wasm == build(bank.parent / "plain.py").wasm
    assert set(build(bank).checked.contract.invariants) == {"sums", "small"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def small(self) -> bool:", "def small(self) -> u64:"),
        ("def small(self) -> bool:", "def small(self, a: u64) -> bool:"),
        ("def small(self) -> bool:", "def sums(self) -> bool:"),
        ("return each(", "x = 1\n        return each("),
    ],
)
def test_the_compiler_wants_one_condition(bank: Path, old: str, new: str) -> None:
    bank.write_text(SOURCE.replace(old, new))
    with pytest.raises(CompileError):
        build(bank)


CALLS = '''
from __future__ import annotations
from xianglian.contract import Address, Map, contract, ctx, each, ensures, entry, init, total, u64

@contract
class Counter:
    """计数 / Counter"""
    owner: Address
    counts: Map[Address, u64]

    @init
    def deploy(self) -> None:
        """部署 / Deploy"""
        self.owner = ctx.caller

    @entry
    def set(self, target: Address, count: u64) -> None:
        """设 / Set"""
        self.counts[target] = count

    @entry
    def clear(self, target: Address) -> None:
        """清 / Clear"""
        del self.counts[target]

    @ensures
    def one_step(self, old: Counter) -> bool:
        """一步 / One step"""
        return total(self.counts) <= total(old.counts) + 1 and each(
            self.counts, lambda k, v: v <= old.counts[k] + 1
        )

    @ensures
    def nothing_goes(self, old: Counter) -> bool:
        """不减 / Nothing goes"""
        return each(old.counts, lambda k, v: k in self.counts) or ctx.caller == old.owner
'''


def test_a_call_is_compared_with_the_state_before_it(tmp_path: Path) -> None:
    path = tmp_path / "contract.py"
    path.write_text(CALLS)
    build(path)
    chain = Chain()
    owner, other = chain.account("owner"), chain.account("other")
    counter = chain.deploy(load_contract(path).Counter, by=owner)
    assert chain.broken_invariants(counter) == []
    counter.set(other, 1, by=other)
    assert chain.broken_invariants(counter) == []
    counter.set(other, 3, by=other)
    assert chain.broken_invariants(counter) == ["one_step"]
    counter.clear(owner, by=other)
    assert chain.broken_invariants(counter) == []
    counter.clear(other, by=other)
    assert chain.broken_invariants(counter) == ["nothing_goes"]
    counter.set(other, 1, by=owner)
    counter.clear(other, by=owner)
    assert chain.broken_invariants(counter) == []
