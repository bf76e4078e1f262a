"""XL-LINT-10: A balance is wiped out and the supply is not told."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Bonds:
    outstanding: u64
    held: Map[Address, u64]

    @entry
    def place(self, target: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "issuer"), Refused)
        self.held[target] += amount
        self.outstanding += amount

    @entry
    def seize(self, target: Address) -> None:
        require(ctx.has_role(ctx.caller, "court"), Refused)
        self.held[target] = u64(0)

    @view
    def open_amount(self) -> u64:
        return self.outstanding

    @view
    def of(self, target: Address) -> u64:
        return self.held[target]
