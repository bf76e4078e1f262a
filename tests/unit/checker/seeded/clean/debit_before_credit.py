"""Near miss of XL-LINT-05: The debit is written before the other side is read."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u128


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Ledger:
    balances: Map[Address, u128]

    @entry
    def move(self, target: Address, amount: u128) -> None:
        require(amount > 0, Refused)
        mine = self.balances[ctx.caller]
        require(mine >= amount, Refused)
        self.balances[ctx.caller] = mine - amount
        self.balances[target] += amount

    @entry
    def fund(self, target: Address, amount: u128) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.balances[target] += amount
