"""XL-LINT-08: Votes for proposals that nobody made."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    Public,
    Text,
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
    text: Public[Text[64]]


@contract
class Votes:
    proposals: Map[u32, Proposal]
    yes: Map[u32, u64]
    voted: Map[tuple[u32, Address], bool]

    @entry
    def propose(self, number: u32, text: Public[Text[64]]) -> None:
        require(number not in self.proposals, Exists)
        self.proposals[number] = Proposal(author=ctx.caller, text=text)

    @entry
    def vote(self, number: u32) -> None:
        require(not self.voted[number, ctx.caller], Refused)
        self.voted[number, ctx.caller] = True
        self.yes[number] += 1

    @view
    def votes(self, number: u32) -> u64:
        return self.yes[number]

    @view
    def text(self, number: u32) -> Public[Text[64]]:
        return self.proposals[number].text
