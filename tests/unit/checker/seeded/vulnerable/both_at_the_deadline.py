"""XL-LINT-14: At the deadline one may pay and take back."""

from xianglian.contract import Address, ContractError, Time, contract, ctx, entry, init, require, u8


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Escrow:
    buyer: Address
    deadline: Time
    state: u8

    @init
    def deploy(self) -> None:
        self.buyer = ctx.caller

    @entry
    def fund(self, deadline: Time) -> None:
        require(ctx.caller == self.buyer, Refused)
        self.deadline = deadline
        self.state = u8(1)

    @entry
    def deliver(self) -> None:
        require(self.state == 1 and ctx.time_ms <= self.deadline, Refused)
        require(ctx.has_role(ctx.caller, "carrier"), Refused)
        self.state = u8(2)

    @entry
    def refund(self) -> None:
        require(ctx.caller == self.buyer, Refused)
        require(self.state == 1 and ctx.time_ms >= self.deadline, Refused)
        self.state = u8(3)
