"""XL-LINT-11: Interest for days is cut off for each day."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u128, view


class Refused(ContractError):
    """拒绝 / Refused."""


DAYS = 365


@contract
class Loan:
    debt: Map[Address, u128]

    @view
    def interest(self, owner: Address, rate: u128, days: u128) -> u128:
        per_day = self.debt[owner] * rate // DAYS
        return days * (per_day // 10_000)

    @entry
    def borrow(self, amount: u128) -> None:
        require(amount > 0, Refused)
        self.debt[ctx.caller] += amount
