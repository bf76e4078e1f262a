"""XL-LINT-01: Anyone credits any account; holders spend."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u128, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Coin:
    balances: Map[Address, u128]

    @entry
    def mint(self, target: Address, amount: u128) -> None:
        require(amount > 0, Refused)
        self.balances[target] += amount

    @entry
    def spend(self, amount: u128) -> None:
        require(amount > 0, Refused)
        self.balances[ctx.caller] -= amount

    @view
    def balance(self, owner: Address) -> u128:
        return self.balances[owner]
