"""Commit and reveal 承诺与公开: a number that nobody knew before the last participant had promised theirs.

Each participant first commits to `commitment(round, account, value)` of 32 random bytes, and reveals the
bytes when the time for commitments is over. The outcome mixes the revealed values in the order of the
commitments, so that it does not matter when or in which order they come. What remains: who reveals last may
rather stay silent, if the outcome is not theirs; so take a deposit, or ask `_all_revealed`, where that is
worth something.
"""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Hash,
    Map,
    component,
    ctx,
    each,
    emit,
    encode,
    entry,
    event,
    invariant,
    record,
    replace,
    require,
    sm3,
    u32,
    u64,
    view,
)

PARTICIPANTS_MAX = 64
"""The most participants of one round: the outcome reads them all."""


@record
class RandomRound:
    """随机数轮次 / A round"""

    commit_until: u64
    reveal_until: u64
    least: u32
    committed: u32
    revealed: u32


@record
class Commitment:
    """承诺 / A commitment"""

    digest: Hash
    number: u32
    revealed: bool


@event
class RandomRoundOpened:
    """随机数轮次已开始 / Round opened"""

    number: u64
    commit_until: u64
    reveal_until: u64


@event
class RandomCommitted:
    """已承诺 / Committed"""

    number: u64
    account: Address


@event
class RandomRevealed:
    """已公开 / Revealed"""

    number: u64
    account: Address


class RoundUnknown(ContractError):
    """轮次不存在 / There is no such round"""


class RoundExists(ContractError):
    """轮次已存在 / There is such a round already"""


class WindowsWrong(ContractError):
    """时段为空或人数不合 / A window is empty, or the participants too few or too many"""


class CommitClosed(ContractError):
    """承诺时段已过 / The time for commitments is over"""

    until: u64


class CommittedAlready(ContractError):
    """已承诺过 / This account has committed"""


class RoundFull(ContractError):
    """人数已满 / No further participant"""


class RevealClosed(ContractError):
    """不在公开时段 / It is not the time to reveal"""

    after: u64
    until: u64


class NotCommitted(ContractError):
    """没有承诺 / This account has not committed"""


class RevealedAlready(ContractError):
    """已公开过 / This account has revealed"""


class OtherCommitment(ContractError):
    """与承诺不符 / The value is not the one that was committed to"""


class OutcomePending(ContractError):
    """结果未定 / The outcome is not settled yet"""

    until: u64


class TooFewRevealed(ContractError):
    """公开人数不足 / Too few have revealed"""

    revealed: u32
    least: u32


def commitment(number: u64, account: Address, value: Hash) -> Hash:
    """What `account` commits to in a round for 32 random bytes; nobody else can use it."""
    return sm3(encode(u64(number)), account, value)


@component
class CommitReveal:
    """承诺与公开 / Commit and reveal

    random_rounds: 轮次 / Rounds
    random_commitments: 承诺 / Commitments
    random_values: 公开的值 / Revealed values
    """

    random_rounds: Map[u64, RandomRound]
    random_commitments: Map[tuple[u64, Address], Commitment]
    random_values: Map[tuple[u64, u32], Hash]

    def _open_round(self, number: u64, commit_blocks: u64, reveal_blocks: u64, least: u32) -> None:
        """Starts a round: so many blocks to commit, then so many to reveal; `least` must reveal."""
        require(number not in self.random_rounds, RoundExists)
        require(
            commit_blocks > 0 and reveal_blocks > 0 and least > 0 and least <= PARTICIPANTS_MAX, WindowsWrong
        )
        until = ctx.height + commit_blocks
        self.random_rounds[number] = RandomRound(
            commit_until=until, reveal_until=until + reveal_blocks, least=least, committed=0, revealed=0
        )
        emit(RandomRoundOpened(number=number, commit_until=until, reveal_until=until + reveal_blocks))

    @entry
    def commit(self, number: u64, digest: Hash) -> None:
        """承诺 / Commit

        number: 轮次 / Round
        digest: 摘要 / Digest of round, account and 32 random bytes
        """
        found = self._round(number)
        require(ctx.height <= found.commit_until, CommitClosed(until=found.commit_until))
        require((number, ctx.caller) not in self.random_commitments, CommittedAlready)
        require(found.committed < PARTICIPANTS_MAX, RoundFull)
        self.random_commitments[number, ctx.caller] = Commitment(
            digest=digest, number=found.committed, revealed=False
        )
        self.random_rounds[number] = replace(found, committed=found.committed + 1)
        emit(RandomCommitted(number=number, account=ctx.caller))

    @entry
    def reveal(self, number: u64, value: Hash) -> None:
        """公开 / Reveal

        number: 轮次 / Round
        value: 随机值 / The 32 random bytes
        """
        found = self._round(number)
        require(
            found.commit_until < ctx.height and ctx.height <= found.reveal_until,
            RevealClosed(after=found.commit_until, until=found.reveal_until),
        )
        own = self.random_commitments.get((number, ctx.caller))
        if own is None:
            raise NotCommitted
        require(not own.revealed, RevealedAlready)
        require(commitment(number, ctx.caller, value) == own.digest, OtherCommitment)
        self.random_commitments[number, ctx.caller] = replace(own, revealed=True)
        self.random_values[number, own.number] = value
        self.random_rounds[number] = replace(found, revealed=found.revealed + 1)
        emit(RandomRevealed(number=number, account=ctx.caller))

    @view
    def random_round(self, number: u64) -> RandomRound:
        """轮次 / A round"""
        return self._round(number)

    @view
    def outcome(self, number: u64) -> Hash:
        """随机数 / The random value, once it cannot change"""
        return self._outcome(number)

    def _outcome(self, number: u64) -> Hash:
        """32 random bytes; `OutcomePending` before they are settled, `TooFewRevealed` if they never are."""
        found = self._round(number)
        complete = ctx.height > found.commit_until and found.revealed == found.committed
        require(complete or ctx.height > found.reveal_until, OutcomePending(until=found.reveal_until))
        require(found.revealed >= found.least, TooFewRevealed(revealed=found.revealed, least=found.least))
        mixed = sm3(b"xianglian commit and reveal", encode(number))
        for i in range(found.committed):
            value = self.random_values.get((number, u32(i)))
            if value is not None:
                mixed = sm3(mixed, encode(u32(i)), value)
        return mixed

    def _all_revealed(self, number: u64) -> bool:
        """Whether nobody who committed stayed silent."""
        found = self._round(number)
        return found.revealed == found.committed

    def _has_revealed(self, number: u64, account: Address) -> bool:
        """Whether an account committed and revealed."""
        own = self.random_commitments.get((number, account))
        return own is not None and own.revealed

    def _round(self, number: u64) -> RandomRound:
        require(number in self.random_rounds, RoundUnknown)
        return self.random_rounds[number]

    @invariant
    def only_what_was_committed_is_revealed(self) -> bool:
        """公开的不多于承诺的 / No more is revealed than was committed"""
        return each(
            self.random_rounds,
            lambda _, found: found.revealed <= found.committed and found.committed <= PARTICIPANTS_MAX,
        )
