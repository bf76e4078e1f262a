"""Near miss of XL-LINT-26: The successor is named and accepts."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Owned:
    owner: Address
    successor: Address | None
    rate: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def name_successor(self, successor: Address) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.successor = successor

    @entry
    def accept(self) -> None:
        named = self.successor
        if named is None:
            raise NotOwner
        require(ctx.caller == named, NotOwner)
        self.owner = ctx.caller
        self.successor = None

    @entry
    def set_rate(self, rate: u64) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.rate = rate

    @view
    def current(self) -> u64:
        return self.rate
