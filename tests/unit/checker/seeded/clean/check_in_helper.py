"""Near miss of XL-LINT-01: The right is asked in a helper of a helper."""

from xianglian.contract import Address, ContractError, contract, ctx, entry, init, u64, view


class NotOwner(ContractError):
    """不是所有者 / Not the owner."""


@contract
class Layers:
    owner: Address
    value: u64

    @init
    def deploy(self) -> None:
        self.owner = ctx.caller

    @entry
    def set(self, value: u64) -> None:
        self._must()
        self.value = value

    def _must(self) -> None:
        if not self._is_owner(ctx.caller):
            raise NotOwner

    def _is_owner(self, account: Address) -> bool:
        if account == self.owner:
            return True
        return ctx.has_role(account, "deputy")

    @view
    def current(self) -> u64:
        return self.value
