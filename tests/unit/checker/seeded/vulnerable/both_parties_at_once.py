"""XL-LINT-04: Nobody is buyer and seller: the check never passes."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Deal:
    buyer: Address
    seller: Address
    price: u64

    @init
    def deploy(self) -> None:
        self.seller = ctx.caller

    @entry
    def join(self) -> None:
        require(self.price == 0, Refused)
        self.buyer = ctx.caller
        self.price = u64(1)

    @entry
    def reprice(self, price: u64) -> None:
        require(ctx.caller == self.buyer and ctx.caller == self.seller, Refused)
        self.price = price
