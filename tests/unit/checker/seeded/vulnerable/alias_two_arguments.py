"""XL-LINT-05: Quota moves between two meters that may be one."""

from xianglian.contract import ContractError, Map, contract, ctx, entry, require, u32, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Quota:
    quota: Map[u32, u64]

    @entry
    def shift(self, source: u32, target: u32, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "dispatcher"), Refused)
        require(amount > 0, Refused)
        there = self.quota[target]
        self.quota[source] -= amount
        self.quota[target] = there + amount

    @view
    def left(self, meter: u32) -> u64:
        return self.quota[meter]
