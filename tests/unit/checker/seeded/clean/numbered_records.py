"""Near miss of XL-LINT-07: A counter numbers the records."""

from xianglian.contract import Address, Hash, Map, contract, ctx, entry, record, u32, view


@record
class Note:
    author: Address
    digest: Hash


@contract
class Notes:
    count: Map[Address, u32]
    notes: Map[tuple[Address, u32], Note]

    @entry
    def add(self, to: Address, digest: Hash) -> None:
        number = self.count[to]
        self.count[to] = number + 1
        self.notes[to, number] = Note(author=ctx.caller, digest=digest)

    @view
    def note(self, to: Address, number: u32) -> Note:
        return self.notes[to, number]
