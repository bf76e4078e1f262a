"""Near miss of XL-LINT-08: The rating is part of the record."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Ref,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Goods:
    seller: Address
    stars: u64


@contract
class Market:
    goods: Map[Ref, Goods]

    @entry
    def offer(self, ref: Ref) -> None:
        require(ref not in self.goods, Exists)
        self.goods[ref] = Goods(seller=ctx.caller, stars=0)

    @entry
    def rate(self, ref: Ref, stars: u64) -> None:
        require(stars <= 5, Refused)
        goods = self.goods[ref]
        self.goods[ref] = replace(goods, stars=goods.stars + stars)
