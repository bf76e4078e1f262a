"""Near miss of XL-LINT-27: The flag closes the initialiser."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Late:
    ready: bool
    deployer: Address
    value: u64
    limit: u64

    @init
    def deploy(self) -> None:
        self.deployer = ctx.caller

    @entry
    def initialise(self, limit: u64) -> None:
        require(ctx.caller == self.deployer, NotOwner)
        require(not self.ready, Exists)
        self.ready = True
        self.limit = limit

    @entry
    def set(self, value: u64) -> None:
        require(ctx.caller == self.deployer and self.ready, NotOwner)
        require(value <= self.limit, Refused)
        self.value = value

    @view
    def current(self) -> u64:
        return self.value
