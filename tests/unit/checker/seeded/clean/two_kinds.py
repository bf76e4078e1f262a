"""Near miss of XL-LINT-05: Two fixed rows are never one."""

from xianglian.contract import ContractError, Map, contract, ctx, entry, require, u64, u8, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Pots:
    pots: Map[u8, u64]

    @entry
    def shift(self, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        require(amount > 0, Refused)
        free = self.pots[u8(0)]
        tied = self.pots[u8(1)]
        self.pots[u8(0)] = free - amount
        self.pots[u8(1)] = tied + amount

    @view
    def pot(self, kind: u8) -> u64:
        return self.pots[kind]
