"""Near miss of XL-LINT-13: A comprehension over a short list of arguments."""

from xianglian.contract import ContractError, Hash, List, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Prices:
    known: Map[Hash, u64]
    best: u64

    @entry
    def note(self, items: List[Hash, 8]) -> None:
        require(ctx.has_role(ctx.caller, "clerk"), Refused)
        prices = [self.known[item] for item in items]
        for price in prices:
            if price > self.best:
                self.best = price

    @entry
    def set(self, item: Hash, price: u64) -> None:
        require(ctx.has_role(ctx.caller, "clerk"), Refused)
        self.known[item] = price

    @view
    def highest(self) -> u64:
        return self.best
