"""Sealed bid 密封投标: offers nobody can read or change before the time for opening them has come."""

from __future__ import annotations

from xianglian.contract import (
    Address,
    ContractError,
    Enum,
    Hash,
    Map,
    Ref,
    Time,
    component,
    ctx,
    each,
    emit,
    encode,
    entry,
    event,
    invariant,
    overridable,
    record,
    replace,
    require,
    sm3,
    u32,
    u64,
    u128,
    view,
)


class Rule(Enum):
    """评定规则 / Who wins"""

    LOWEST = 0, "最低价 / The lowest"
    HIGHEST = 1, "最高价 / The highest"


class TenderStatus(Enum):
    """招标状态 / State of a tender"""

    OPEN = 0, "进行中 / Open"
    AWARDED = 1, "已定标 / Awarded"
    FAILED = 2, "流标 / No award"
    CANCELLED = 3, "已终止 / Cancelled"


@record
class Tender:
    """招标 / A tender"""

    caller: Address
    subject: Ref
    rule: Rule
    limit: u128
    bids_until: Time
    open_until: Time
    least_bids: u32
    bids: u32
    opened: u32
    best: u128
    best_number: u32
    winner: Address | None
    status: TenderStatus


@record
class Bid:
    """投标 / A bid"""

    commitment: Hash
    number: u32
    amount: u128 | None


@event
class TenderCalled:
    """已发布招标 / Tender called"""

    number: u64
    subject: Ref
    bids_until: Time
    open_until: Time


@event
class BidSealed:
    """已投标 / Bid handed in"""

    number: u64
    bidder: Address
    commitment: Hash


@event
class BidOpened:
    """已开标 / Bid opened"""

    number: u64
    bidder: Address
    amount: u128


@event
class TenderEnded:
    """招标已结束 / Tender ended"""

    number: u64
    status: TenderStatus
    winner: Address | None
    amount: u128


class NotTenderer(ContractError):
    """无权招标或终止 / The caller may not call, or end, this tender."""


class NotBidder(ContractError):
    """无权投标 / The caller may not bid here."""


class NoSuchTender(ContractError):
    """没有该招标 / There is no such tender."""


class WrongTime(ContractError):
    """不在规定时间内 / Not at this time."""

    bids_until: Time
    open_until: Time


class TenderClosed(ContractError):
    """招标已结束 / The tender has ended."""


class NoBid(ContractError):
    """没有该投标，或已开标 / The caller has no sealed bid here."""


class WrongOpening(ContractError):
    """与密封内容不符 / Amount and salt are not those of the sealed bid, or it is beyond the limit."""


MINUTE_MS = 60_000


