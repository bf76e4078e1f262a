"""XL-LINT-25: The result of a check is kept in a local and forgotten."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Limits:
    limits: Map[Address, u64]
    spent: Map[Address, u64]

    @entry
    def spend(self, amount: u64) -> None:
        require(amount > 0, Refused)
        fits = self.fits(ctx.caller, amount)
        self.spent[ctx.caller] += amount

    @view
    def fits(self, account: Address, amount: u64) -> bool:
        return self.spent[account] + amount <= self.limits[account]

    @entry
    def set_limit(self, account: Address, limit: u64) -> None:
        require(ctx.has_role(ctx.caller, "bank"), Refused)
        self.limits[account] = limit
