"""XL-LINT-04: A status differs from one of two, always."""

from xianglian.contract import Address, ContractError, Enum, contract, ctx, entry, init, require, view


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
        require(self.status != Status.PAID or self.status != Status.DONE, Refused)
        self.status = Status.PAID

    @view
    def state_of(self) -> Status:
        return self.status
