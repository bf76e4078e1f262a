"""Near miss of XL-LINT-28: One's own entry goes."""

from xianglian.contract import Address, ContractError, Map, Time, contract, ctx, entry, require


class Exists(ContractError):
    """已存在 / It exists."""


class Unknown(ContractError):
    """不存在 / Unknown."""


@contract
class Subscribers:
    since: Map[Address, Time]

    @entry
    def subscribe(self) -> None:
        require(ctx.caller not in self.since, Exists)
        self.since[ctx.caller] = ctx.time_ms

    @entry
    def leave(self) -> None:
        require(ctx.caller in self.since, Unknown)
        del self.since[ctx.caller]
