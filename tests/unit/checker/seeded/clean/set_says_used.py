"""Near miss of XL-LINT-07: A set keeps what was used."""

from xianglian.contract import Address, ContractError, Hash, Map, Set, contract, ctx, entry, require, view


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Stamps:
    used: Set[Hash]
    owners: Map[Hash, Address]

    @entry
    def stamp(self, digest: Hash) -> None:
        require(self.used.add(digest), Exists)
        self.owners[digest] = ctx.caller

    @view
    def owner_of(self, digest: Hash) -> Address:
        return self.owners[digest]
