"""Near miss of XL-LINT-01: Crediting others is paid from one's own balance."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Gifts:
    balances: Map[Address, u64]

    @entry
    def give(self, target: Address, amount: u64) -> None:
        require(amount > 0, Refused)
        self.balances[ctx.caller] -= amount
        self.balances[target] += amount

    @entry
    def issue(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.balances[target] += amount
