"""XL-LINT-13: The caller says how many rounds touch state."""

from xianglian.contract import ContractError, Map, contract, ctx, entry, require, u32, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Batch:
    done: Map[u32, bool]

    @entry
    def finish(self, count: u32) -> None:
        require(ctx.has_role(ctx.caller, "worker"), Refused)
        for number in range(count):
            self.done[u32(number)] = True

    @view
    def is_done(self, number: u32) -> bool:
        return self.done[number]
