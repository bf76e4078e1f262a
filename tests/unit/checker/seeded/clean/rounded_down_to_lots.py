"""Near miss of XL-LINT-11: Rounding down to whole lots is meant."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


LOT = 100


@contract
class Lots:
    ordered: Map[Address, u64]

    @entry
    def order(self, wanted: u64) -> None:
        require(wanted >= LOT, Refused)
        self.ordered[ctx.caller] = wanted // LOT * LOT

    @view
    def of(self, account: Address) -> u64:
        return self.ordered[account]
