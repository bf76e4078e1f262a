"""XL-LINT-15: An hour in seconds is added to milliseconds."""

from xianglian.contract import ContractError, Hash, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Codes:
    valid_until: Map[Hash, u64]

    @entry
    def issue(self, digest: Hash) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.valid_until[digest] = ctx.time_ms + 3600

    @view
    def valid(self, digest: Hash) -> bool:
        return ctx.time_ms < self.valid_until[digest]
