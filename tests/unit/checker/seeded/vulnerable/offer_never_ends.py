"""XL-LINT-16: An offer with a deadline stays open for ever."""

from xianglian.contract import Address, ContractError, Time, contract, ctx, entry, init, require, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Offer:
    seller: Address
    deadline: Time
    buyer: Address | None

    @init
    def deploy(self) -> None:
        self.seller = ctx.caller

    @entry
    def open(self, deadline: Time) -> None:
        require(ctx.caller == self.seller, Refused)
        self.deadline = deadline

    @entry
    def accept(self) -> None:
        require(self.buyer is None, Refused)
        self.buyer = ctx.caller

    @view
    def deadline_of(self) -> Time:
        return self.deadline
