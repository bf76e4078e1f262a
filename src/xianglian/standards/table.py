"""The registry of standards: numbers, versions, what the suite needs and checks. Numbers are never reused."""

from __future__ import annotations

from xianglian.contract.lib import xrc
from xianglian.contract.values import Hash
from xianglian.standards import checks as c
from xianglian.standards.suite import Bench, Check, Prepare, Standard, ref


def _nothing(_bench: Bench) -> None:
    """A fresh contract is enough."""


def _issued(bench: Bench) -> None:
    bench.call("issue", bench.ann, 1_000)


def _two_tokens(bench: Bench) -> None:
    for number in (1, 2):
        bench.call("issue_token", ref(number), bench.ann)


def _two_kinds(bench: Bench) -> None:
    for kind in (1, 2):
        bench.call("issue_kind", kind, bench.ann, 100)


def _one_credential(bench: Bench) -> None:
    bench.call("list_issuer", 1, bench.ann, 2**63)
    bench.call("issue_credential", ref(1), 1, ref(2), Hash(ref(3)), 0, 2**62)


def _standard(
    number: int,
    interface: type,
    errors: str,
    roles: str,
    needs: str,
    prepare: Prepare,
    *checks: object,
) -> Standard:
    made = tuple(Check(each) for each in checks)  # type: ignore[arg-type]
    return Standard(number, 1, interface, tuple(errors.split()), tuple(roles.split()), needs, prepare, made)


_FRESH = "a fresh contract"
_UNITS = "ann holds at least 10 units; the suite calls issue(ann, 1000)"

STANDARDS: dict[int, Standard] = {
    each.number: each
    for each in (
        _standard(1, xrc.Xrc1, "", "", _FRESH, _nothing),
        _standard(
            3, xrc.Xrc3, "NotOwner NotOffered", "", "ann, who has deployed it, is the owner", _nothing,
            c.ownership_moves_in_two_steps, c.offers_end,
        ),
        _standard(
            4, xrc.Xrc4, "LacksRole AlreadyHeld LastAdministrator TimeIsPast", "",
            "ann, who has deployed it, is the administrator", _nothing,
            c.roles_are_granted_and_revoked, c.roles_end, c.an_administrator_stays,
        ),
        _standard(
            20, xrc.Xrc20, "BalanceTooLow AllowanceTooLow", "issuer", _UNITS, _issued,
            c.units_are_kept, c.nobody_overspends, c.allowances_bind, c.an_allowance_is_replaced_knowingly,
        ),
        _standard(
            21, xrc.Xrc21, "NoSuchToken NotTokenHolder", "issuer",
            "ann holds the tokens 01… and 02…; the suite calls issue_token", _two_tokens,
            c.a_token_has_one_holder, c.a_permission_ends_with_a_move, c.what_is_no_token_is_refused,
        ),
        _standard(
            22, xrc.Xrc22, "BalanceTooLow", "issuer",
            "ann holds units of the kinds 1 and 2; the suite calls issue_kind", _two_kinds,
            c.kinds_do_not_mix,
        ),
        _standard(
            23, xrc.Xrc23, "NoSuchCredential WrongChange NotRegistrar", "registrar",
            "ann has issued the credential 01… to 02…; the suite calls list_issuer and issue_credential",
            _one_credential,
            c.a_credential_stays_with_its_holder, c.a_status_changes_lawfully, c.strangers_change_nothing,
        ),
        _standard(
            24, xrc.Xrc24, "IsFrozen NotSupervisor NoDocument BalanceTooLow", "issuer supervisor",
            _UNITS + "; ann supervises", _issued,
            c.frozen_accounts_stand_still, c.orders_are_followed, c.documents_are_kept,
        ),
        _standard(
            30, xrc.Xrc30, "NotKeeper EvidenceExists", "evidence", "ann may keep evidence, bob not", _nothing,
            c.evidence_is_kept_once,
        ),
        _standard(
            31, xrc.Xrc31, "NotKeeper EvidenceExists NoEvidence", "evidence",
            "ann may keep evidence, bob not", _nothing, c.a_batch_holds_its_leaves,
        ),
        _standard(
            32, xrc.Xrc32, "NotKeeper NotLatest NoEvidence IsWithdrawn", "evidence",
            "ann may keep evidence, bob not", _nothing, c.versions_form_a_chain, c.what_is_withdrawn_stays,
        ),
    )
}  # fmt: skip
"""By number."""
