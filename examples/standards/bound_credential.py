"""Credentials bound to a holder: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract
from xianglian.contract.lib.registry import CredentialRegistry
from xianglian.contract.lib.xrc import XRC_23, Detection


@contract
class BoundCredential(CredentialRegistry, Detection):
    """绑定凭证 / Credentials bound to a holder."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_23
