"""XL-LINT-19: Two byte strings are joined, then hashed."""

from xianglian.contract import (
    Bytes,
    ContractError,
    Hash,
    Map,
    Public,
    contract,
    ctx,
    entry,
    require,
    sm3,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Files:
    filed: Map[Hash, u64]

    @entry
    def file(self, folder: Public[Bytes[64]], name: Public[Bytes[64]]) -> None:
        require(ctx.has_role(ctx.caller, "clerk"), Refused)
        self.filed[sm3(b"file", folder + name)] = ctx.time_ms

    @view
    def filed_at(self, key: Hash) -> u64:
        return self.filed[key]
