"""Metered devices of a water works."""

from __future__ import annotations

from xianglian.contract import Ref, contract, ctx, each, ensures, u128, view
from xianglian.contract.lib.metering import MeteredDevice


@contract
class WaterMeters(MeteredDevice):
    """智能水表 / Metered devices of a water works."""

    @view
    def bill(self, device: Ref, price: u128) -> u128:
        """水费 / What a device's metered water costs."""
        return self._device(device).metered * price

    @ensures
    def only_metrology_lists(self, old: WaterMeters) -> bool:
        """仅计量机构可登记 / Devices, their keys and states are set by the metrology office alone."""
        return ctx.has_role(ctx.caller, "metrology") or each(
            self.devices,
            lambda device, found: (
                device in old.devices
                and found.key == old.devices[device].key
                and found.status == old.devices[device].status
            ),
        )
