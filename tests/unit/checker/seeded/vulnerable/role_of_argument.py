"""XL-LINT-03: The role is looked up for an account that the caller names."""

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    contract,
    ctx,
    entry,
    record,
    require,
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@contract
class Register:
    entries: Map[Hash, u64]

    @entry
    def record(self, registrar: Address, number: Hash) -> None:
        require(ctx.has_role(registrar, "registrar"), Refused)
        require(number not in self.entries, Exists)
        self.entries[number] = ctx.time_ms

    @view
    def recorded_at(self, number: Hash) -> u64:
        return self.entries[number]
