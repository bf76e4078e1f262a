"""XL-LINT-09: Redeeming nothing leaves a record."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, total, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Loyalty:
    points: Map[Address, u64]
    redeemed: Map[Address, u64]

    @entry
    def redeem(self, amount: u64) -> None:
        self.points[ctx.caller] -= amount
        self.redeemed[ctx.caller] += amount

    @entry
    def grant(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "shop"), Refused)
        self.points[target] += amount

    @view
    def total(self, owner: Address) -> u64:
        return self.redeemed[owner]
