"""XL-LINT-08: Goods are rated that were never offered."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Ref,
    contract,
    ctx,
    entry,
    record,
    require,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Goods:
    seller: Address
    price: u64


@contract
class Market:
    goods: Map[Ref, Goods]
    stars: Map[Ref, u64]

    @entry
    def offer(self, ref: Ref, price: u64) -> None:
        require(ref not in self.goods, Exists)
        require(price > 0, Refused)
        self.goods[ref] = Goods(seller=ctx.caller, price=price)

    @entry
    def rate(self, ref: Ref, stars: u64) -> None:
        require(stars <= 5, Refused)
        self.stars[ref] += stars

    @view
    def rating(self, ref: Ref) -> u64:
        return self.stars[ref]

    @view
    def price(self, ref: Ref) -> u64:
        return self.goods[ref].price
