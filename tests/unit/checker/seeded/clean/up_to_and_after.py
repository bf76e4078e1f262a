"""Near miss of XL-LINT-14: Up to the end, and after it."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Time,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u32,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Lot:
    seller: Address
    closes_ms: Time
    best: u64


@contract
class Sale:
    lots: Map[u32, Lot]

    @entry
    def offer(self, number: u32, closes: Time) -> None:
        require(number not in self.lots, Exists)
        self.lots[number] = Lot(seller=ctx.caller, closes_ms=closes, best=0)

    @entry
    def bid(self, number: u32, price: u64) -> None:
        lot = self.lots[number]
        require(ctx.time_ms <= lot.closes_ms, Refused)
        require(price > lot.best, Refused)
        self.lots[number] = replace(lot, best=price)

    @entry
    def settle(self, number: u32) -> None:
        lot = self.lots[number]
        require(ctx.caller == lot.seller, Refused)
        require(ctx.time_ms > lot.closes_ms, Refused)
        del self.lots[number]
