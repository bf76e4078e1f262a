"""XL-LINT-28: Whoever knows the digest deletes the record."""

from xianglian.contract import Address, ContractError, Hash, Map, Time, contract, ctx, entry, record, require


class Exists(ContractError):
    """已存在 / It exists."""


class Unknown(ContractError):
    """不存在 / Unknown."""


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
        require(digest in self.entries, Unknown)
        del self.entries[digest]
