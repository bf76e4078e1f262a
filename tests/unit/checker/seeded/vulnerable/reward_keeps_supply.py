"""XL-LINT-10: A reward is credited from nothing."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Rewards:
    total_units: u64
    units: Map[Address, u64]

    @entry
    def issue(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.total_units += amount
        self.units[target] += amount

    @entry
    def reward(self, target: Address) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.units[target] += 5

    @view
    def units_in_all(self) -> u64:
        return self.total_units
