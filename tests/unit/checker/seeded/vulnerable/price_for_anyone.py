"""XL-LINT-01: Anyone sets the price."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Shop:
    owner: Address
    price: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def set_price(self, price: u64) -> None:
        self.price = price

    @entry
    def hand_over(self) -> None:
        require(ctx.caller == self.owner, Refused)
        self.price = u64(0)

    @view
    def current(self) -> u64:
        return self.price
