"""Near miss of XL-LINT-19: One text behind parts of fixed length."""

from xianglian.contract import (
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
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Files:
    filed: Map[Hash, u64]

    @entry
    def file(self, folder: Hash, name: Public[Text[64]]) -> None:
        require(ctx.has_role(ctx.caller, "clerk"), Refused)
        self.filed[sm3(b"file", folder, ctx.caller, name)] = ctx.time_ms

    @view
    def filed_at(self, key: Hash) -> u64:
        return self.filed[key]
