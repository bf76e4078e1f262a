"""Near miss of XL-LINT-16: The end is asked before each use."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Ref,
    Time,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u32,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Permit:
    holder: Address
    valid_to: Time
    used: u32


@contract
class Permits:
    permits: Map[Ref, Permit]

    @entry
    def grant(self, ref: Ref, holder: Address, valid_to: Time) -> None:
        require(ctx.has_role(ctx.caller, "authority"), Refused)
        require(ref not in self.permits, Exists)
        self.permits[ref] = Permit(holder=holder, valid_to=valid_to, used=0)

    @entry
    def use(self, ref: Ref) -> None:
        permit = self.permits[ref]
        require(ctx.caller == permit.holder and ctx.time_ms < permit.valid_to, Refused)
        self.permits[ref] = replace(permit, used=permit.used + 1)
