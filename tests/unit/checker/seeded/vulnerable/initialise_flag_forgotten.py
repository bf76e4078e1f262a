"""XL-LINT-27: The flag that should close the initialiser is never set."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Late:
    ready: bool
    owner: Address
    value: u64

    @init
    def deploy(self) -> None:
        self.ready = False

    @entry
    def initialise(self) -> None:
        require(not self.ready, Exists)
        self.owner = ctx.caller

    @entry
    def set(self, value: u64) -> None:
        require(ctx.caller == self.owner, NotOwner)
        self.value = value

    @view
    def current(self) -> u64:
        return self.value
