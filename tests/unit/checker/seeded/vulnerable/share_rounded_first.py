"""XL-LINT-11: A share is rounded before it is multiplied."""

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
        self.paid[ctx.caller] = self.pool // 10_000 * self.shares[ctx.caller]

    @entry
    def allot(self, target: Address, share: u64) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        self.shares[target] = share
