"""XL-LINT-03: The caller says in an argument who he is."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Vault:
    owner: Address
    limit: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def set_limit(self, sender: Address, limit: u64) -> None:
        require(sender == self.owner, NotOwner)
        self.limit = limit

    @view
    def current(self) -> u64:
        return self.limit
