"""Near miss of XL-LINT-15: A duration is a difference of two times."""

from xianglian.contract import Address, ContractError, Map, Time, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Shift:
    begun: Map[Address, Time]
    worked_ms: Map[Address, u64]

    @entry
    def begin(self) -> None:
        require(self.begun[ctx.caller] == 0, Refused)
        self.begun[ctx.caller] = ctx.time_ms

    @entry
    def end(self) -> None:
        begun = self.begun[ctx.caller]
        require(begun > 0, Refused)
        self.worked_ms[ctx.caller] += ctx.time_ms - begun
        self.begun[ctx.caller] = u64(0)

    @view
    def worked(self, account: Address) -> u64:
        return self.worked_ms[account]
