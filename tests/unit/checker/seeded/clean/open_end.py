"""Near miss of XL-LINT-16: An end that may be missing is asked where there is one."""

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
class Contract:
    partner: Address
    until: Time | None
    calls: u32


@contract
class Contracts:
    contracts: Map[Ref, Contract]

    @entry
    def sign(self, ref: Ref, until: Time | None) -> None:
        require(ref not in self.contracts, Exists)
        self.contracts[ref] = Contract(partner=ctx.caller, until=until, calls=0)

    @entry
    def call(self, ref: Ref) -> None:
        known = self.contracts[ref]
        require(ctx.caller == known.partner, Refused)
        if known.until is not None:
            require(ctx.time_ms < known.until, Refused)
        self.contracts[ref] = replace(known, calls=known.calls + 1)
