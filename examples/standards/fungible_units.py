"""Fungible units: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.ledger import Fungible
from xianglian.contract.lib.xrc import XRC_20, Detection


@contract
class FungibleUnits(Fungible, Detection):
    """同质通证 / Fungible units."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_20
