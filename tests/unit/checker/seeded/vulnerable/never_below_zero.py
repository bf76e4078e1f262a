"""XL-LINT-32: A number without sign is never below zero."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Points:
    points: Map[Address, u64]

    @entry
    def take(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "referee"), Refused)
        require(amount > 0, Refused)
        require(self.points[target] - amount >= 0, Refused)
        self.points[target] -= amount
