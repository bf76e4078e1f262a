"""XL-LINT-10: What is burnt stays in the supply."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    init,
    require,
    total,
    u128,
    view,
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

    @view
    def total(self) -> u128:
        return self.supply
