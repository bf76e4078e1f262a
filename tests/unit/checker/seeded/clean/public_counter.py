"""Near miss of XL-LINT-01: Anyone may count: the counter is meant for that."""

from xianglian.contract import Address, Map, contract, ctx, entry, u64, view


@contract
class Visits:
    total: u64
    by_caller: Map[Address, u64]

    @entry
    def visit(self) -> None:
        self.total += 1
        self.by_caller[ctx.caller] += 1

    @view
    def visits(self) -> u64:
        return self.total

    @view
    def visits_of(self, account: Address) -> u64:
        return self.by_caller[account]
