"""XL-LINT-04: An auditor passes, and everybody who is no clerk."""

from xianglian.contract import ContractError, Hash, Map, Time, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Archive:
    sealed_until: Time
    files: Map[Hash, u64]

    @entry
    def file(self, digest: Hash) -> None:
        require(ctx.has_role(ctx.caller, "auditor") or not ctx.has_role(ctx.caller, "clerk"), Refused)
        require(ctx.time_ms > self.sealed_until, Refused)
        require(digest not in self.files, Exists)
        self.files[digest] = ctx.time_ms

    @entry
    def seal(self, until: Time) -> None:
        require(ctx.has_role(ctx.caller, "auditor"), Refused)
        self.sealed_until = until

    @view
    def filed_at(self, digest: Hash) -> u64:
        return self.files[digest]
