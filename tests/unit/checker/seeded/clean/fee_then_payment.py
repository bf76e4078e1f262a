"""Near miss of XL-LINT-06: Each step reads the balance anew."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u128


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Purse:
    balances: Map[Address, u128]
    fees: u128

    @entry
    def pay(self, amount: u128) -> None:
        require(amount > 10, Refused)
        self.balances[ctx.caller] -= 1
        self.fees += 1
        self.balances[ctx.caller] -= amount

    @entry
    def top_up(self, target: Address, amount: u128) -> None:
        require(ctx.has_role(ctx.caller, "bank"), Refused)
        self.balances[target] += amount
