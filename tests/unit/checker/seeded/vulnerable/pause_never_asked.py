"""XL-LINT-30: The switch is there and nothing asks it."""

from xianglian.contract import ContractError, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Feed:
    halted: bool
    value: u64

    @entry
    def halt(self, halted: bool) -> None:
        require(ctx.has_role(ctx.caller, "operator"), Refused)
        self.halted = halted

    @entry
    def feed(self, value: u64) -> None:
        require(ctx.has_role(ctx.caller, "source"), Refused)
        self.value = value

    @view
    def current(self) -> u64:
        return self.value

    @view
    def is_halted(self) -> bool:
        return self.halted
