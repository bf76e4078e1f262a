"""A regulated asset with its documents: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.tokens import RegulatedAsset
from xianglian.contract.lib.xrc import XRC_20, XRC_24, Detection


@contract
class RegulatedShare(RegulatedAsset, Detection):
    """受监管资产 / A regulated asset with its documents."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id in (XRC_20, XRC_24)

    @ensures
    def units_go_by_right(self, old: RegulatedShare) -> bool:
        """转出须有权 / Units leave by their holder, the supervisor, or as the holder allowed."""
        return each(
            old.balances,
            lambda holder, held: (
                self.balances[holder] >= held
                or holder == ctx.caller
                or ctx.has_role(ctx.caller, "supervisor")
                or held - self.balances[holder]
                == old.allowances[holder][ctx.caller] - self.allowances[holder][ctx.caller]
            ),
        )

    @ensures
    def only_the_issuer_makes_units(self, old: RegulatedShare) -> bool:
        """仅发行人可发行 / Only the issuer makes units; what is taken out was the caller's."""
        return (
            ctx.has_role(ctx.caller, "issuer")
            if self.supplied > old.supplied
            else old.supplied - self.supplied <= old.balances[ctx.caller]
        )

    @ensures
    def frozen_units_stand_still(self, old: RegulatedShare) -> bool:
        """冻结后不动 / What a frozen account holds changes by the supervisor, or grows by the issuer."""
        return each(
            old.frozen,
            lambda holder, on: (
                not on
                or self.balances[holder] == old.balances[holder]
                or ctx.has_role(ctx.caller, "supervisor")
                or (ctx.has_role(ctx.caller, "issuer") and self.balances[holder] > old.balances[holder])
            ),
        )

    @ensures
    def only_the_supervisor_freezes(self, old: RegulatedShare) -> bool:
        """仅监管方可冻结 / Only the supervisor freezes an account or ends that."""
        return ctx.has_role(ctx.caller, "supervisor") or (
            each(self.frozen, lambda holder, on: on == old.frozen[holder])
            and each(old.frozen, lambda holder, on: on == self.frozen[holder])
        )

    @ensures
    def only_the_supervisor_files(self, old: RegulatedShare) -> bool:
        """仅监管方可登记文件 / Only the supervisor sets or replaces a document."""
        return ctx.has_role(ctx.caller, "supervisor") or each(
            self.documents, lambda name, digest: name in old.documents and old.documents[name] == digest
        )
