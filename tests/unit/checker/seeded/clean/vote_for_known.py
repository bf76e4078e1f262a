"""Near miss of XL-LINT-08: The proposal must exist."""

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
    u64,
    view,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Proposal:
    author: Address
    ends: Time


@contract
class Votes:
    proposals: Map[u32, Proposal]
    yes: Map[u32, u64]
    voted: Map[tuple[u32, Address], bool]

    @entry
    def propose(self, number: u32, ends: Time) -> None:
        require(number not in self.proposals, Exists)
        self.proposals[number] = Proposal(author=ctx.caller, ends=ends)

    @entry
    def vote(self, number: u32) -> None:
        proposal = self.proposals[number]
        require(ctx.time_ms < proposal.ends, Refused)
        require(not self.voted[number, ctx.caller], Refused)
        self.voted[number, ctx.caller] = True
        self.yes[number] += 1

    @view
    def votes(self, number: u32) -> u64:
        return self.yes[number]
