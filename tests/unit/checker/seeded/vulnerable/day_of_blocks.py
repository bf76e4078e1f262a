"""XL-LINT-15: A day in milliseconds is added to a height."""

from xianglian.contract import Address, ContractError, Map, Ref, contract, ctx, entry, record, require, u64


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Pledge:
    owner: Address
    free_at: u64


@contract
class Pledges:
    pledges: Map[Ref, Pledge]

    @entry
    def pledge(self, ref: Ref) -> None:
        require(ref not in self.pledges, Exists)
        self.pledges[ref] = Pledge(owner=ctx.caller, free_at=ctx.height + 86_400_000)

    @entry
    def release(self, ref: Ref) -> None:
        pledge = self.pledges[ref]
        require(ctx.caller == pledge.owner and ctx.height >= pledge.free_at, Refused)
        del self.pledges[ref]
