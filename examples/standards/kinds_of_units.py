"""Units of many kinds: a reference implementation of its standard interfaces."""

from __future__ import annotations

from xianglian.contract import Hash, contract, ctx, each, ensures
from xianglian.contract.lib.tokens import SemiFungible
from xianglian.contract.lib.xrc import XRC_22, Detection


@contract
class KindsOfUnits(SemiFungible, Detection):
    """半同质通证 / Units of many kinds."""

    def _has_standard(self, interface_id: Hash) -> bool:
        return interface_id == XRC_22

    @ensures
    def only_own_units_go(self, old: KindsOfUnits) -> bool:
        """只转出自己的 / Units of any kind leave an account only by its holder."""
        return each(
            old.kind_balances,
            lambda key, held: key[1] == ctx.caller or self.kind_balances[key[0]][key[1]] >= held,
        )

    @ensures
    def only_the_issuer_makes_units(self, old: KindsOfUnits) -> bool:
        """仅发行人可发行 / Supplies never fall, and grow only by the issuer."""
        return each(
            self.kind_supplies,
            lambda kind, supply: (
                supply == old.kind_supplies[kind]
                or (supply > old.kind_supplies[kind] and ctx.has_role(ctx.caller, "issuer"))
            ),
        )
