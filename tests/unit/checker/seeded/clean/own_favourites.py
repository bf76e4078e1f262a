"""Near miss of XL-LINT-12: Everyone fills only his own list."""

from xianglian.contract import Address, Hash, List, Map, contract, ctx, entry, view


@contract
class Favourites:
    marked: Map[Address, List[Hash, 16]]

    @entry
    def mark(self, digest: Hash) -> None:
        self.marked[ctx.caller] += [digest]

    @view
    def of(self, account: Address) -> List[Hash, 16]:
        return self.marked[account]
