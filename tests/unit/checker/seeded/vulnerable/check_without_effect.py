"""XL-LINT-25: The helper says whether it is allowed; nobody listens."""

from xianglian.contract import Address, Map, contract, ctx, entry, init, view


@contract
class Doors:
    keepers: Map[Address, bool]
    open: bool

    @init
    def deploy(self) -> None:
        self.keepers[ctx.caller] = True

    @entry
    def unlock(self) -> None:
        self._may_open(ctx.caller)
        self.open = True

    def _may_open(self, account: Address) -> bool:
        return self.keepers[account]

    @view
    def is_open(self) -> bool:
        return self.open
