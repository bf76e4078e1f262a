"""Near miss of XL-LINT-03: The argument is compared with the record, besides the caller."""

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
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Item:
    holder: Address
    price: u64


@contract
class Items:
    items: Map[Ref, Item]

    @entry
    def list_item(self, ref: Ref, price: u64) -> None:
        require(ref not in self.items, Exists)
        self.items[ref] = Item(holder=ctx.caller, price=price)

    @entry
    def buy(self, ref: Ref, expected_holder: Address) -> None:
        require(ctx.has_role(ctx.caller, "buyer"), Refused)
        item = self.items[ref]
        require(item.holder == expected_holder, Refused)
        self.items[ref] = replace(item, holder=ctx.caller)

    @view
    def price(self, ref: Ref) -> u64:
        return self.items[ref].price
