"""Near miss of XL-LINT-10: Supply follows in both directions."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    init,
    invariant,
    require,
    total,
    u128,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Gold:
    issuer: Address
    supply: u128
    balances: Map[Address, u128]

    @init
    def deploy(self) -> None:
        self.issuer = ctx.caller

    @entry
    def mint(self, target: Address, amount: u128) -> None:
        require(ctx.caller == self.issuer, Refused)
        self.supply += amount
        self.balances[target] += amount

    @entry
    def burn(self, amount: u128) -> None:
        require(amount > 0, Refused)
        self.balances[ctx.caller] -= amount
        self.supply -= amount

    @entry
    def move(self, target: Address, amount: u128) -> None:
        require(amount > 0, Refused)
        self.balances[ctx.caller] -= amount
        self.balances[target] += amount

    @invariant
    def adds_up(self) -> bool:
        """总量等于余额之和 / The supply is the sum."""
        return total(self.balances) == self.supply
