"""What `xl contract new` writes."""

CONTRACT = '''"""Counter: anyone counts up, only its owner starts again."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, emit, entry, event, init, require, u64, view


@event
class Counted:
    """已计数 / Counted."""

    caller: Address
    total: u64


class NotOwner(ContractError):
    """只有所有者可以清零 / Only the owner may start again."""


@contract
class Counter:
    """计数器 / Counter. Keeps: `total` is at least the count of each caller."""

    owner: Address
    total: u64
    counts: Map[Address, u64]

    @init
    def deploy(self) -> None:
        """部署 / Deploy."""
        self.owner = ctx.caller

    @entry
    def count(self, step: u64) -> None:
        """计数 / Count up.

        step: 步长 / Step
        """
        self.total += step
        self.counts[ctx.caller] += step
        emit(Counted(caller=ctx.caller, total=self.total))

    @entry
    def reset(self) -> None:
        """清零 / Start again."""
        require(ctx.caller == self.owner, NotOwner)
        self.total = u64(0)

    @view
    def current(self) -> u64:
        """当前值 / Current value."""
        return self.total
'''

TEST = '''"""Properties of Counter, on plain Python."""

from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract import ContractError
from xianglian.contract.testing import Chain, load_contract

counter_contract = load_contract(Path(__file__).with_name("contract.py"))


@given(st.lists(st.integers(0, 1000), max_size=20))
def test_the_total_is_the_sum(steps):
    chain = Chain()
    owner = chain.account("owner")
    counter = chain.deploy(counter_contract.Counter, by=owner)
    for step in steps:
        counter.count(step, by=owner)
    assert counter.current() == sum(steps)


def test_only_the_owner_starts_again():
    chain = Chain()
    owner, stranger = chain.account("owner"), chain.account("stranger")
    counter = chain.deploy(counter_contract.Counter, by=owner)
    counter.count(5, by=stranger)
    with suppress(ContractError):
        counter.reset(by=stranger)
    assert counter.current() == 5
    counter.reset(by=owner)
    assert counter.current() == 0
'''
