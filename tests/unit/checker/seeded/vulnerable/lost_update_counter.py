"""XL-LINT-06: The number is read, moved by a helper, and written back."""

from xianglian.contract import Address, ContractError, Map, contract, ctx, entry, require, u64


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Tickets:
    next_number: u64
    holders: Map[u64, Address]

    @entry
    def buy(self) -> u64:
        number = self.next_number
        self._take(number)
        self._take(number + 1)
        self.next_number = number + 1
        return number

    def _take(self, number: u64) -> None:
        require(number not in self.holders, Exists)
        self.holders[number] = ctx.caller
        self.next_number += 1
