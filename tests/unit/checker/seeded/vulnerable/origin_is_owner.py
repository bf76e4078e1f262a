"""XL-LINT-02: The signer's right is used by whatever contract he calls."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Wallet:
    owner: Address
    limit: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def set_limit(self, limit: u64) -> None:
        require(ctx.origin == self.owner, NotOwner)
        self.limit = limit

    @view
    def current(self) -> u64:
        return self.limit
