"""Near miss of XL-LINT-30: The switch is in the record and is asked."""

from xianglian.contract import (
    Address,
    ContractError,
    Map,
    contract,
    ctx,
    entry,
    record,
    replace,
    require,
    u32,
    u64,
)


class Refused(ContractError):
    """拒绝 / Refused."""


class Exists(ContractError):
    """已存在 / It exists."""


@record
class Poll:
    author: Address
    closed: bool
    yes: u64


@contract
class Polls:
    polls: Map[u32, Poll]
    voted: Map[tuple[u32, Address], bool]

    @entry
    def open(self, number: u32) -> None:
        require(number not in self.polls, Exists)
        self.polls[number] = Poll(author=ctx.caller, closed=False, yes=0)

    @entry
    def vote(self, number: u32) -> None:
        poll = self.polls[number]
        require(not poll.closed and not self.voted[number, ctx.caller], Refused)
        self.voted[number, ctx.caller] = True
        self.polls[number] = replace(poll, yes=poll.yes + 1)

    @entry
    def close(self, number: u32) -> None:
        poll = self.polls[number]
        require(ctx.caller == poll.author, Refused)
        self.polls[number] = replace(poll, closed=True)
