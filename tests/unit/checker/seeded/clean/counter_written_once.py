"""Near miss of XL-LINT-06: The counter is read again by the helper."""

from xianglian.contract import Address, Map, contract, ctx, entry, u64, view


@contract
class Tickets:
    next_number: u64
    holders: Map[u64, Address]

    @entry
    def buy_two(self) -> u64:
        first = self._take()
        self._take()
        return first

    def _take(self) -> u64:
        number = self.next_number
        self.holders[number] = ctx.caller
        self.next_number = number + 1
        return number

    @view
    def holder(self, number: u64) -> Address:
        return self.holders[number]
