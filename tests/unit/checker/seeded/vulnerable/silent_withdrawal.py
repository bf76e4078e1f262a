"""XL-LINT-21: Deposits are told, withdrawals are not."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, emit, entry, event, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@event
class Changed:
    """已变更 / Changed."""

    actor: Address


@contract
class Deposits:
    held: Map[Address, u64]

    @entry
    def deposit(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "bank"), Refused)
        self.held[target] += amount
        emit(Changed(actor=ctx.caller))

    @entry
    def withdraw(self, amount: u64) -> None:
        require(amount > 0, Refused)
        self.held[ctx.caller] -= amount
