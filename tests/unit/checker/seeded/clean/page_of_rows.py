"""Near miss of XL-LINT-13: A page of at most ten rows."""

from xianglian.contract import Hash, List, Map, contract, entry, u32, view


PAGE = 10


@contract
class Rows:
    count: u32
    rows: Map[u32, Hash]

    @entry
    def add(self, digest: Hash) -> None:
        self.rows[self.count] = digest
        self.count += 1

    @view
    def page(self, first: u32) -> List[Hash, PAGE]:
        found = List[Hash, PAGE]()
        for number in range(first, min(self.count, first + PAGE)):
            found = found + [self.rows[number]]
        return found
