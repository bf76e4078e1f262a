"""Near miss of XL-LINT-09: The amount is what is there."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Deposit:
    held: Map[Address, u64]
    paid_out: u64

    @entry
    def close(self) -> u64:
        amount = self.held[ctx.caller]
        require(amount > 0, Refused)
        self.held[ctx.caller] = u64(0)
        self.paid_out += amount
        return amount

    @entry
    def fund(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "bank"), Refused)
        self.held[target] += amount
