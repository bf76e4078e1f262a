"""XL-LINT-28: Anyone removes the balance of another."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Savings:
    held: Map[Address, u64]

    @entry
    def save(self, amount: u64) -> None:
        require(amount > 0, Refused)
        self.held[ctx.caller] += amount

    @entry
    def close(self, owner: Address) -> None:
        del self.held[owner]
