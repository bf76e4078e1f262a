"""Custody of vaccines: a lot that got too warm cannot change hands."""

from __future__ import annotations

from xianglian.contract import Map, Ref, contract, ctx, emit, entry, event, i64, require, view
from xianglian.contract.lib.custody import Custody, NotHolder


@event
class Warmer:
    """温度新高 / A lot was warmer than ever before"""

    key: Ref
    tenth_degrees: i64


@contract
class ColdChain(Custody):
    """冷链溯源 / Custody of vaccines: a lot that got too warm cannot change hands."""

    warmest: Map[Ref, i64]

    @entry
    def note_temperature(self, key: Ref, tenth_degrees: i64) -> None:
        """记录温度 / Note a temperature of a lot that one holds.

        key: 批次 / The lot
        tenth_degrees: 温度，十分之一摄氏度 / Tenths of a degree Celsius
        """
        require(self._lot(key).holder == ctx.caller, NotHolder)
        if key not in self.warmest or tenth_degrees > self.warmest[key]:
            self.warmest[key] = tenth_degrees
            emit(Warmer(key=key, tenth_degrees=tenth_degrees))

    @view
    def stayed_cold(self, key: Ref) -> bool:
        """是否全程冷链 / Whether a lot never was above eight degrees."""
        return self.warmest[key] <= 80
