"""Near miss of XL-LINT-09: A helper asks for the amount."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Coupons:
    balances: Map[Address, u64]

    @entry
    def give(self, target: Address, amount: u64) -> None:
        must_be_whole(amount)
        self.balances[ctx.caller] -= amount
        self.balances[target] += amount

    @entry
    def issue(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        must_be_whole(amount)
        self.balances[target] += amount


def must_be_whole(amount: u64) -> None:
    require(1 <= amount <= 1_000_000, Refused)
