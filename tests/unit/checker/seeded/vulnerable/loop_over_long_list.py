"""XL-LINT-13: A thousand entries in one call."""

from xianglian.contract import ContractError, Hash, List, Map, contract, ctx, entry, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Tags:
    tagged: Map[Hash, bool]

    @entry
    def tag(self, items: List[Hash, 1000]) -> None:
        require(ctx.has_role(ctx.caller, "tagger"), Refused)
        for item in items:
            self.tagged[item] = True

    @view
    def is_tagged(self, item: Hash) -> bool:
        return self.tagged[item]
