"""Near miss of XL-LINT-21: Each change has its event, also through a helper."""

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
        self._change(target, self.held[target] + amount)

    @entry
    def withdraw(self, amount: u64) -> None:
        require(amount > 0, Refused)
        self._change(ctx.caller, self.held[ctx.caller] - amount)

    def _change(self, account: Address, held: u64) -> None:
        self.held[account] = held
        emit(Changed(actor=account))
