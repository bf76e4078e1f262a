"""Near miss of XL-LINT-15: Heights with heights, milliseconds with milliseconds."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


DAY_MS = 86_400_000


@contract
class Lock:
    owner: Address
    opens_ms: u64
    opens_at: u64
    opened: bool

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller
        self.opens_ms = ctx.time_ms + DAY_MS
        self.opens_at = ctx.height + 100

    @entry
    def open(self) -> None:
        require(ctx.caller == self.owner, Refused)
        require(ctx.time_ms >= self.opens_ms and ctx.height >= self.opens_at, Refused)
        self.opened = True

    @view
    def is_open(self) -> bool:
        return self.opened
