"""Evidence, single, in batches and with versions: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.evidence import Evidence
from xianglian.contract.lib.xrc import XRC_30, XRC_31, XRC_32, Detection


@contract
class EvidenceStore(Evidence, Detection):
    """存证 / Evidence, single, in batches and with versions."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id in (XRC_30, XRC_31, XRC_32)
