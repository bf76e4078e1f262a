"""XL-LINT-30: A frozen account still lends."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u32


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Library:
    frozen: Map[Address, bool]
    lent: Map[Address, u32]

    @entry
    def freeze(self, account: Address, on: bool) -> None:
        require(ctx.has_role(ctx.caller, "librarian"), Refused)
        self.frozen[account] = on

    @entry
    def lend(self) -> None:
        self.lent[ctx.caller] += 1

    @entry
    def bring_back(self) -> None:
        require(not self.frozen[ctx.caller], Refused)
        self.lent[ctx.caller] -= 1
