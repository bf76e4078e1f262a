"""Near miss of XL-LINT-32: A number without sign is compared with one."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Points:
    points: Map[Address, u64]

    @entry
    def take(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "referee"), Refused)
        require(amount > 0 and self.points[target] >= amount, Refused)
        self.points[target] -= amount
