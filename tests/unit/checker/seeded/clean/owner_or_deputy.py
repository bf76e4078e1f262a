"""Near miss of XL-LINT-04: One of two may: the or is right."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Gate:
    owner: Address
    deputy: Address
    open: bool

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller
        self.deputy = ctx.caller

    @entry
    def switch(self, open: bool) -> None:
        require(ctx.caller == self.owner or ctx.caller == self.deputy, Refused)
        self.open = open

    @view
    def is_open(self) -> bool:
        return self.open
