"""XL-LINT-04: Two "not equal" joined by or are always true."""

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
        if ctx.caller != self.owner or ctx.caller != self.deputy:
            raise Refused
        self.open = open

    @entry
    def enter(self) -> None:
        require(ctx.caller != self.owner or ctx.caller != self.deputy, Refused)
        self.open = False

    @view
    def is_open(self) -> bool:
        return self.open
