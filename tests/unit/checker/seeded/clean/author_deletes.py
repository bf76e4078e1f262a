"""Near miss of XL-LINT-28: Only the author deletes."""

from xianglian.contract import Address, ContractError, Hash, Map, Time, contract, ctx, entry, record, require


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Entry:
    author: Address
    at: Time


@contract
class Log:
    entries: Map[Hash, Entry]

    @entry
    def add(self, digest: Hash) -> None:
        require(digest not in self.entries, Exists)
        self.entries[digest] = Entry(author=ctx.caller, at=ctx.time_ms)

    @entry
    def remove(self, digest: Hash) -> None:
        require(self.entries[digest].author == ctx.caller, Refused)
        del self.entries[digest]
