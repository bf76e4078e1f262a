"""XL-LINT-03: The holder of a record is compared with an argument."""

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
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Deed:
    holder: Address
    until: Time


@contract
class Deeds:
    deeds: Map[Ref, Deed]

    @entry
    def register(self, ref: Ref, until: Time) -> None:
        require(ref not in self.deeds, Exists)
        self.deeds[ref] = Deed(holder=ctx.caller, until=until)

    @entry
    def prolong(self, ref: Ref, holder: Address, until: Time) -> None:
        deed = self.deeds[ref]
        require(deed.holder == holder, Refused)
        self.deeds[ref] = replace(deed, until=until)

    @view
    def valid(self, ref: Ref) -> bool:
        return ctx.time_ms < self.deeds[ref].until
