"""Units of many kinds: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.tokens import SemiFungible
from xianglian.contract.lib.xrc import XRC_22, Detection


@contract
class KindsOfUnits(SemiFungible, Detection):
    """半同质通证 / Units of many kinds."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_22
