"""Near miss of XL-LINT-07: Overwriting is asked for by get."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Time,
    contract,
    ctx,
    entry,
    record,
    require,
    u32,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


@record
class Lease:
    tenant: Address
    since: Time


@contract
class Leases:
    leases: Map[u32, Lease]

    @entry
    def take(self, flat: u32) -> None:
        known = self.leases.get(flat)
        if known is not None:
            require(known.tenant == ctx.caller, Refused)
        self.leases[flat] = Lease(tenant=ctx.caller, since=ctx.time_ms)

    @view
    def lease(self, flat: u32) -> Lease:
        return self.leases[flat]
