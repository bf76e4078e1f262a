"""Evidence, single, in batches and with versions: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.evidence import Evidence
from xianglian.contract.lib.xrc import XRC_30, XRC_31, XRC_32, Detection


@contract
class EvidenceStore(Evidence, Detection):
    """存证 / Evidence, single, in batches and with versions."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id in (XRC_30, XRC_31, XRC_32)

    @ensures
    def only_the_evidence_role_keeps(self, old: EvidenceStore) -> bool:
        """仅存证角色可操作 / Evidence is kept, updated and withdrawn by accounts with the role alone."""
        return ctx.has_role(ctx.caller, "evidence") or (
            each(
                self.items,
                lambda key, item: (
                    key in old.items
                    and old.items[key].versions == item.versions
                    and (old.items[key].withdrawn is None) == (item.withdrawn is None)
                ),
            )
            and each(self.batches, lambda number, _batch: number in old.batches)
        )
