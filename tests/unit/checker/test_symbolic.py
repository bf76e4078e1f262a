"""Invariants: correct contracts are proved, planted bugs are found, and each counterexample really fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from xianglian.checker.symbolic import Proof, prove
from xianglian.checker.symbolic.replay import run_test
from xianglian.compiler.frontend import check

ROOT = Path(__file__).parents[3]
POINTS = (ROOT / "examples/points/contract.py").read_text()
SAFE = '''
from __future__ import annotations

from xianglian.contract import Address, ContractError, Enum, Hash, List, Map, Ref, contract, ctx, each
from xianglian.contract import encode, ensures, entry, init, invariant, record, replace, require, sm3, total
from xianglian.contract import u8, u64, u128


class Refused(ContractError):
    """拒绝 / Refused."""


class Status(Enum):
    """状态 / Status."""

    OPEN = 0, "开 / Open"
    PAID = 1, "付 / Paid"
    GONE = 2, "结束 / Gone"


@record
class Deal:
    """交易 / Deal."""

    seller: Address
    amount: u64
    status: Status
    parties: List[Address, 4]
    until: u64 | None


LIMIT = 5


@contract
class Safe:
    """保险 / Safe."""

    owner: Address
    price: u64
    supply: u128
    paid: u64
    open_deals: u64
    held: Map[Address, u128]
    used: Map[Address, u64]
    deals: Map[Ref, Deal]
    rows: Map[tuple[Address, u8], u64]
    row_sum: u64

    @init
    def deploy(self) -> None:
        """部署 / Deploy."""
        self.owner = ctx.caller

    @entry
    def set_price(self, price: u64) -> None:
        """定价 / Price."""
        require(ctx.caller == self.owner and ctx.has_role(ctx.caller, "manager"), Refused)
        self.price = price

    @entry
    def use(self) -> None:
        """使用 / Use."""
        require(self.used[ctx.caller] < LIMIT, Refused)
        self.used[ctx.caller] += 1

    @entry
    def mint(self, target: Address, amount: u128) -> None:
        """发行 / Mint."""
        require(ctx.caller == self.owner, Refused)
        self.supply += amount
        self.held[target] += amount

    @entry
    def burn(self, amount: u128) -> None:
        """销毁 / Burn."""
        self.held[ctx.caller] -= amount
        self.supply -= amount

    @entry
    def swap(self, target: Address) -> None:
        """互换 / Swap."""
        mine = self.held[ctx.caller]
        self.held[ctx.caller] = self.held[target]
        self.held[target] = mine

    @entry
    def open(self, ref: Ref, amount: u64, until: u64 | None) -> None:
        """开始 / Open."""
        require(ref not in self.deals, Refused)
        self.deals[ref] = Deal(
            seller=ctx.caller, amount=amount, status=Status.OPEN, parties=List[Address, 4](), until=until
        )
        self.open_deals += 1

    @entry
    def join(self, ref: Ref) -> None:
        """加入 / Join."""
        deal = self.deals[ref]
        require(deal.status == Status.OPEN, Refused)
        if ctx.caller not in deal.parties:
            self.deals[ref] = replace(deal, parties=deal.parties + [ctx.caller])

    @entry
    def pay(self, ref: Ref) -> None:
        """付款 / Pay."""
        deal = self._open_deal(ref)
        self.deals[ref] = replace(deal, status=Status.PAID)
        self.open_deals -= 1
        self.paid += deal.amount

    def _open_deal(self, ref: Ref) -> Deal:
        deal = self.deals.get(ref)
        if deal is None:
            raise Refused
        require(deal.status == Status.OPEN, Refused)
        if deal.until is not None:
            require(ctx.time_ms <= deal.until, Refused)
        return deal

    @entry
    def close(self, ref: Ref) -> None:
        """删除 / Close."""
        self._open_deal(ref)
        del self.deals[ref]
        self.open_deals -= 1

    @entry
    def spread(self, targets: List[Address, 8], amount: u64) -> None:
        """分发 / Spread."""
        for target in targets:
            self.rows[target, u8(1)] += amount
            self.row_sum += amount

    @entry
    def spread_two(self, first: Address, second: Address, amount: u64) -> None:
        """分发两份 / Spread over two."""
        for kind in range(2):
            target = first if kind == 0 else second
            self.rows[target, u8(kind)] += amount
        self.row_sum += amount * 2

    @invariant
    def uses_are_limited(self) -> bool:
        """次数有限 / Uses are limited."""
        return each(self.used, lambda k, v: v <= LIMIT)

    @invariant
    def supply_is_held(self) -> bool:
        """发行量等于持有量 / Supply is what is held."""
        return total(self.held) == self.supply

    @invariant
    def open_deals_are_counted(self) -> bool:
        """计数正确 / Open deals are counted."""
        return total(self.deals, lambda k, v: v.status == Status.OPEN) == self.open_deals

    @invariant
    def paid_is_the_sum(self) -> bool:
        """已付之和 / Paid is a sum."""
        return total(self.deals, lambda k, v: v.amount if v.status == Status.PAID else 0) == self.paid

    @invariant
    def rows_add_up(self) -> bool:
        """行之和 / Rows add up."""
        return total(self.rows) == self.row_sum

    @invariant
    def held_is_at_most_supply(self) -> bool:
        """不超过发行量 / Nobody holds more than there is."""
        return each(self.held, lambda k, v: v <= self.supply)

    @ensures
    def only_the_owner_sets_the_price(self, old: Safe) -> bool:
        """仅所有者定价 / Only the owner sets the price."""
        return self.price == old.price or (
            ctx.caller == old.owner and ctx.has_role(ctx.caller, "manager")
        )

    @ensures
    def a_deal_keeps_its_seller(self, old: Safe) -> bool:
        """卖方不变 / A deal keeps its seller."""
        return each(self.deals, lambda k, v: k not in old.deals or old.deals[k].seller == v.seller)
'''
DEBIT = next(line for line in POINTS.splitlines(keepends=True) if "held - amount" in line)
CREDIT = "        self.balances[target] += amount\n"

PLANTED = {
    "self-transfer mints": (
        POINTS,
        DEBIT + CREDIT,
        "        there = self.balances[target]\n" + DEBIT + CREDIT.replace("+= ", "= there + "),
        ("transfer", "supply_is_what_is_held"),
    ),
    "debit is missing": (
        POINTS,
        DEBIT,
        "",
        ("transfer", "supply_is_what_is_held"),
    ),
    "issue leaves the supply": (
        POINTS,
        "        self.issued += amount\n",
        "",
        ("issue", "supply_is_what_is_held"),
    ),
    "deployment invents supply": (
        POINTS,
        "        self.issuer = ctx.caller\n",
        "        self.issuer = ctx.caller\n        self.issued = u128(5)\n",
        ("deploy", "supply_is_what_is_held"),
    ),
    "or instead of and": (
        SAFE,
        'ctx.caller == self.owner and ctx.has_role(ctx.caller, "manager"), Refused',
        'ctx.caller == self.owner or ctx.has_role(ctx.caller, "manager"), Refused',
        ("set_price", "only_the_owner_sets_the_price"),
    ),
    "off by one in the limit": (
        SAFE,
        "[ctx.caller] < LIMIT",
        "[ctx.caller] <= LIMIT",
        ("use", "uses_are_limited"),
    ),
    "burn leaves the supply": (SAFE, "        self.supply -= amount\n", "", ("burn", "supply_is_held")),
    "burn takes too much supply": (
        SAFE,
        "        self.supply -= amount\n",
        "        self.supply -= amount * 2\n",
        ("burn", "supply_is_held"),
    ),
    "swap of one side": (SAFE, "        self.held[target] = mine\n", "", ("swap", "supply_is_held")),
    "open twice": (
        SAFE,
        "        require(ref not in self.deals, Refused)\n",
        "",
        ("open", "open_deals_are_counted"),
    ),
    "paid deals are deleted": (
        SAFE,
        "        self._open_deal(ref)\n        del",
        "        require(ref in self.deals, Refused)\n        del",
        ("close", "paid_is_the_sum"),
    ),
    "the loop counts once": (
        SAFE,
        "            self.row_sum += amount\n",
        "        self.row_sum += amount\n",
        ("spread", "rows_add_up"),
    ),
    "another seller": (
        SAFE,
        "replace(deal, status=Status.PAID)",
        "replace(deal, status=Status.PAID, seller=ctx.caller)",
        ("pay", "a_deal_keeps_its_seller"),
    ),
}


def answers(folder: Path, text: str, **options: Any) -> list[Proof]:
    path = folder / "contract.py"
    path.write_text(text)
    return prove(check(path), **options)


def test_points_keep_their_sum(tmp_path: Path) -> None:
    found = answers(tmp_path, POINTS)
    assert {(each.method, each.verdict) for each in found} == {
        ("deploy", "proved"),
        ("issue", "proved"),
        ("transfer", "proved"),
    }
    assert all(each.seconds < 5 and not each.approximated for each in found)


def test_what_is_right_is_proved_and_loops_are_said_to_be_bounded(tmp_path: Path) -> None:
    found = answers(tmp_path, SAFE)
    doubtful = {(e.method, e.invariant): (e.verdict, e.detail) for e in found if e.verdict != "proved"}
    spread = {
        "uses_are_limited",
        "supply_is_held",
        "open_deals_are_counted",
        "paid_is_the_sum",
        "rows_add_up",
    }
    spread |= {"held_is_at_most_supply", "only_the_owner_sets_the_price", "a_deal_keeps_its_seller"}
    assert doubtful == {("spread", name): ("bounded", "") for name in spread}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_has_a_counterexample_that_fails(tmp_path: Path, bug: str) -> None:
    source, old, new, (method, name) = PLANTED[bug]
    assert old in source
    found = answers(tmp_path, source.replace(old, new), only=method)
    broken = {(each.method, each.invariant): each for each in found if each.verdict == "violated"}
    assert (method, name) in broken
    test = broken[method, name].test
    assert test is not None
    assert run_test(test) == "after"
    # The same state and call on the correct contract: the test is about the bug.
    (tmp_path / "contract.py").write_text(source)
    right = tmp_path / "right.py"
    right.write_text(source)
    assert run_test(test.replace(str(tmp_path / "contract.py"), str(right))) != "after"


COLLECTIONS = '''
from __future__ import annotations
from xianglian.contract import Address, ContractError, Map, OrderedMap, Set, contract, ctx, ensures, entry
from xianglian.contract import invariant, require, total, u64, u128

class No(ContractError):
    """无权 / No"""

@contract
class Safe:
    """保险 / Safe"""
    members: Set[Address]
    held: Map[Address, Map[u64, u128]]
    supply: u128
    queue: OrderedMap[u64, u64]

    @entry
    def join(self) -> None:
        """加入 / Join"""
        require(self.members.add(ctx.caller), No)

    @entry
    def leave(self) -> None:
        """离开 / Leave"""
        self.members.remove(ctx.caller)

    @entry
    def put(self, kind: u64, amount: u128) -> None:
        """放 / Put"""
        require(ctx.caller in self.members, No)
        self.held[ctx.caller][kind] += amount
        self.supply += amount

    @entry
    def push(self, at: u64, number: u64) -> None:
        """排 / Push"""
        self.queue[at] = number

    @invariant
    def sums(self) -> bool:
        """和 / Sum"""
        return total(self.held) == self.supply

    @invariant
    def count(self) -> bool:
        """数 / Count"""
        return total(self.members) == len(self.members)

    @ensures
    def only_members_put(self, old: Safe) -> bool:
        """会员 / Members"""
        return self.supply == old.supply or (ctx.caller in old.members and len(old.members) > 0)
'''


def test_collections_keep_what_they_promise(tmp_path: Path) -> None:
    """A set counts its members, a nested map is one table, an ordered map's order is any order."""
    found = answers(tmp_path, COLLECTIONS)
    assert {each.verdict for each in found} == {"proved"}
    assert {each.approximated for each in found if each.method == "push"} == {("the order of queue",)}
    text = COLLECTIONS.replace(
        "        require(ctx.caller in self.members, No)\n        self.held", "        self.held"
    )
    found = [each for each in answers(tmp_path, text) if each.verdict == "violated"]
    assert [(each.method, each.invariant) for each in found] == [("put", "only_members_put")]


