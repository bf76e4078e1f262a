"""XL-LINT-15: A height is compared with milliseconds."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Lock:
    opens_at: u64
    owner: Address
    opened: bool

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller
        self.opens_at = ctx.time_ms + 86_400_000

    @entry
    def open(self) -> None:
        require(ctx.caller == self.owner, Refused)
        require(ctx.height >= self.opens_at, Refused)
        self.opened = True

    @view
    def is_open(self) -> bool:
        return self.opened
