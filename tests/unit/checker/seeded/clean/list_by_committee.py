"""Near miss of XL-LINT-12: Only the committee adds to the list."""

from xianglian.contract import Address, ContractError, List, contract, ctx, entry, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Party:
    guests: List[Address, 32]

    @entry
    def invite(self, guest: Address) -> None:
        require(ctx.has_role(ctx.caller, "committee"), Refused)
        require(guest not in self.guests, Exists)
        self.guests = self.guests + [guest]

    @view
    def is_guest(self, account: Address) -> bool:
        return account in self.guests
