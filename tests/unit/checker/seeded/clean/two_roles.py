"""Near miss of XL-LINT-23: Two roles that differ enough."""

from xianglian.contract import ContractError, Hash, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Docs:
    docs: Map[Hash, u64]

    @entry
    def add(self, digest: Hash) -> None:
        require(ctx.has_role(ctx.caller, "publisher"), Refused)
        require(digest not in self.docs, Exists)
        self.docs[digest] = ctx.time_ms

    @entry
    def remove(self, digest: Hash) -> None:
        require(ctx.has_role(ctx.caller, "archivist"), Refused)
        del self.docs[digest]
