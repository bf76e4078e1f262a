"""A regulated asset with its documents: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.tokens import RegulatedAsset
from xianglian.contract.lib.xrc import XRC_20, XRC_24, Detection


@contract
class RegulatedShare(RegulatedAsset, Detection):
    """受监管资产 / A regulated asset with its documents."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id in (XRC_20, XRC_24)
