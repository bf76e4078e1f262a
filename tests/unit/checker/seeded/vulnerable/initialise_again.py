"""XL-LINT-27: The initialiser takes any caller, any time."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Late:
    owner: Address
    value: u64

    @entry
    def initialise(self) -> None:
        self.owner = ctx.caller

    @entry
    def set(self, value: u64) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.value = value

    @view
    def current(self) -> u64:
        return self.value
