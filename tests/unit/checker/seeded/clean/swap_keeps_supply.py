"""Near miss of XL-LINT-10: Two balances change places."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    invariant,
    require,
    total,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Seats:
    sold: u64
    seats: Map[Address, u64]

    @entry
    def sell(self, target: Address, count: u64) -> None:
        require(ctx.has_role(ctx.caller, "box-office"), Refused)
        self.sold += count
        self.seats[target] += count

    @entry
    def swap(self, one: Address, other: Address) -> None:
        require(ctx.has_role(ctx.caller, "box-office"), Refused)
        require(one != other, Refused)
        held = self.seats[one]
        self.seats[one] = self.seats[other]
        self.seats[other] = held

    @invariant
    def adds_up(self) -> bool:
        """总量等于座位之和 / Sold is the sum."""
        return total(self.seats) == self.sold
