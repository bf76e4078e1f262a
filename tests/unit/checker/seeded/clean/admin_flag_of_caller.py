"""Near miss of XL-LINT-03: The flag is looked up for the caller."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, init, require


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Board:
    admins: Map[Address, bool]

    @init
    def deploy(self) -> None:
        self.admins[ctx.caller] = True

    @entry
    def appoint(self, account: Address, on: bool) -> None:
        require(self.admins[ctx.caller], Refused)
        require(account != ctx.caller, Refused)
        self.admins[account] = on
