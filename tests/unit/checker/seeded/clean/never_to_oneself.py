"""Near miss of XL-LINT-05: Both are read first, and they differ."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u128


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Ledger:
    balances: Map[Address, u128]

    @entry
    def move(self, target: Address, amount: u128) -> None:
        require(target != ctx.caller, Refused)
        require(amount > 0, Refused)
        mine = self.balances[ctx.caller]
        theirs = self.balances[target]
        self.balances[ctx.caller] = mine - amount
        self.balances[target] = theirs + amount

    @entry
    def fund(self, target: Address, amount: u128) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.balances[target] += amount
