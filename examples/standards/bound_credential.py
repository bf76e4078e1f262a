"""Credentials bound to a holder: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.registry import CredentialRegistry
from xianglian.contract.lib.xrc import XRC_23, Detection


@contract
class BoundCredential(CredentialRegistry, Detection):
    """绑定凭证 / Credentials bound to a holder."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_23

    @ensures
    def issuer_or_registrar_changes(self, old: BoundCredential) -> bool:
        """仅签发方或登记方可变更 / Its issuer, while listed, or the registrar changes a status."""
        return ctx.has_role(ctx.caller, "registrar") or each(
            old.credentials,
            lambda key, found: (
                self.credentials[key].changes == found.changes
                or (found.issuer == ctx.caller and old.issuers[found.kind][ctx.caller] >= ctx.time_ms)
            ),
        )

    @ensures
    def only_the_registrar_lists(self, old: BoundCredential) -> bool:
        """仅登记方可登记签发方 / Only the registrar lists issuers, or moves their end."""
        return ctx.has_role(ctx.caller, "registrar") or each(
            self.issuers, lambda key, until: until == old.issuers[key[0]][key[1]]
        )
