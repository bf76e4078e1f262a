"""Near miss of XL-LINT-04: Neither status: the and is right."""

from xianglian.contract import Address, ContractError, Enum, contract, ctx, entry, init, require


class Refused(ContractError):
    """拒绝 / Refused."""


class Status(Enum):
    """状态 / Status."""

    NEW = 0, "新 / New"
    PAID = 1, "已付 / Paid"
    DONE = 2, "完成 / Done"


@contract
class Order:
    buyer: Address
    status: Status

    @init
    def deploy(self) -> None:
        self.buyer = ctx.caller
        self.status = Status.NEW

    @entry
    def pay(self) -> None:
        require(ctx.caller == self.buyer, Refused)
        require(self.status != Status.PAID and self.status != Status.DONE, Refused)
        self.status = Status.PAID

    @entry
    def finish(self) -> None:
        if ctx.caller != self.buyer and not ctx.has_role(ctx.caller, "carrier"):
            raise Refused
        require(self.status == Status.PAID, Refused)
        self.status = Status.DONE
