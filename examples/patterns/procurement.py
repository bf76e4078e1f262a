"""Sealed bids, each bidder at most so often a day."""

from __future__ import annotations

from xianglian.contract import contract, ctx, require, sm3, u64
from xianglian.contract.lib.limits import Limits
from xianglian.contract.lib.sealed_bid import NotBidder, SealedBid

DAY_MS = 86_400_000


@contract
class Procurement(SealedBid, Limits):
    """政府采购 / Sealed bids, each bidder at most so often a day."""

    def _may_bid(self, number: u64) -> None:
        require(ctx.has_role(ctx.caller, "bidder"), NotBidder)
        self._take(sm3(b"bid", ctx.caller), u64(1), u64(DAY_MS), u64(5))
