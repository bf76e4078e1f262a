"""XL-LINT-30: Withdrawals stop, transfers go on."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Bank:
    paused: bool
    held: Map[Address, u64]

    @entry
    def pause(self, paused: bool) -> None:
        require(ctx.has_role(ctx.caller, "guardian"), Refused)
        self.paused = paused

    @entry
    def withdraw(self, amount: u64) -> None:
        require(not self.paused, Refused)
        require(amount > 0, Refused)
        self.held[ctx.caller] -= amount

    @entry
    def move(self, target: Address, amount: u64) -> None:
        require(amount > 0, Refused)
        self.held[ctx.caller] -= amount
        self.held[target] += amount
