"""A contract that others call, and that fails in several ways."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    List,
    Map,
    Public,
    Text,
    contract,
    ctx,
    emit,
    entry,
    event,
    record,
    require,
    u8,
    u32,
    u128,
    view,
)


@event
class Moved:
    """转移 / Moved"""

    source: Address
    origin: Address
    amount: u128


class Poor(ContractError):
    """不足 / Too little"""

    held: u128


@record
class Line:
    """一行 / A line"""

    who: Address
    amount: u128
    note: Public[Text[8]] | None


@contract
class Token:
    """代币 / Token"""

    balances: Map[Address, u128]
    calls: u32

    @entry
    def mint(self, target: Address, amount: u128) -> None:
        """增发 / Mint"""
        self.balances[target] += amount

    @entry
    def transfer(self, target: Address, amount: u128) -> u128:
        """转账 / Transfer"""
        self.calls += 1
        held = self.balances[ctx.caller]
        emit(Moved(source=ctx.caller, origin=ctx.origin, amount=amount))
        self.balances[ctx.caller] = u128(0)
        require(held >= amount, Poor(held=held))
        self.balances[ctx.caller] = held - amount
        self.balances[target] += amount
        return held - amount

    @view
    def balance_of(self, owner: Address) -> u128:
        """余额 / Balance"""
        return self.balances[owner]

    @view
    def lines(self, owner: Address, count: u8) -> List[Line, 3]:
        """明细 / Lines"""
        items = List[Line, 3]()
        for i in range(count):
            line = Line(who=owner, amount=u128(i), note=None if i == 1 else "n")
            items = items + [line]  # noqa: RUF005
        return items

    @view
    def word(self) -> Public[Text[30]]:
        """文字 / Text"""
        return "文字文字文字"
