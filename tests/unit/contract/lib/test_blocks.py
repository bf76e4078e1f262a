"""Ownership, pausing, roles, several signatures, escrow, limits, units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract.lib.merkle import is_in_batch
from xianglian.contract.lib.multi_signature import Committee
from xianglian.contract.lib.sealed_bid import Rule
from xianglian.contract.merkle import MerkleTree
from xianglian.contract.values import Hash, Items, u8


def test_ownership_moves_in_two_steps(story: Any) -> None:
    ann, bob, cid = (story.account(name) for name in ("ann", "bob", "cid"))
    box = story.deploy("deposit_box", ann)
    assert box.owner() == ann
    with story.refused("NotOwner"):
        box.offer_ownership(bob, by=bob)
    with story.refused("NotOffered"):
        box.accept_ownership(by=ann)
    box.offer_ownership(bob, by=ann)
    assert (box.owner(), box.pending_owner()) == (ann, bob)
    with story.refused("NotOffered"):
        box.accept_ownership(by=cid)
    box.offer_ownership(cid, by=ann)
    with story.refused("NotOffered"):
        box.accept_ownership(by=bob)
    box.offer_ownership(None, by=ann)
    with story.refused("NotOffered"):
        box.accept_ownership(by=cid)
    box.offer_ownership(bob, by=ann)
    box.accept_ownership(by=bob)
    assert (box.owner(), box.pending_owner()) == (bob, None)
    with story.refused("NotOwner"):
        box.credit(ann, 1, by=ann)


def test_a_paused_contract_is_read_but_not_changed(story: Any, refs: Callable[[int], Any]) -> None:
    ann, bob = story.account("ann"), story.account("bob")
    desk = story.deploy("evidence_desk", ann)
    assert desk.set_clerk(bob, True, by=ann) is True
    desk.keep(refs(1), refs(2), "test", by=bob)
    with story.refused("NotOwner"):
        desk.pause("why", by=bob)
    with story.refused("NotPaused"):
        desk.resume(by=ann)
    desk.pause("why", by=ann)
    with story.refused("IsPaused"):
        desk.pause("again", by=ann)
    with story.refused("IsPaused"):
        desk.keep(refs(3), refs(2), "test", by=bob)
    assert desk.is_paused() is True
    assert desk.is_current(refs(1), refs(2)) is True
    desk.resume(by=ann)
    desk.keep(refs(3), refs(2), "test", by=bob)


def test_roles_end_and_one_administrator_stays(story: Any) -> None:
    ann, bob, cid = (story.account(name) for name in ("ann", "bob", "cid"))
    office = story.deploy("licence_office", ann)
    with story.refused("LacksRole"):
        office.grant_role("registrar", bob, None, by=bob)
    end = story.now + 10
    office.grant_role("registrar", bob, end, by=ann)
    with story.refused("AlreadyHeld"):
        office.grant_role("registrar", bob, end, by=ann)
    story.chain.time_ms = end - 1
    assert office.has_role("registrar", bob) is True, "at its end a role still acts"
    assert office.has_role("registrar", bob) is False
    with story.refused("LacksRole"):
        office.list_issuer(1, cid, 0, by=bob)
    with story.refused("TimeIsPast"):
        office.grant_role("registrar", bob, end, by=ann)
    with story.refused("LastAdministrator"):
        office.revoke_role("administrator", ann, by=ann)
    with story.refused("TimeIsPast"):
        office.grant_role("administrator", bob, story.now + 100, by=ann)
    office.grant_role("administrator", bob, None, by=ann)
    office.revoke_role("administrator", ann, by=ann)
    with story.refused("LacksRole"):
        office.revoke_role("registrar", bob, by=ann)
    with story.refused("LacksRole"):
        office.revoke_role("registrar", cid, by=bob)


def test_m_of_n_take_one_action_once(story: Any, digests: Callable[[int], Hash]) -> None:
    ann, bob, cid, dan = (story.account(name) for name in ("ann", "bob", "cid", "dan"))
    board = story.deploy("board", ann)
    shape = Committee.__shape__().fields[0][1]  # type: ignore[attr-defined]
    three = Committee(signers=Items(shape, [ann, bob, cid]), threshold=u8(2))
    number = board.propose(board.change_digest(1, three), story.now + 99, by=ann)
    board.change_signers(number, three, by=ann)
    assert board.committee() == three

    number = board.propose(board.publish_digest(2, digests(7)), story.now + 9, by=ann)
    end = story.now + 8
    with story.refused("NotEnough"):
        board.publish(number, digests(7), by=ann)
    with story.refused("AlreadyConfirmed"):
        board.confirm(number, board.publish_digest(2, digests(7)), by=ann)
    with story.refused("NotSigner"):
        board.confirm(number, board.publish_digest(2, digests(7)), by=dan)
    with story.refused("ProposalClosed"):
        board.confirm(number, digests(8), by=bob)
    assert board.confirm(number, board.publish_digest(2, digests(7)), by=bob) == 2
    with story.refused("NotEnough"):
        board.publish(number, digests(8), by=ann)
    story.chain.time_ms = end
    with story.refused("ProposalClosed"):
        board.publish(number, digests(7), by=ann)

    number = board.propose(board.publish_digest(3, digests(7)), story.now + 999, by=ann)
    board.confirm(number, board.publish_digest(3, digests(7)), by=cid)
    board.publish(number, digests(7), by=bob)
    with story.refused("ProposalClosed"):
        board.publish(number, digests(7), by=bob)

    open_one = board.propose(board.publish_digest(4, digests(9)), story.now + 999, by=ann)
    board.confirm(open_one, board.publish_digest(4, digests(9)), by=cid)
    two = Committee(signers=Items(shape, [ann, dan]), threshold=u8(2))
    change = board.propose(board.change_digest(5, two), story.now + 999, by=ann)
    board.confirm(change, board.change_digest(5, two), by=bob)
    board.change_signers(change, two, by=cid)
    with story.refused("ProposalClosed"):
        board.publish(open_one, digests(9), by=ann)
    with story.refused("NotSigner"):
        board.propose(digests(1), story.now + 9, by=cid)
    for signers, threshold in (([ann, ann], 1), ([ann], 2), ([ann], 0), ([], 0)):
        bad = Committee(signers=Items(shape, signers), threshold=u8(threshold))
        count = board.propose(board.change_digest(change + 1, bad), story.now + 999, by=ann)
        board.confirm(count, board.change_digest(change + 1, bad), by=dan)
        with story.refused("BadCommittee"):
            board.change_signers(count, bad, by=dan)
        change += 1


def test_escrow_ends_once_by_who_may_end_it(story: Any, refs: Callable[[int], Any]) -> None:
    ann, payer, payee, judge = (story.account(name) for name in ("ann", "payer", "payee", "judge"))
    box = story.deploy("deposit_box", ann)
    box.credit(payer, 100, by=ann)
    end = story.now + 50
    with story.refused("BalanceTooLow"):
        box.open_deal(refs(1), payee, judge, 101, end, by=payer)
    with story.refused("NotParty"):
        box.open_deal(refs(1), payee, payee, 10, end, by=payer)
    with story.refused("NotParty"):
        box.open_deal(refs(1), payer, judge, 10, end, by=payer)
    with story.refused("EndIsPast"):
        box.open_deal(refs(1), payee, judge, 10, story.chain.time_ms, by=payer)
    for number in (1, 2, 3, 4):
        box.open_deal(refs(number), payee, judge, 10, end, by=payer)
    with story.refused("DealExists"):
        box.open_deal(refs(1), payee, judge, 10, end, by=payer)
    assert (box.held(payer), box.held(box.address)) == (60, 40)
    with story.refused("NotParty"):
        box.release(refs(1), by=payee)
    with story.refused("NotParty"):
        box.refund(refs(1), by=payer)
    box.release(refs(1), by=payer)
    box.release(refs(2), by=judge)
    box.refund(refs(3), by=payee)
    with story.refused("NoSuchDeal"):
        box.release(refs(1), by=payer)
    with story.refused("NoSuchDeal"):
        box.refund(refs(9), by=payer)
    story.chain.time_ms = end - 1
    with story.refused("NotParty"):
        box.refund(refs(4), by=payer)
    box.refund(refs(4), by=payer)
    assert [box.held(each) for each in (payer, payee, box.address)] == [80, 20, 0]
    story.holds()


def test_units_move_as_allowed(story: Any) -> None:
    ann, bob, cid = story.account("ann", "issuer"), story.account("bob"), story.account("cid")
    coupons = story.deploy("coupons", ann)
    with story.refused("NotTransferable"):
        coupons.issue(bob, 1, by=bob)
    coupons.issue(bob, 100, by=ann)
    coupons.transfer(bob, 40, by=bob)
    assert coupons.balance_of(bob) == 100
    with story.refused("BalanceTooLow"):
        coupons.transfer(cid, 101, by=bob)
    with story.refused("AllowanceTooLow"):
        coupons.transfer_from(bob, cid, 1, by=cid)
    coupons.set_allowance(cid, 0, 30, by=bob)
    coupons.transfer_from(bob, cid, 10, by=cid)
    with story.refused("AllowanceTooLow"):
        coupons.set_allowance(cid, 30, 5, by=bob)
    coupons.set_allowance(cid, 20, 5, by=bob)
    with story.refused("AllowanceTooLow"):
        coupons.transfer_from(bob, cid, 6, by=cid)
    coupons.redeem(10, by=cid)
    with story.refused("BalanceTooLow"):
        coupons.redeem(1, by=cid)
    assert (coupons.total_supply(), coupons.balance_of(bob), coupons.allowance(bob, cid)) == (90, 90, 5)
    with story.refused("Overflow"):
        coupons.issue(bob, 2**128 - 1, by=ann)
    story.chain.grant(bob, "merchant")
    with story.refused("NotTransferable"):
        coupons.transfer(ann, 1, by=bob)


def test_a_limit_holds_in_each_window(story: Any, refs: Callable[[int], Any], digests: Any) -> None:
    ann, bob = story.account("ann", "tenderer"), story.account("bob", "bidder")
    tender = story.deploy("procurement", ann)
    day = 86_400_000
    story.chain.time_ms = (story.chain.time_ms // day + 1) * day + 1_000
    number = tender.call_for_bids(
        refs(1), Rule.LOWEST, 9, story.now + 3 * day, story.now + 4 * day, 1, by=ann
    )
    for _ in range(5):
        tender.seal(number, digests(1), by=bob)
    with story.refused("LimitReached"):
        tender.seal(number, digests(1), by=bob)
    story.chain.time_ms = (story.chain.time_ms // day + 1) * day - 2
    with story.refused("LimitReached"):
        tender.seal(number, digests(1), by=bob)
    tender.seal(number, digests(1), by=bob)


@given(count=st.integers(1, 40), data=st.data())
def test_a_path_proves_one_place(count: int, data: st.DataObject) -> None:
    items = [bytes([n]) for n in range(count)]
    tree = MerkleTree(items)
    index = data.draw(st.integers(0, count - 1))
    path = tree.path(index)
    assert is_in_batch(tree.root, count, tree.leaf(index), index, path)  # type: ignore[arg-type]
    other = data.draw(st.integers(-1, count + 1))
    if other != index:
        assert not is_in_batch(tree.root, count, tree.leaf(index), other, path)  # type: ignore[arg-type]
    assert not is_in_batch(tree.root, count, tree.leaf(index), index, [*path, tree.root])  # type: ignore[arg-type]
    if path:
        assert not is_in_batch(tree.root, count, tree.leaf(index), index, path[:-1])  # type: ignore[arg-type]
        inner = Hash(bytes(32))
        assert not is_in_batch(tree.root, count, inner, index, path)  # type: ignore[arg-type]


def test_a_tree_needs_an_item() -> None:
    with pytest.raises(ValueError, match="at least one"):
        MerkleTree([])
