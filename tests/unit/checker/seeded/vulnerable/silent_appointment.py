"""XL-LINT-21: The operator changes and nobody hears of it."""

from xianglian.contract import (
    Address,
    ContractError,
    contract,
    ctx,
    emit,
    entry,
    event,
    init,
    require,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@event
class Changed:
    """已变更 / Changed."""

    actor: Address


@contract
class Station:
    operator: Address
    load: u64

    @init
    def deploy(self) -> None:
        self.operator = ctx.caller

    @entry
    def report(self, load: u64) -> None:
        require(ctx.caller == self.operator, Refused)
        self.load = load
        emit(Changed(actor=ctx.caller))

    @entry
    def appoint(self, operator: Address) -> None:
        require(ctx.has_role(ctx.caller, "regulator"), Refused)
        self.operator = operator

    @view
    def current(self) -> u64:
        return self.load
