"""The promises of each standard, as checks; a first docstring line is what the report says."""

from __future__ import annotations

from typing import Any

from xianglian.contract.lib.registry import CredentialStatus, Standing
from xianglian.contract.merkle import MerkleTree
from xianglian.contract.values import Hash, u32
from xianglian.standards.suite import Bench, ref

MOST = 2**128 - 1


# XRC-3 ownership


def ownership_moves_in_two_steps(b: Bench) -> None:
    """所有权分两步移交 / Ownership moves when the target accepts, and no sooner."""
    b.equal(b.call("owner"), b.ann, "owner after deployment")
    b.call("offer_ownership", b.bob)
    b.equal((b.call("owner"), b.call("pending_owner")), (b.ann, b.bob), "owner and pending owner")
    b.refused("NotOffered", "accept_ownership", by=b.cid)
    b.call("accept_ownership", by=b.bob)
    b.equal((b.call("owner"), b.call("pending_owner")), (b.bob, None), "owner and pending owner")
    b.refused("NotOwner", "offer_ownership", b.ann, by=b.ann)


def offers_end(b: Bench) -> None:
    """移交提议可撤回 / Only the owner offers; an offer ends with the next one and with its withdrawal."""
    b.refused("NotOwner", "offer_ownership", b.bob, by=b.bob)
    b.refused("NotOffered", "accept_ownership", by=b.ann)
    b.call("offer_ownership", b.bob)
    b.call("offer_ownership", b.cid)
    b.refused("NotOffered", "accept_ownership", by=b.bob)
    b.call("offer_ownership", None)
    b.refused("NotOffered", "accept_ownership", by=b.cid)


# XRC-4 roles


def roles_are_granted_and_revoked(b: Bench) -> None:
    """角色可授予与收回 / Administrators grant and revoke; holders may give up their own."""
    b.refused("LacksRole", "grant_role", "clerk", b.bob, None, by=b.bob)
    b.call("grant_role", "clerk", b.bob, None)
    b.equal(b.call("has_role", "clerk", b.bob), True, "has_role after the grant")
    b.refused("AlreadyHeld", "grant_role", "clerk", b.bob, None)
    b.refused("LacksRole", "revoke_role", "clerk", b.bob, by=b.cid)
    b.call("revoke_role", "clerk", b.bob, by=b.bob)
    b.equal(b.call("has_role", "clerk", b.bob), False, "has_role after giving it up")
    b.refused("LacksRole", "revoke_role", "clerk", b.bob)


def roles_end(b: Bench) -> None:
    """角色到期失效 / A role holds at its end and not after it."""
    b.refused("TimeIsPast", "grant_role", "clerk", b.bob, b.chain.time_ms)
    end = b.now + 5
    b.call("grant_role", "clerk", b.bob, end)
    b.chain.time_ms = end - 1
    b.equal(b.call("has_role", "clerk", b.bob), True, "has_role at the end")
    b.equal(b.call("has_role", "clerk", b.bob), False, "has_role after the end")


def an_administrator_stays(b: Bench) -> None:
    """至少保留一名管理员 / The last administrator cannot go."""
    b.refused("LastAdministrator", "revoke_role", "administrator", b.ann)
    b.call("grant_role", "administrator", b.bob, None)
    b.call("revoke_role", "administrator", b.ann)
    b.equal(b.call("has_role", "administrator", b.bob), True, "the other administrator")


# XRC-20 fungible


def units_are_kept(b: Bench) -> None:
    """转让不增不减 / A transfer makes and loses nothing, also to oneself and of nothing."""
    supply, held = b.call("total_supply"), b.call("balance_of", b.ann)
    b.call("transfer", b.bob, 4)
    b.emitted("Moved", source=b.ann, target=b.bob, amount=4)
    b.equal((b.call("balance_of", b.ann), b.call("balance_of", b.bob)), (held - 4, 4), "balances")
    b.call("transfer", b.bob, 4, by=b.bob)
    b.call("transfer", b.cid, 0, by=b.bob)
    b.equal([b.call("balance_of", each) for each in (b.bob, b.cid)], [4, 0], "balances")
    b.equal(b.call("total_supply"), supply, "the supply")


def nobody_overspends(b: Bench) -> None:
    """不能超额转让 / More than one holds is refused."""
    b.refused("BalanceTooLow", "transfer", b.cid, 1, by=b.bob)
    b.refused("BalanceTooLow", "transfer", b.bob, b.call("balance_of", b.ann) + 1)
    b.refused("BalanceTooLow", "transfer", b.ann, MOST)


