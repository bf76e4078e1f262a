"""Credentials of an office whose registrars are roles of the contract itself."""

from __future__ import annotations

from xianglian.contract import contract, init
from xianglian.contract.lib.access import Roles
from xianglian.contract.lib.registry import CredentialRegistry


@contract
class LicenceOffice(CredentialRegistry, Roles):
    """证照机关 / Credentials of an office whose registrars are roles of the contract itself."""

    @init
    def start(self) -> None:
        """部署 / Deploy."""
        self._init_roles()

    def _may_register(self) -> None:
        self._only_role("registrar")