@component
class SealedBid:
    """密封投标 / Tenders by commit and reveal.

    Keeps: bids are handed in and replaced when block time <= `bids_until`, opened when it is later and <=
    `open_until`, awarded after that, once; a commitment names this contract, the tender and the bidder,
    so that nobody can hand in another's; the award is the best of the bids that were opened in time
    within the limit, among equal ones the one handed in first (a replaced bid goes to the end); with
    fewer than `least_bids` opened there is none. A bidder who does not open the bid cannot win: sanctions
    against that are the contract's own.
    """

    tenders: Map[u64, Tender]
    bids: Map[u64, Map[Address, Bid]]
    tender_count: u64

    @overridable
    def _may_call(self) -> None:
        require(ctx.has_role(ctx.caller, "tenderer"), NotTenderer)

    @overridable
    def _may_bid(self, number: u64) -> None:
        require(ctx.has_role(ctx.caller, "bidder"), NotBidder)

    def _tender(self, number: u64) -> Tender:
        tender = self.tenders.get(number)
        if tender is None:
            raise NoSuchTender
        return tender

    def _running(self, number: u64) -> Tender:
        tender = self._tender(number)
        require(tender.status == TenderStatus.OPEN, TenderClosed)
        return tender

    @entry
    def call_for_bids(
        self, subject: Ref, rule: Rule, limit: u128, bids_until: Time, open_until: Time, least_bids: u32
    ) -> u64:
        """招标 / Call a tender; yields its number.

        subject: 标的摘要 / Digest of the documents
        rule: 评定规则 / Who wins
        limit: 最高限价或底价 / The most (lowest wins) or the least (highest wins) that is accepted
        bids_until: 投标截止 / Bids until
        open_until: 开标截止 / Opened until
        least_bids: 最少有效投标数 / The least opened bids for an award
        """
        self._may_call()
        right = ctx.time_ms < bids_until and bids_until + MINUTE_MS <= open_until
        require(right, WrongTime(bids_until=bids_until, open_until=open_until))
        self.tender_count += 1
        number = self.tender_count
        self.tenders[number] = Tender(
            caller=ctx.caller,
            subject=subject,
            rule=rule,
            limit=limit,
            bids_until=bids_until,
            open_until=open_until,
            least_bids=max(least_bids, u32(1)),
            bids=0,
            opened=0,
            best=0,
            best_number=0,
            winner=None,
            status=TenderStatus.OPEN,
        )
        emit(TenderCalled(number=number, subject=subject, bids_until=bids_until, open_until=open_until))
        return number

    @entry
    def seal(self, number: u64, commitment: Hash) -> None:
        """投标 / Hand in a sealed bid, or replace it.

        number: 招标编号 / The tender
        commitment: 密封摘要 / Digest of the bid, see `commitment_of`
        """
        self._may_bid(number)
        tender = self._running(number)
        require(
            ctx.time_ms <= tender.bids_until,
            WrongTime(bids_until=tender.bids_until, open_until=tender.open_until),
        )
        require(ctx.caller != tender.caller, NotBidder)
        self.tenders[number] = replace(tender, bids=tender.bids + 1)
        self.bids[number][ctx.caller] = Bid(commitment=commitment, number=tender.bids + 1, amount=None)
        emit(BidSealed(number=number, bidder=ctx.caller, commitment=commitment))

    @entry
    def open_bid(self, number: u64, amount: u128, salt: Hash) -> bool:
        """开标 / Open one's bid; yields whether it leads now.

        number: 招标编号 / The tender
        amount: 报价 / Amount
        salt: 随机数 / The salt it was sealed with
        """
        tender = self._running(number)
        require(
            tender.bids_until < ctx.time_ms and ctx.time_ms <= tender.open_until,
            WrongTime(bids_until=tender.bids_until, open_until=tender.open_until),
        )
        bid = self.bids[number].get(ctx.caller)
        if bid is None:
            raise NoBid
        require(bid.amount is None, NoBid)
        require(bid.commitment == self.commitment_of(number, ctx.caller, amount, salt), WrongOpening)
        lowest = tender.rule == Rule.LOWEST
        require(amount <= tender.limit if lowest else amount >= tender.limit, WrongOpening)
        self.bids[number][ctx.caller] = replace(bid, amount=amount)
        leads = tender.winner is None or (amount < tender.best if lowest else amount > tender.best)
        if amount == tender.best and bid.number < tender.best_number:
            leads = True
        changed = replace(tender, opened=tender.opened + 1)
        if leads:
            changed = replace(changed, best=amount, best_number=bid.number, winner=ctx.caller)
        self.tenders[number] = changed
        emit(BidOpened(number=number, bidder=ctx.caller, amount=amount))
        return leads

    @entry
    def award(self, number: u64) -> Address | None:
        """定标 / End a tender after its opening time; anyone may.

        number: 招标编号 / The tender
        """
        tender = self._running(number)
        require(
            ctx.time_ms > tender.open_until,
            WrongTime(bids_until=tender.bids_until, open_until=tender.open_until),
        )
        enough = tender.opened >= tender.least_bids
        status = TenderStatus.AWARDED if enough else TenderStatus.FAILED
        winner: Address | None = None
        if enough:
            winner = tender.winner
        self.tenders[number] = replace(tender, status=status, winner=winner)
        emit(TenderEnded(number=number, status=status, winner=winner, amount=tender.best))
        return winner

    @entry
    def cancel_tender(self, number: u64) -> None:
        """终止招标 / Cancel, before the first bid is opened.

        number: 招标编号 / The tender
        """
        tender = self._running(number)
        require(tender.caller == ctx.caller, NotTenderer)
        require(
            ctx.time_ms <= tender.bids_until,
            WrongTime(bids_until=tender.bids_until, open_until=tender.open_until),
        )
        self.tenders[number] = replace(tender, status=TenderStatus.CANCELLED)
        emit(TenderEnded(number=number, status=TenderStatus.CANCELLED, winner=None, amount=0))

    @view
    def commitment_of(self, number: u64, bidder: Address, amount: u128, salt: Hash) -> Hash:
        """密封摘要 / What to hand in. Compute it on one's own machine: who asks a node shows it the bid."""
        return sm3(b"xl-sealed-bid", ctx.self_address, encode(number), bidder, encode(amount), salt)

    @view
    def tender(self, number: u64) -> Tender:
        """招标 / A tender."""
        return self._tender(number)

    @view
    def bid(self, number: u64, bidder: Address) -> Bid:
        """投标 / A bid."""
        return self.bids[number][bidder]

    @invariant
    def the_best_opened_bid_leads(self) -> bool:
        """领先者报价最优 / No opened bid is better than the best, which is within the limit."""
        return each(
            self.bids,
            lambda key, bid: (
                key[0] <= self.tender_count
                and (
                    bid.amount is None
                    or (
                        self.tenders[key[0]].best <= bid.amount and bid.amount <= self.tenders[key[0]].limit
                        if self.tenders[key[0]].rule == Rule.LOWEST
                        else self.tenders[key[0]].best >= bid.amount
                        and bid.amount >= self.tenders[key[0]].limit
                    )
                )
            ),
        )

    @invariant
    def only_enough_bids_award(self) -> bool:
        """有效投标不足不定标 / An award has a winner and enough opened bids."""
        return each(
            self.tenders,
            lambda number, t: (
                number <= self.tender_count
                and t.opened <= t.bids
                and t.least_bids >= 1
                and (t.opened == 0 or t.status == TenderStatus.FAILED or t.winner is not None)
                and (t.status != TenderStatus.AWARDED or (t.winner is not None and t.opened >= t.least_bids))
            ),
        )
