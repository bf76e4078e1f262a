"""Near miss of XL-LINT-11: Multiplied before it is divided."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Dividend:
    pool: u64
    shares: Map[Address, u64]
    paid: Map[Address, u64]

    @entry
    def fund(self, pool: u64) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.pool = pool

    @entry
    def claim(self) -> None:
        require(self.paid[ctx.caller] == 0, Refused)
        self.paid[ctx.caller] = self.pool * self.shares[ctx.caller] // 10_000

    @entry
    def allot(self, target: Address, share: u64) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.shares[target] = share
