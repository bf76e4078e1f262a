"""Near miss of XL-LINT-24: The salt is a digest of its own."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    contract,
    ctx,
    encode,
    entry,
    record,
    replace,
    require,
    sm3,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Bid:
    digest: Hash
    price: u64


@contract
class Tender:
    bids: Map[Address, Bid]

    @entry
    def bid(self, digest: Hash) -> None:
        require(ctx.caller not in self.bids, Exists)
        self.bids[ctx.caller] = Bid(digest=digest, price=0)

    @entry
    def open(self, price: u64, salt: Hash) -> None:
        bid = self.bids[ctx.caller]
        if sm3(encode(price), salt) != bid.digest:
            raise Refused
        self.bids[ctx.caller] = replace(bid, price=price)
