"""XL-LINT-12: Strangers fill the guest list."""

from xianglian.contract import Address, ContractError, List, contract, ctx, entry, require, view


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Party:
    guests: List[Address, 32]

    @entry
    def join(self) -> None:
        require(ctx.caller not in self.guests, Exists)
        self.guests = self.guests + [ctx.caller]

    @view
    def is_guest(self, account: Address) -> bool:
        return account in self.guests
