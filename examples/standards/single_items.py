"""Single items: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.tokens import NonFungible
from xianglian.contract.lib.xrc import XRC_21, Detection


@contract
class SingleItems(NonFungible, Detection):
    """非同质通证 / Single items."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_21
