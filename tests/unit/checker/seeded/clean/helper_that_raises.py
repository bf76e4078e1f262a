"""Near miss of XL-LINT-25: The helper raises; there is no result to use."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, init, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Doors:
    keepers: Map[Address, bool]
    open: bool

    @init
    def deploy(self) -> None:
        self.keepers[ctx.caller] = True

    @entry
    def unlock(self) -> None:
        self._must_keep(ctx.caller)
        self.open = True

    def _must_keep(self, account: Address) -> None:
        require(self.keepers[account], Refused)

    @view
    def is_open(self) -> bool:
        return self.open