def allowances_bind(b: Bench) -> None:
    """授权额度有效 / A spender takes at most the allowance, which a taking lowers."""
    b.refused("AllowanceTooLow", "transfer_from", b.ann, b.bob, 1, by=b.bob)
    b.call("set_allowance", b.bob, 0, 5)
    b.emitted("Allowed", holder=b.ann, spender=b.bob, amount=5)
    b.equal(b.call("allowance", b.ann, b.bob), 5, "the allowance")
    b.refused("AllowanceTooLow", "transfer_from", b.ann, b.cid, 6, by=b.bob)
    b.refused("AllowanceTooLow", "transfer_from", b.ann, b.cid, 1, by=b.cid)
    b.call("transfer_from", b.ann, b.cid, 3, by=b.bob)
    b.equal((b.call("allowance", b.ann, b.bob), b.call("balance_of", b.cid)), (2, 3), "after a taking")
    b.call("set_allowance", b.bob, 0, 9, by=b.dan)
    b.refused("BalanceTooLow", "transfer_from", b.dan, b.bob, 1, by=b.bob)


def an_allowance_is_replaced_knowingly(b: Bench) -> None:
    """变更额度须指明原额度 / Who changes an allowance names the old one, so that both cannot be used."""
    b.call("set_allowance", b.bob, 0, 5)
    b.refused("AllowanceTooLow", "set_allowance", b.bob, 0, 7)
    b.call("set_allowance", b.bob, 5, 0)
    b.equal(b.call("allowance", b.ann, b.bob), 0, "the allowance")


# XRC-21 non-fungible


def a_token_has_one_holder(b: Bench) -> None:
    """一件一主 / A token moves by its holder, and the counts follow."""
    b.equal((b.call("holder_of_token", ref(1)), b.call("tokens_of", b.ann)), (b.ann, 2), "holder and count")
    b.refused("NotTokenHolder", "transfer_token", ref(1), b.bob, by=b.bob)
    b.call("transfer_token", ref(1), b.bob)
    b.emitted("TokenMoved", token=ref(1), source=b.ann, target=b.bob)
    b.equal(b.call("holder_of_token", ref(1)), b.bob, "the holder")
    b.equal([b.call("tokens_of", each) for each in (b.ann, b.bob)], [1, 1], "counts")
    b.refused("NotTokenHolder", "transfer_token", ref(1), b.ann, by=b.ann)
    b.call("transfer_token", ref(1), b.bob, by=b.bob)
    b.equal(b.call("tokens_of", b.bob), 1, "the count after a move to oneself")


def a_permission_ends_with_a_move(b: Bench) -> None:
    """授权随转让失效 / Whom the holder allowed may move the token once; a move ends the permission."""
    b.refused("NotTokenHolder", "allow_token", ref(1), b.bob, by=b.bob)
    b.call("allow_token", ref(1), b.bob)
    b.emitted("TokenAllowed", token=ref(1), spender=b.bob)
    b.equal(b.call("spender_of_token", ref(1)), b.bob, "the spender")
    b.refused("NotTokenHolder", "transfer_token", ref(2), b.bob, by=b.bob)
    b.call("transfer_token", ref(1), b.cid, by=b.bob)
    b.equal(b.call("spender_of_token", ref(1)), None, "the spender after the move")
    b.refused("NotTokenHolder", "transfer_token", ref(1), b.bob, by=b.bob)
    b.call("allow_token", ref(2), b.bob)
    b.call("allow_token", ref(2), None)
    b.refused("NotTokenHolder", "transfer_token", ref(2), b.bob, by=b.bob)


def what_is_no_token_is_refused(b: Bench) -> None:
    """无此通证则拒绝 / A token that there is not is refused everywhere."""
    b.refused("NoSuchToken", "holder_of_token", ref(9))
    b.refused("NoSuchToken", "transfer_token", ref(9), b.bob)
    b.refused("NoSuchToken", "allow_token", ref(9), b.bob)


# XRC-22 semi-fungible


