"""XL-LINT-26: The owner gives everything to any address at once."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Owned:
    owner: Address
    rate: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def transfer_ownership(self, successor: Address) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.owner = successor

    @entry
    def set_rate(self, rate: u64) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.rate = rate

    @view
    def current(self) -> u64:
        return self.rate
