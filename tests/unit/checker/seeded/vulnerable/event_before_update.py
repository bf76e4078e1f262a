"""XL-LINT-22: The event tells the balance before the change as the balance."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, emit, entry, event, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@event
class BalanceIs:
    owner: Address
    balance: u64


@contract
class Stock:
    balances: Map[Address, u64]

    @entry
    def add(self, owner: Address, amount: u64) -> None:
        require(ctx.has_role(ctx.caller, "keeper"), Refused)
        held = self.balances[owner]
        self.balances[owner] = held + amount
        emit(BalanceIs(owner=owner, balance=held))
