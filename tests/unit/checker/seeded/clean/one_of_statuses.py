"""Near miss of XL-LINT-04: Either status is fine."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u8


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Machine:
    operator: Address
    state: u8

    @init
    def deploy(self) -> None:
        self.operator = ctx.caller

    @entry
    def stop(self) -> None:
        require(ctx.caller == self.operator, Refused)
        require(self.state == 1 or self.state == 2, Refused)
        self.state = u8(0)

    @entry
    def start(self, speed: u8) -> None:
        require(ctx.caller == self.operator, Refused)
        require(speed in (1, 2), Refused)
        self.state = speed
