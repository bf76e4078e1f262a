"""XL-LINT-09: Nothing can be transferred, with an event."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, emit, entry, event, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@event
class Changed:
    """已变更 / Changed."""

    actor: Address


@contract
class Coupons:
    balances: Map[Address, u64]

    @entry
    def give(self, target: Address, amount: u64) -> None:
        held = self.balances[ctx.caller]
        require(held >= amount, Refused)
        self.balances[ctx.caller] = held - amount
        self.balances[target] += amount
        emit(Changed(actor=ctx.caller))

    @entry
    def issue(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.balances[target] += amount
        emit(Changed(actor=ctx.caller))