def kinds_do_not_mix(b: Bench) -> None:
    """各类互不影响 / Units of one kind move without touching another, and none are made or lost."""
    supplies = [b.call("supply_of_kind", kind) for kind in (1, 2)]
    held = [b.call("balance_of_kind", kind, b.ann) for kind in (1, 2)]
    b.call("transfer_kind", 1, b.bob, 3)
    b.emitted("KindMoved", kind=1, source=b.ann, target=b.bob, amount=3)
    b.call("transfer_kind", 1, b.ann, 2)
    b.equal([b.call("balance_of_kind", n, b.ann) for n in (1, 2)], [held[0] - 3, held[1]], "balances")
    b.equal(b.call("balance_of_kind", 1, b.bob), 3, "the balance")
    b.equal([b.call("supply_of_kind", kind) for kind in (1, 2)], supplies, "supplies")
    b.refused("BalanceTooLow", "transfer_kind", 2, b.ann, 1, by=b.bob)
    b.refused("BalanceTooLow", "transfer_kind", 1, b.ann, 4, by=b.bob)


# XRC-23 bound credential


def a_credential_stays_with_its_holder(b: Bench) -> None:
    """凭证不可转让 / Holder and issuer are those of its issue, and no method moves it."""
    b.equal((b.call("holder_of", ref(1)), b.call("issuer_of", ref(1))), (ref(2), b.ann), "holder and issuer")
    b.refused("NoSuchCredential", "holder_of", ref(9))
    b.refused("NoSuchCredential", "issuer_of", ref(9))
    b.equal(b.call("standing", ref(9), b.now), Standing.UNKNOWN, "the standing of none")


def a_status_changes_lawfully(b: Bench) -> None:
    """状态变更合规 / Suspension can end, revocation is final, and the past stays as it was."""
    before = b.now
    b.equal(b.call("standing", ref(1), before), Standing.GOOD, "the standing")
    b.call("change_status", ref(1), CredentialStatus.SUSPENDED, "a")
    suspended = b.chain.time_ms
    b.refused("WrongChange", "change_status", ref(1), CredentialStatus.SUSPENDED, "a")
    b.call("change_status", ref(1), CredentialStatus.VALID, "b")
    valid = b.chain.time_ms
    b.call("change_status", ref(1), CredentialStatus.REVOKED, "c")
    revoked = b.chain.time_ms
    for status in CredentialStatus:
        b.refused("WrongChange", "change_status", ref(1), status, "d")
    b.refused("NoSuchCredential", "change_status", ref(9), CredentialStatus.REVOKED, "d")
    wanted = [Standing.GOOD, Standing.SUSPENDED, Standing.GOOD, Standing.REVOKED, Standing.REVOKED]
    times = [before, suspended, valid, revoked, 2**62]
    b.equal([b.call("standing", ref(1), at) for at in times], wanted, "the standing over time")


def strangers_change_nothing(b: Bench) -> None:
    """他人不能变更 / Neither issuer nor registrar: no change."""
    b.refused("NotRegistrar", "change_status", ref(1), CredentialStatus.REVOKED, "x", by=b.bob)


# XRC-24 regulated asset


def frozen_accounts_stand_still(b: Bench) -> None:
    """冻结账户不能收付 / A frozen account neither gives nor takes, until it is no longer frozen."""
    b.refused("NotSupervisor", "set_frozen", b.bob, True, "x", by=b.bob)
    b.call("transfer", b.bob, 5)
    b.call("set_frozen", b.bob, True, "order")
    b.emitted("HolderFrozen", holder=b.bob, frozen=True)
    b.equal((b.call("is_frozen", b.bob), b.call("is_frozen", b.ann)), (True, False), "who is frozen")
    b.refused("IsFrozen", "transfer", b.ann, 1, by=b.bob)
    b.refused("IsFrozen", "transfer", b.bob, 1)
    b.call("set_allowance", b.cid, 0, 5, by=b.bob)
    b.refused("IsFrozen", "transfer_from", b.bob, b.cid, 1, by=b.cid)
    b.call("set_frozen", b.bob, False, "lifted")
    b.call("transfer", b.ann, 1, by=b.bob)


def orders_are_followed(b: Bench) -> None:
    """可依文书强制划转 / The supervisor moves units by order, also of frozen accounts, up to the balance."""
    b.call("transfer", b.bob, 5)
    b.call("set_frozen", b.bob, True, "order")
    b.refused("NotSupervisor", "force_transfer", b.bob, b.cid, 2, ref(7), by=b.cid)
    b.refused("BalanceTooLow", "force_transfer", b.bob, b.cid, 6, ref(7))
    b.call("force_transfer", b.bob, b.cid, 2, ref(7))
    b.emitted("TransferForced", source=b.bob, target=b.cid, amount=2, order=ref(7))
    b.equal([b.call("balance_of", each) for each in (b.bob, b.cid)], [3, 2], "balances")


