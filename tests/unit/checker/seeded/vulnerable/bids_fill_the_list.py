"""XL-LINT-12: The list of bids can be filled with worthless ones."""

from xianglian.contract import ContractError, List, Map, contract, entry, require, u32, u64, view


class Refused(ContractError):
    """拒绝 / Refused."""


@contract
class Auction:
    bids: Map[u32, List[u64, 8]]

    @entry
    def bid(self, lot: u32, price: u64) -> None:
        require(price > 0, Refused)
        self.bids[lot] += [price]

    @view
    def count(self, lot: u32) -> u32:
        return u32(len(self.bids[lot]))