def test_more_rounds_prove_a_short_loop(tmp_path: Path) -> None:
    text = SAFE.replace("List[Address, 8]", "List[Address, 4]")
    found = answers(tmp_path, text, only="spread", rounds=4)
    assert {each.verdict for each in found if each.method == "spread"} == {"proved"}


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("not each(self.used, lambda k, v: v < 3)", "inside not"),
        ("total(self.used, lambda k, v: v + self.price) == 0", "other state"),
        ("sm3(encode(self.price)) == Hash(bytes(32))", "sm3"),
        ("total(self.price) == 0", "no map"),
        ("total(self.deals) == 0", "no numbers"),
        ("self.owner > self.owner", "the order of"),
    ],
)
def test_what_the_logic_does_not_have_is_said(tmp_path: Path, condition: str, why: str) -> None:
    start = SAFE.index("    @invariant")
    head = '    @invariant\n    def odd(self) -> bool:\n        """奇 / Odd."""\n'
    text = f"{SAFE[:start]}{head}        return {condition}\n"
    found = answers(tmp_path, text, only="use")
    assert {each.verdict for each in found} == {"not-covered"}
    assert all(why in each.detail for each in found)


def test_an_invariant_that_is_too_weak_to_keep_itself(tmp_path: Path) -> None:
    """What holds but does not follow from itself is answered with a state that no call reaches."""
    text = SAFE.replace(
        "each(self.used, lambda k, v: v <= LIMIT)", "each(self.used, lambda k, v: v != LIMIT + 1)"
    )
    text = text.replace("self.used[ctx.caller] += 1", "self.used[ctx.caller] = self.used[ctx.caller] * 2 + 2")
    found = {e.method: e for e in answers(tmp_path, text, only="use") if e.invariant == "uses_are_limited"}
    assert found["use"].verdict == "violated"