def documents_are_kept(b: Bench) -> None:
    """文件可查 / Documents are set and replaced by the supervisor, and read by anyone."""
    b.refused("NoDocument", "document", "prospectus")
    b.refused("NotSupervisor", "set_document", "prospectus", Hash(ref(1)), by=b.bob)
    for number in (1, 2):
        b.call("set_document", "prospectus", Hash(ref(number)))
        b.emitted("DocumentSet", name="prospectus", digest=Hash(ref(number)))
        b.equal(b.call("document", "prospectus", by=b.bob), Hash(ref(number)), "the document")


# XRC-30, 31, 32 evidence


def evidence_is_kept_once(b: Bench) -> None:
    """存证不可覆盖 / Evidence is kept once under a key, and only its digest is current."""
    b.equal(b.call("is_current", ref(1), ref(2)), False, "is_current before")
    b.refused("NotKeeper", "keep", ref(1), ref(2), "test", by=b.bob)
    b.call("keep", ref(1), ref(2), "test")
    b.emitted("EvidenceKept", key=ref(1), version=1, digest=ref(2))
    b.refused("EvidenceExists", "keep", ref(1), ref(3), "test")
    b.equal([b.call("is_current", ref(1), ref(n)) for n in (2, 3)], [True, False], "is_current")


def a_batch_holds_its_leaves(b: Bench) -> None:
    """批次含其各项 / A path proves a leaf at its place in its batch, and nowhere else."""
    tree = MerkleTree([bytes([n]) for n in range(5)])
    b.refused("NotKeeper", "keep_batch", tree.root, 5, "test", by=b.bob)
    b.refused("NoEvidence", "keep_batch", tree.root, 0, "test")
    number = b.call("keep_batch", tree.root, 5, "test")
    b.emitted("BatchKept", number=number, root=tree.root, count=5)
    b.refused("EvidenceExists", "keep_batch", tree.root, 5, "test")
    for index in range(5):
        b.equal(b.call("is_in", number, tree.leaf(index), index, tree.path(index)), True, "is_in")
    false: list[tuple[Any, ...]] = [
        (number, tree.leaf(0), 1, tree.path(0)),
        (number, tree.leaf(1), 0, tree.path(0)),
        (number, tree.leaf(0), 5, tree.path(0)),
        (number, tree.leaf(0), 0, tree.path(0)[:-1]),
        (number + 1, tree.leaf(0), 0, tree.path(0)),
    ]
    for arguments in false:
        b.equal(b.call("is_in", *arguments), False, "is_in of another place")


def versions_form_a_chain(b: Bench) -> None:
    """版本连续且不可改 / Versions follow each other, each naming the one before; none changes."""
    b.call("keep", ref(1), ref(2), "test")
    first = b.call("version", ref(1), 1)
    b.refused("NotLatest", "update", ref(1), 2, ref(3))
    b.refused("NoEvidence", "update", ref(9), 1, ref(3))
    b.refused("NotKeeper", "update", ref(1), 1, ref(3), by=b.bob)
    b.equal(b.call("update", ref(1), 1, ref(3)), u32(2), "the version")
    b.emitted("EvidenceKept", key=ref(1), version=2, digest=ref(3))
    b.refused("NotLatest", "update", ref(1), 1, ref(4))
    b.equal(b.call("version", ref(1), 1), first, "the first version")
    b.equal(b.call("version", ref(1), 2).link != first.link, True, "that the links differ")
    b.equal(b.call("item", ref(1)).versions, 2, "the number of versions")
    b.refused("NoEvidence", "item", ref(9))


def what_is_withdrawn_stays(b: Bench) -> None:
    """撤回后仍可查 / Withdrawn evidence is no longer current, takes no version, and stays readable."""
    b.call("keep", ref(1), ref(2), "test")
    b.refused("NotKeeper", "withdraw", ref(1), "x", by=b.bob)
    b.call("withdraw", ref(1), "x")
    b.emitted("EvidenceWithdrawn", key=ref(1))
    b.equal(b.call("is_current", ref(1), ref(2)), False, "is_current")
    b.refused("IsWithdrawn", "update", ref(1), 1, ref(3))
    b.refused("IsWithdrawn", "withdraw", ref(1), "x")
    b.equal(b.call("version", ref(1), 1).digest, ref(2), "the version")
