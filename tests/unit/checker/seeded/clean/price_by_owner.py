"""Near miss of XL-LINT-01: Only the owner sets the price."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Shop:
    owner: Address
    price: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def set_price(self, price: u64) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.price = price

    @view
    def current(self) -> u64:
        return self.price
