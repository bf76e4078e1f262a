"""Each pattern's story, its refusals and its boundary times; twice: plain Python and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xianglian import _core
from xianglian.contract import codec, spec
from xianglian.contract.lib.approval_cases import CaseStatus, Decision, Office
from xianglian.contract.lib.custody import LotStatus, Part
from xianglian.contract.lib.metering import DeviceStatus
from xianglian.contract.lib.receivable import Offer
from xianglian.contract.lib.registry import CredentialStatus, Standing
from xianglian.contract.lib.sealed_bid import Rule
from xianglian.contract.merkle import MerkleTree
from xianglian.contract.values import Hash, Ref, u64, u128

Refs = Callable[[int], Ref]
Digests = Callable[[int], Hash]


def test_evidence(story: Any, refs: Refs, digests: Digests) -> None:
    ann, bob, cid = (story.account(name) for name in ("ann", "bob", "cid"))
    desk = story.deploy("evidence_desk", ann)
    for clerk in (bob, cid):
        desk.set_clerk(clerk, True, by=ann)
    with story.refused("NotKeeper"):
        desk.keep(refs(1), refs(10), "contract", by=ann)
    desk.keep(refs(1), refs(10), "contract", by=bob)
    with story.refused("EvidenceExists"):
        desk.keep(refs(1), refs(11), "contract", by=cid)
    with story.refused("NotKeeper"):
        desk.update(refs(1), 1, refs(11), by=cid)
    with story.refused("NotLatest"):
        desk.update(refs(1), 2, refs(11), by=bob)
    assert desk.update(refs(1), 1, refs(11), by=bob) == 2
    with story.refused("NotLatest"):
        desk.update(refs(1), 1, refs(12), by=bob)
    with story.refused("NoEvidence"):
        desk.update(refs(9), 1, refs(12), by=bob)
    assert [desk.is_current(refs(1), refs(n)) for n in (10, 11, 12)] == [False, True, False]
    assert desk.version(refs(1), 1).digest == refs(10)
    assert desk.version(refs(1), 2).link != desk.version(refs(1), 1).link
    desk.withdraw(refs(1), "superseded", by=bob)
    assert desk.is_current(refs(1), refs(11)) is False
    with story.refused("IsWithdrawn"):
        desk.update(refs(1), 2, refs(12), by=bob)
    desk.set_clerk(bob, False, by=ann)
    with story.refused("NotKeeper"):
        desk.keep(refs(2), refs(10), "contract", by=bob)

    tree = MerkleTree([b"file %d" % n for n in range(11)])
    number = desk.keep_batch(tree.root, 11, "archive", by=cid)
    with story.refused("EvidenceExists"):
        desk.keep_batch(tree.root, 11, "archive", by=cid)
    with story.refused("NoEvidence"):
        desk.keep_batch(digests(1), 0, "archive", by=cid)
    assert desk.is_in(number, tree.leaf(10), 10, tree.path(10)) is True
    assert desk.is_in(number, tree.leaf(10), 9, tree.path(10)) is False
    assert desk.is_in(number + 1, tree.leaf(10), 10, tree.path(10)) is False
    story.holds()


def test_custody(story: Any, refs: Refs) -> None:
    maker, shop = story.account("maker", "maker"), story.account("shop")
    inspector = story.account("inspector", "inspector")
    chain = story.deploy("cold_chain", maker)
    with story.refused("NotHolder"):
        chain.make(refs(1), refs(50), 100, by=shop)
    with story.refused("WrongAmount"):
        chain.make(refs(1), refs(50), 0, by=maker)
    chain.make(refs(1), refs(50), 100, by=maker)
    with story.refused("LotExists"):
        chain.make(refs(1), refs(50), 100, by=maker)
    end = story.now + 10
    with story.refused("NotHolder"):
        chain.hand_over(refs(1), b"\x09" * 20, end, by=maker)
    with story.refused("HandOverEnded"):
        chain.hand_over(refs(1), shop, story.chain.time_ms, by=maker)
    chain.hand_over(refs(1), shop, end, by=maker)
    with story.refused("WrongLotStatus"):
        chain.use_up(refs(1), by=maker)
    with story.refused("NotHolder"):
        chain.accept(refs(1), by=maker)
    story.chain.time_ms = end
    with story.refused("HandOverEnded"):
        chain.accept(refs(1), by=shop)
    chain.call_off(refs(1), by=shop)
    end = story.now + 10
    chain.hand_over(refs(1), shop, end, by=maker)
    story.chain.time_ms = end - 1
    chain.accept(refs(1), by=shop)
    with story.refused("NotHolder"):
        chain.use_up(refs(1), by=maker)

    parts = [Part(key=refs(n), amount=u128(amount)) for n, amount in ((2, 30), (3, 70))]
    with story.refused("WrongAmount"):
        chain.split(refs(1), parts[:1], by=shop)
    with story.refused("WrongAmount"):
        chain.split(refs(1), [*parts, Part(key=refs(4), amount=u128(1))], by=shop)
    with story.refused("LotExists"):
        chain.split(refs(1), [parts[0], Part(key=refs(2), amount=u128(70))], by=shop)
    chain.split(refs(1), parts, by=shop)
    with story.refused("WrongLotStatus"):
        chain.split(refs(1), parts, by=shop)
    chain.make(refs(5), refs(50), 5, by=maker)
    chain.make(refs(6), refs(51), 5, by=maker)
    chain.hand_over(refs(5), shop, story.now + 99, by=maker)
    chain.accept(refs(5), by=shop)
    with story.refused("WrongLotStatus"):
        chain.merge([refs(2), refs(2)], refs(7), by=shop)
    with story.refused("NotHolder"):
        chain.merge([refs(2), refs(6)], refs(7), by=shop)
    with story.refused("WrongAmount"):
        chain.merge([refs(2)], refs(7), by=shop)
    chain.merge([refs(2), refs(5)], refs(7), by=shop)
    assert chain.lot(refs(7)).amount == 35
    assert chain.lot(refs(7)).origins == (refs(1), refs(5))
    with story.refused("LotRecalled"):
        chain.recall(refs(7), "no origin", by=inspector)
    with story.refused("NotHolder"):
        chain.recall(refs(5), "mould", by=shop)
    chain.recall(refs(5), "mould", by=inspector)
    assert [chain.is_recalled(refs(n)) for n in (1, 3, 5, 7)] == [False, False, True, True]
    with story.refused("LotRecalled"):
        chain.hand_over(refs(7), maker, story.now + 99, by=shop)
    chain.use_up(refs(7), by=shop)
    assert chain.lot(refs(7)).status == LotStatus.USED
    with story.refused("NoSuchLot"):
        chain.lot(refs(99))
    story.holds()


def test_a_recall_stops_what_is_on_the_way(story: Any, refs: Refs) -> None:
    maker, shop = story.account("maker", "maker", "inspector"), story.account("shop")
    chain = story.deploy("cold_chain", maker)
    chain.make(refs(1), refs(50), 1, by=maker)
    chain.hand_over(refs(1), shop, story.now + 99, by=maker)
    chain.recall(refs(1), "glass", by=maker)
    with story.refused("LotRecalled"):
        chain.accept(refs(1), by=shop)
    chain.call_off(refs(1), by=maker)
    chain.use_up(refs(1), by=maker)


def test_credentials(story: Any, refs: Refs, digests: Digests) -> None:
    ann, office, other = (story.account(name) for name in ("ann", "office", "other"))
    register = story.deploy("licence_office", ann)
    with story.refused("LacksRole"):
        register.list_issuer(3, office, 2**63, by=ann)
    register.grant_role("registrar", ann, None, by=ann)
    listed_until = story.now + 1_000
    register.list_issuer(3, office, listed_until, by=ann)
    start, end = story.now + 100, story.now + 900
    issue = (refs(1), 3, refs(2), digests(3), start, end)
    with story.refused("NotIssuer"):
        register.issue_credential(*issue, by=other)
    with story.refused("NotIssuer"):
        register.issue_credential(refs(1), 4, refs(2), digests(3), start, end, by=office)
    with story.refused("WrongPeriod"):
        register.issue_credential(refs(1), 3, refs(2), digests(3), end, end, by=office)
    register.issue_credential(*issue, by=office)
    with story.refused("CredentialExists"):
        register.issue_credential(*issue, by=office)
    issued = story.chain.time_ms - 1
    with story.refused("NoSuchCredential"):
        register.holder_of(refs(9))
    assert (register.holder_of(refs(1)), register.issuer_of(refs(1))) == (refs(2), office)

    def standings() -> list[Standing]:
        return [
            register.standing(refs(1), at) for at in (issued, issued + 60, start - 1, start, end - 1, end)
        ]

    assert standings()[1:] == [
        Standing.NOT_YET, Standing.NOT_YET, Standing.GOOD, Standing.GOOD, Standing.EXPIRED,
    ]  # fmt: skip
    assert register.standing(refs(1), 5) == Standing.UNKNOWN
    assert register.standing(refs(9), start) == Standing.UNKNOWN
    story.chain.time_ms = start + 9
    register.change_status(refs(1), CredentialStatus.SUSPENDED, "inquiry", by=office)
    suspended = story.chain.time_ms
    with story.refused("WrongChange"):
        register.change_status(refs(1), CredentialStatus.SUSPENDED, "again", by=office)
    with story.refused("LacksRole"):
        register.change_status(refs(1), CredentialStatus.VALID, "no right", by=other)
    register.change_status(refs(1), CredentialStatus.VALID, "cleared", by=ann)
    cleared = story.chain.time_ms
    register.change_status(refs(1), CredentialStatus.REVOKED, "fraud", by=office)
    revoked = story.chain.time_ms
    for status in (CredentialStatus.VALID, CredentialStatus.SUSPENDED, CredentialStatus.REVOKED):
        with story.refused("WrongChange"):
            register.change_status(refs(1), status, "final", by=ann)
    times = [suspended - 1, suspended, cleared - 1, cleared, revoked - 1, revoked, end + 5]
    assert [register.standing(refs(1), at) for at in times] == [
        Standing.GOOD, Standing.SUSPENDED, Standing.SUSPENDED, Standing.GOOD, Standing.GOOD, Standing.REVOKED,
        Standing.REVOKED,
    ]  # fmt: skip
    register.issue_credential(refs(5), 3, refs(2), digests(3), start, 2**62, by=office)
    register.change_status(refs(5), CredentialStatus.SUSPENDED, "inquiry", by=office)
    story.chain.time_ms = listed_until
    with story.refused("LacksRole"):
        register.change_status(refs(5), CredentialStatus.VALID, "delisted since", by=office)
    with story.refused("NotIssuer"):
        register.issue_credential(refs(4), 3, refs(2), digests(3), start, 2**62, by=office)


def test_only_so_many_changes_before_a_revocation(story: Any, refs: Refs, digests: Digests) -> None:
    ann = story.account("ann")
    register = story.deploy("licence_office", ann)
    register.grant_role("registrar", ann, None, by=ann)
    register.list_issuer(1, ann, 2**63, by=ann)
    register.issue_credential(refs(1), 1, refs(2), digests(3), 0, 2**62, by=ann)
    for number in range(63):
        status = CredentialStatus.SUSPENDED if number % 2 == 0 else CredentialStatus.VALID
        register.change_status(refs(1), status, "x", by=ann)
    with story.refused("TooManyChanges"):
        register.change_status(refs(1), CredentialStatus.VALID, "x", by=ann)
    register.change_status(refs(1), CredentialStatus.REVOKED, "x", by=ann)
    assert register.standing(refs(1), story.now + 99) == Standing.REVOKED


def test_approval(story: Any, refs: Refs) -> None:
    boss, citizen = story.account("boss", "manager"), story.account("citizen")
    plan = story.account("plan", organisation="planning")
    fire = story.account("fire", organisation="fire")
    flow = story.deploy("building_permit", boss)
    first = Office(organisation="planning", limit_ms=u64(1_000), silence=Decision.REFUSE)
    second = Office(organisation="fire", limit_ms=u64(2_000), silence=Decision.AGREE)
    with story.refused("NotManager"):
        flow.add_step(first, by=citizen)
    with story.refused("FlowNotOpen"):
        flow.open_flow(by=boss)
    bad = Office(organisation="fire", limit_ms=u64(0), silence=Decision.AGREE)
    with story.refused("BadOffice"):
        flow.add_step(bad, by=boss)
    with story.refused("BadOffice"):
        flow.add_step(Office(organisation="x", limit_ms=u64(5), silence=Decision.RETURN), by=boss)
    flow.add_step(first, by=boss)
    flow.add_step(second, by=boss)
    with story.refused("FlowNotOpen"):
        flow.apply(refs(1), by=citizen)
    flow.open_flow(by=boss)
    with story.refused("FlowIsOpen"):
        flow.add_step(second, by=boss)

    number = flow.apply(refs(1), by=citizen)
    with story.refused("NotInCharge"):
        flow.decide(number, Decision.AGREE, refs(5), by=fire)
    with story.refused("NotInCharge"):
        flow.decide(number, Decision.AGREE, refs(5), by=citizen)
    flow.decide(number, Decision.RETURN, refs(5), by=plan)
    with story.refused("WrongCaseStatus"):
        flow.decide(number, Decision.AGREE, refs(5), by=plan)
    with story.refused("NotInCharge"):
        flow.resubmit(number, refs(2), by=plan)
    flow.resubmit(number, refs(2), by=citizen)
    deadline = flow.case(number).deadline
    with story.refused("DeadlineRuns"):
        flow.let_silence_decide(number, by=citizen)
    story.chain.time_ms = deadline - 1
    flow.decide(number, Decision.AGREE, refs(5), by=plan)
    deadline = flow.case(number).deadline
    story.chain.time_ms = deadline
    with story.refused("DeadlinePassed"):
        flow.decide(number, Decision.REFUSE, refs(5), by=fire)
    assert flow.late_cases(0) == (number,)
    flow.let_silence_decide(number, by=citizen)
    assert flow.case(number).status == CaseStatus.APPROVED
    assert flow.late_cases(0) == ()
    assert flow.opinion(number, 2).by is None
    with story.refused("WrongCaseStatus"):
        flow.withdraw_case(number, by=citizen)

    refused = flow.apply(refs(3), by=citizen)
    gone = flow.apply(refs(4), by=citizen)
    flow.withdraw_case(gone, by=citizen)
    story.chain.time_ms = flow.case(refused).deadline
    flow.let_silence_decide(refused, by=boss)
    assert flow.case(refused).status == CaseStatus.REJECTED
    own = flow.apply(refs(5), by=plan)
    with story.refused("NotInCharge"):
        flow.decide(own, Decision.AGREE, refs(5), by=plan)
    with story.refused("NoSuchCase"):
        flow.case(99)
    story.holds()


def test_sealed_bid(story: Any, refs: Refs, digests: Digests) -> None:
    town = story.account("town", "tenderer", "bidder")
    firms = [story.account(name, "bidder") for name in ("one", "two", "three")]
    stranger = story.account("stranger")
    tender = story.deploy("procurement", town)
    ends = (story.now + 1_000, story.now + 100_000)
    with story.refused("NotTenderer"):
        tender.call_for_bids(refs(1), Rule.LOWEST, 500, *ends, 2, by=stranger)
    with story.refused("WrongTime"):
        tender.call_for_bids(refs(1), Rule.LOWEST, 500, ends[0], ends[0] + 59_999, 2, by=town)
    number = tender.call_for_bids(refs(1), Rule.LOWEST, 500, *ends, 2, by=town)
    amounts = (400, 300, 300)
    for firm, amount in zip(firms, amounts, strict=True):
        tender.seal(number, tender.commitment_of(number, firm, amount, digests(amount % 7)), by=firm)
    with story.refused("NotBidder"):
        tender.seal(number, digests(1), by=stranger)
    with story.refused("NotBidder"):
        tender.seal(number, digests(1), by=town)
    with story.refused("WrongTime"):
        tender.open_bid(number, 400, digests(400 % 7), by=firms[0])
    tender.seal(number, tender.commitment_of(number, firms[1], 300, digests(9)), by=firms[1])
    story.chain.time_ms = ends[0] - 1
    assert tender.bid(number, firms[1]).number == 4, "a replaced bid goes to the end"
    with story.refused("WrongTime"):
        tender.seal(number, digests(1), by=firms[0])
    with story.refused("WrongTime"):
        tender.cancel_tender(number, by=town)
    with story.refused("WrongOpening"):
        tender.open_bid(number, 299, digests(9), by=firms[1])
    with story.refused("WrongOpening"):
        tender.open_bid(number, 300, digests(9), by=firms[0])
    assert tender.open_bid(number, 400, digests(1), by=firms[0]) is True
    assert tender.open_bid(number, 300, digests(9), by=firms[1]) is True
    assert tender.open_bid(number, 300, digests(6), by=firms[2]) is True, "equal, but handed in first"
    with story.refused("NoBid"):
        tender.open_bid(number, 300, digests(6), by=firms[2])
    with story.refused("WrongTime"):
        tender.award(number, by=town)
    story.chain.time_ms = ends[1]
    assert tender.award(number, by=stranger) == firms[2]
    with story.refused("TenderClosed"):
        tender.award(number, by=town)

    ends = (story.now + 1_000, story.now + 100_000)
    number = tender.call_for_bids(refs(1), Rule.HIGHEST, 100, *ends, 2, by=town)
    tender.seal(number, tender.commitment_of(number, firms[0], 99, digests(1)), by=firms[0])
    tender.seal(number, tender.commitment_of(number, firms[2], 150, digests(1)), by=firms[2])
    story.chain.time_ms = ends[0]
    with story.refused("WrongOpening"):
        tender.open_bid(number, 99, digests(1), by=firms[0])
    tender.open_bid(number, 150, digests(1), by=firms[2])
    story.chain.time_ms = ends[1]
    assert tender.award(number, by=town) is None, "one bid is not enough"
    number = tender.call_for_bids(refs(1), Rule.HIGHEST, 100, story.now + 10, story.now + 100_000, 1, by=town)
    with story.refused("NotTenderer"):
        tender.cancel_tender(number, by=firms[0])
    tender.cancel_tender(number, by=town)
    with story.refused("TenderClosed"):
        tender.seal(number, digests(1), by=firms[0])
    with story.refused("NoSuchTender"):
        tender.tender(99)


def test_receivable(story: Any, refs: Refs, digests: Digests) -> None:
    seller, debtor = story.account("seller", "enterprise"), story.account("debtor", "enterprise")
    bank = story.account("bank", "bank")
    chain = story.deploy("supply_finance", bank)
    for account, amount in ((bank, 1_000), (debtor, 600)):
        chain.deposit(account, amount, by=bank)
    with story.refused("NotParticipant"):
        chain.deposit(seller, 1, by=seller)
    due = story.now + 1_000
    with story.refused("WrongTerms"):
        chain.draw(refs(1), seller, 500, due, digests(1), by=seller)
    chain.draw(refs(1), debtor, 500, due, digests(1), by=seller)
    with story.refused("ClaimExists"):
        chain.draw(refs(2), debtor, 500, due, digests(1), by=seller)
    offer = Offer(buyer=bank, price=u128(480), until=u64(story.now + 50))
    with story.refused("WrongClaimStatus"):
        chain.offer_claim(refs(1), offer, by=seller)
    with story.refused("NotParticipant"):
        chain.confirm_claim(refs(1), by=seller)
    chain.confirm_claim(refs(1), by=debtor)
    with story.refused("WrongClaimStatus"):
        chain.cancel_claim(refs(1), by=seller)
    with story.refused("NotParticipant"):
        chain.offer_claim(refs(1), offer, by=bank)
    with story.refused("NotParticipant"):
        chain.offer_claim(refs(1), Offer(buyer=debtor, price=u128(1), until=offer.until), by=seller)
    chain.offer_claim(refs(1), offer, by=seller)
    with story.refused("NoOffer"):
        chain.buy(refs(1), 479, by=bank)
    with story.refused("NoOffer"):
        chain.buy(refs(1), 480, by=debtor)
    chain.buy(refs(1), 480, by=bank)
    assert chain.claim(refs(1)).holder == bank
    assert [chain.money_of(each) for each in (seller, bank)] == [480, 520]
    with story.refused("NoOffer"):
        chain.buy(refs(1), 480, by=bank)
    with story.refused("WrongTerms"):
        chain.pay(refs(1), 501, by=debtor)
    chain.offer_claim(refs(1), Offer(buyer=seller, price=u128(1), until=u64(story.now + 50)), by=bank)
    assert chain.pay(refs(1), 200, by=debtor) == 300
    assert chain.offer(refs(1)) is None, "a payment ends the offer"
    story.chain.time_ms = due
    assert chain.is_overdue(refs(1)) is True
    assert chain.pay(refs(1), 300, by=debtor) == 0
    with story.refused("WrongClaimStatus"):
        chain.pay(refs(1), 1, by=debtor)
    assert chain.money_of(bank) == 1_020

    chain.draw(refs(3), debtor, 5, story.now + 9, digests(3), by=seller)
    chain.cancel_claim(refs(3), by=debtor)
    chain.draw(refs(4), debtor, 5, story.now + 9, digests(3), by=seller)
    chain.confirm_claim(refs(4), by=debtor)
    end = story.now + 5
    chain.offer_claim(refs(4), Offer(buyer=bank, price=u128(4), until=u64(end)), by=seller)
    story.chain.time_ms = end
    with story.refused("NoOffer"):
        chain.buy(refs(4), 4, by=bank)
    with story.refused("NotParticipant"):
        chain.pay_out(seller, 10, by=bank)
    chain.order_payment(bank, 10, by=seller)
    chain.pay_out(seller, 10, by=bank)
    with story.refused("NotParticipant"):
        chain.pay_out(seller, 1, by=bank)
    story.holds()


def test_data_exchange(story: Any, refs: Refs, digests: Digests) -> None:
    owner, health, tax = story.account("owner"), story.account("health", "provider"), story.account("tax")
    stranger = b"\x07" * 20
    market = story.deploy("data_market", owner)
    with story.refused("NotProvider"):
        market.list_data(refs(1), "beds", digests(1), by=tax)
    market.list_data(refs(1), "beds", digests(1), by=health)
    with story.refused("DataExists"):
        market.list_data(refs(1), "beds", digests(1), by=health)
    with story.refused("OtherTerms"):
        market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    with story.refused("NotUser"):
        market.ask(refs(1), "audit", refs(8), digests(1), by=stranger)
    number = market.ask(refs(1), "audit", refs(8), digests(1), by=tax)
    with story.refused("NotProvider"):
        market.give(number, digests(1), story.now + 100, 2, by=tax)
    end = story.now + 100
    market.give(number, digests(1), end, 2, by=health)
    with story.refused("NoGrant"):
        market.give(number, digests(1), end, 2, by=health)
    with story.refused("NotUser"):
        market.use(number, "audit", refs(5), by=health)
    with story.refused("OtherPurpose"):
        market.use(number, "advertising", refs(5), by=tax)
    assert market.may_use(number, tax, "audit") is True
    assert market.use(number, "audit", refs(5), by=tax) == 1
    market.change_data(refs(1), digests(2), False, by=health)
    with story.refused("NotOpen"):
        market.use(number, "audit", refs(5), by=tax)
    with story.refused("NotOpen"):
        market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    market.change_data(refs(1), digests(2), True, by=health)
    story.chain.time_ms = end - 1
    assert market.use(number, "audit", refs(6), by=tax) == 2, "at its end a grant still holds"
    with story.refused("NoGrant"):
        market.use(number, "audit", refs(6), by=tax)
    assert [market.use_of(number, n) for n in (1, 2)] == [refs(5), refs(6)]

    number = market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    market.refuse(number, "no basis", by=health)
    with story.refused("NoGrant"):
        market.give(number, digests(2), story.now + 9, 2, by=health)
    number = market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    market.give(number, digests(2), story.now + 900, 2, by=health)
    with story.refused("NotProvider"):
        market.end_grant(number, by=owner)
    market.end_grant(number, by=tax)
    with story.refused("NoGrant"):
        market.use(number, "audit", refs(6), by=tax)
    number = market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    market.give(number, digests(2), story.now + 900, 2, by=health)
    market.pause("leak", by=owner)
    with story.refused("IsPaused"):
        market.use(number, "audit", refs(6), by=tax)
    with story.refused("IsPaused"):
        market.ask(refs(1), "audit", refs(8), digests(2), by=tax)
    story.holds()


READING = spec.TupleType((spec.ADDRESS, spec.REF, spec.U64, spec.U64, spec.U64))


def test_metered_device(story: Any, refs: Refs) -> None:
    works, anyone = story.account("works", "metrology"), story.account("anyone")
    meters = story.deploy("water_meters", works)
    secrets = [_core.sm2_generate() for _ in range(2)]
    keys = [_core.sm2_public_key(secret) for secret in secrets]

    def signed(
        counter: int, value: int, at: int, secret: bytes = secrets[0], where: bytes = b""
    ) -> tuple[Any, ...]:
        reading = (where or meters.address, refs(1), counter, value, at)
        return refs(1), counter, value, at, _core.sm2_sign(secret, codec.encode(READING, reading))

    with story.refused("NotInspector"):
        meters.list_device(refs(1), works, keys[0], 100, 50, by=anyone)
    with story.refused("BadSignature"):
        meters.list_device(refs(1), works, keys[0][:32], 100, 50, by=works)
    meters.list_device(refs(1), works, keys[0], 100, 50, by=works)
    with story.refused("DeviceExists"):
        meters.list_device(refs(2), works, keys[0], 100, 50, by=works)
    at = story.now
    assert meters.meter(*signed(1, 130, at), by=anyone) == 30
    for counter, value, time in ((1, 131, at), (2, 129, at), (2, 131, at - 1), (2, 131, story.now + 400_000)):
        with story.refused("StaleReading"):
            meters.meter(*signed(counter, value, time), by=anyone)
    with story.refused("BadSignature"):
        meters.meter(*signed(2, 131, at, secrets[1]), by=anyone)
    with story.refused("BadSignature"):
        meters.meter(*signed(2, 131, at, where=bytes(20)), by=anyone)
    assert meters.meter(*signed(7, 190, story.now + 200_000), by=anyone) == 60
    assert story.chain.events[-1].name == "StepTooLarge"
    at = meters.device(refs(1)).at
    meters.replace_key(refs(1), keys[1], by=works)
    with story.refused("BadSignature"):
        meters.meter(*signed(8, 191, at), by=anyone)
    with story.refused("DeviceExists"):
        meters.replace_key(refs(1), keys[0], by=works)
    assert meters.meter(*signed(8, 191, at, secrets[1]), by=anyone) == 1
    meters.set_device_status(refs(1), DeviceStatus.SUSPENDED, by=works)
    with story.refused("NoSuchDevice"):
        meters.meter(*signed(9, 192, at, secrets[1]), by=anyone)
    meters.set_device_status(refs(1), DeviceStatus.RETIRED, by=works)
    with story.refused("WrongDeviceStatus"):
        meters.set_device_status(refs(1), DeviceStatus.ACTIVE, by=works)
    assert meters.bill(refs(1), 3) == 273
    story.holds()


def test_earmarked_fund(story: Any, refs: Refs) -> None:
    state, firm, audit = story.account("state", "treasury"), story.account("firm"), story.account("audit")
    payee = story.account("payee")
    fund = story.deploy("subsidies", state)
    end = story.now + 1_000
    with story.refused("NotInFund"):
        fund.grant(refs(1), firm, audit, "roof", 100, end, by=firm)
    for manager, supervisor in ((firm, firm), (state, audit), (firm, state)):
        with story.refused("SameHands"):
            fund.grant(refs(1), manager, supervisor, "roof", 100, end, by=state)
    fund.grant(refs(1), firm, audit, "roof", 100, end, by=state)
    with story.refused("ProjectExists"):
        fund.grant(refs(1), firm, audit, "roof", 100, end, by=state)
    with story.refused("OverBudget"):
        fund.plan(refs(1), 1, "wood", 101, by=state)
    fund.plan(refs(1), 1, "wood", 60, by=state)
    with story.refused("OverBudget"):
        fund.plan(refs(1), 2, "work", 41, by=state)
    fund.plan(refs(1), 2, "work", 40, by=state)
    with story.refused("NotInFund"):
        fund.ask_payment(refs(1), 1, payee, 10, refs(70), by=audit)
    for each in (state, firm, audit):
        with story.refused("SameHands"):
            fund.ask_payment(refs(1), 1, each, 10, refs(70), by=firm)
    with story.refused("OverBudget"):
        fund.ask_payment(refs(1), 1, payee, 61, refs(70), by=firm)
    with story.refused("OverBudget"):
        fund.ask_payment(refs(1), 3, payee, 1, refs(70), by=firm)
    first = fund.ask_payment(refs(1), 1, payee, 50, refs(70), by=firm)
    with story.refused("InvoiceUsed"):
        fund.ask_payment(refs(1), 2, payee, 10, refs(70), by=firm)
    with story.refused("NotInFund"):
        fund.decide_payment(first, True, by=firm)
    with story.refused("OverBudget"):
        fund.plan(refs(1), 1, "wood", 49, by=state)
    fund.decide_payment(first, False, by=audit)
    with story.refused("NoSuchPayment"):
        fund.decide_payment(first, True, by=audit)
    second = fund.ask_payment(refs(1), 1, payee, 60, refs(70), by=firm)
    fund.pause("audit", by=state)
    with story.refused("IsPaused"):
        fund.ask_payment(refs(1), 2, payee, 1, refs(72), by=firm)
    fund.resume(by=state)
    story.chain.time_ms = end - 1
    third = fund.ask_payment(refs(1), 2, payee, 15, refs(71), by=firm)
    with story.refused("PeriodOver"):
        fund.ask_payment(refs(1), 2, payee, 15, refs(72), by=firm)
    with story.refused("NoSuchPayment"):
        fund.close_project(refs(1), by=payee)
    fund.decide_payment(second, True, by=audit)
    fund.decide_payment(third, True, by=audit)
    assert fund.owed_to(payee) == 75
    assert fund.close_project(refs(1), by=payee) == 25
    with story.refused("NoSuchProject"):
        fund.close_project(refs(1), by=state)
    with story.refused("NoSuchProject"):
        fund.plan(refs(1), 1, "wood", 60, by=state)
    story.holds()
