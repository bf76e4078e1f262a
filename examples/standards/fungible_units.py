"""Fungible units: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.ledger import Fungible
from xianglian.contract.lib.xrc import XRC_20, Detection


@contract
class FungibleUnits(Fungible, Detection):
    """同质通证 / Fungible units."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_20

    @ensures
    def units_go_by_right(self, old: FungibleUnits) -> bool:
        """转出须有权 / Units leave an account by its holder, or as much as the holder allowed the caller."""
        return each(
            old.balances,
            lambda holder, held: (
                self.balances[holder] >= held
                or holder == ctx.caller
                or held - self.balances[holder]
                == old.allowances[holder][ctx.caller] - self.allowances[holder][ctx.caller]
            ),
        )

    @ensures
    def only_the_issuer_makes_units(self, old: FungibleUnits) -> bool:
        """仅发行人可发行 / Only the issuer makes units; what is taken out was the caller's."""
        return (
            ctx.has_role(ctx.caller, "issuer")
            if self.supplied > old.supplied
            else old.supplied - self.supplied <= old.balances[ctx.caller]
        )
