"""XL-LINT-29: Each may claim three times; nobody counts."""

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
        self.balances[ctx.caller] += 10

    @entry
    def reset(self, account: Address) -> None:
        require(ctx.has_role(ctx.caller, "keeper"), Refused)
        self.claimed[account] = u32(0)

    @view
    def balance(self, owner: Address) -> u64:
        return self.balances[owner]
