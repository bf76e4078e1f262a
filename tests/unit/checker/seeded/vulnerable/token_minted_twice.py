"""XL-LINT-07: A token that exists gets a new owner."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Tokens:
    owners: Map[u64, Address]

    @entry
    def claim(self, token: u64) -> None:
        require(token < 10_000, Refused)
        self.owners[token] = ctx.caller

    @view
    def owner_of(self, token: u64) -> Address:
        return self.owners[token]
