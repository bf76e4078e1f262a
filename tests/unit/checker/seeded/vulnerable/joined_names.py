"""XL-LINT-19: Two texts are hashed without their lengths."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    Public,
    Text,
    contract,
    ctx,
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
        key = sm3(book, chapter)
        require(key not in self.owners, Exists)
        self.owners[key] = ctx.caller

    @view
    def owner_of(self, key: Hash) -> Address:
        return self.owners[key]
