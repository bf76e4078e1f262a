"""Near miss of XL-LINT-06: Another contract is asked; its failure is caught, and state is written after."""

from xianglian.contract import (
    Address,
    CallFailed,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    init,
    interface,
    require,
    u128,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@interface
class Coin:
    @entry
    def transfer(self, target: Address, amount: u128) -> None: ...


@contract
class Payroll:
    coin: Address
    failed: Map[Address, u64]
    paid: Map[Address, u128]

    @init
    def deploy(self) -> None:
        self.coin = ctx.caller

    @entry
    def pay(self, target: Address, amount: u128) -> None:
        require(ctx.has_role(ctx.caller, "treasurer"), Refused)
        require(amount > 0, Refused)
        try:
            Coin(self.coin).transfer(target, amount)
        except CallFailed:
            self.failed[target] += 1
            return
        self.paid[target] += amount

    @view
    def paid_to(self, target: Address) -> u128:
        return self.paid[target]

    @view
    def failures(self, target: Address) -> u64:
        return self.failed[target]
