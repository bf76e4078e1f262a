"""Near miss of XL-LINT-29: Each claim is counted."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u32, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Faucet:
    claimed: Map[Address, u32]
    balances: Map[Address, u64]

    @entry
    def claim(self) -> None:
        require(self.claimed[ctx.caller] < 3, Refused)
        self.claimed[ctx.caller] += 1
        self.balances[ctx.caller] += 10

    @view
    def balance(self, owner: Address) -> u64:
        return self.balances[owner]
