"""Near miss of XL-LINT-19: Each text brings its length."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    Public,
    Text,
    contract,
    ctx,
    encode,
    entry,
    require,
    sm3,
    view,
)


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Titles:
    owners: Map[Hash, Address]

    @entry
    def claim(self, book: Public[Text[32]], chapter: Public[Text[32]]) -> None:
        key = sm3(encode(book), encode(chapter))
        require(key not in self.owners, Exists)
        self.owners[key] = ctx.caller

    @view
    def owner_of(self, key: Hash) -> Address:
        return self.owners[key]
