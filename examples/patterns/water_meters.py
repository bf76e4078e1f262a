"""Metered devices of a water works."""

from __future__ import annotations

from xianglian.contract import Ref, contract, u128, view
from xianglian.contract.lib.metering import MeteredDevice


@contract
class WaterMeters(MeteredDevice):
    """智能水表 / Metered devices of a water works."""

    @view
    def bill(self, device: Ref, price: u128) -> u128:
        """水费 / What a device's metered water costs."""
        return self._device(device).metered * price
