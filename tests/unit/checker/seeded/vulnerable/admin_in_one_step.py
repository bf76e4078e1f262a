"""XL-LINT-26: The administrator is replaced without being asked."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Administered:
    admin: Address
    closed_at: u64

    @init
    def deploy(self) -> None:
        self.admin = ctx.caller

    @entry
    def replace_admin(self, account: Address) -> None:
        if ctx.caller != self.admin:
            raise NotOwner
        require(account != self.admin, Refused)
        self.admin = account

    @view
    def is_open(self) -> bool:
        return ctx.time_ms < self.closed_at

    @entry
    def close(self) -> None:
        require(ctx.caller == self.admin, NotOwner)
        self.closed_at = ctx.time_ms
