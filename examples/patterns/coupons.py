"""Fungible units that a merchant cannot pass on."""

from __future__ import annotations

from xianglian.contract import Address, contract, ctx, require, u128
from xianglian.contract.lib.ledger import Fungible, NotTransferable


@contract
class Coupons(Fungible):
    """消费券 / Fungible units that a merchant cannot pass on."""

    def _before_move(self, source: Address, target: Address, amount: u128) -> None:
        require(not ctx.has_role(source, "merchant"), NotTransferable)
