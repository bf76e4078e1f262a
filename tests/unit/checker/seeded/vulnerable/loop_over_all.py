"""XL-LINT-13: Each payout walks over all members there ever were."""

from xianglian.contract import Address, Map, contract, ctx, entry, u32, u64, view


@contract
class Members:
    count: u32
    accounts: Map[u32, Address]
    credit: Map[Address, u64]

    @entry
    def join(self) -> None:
        self.accounts[self.count] = ctx.caller
        self.count += 1

    @entry
    def credit_all(self) -> None:
        for number in range(self.count):
            account = self.accounts[u32(number)]
            self.credit[account] += 1

    @view
    def credit_of(self, account: Address) -> u64:
        return self.credit[account]
