"""Near miss of XL-LINT-31: The list of the banned is read by another entry."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Club:
    banned: Map[Address, bool]
    visits: Map[Address, u64]

    @entry
    def ban(self, account: Address) -> None:
        require(ctx.has_role(ctx.caller, "doorman"), Refused)
        self.banned[account] = True

    @entry
    def visit(self) -> None:
        require(not self.banned[ctx.caller], Refused)
        self.visits[ctx.caller] += 1
