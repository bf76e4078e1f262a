"""XL-LINT-23: A role in capitals that nobody holds."""

from xianglian.contract import ContractError, Map, contract, ctx, entry, require, u32, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Flags:
    flags: Map[u32, bool]

    @entry
    def set(self, number: u32, on: bool) -> None:
        require(ctx.has_role(ctx.caller, "Flag Keeper"), Refused)
        self.flags[number] = on

    @view
    def is_set(self, number: u32) -> bool:
        return self.flags[number]
