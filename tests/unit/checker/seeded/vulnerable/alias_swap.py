"""XL-LINT-05: A transfer to oneself creates what it moves."""

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
        theirs = self.balances[target]
        require(mine >= amount, Refused)
        self.balances[ctx.caller] = mine - amount
        self.balances[target] = theirs + amount

    @entry
    def fund(self, target: Address, amount: u128) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.balances[target] += amount
