"""Ownership and roles: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, init
from xianglian.contract.lib.access import Ownable, Roles
from xianglian.contract.lib.xrc import XRC_3, XRC_4, Detection


@contract
class Administration(Ownable, Roles, Detection):
    """所有权与角色 / Ownership and roles."""

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_ownable()
        self._init_roles()

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id in (XRC_3, XRC_4)
