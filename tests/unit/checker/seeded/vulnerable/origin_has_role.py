"""XL-LINT-02: A role of the signer instead of the caller."""

from xianglian.contract import ContractError, Map, contract, ctx, entry, u32, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Switchboard:
    lines: Map[u32, bool]

    @entry
    def switch(self, line: u32, on: bool) -> None:
        if not ctx.has_role(ctx.origin, "operator"):
            raise Refused
        self.lines[line] = on

    @view
    def is_on(self, line: u32) -> bool:
        return self.lines[line]
