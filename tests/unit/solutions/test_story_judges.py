"""The story notices what is wrong: an acceptance run that cannot fail would show nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from xianglian.compiler import build
from xianglian.contract import abi
from xianglian.contract.lib import identifiers as ids
from xianglian.solutions.elicence import refusals, story
from xianglian.solutions.elicence.report import Report
from xianglian.solutions.elicence.solution import SOLUTION
from xianglian.solutions.elicence.stage import Act, Outcome
from xianglian.types import Event

INTERFACE = abi.Interface(build(SOLUTION.folder).interface)


def presented(cursor: int, *, valid: bool, status: str) -> Outcome:
    fields = {"valid": valid, "status": status}
    event = Event("xlc1", "LicencePresented", b"", fields, cursor=cursor)
    return Outcome(Act("verifier", "present", {}), "ab", "", (event,))


def changed(cursor: int, method: str) -> Outcome:
    return Outcome(
        Act("issuer", method, {}), "cd", "", (Event("xlc1", "LicenceChanged", b"", {}, cursor=cursor),)
    )


def judge(change: Outcome | None, use: Outcome) -> Report:
    tale = cast("Any", SimpleNamespace(report=Report()))
    each = cast("Any", SimpleNamespace(licence_id="L"))
    changes = {} if change is None else {"L": change}
    story._judge(tale, changes, [each], [use], "n", "", "")
    report: Report = tale.report
    return report


@pytest.mark.parametrize(
    ("change", "use", "right"),
    [
        (None, presented(5, valid=True, status="VALID"), True),
        (None, presented(5, valid=False, status="SUSPENDED"), False),
        (changed(4, "suspend"), presented(5, valid=False, status="SUSPENDED"), True),
        (changed(4, "suspend"), presented(5, valid=True, status="VALID"), False),
        (changed(4, "suspend"), presented(5, valid=False, status="REVOKED"), False),
        (changed(4, "revoke"), presented(5, valid=True, status="REVOKED"), False),
        (changed(6, "change"), presented(5, valid=True, status="VALID"), True),
        (changed(6, "change"), presented(5, valid=False, status="SUPERSEDED"), False),
    ],
)
def test_an_answer_is_that_of_its_place_in_the_chain(
    change: Outcome | None, use: Outcome, right: bool
) -> None:
    report = judge(change, use)
    assert report.ok is right
    assert report.answers_right == int(right)


@pytest.mark.parametrize(
    ("code", "detail", "right"),
    [
        ("BadIdentifier", bytes([ids.CHECK]), True),
        ("BadIdentifier", bytes([ids.LENGTH]), False),
        ("SerialTaken", b"", False),
        ("", b"", False),
    ],
)
def test_a_refusal_counts_only_for_its_own_reason(code: str, detail: bytes, right: bool) -> None:
    act = Act("issuer", "issue", {})
    case = refusals.Refusal("n", "", "", act, "BadIdentifier", ids.CHECK)
    tale = cast("Any", SimpleNamespace(report=Report()))
    refusals._count(tale, case, Outcome(act, "ab", code, detail=detail), INTERFACE)
    assert tale.report.ok is right
    assert tale.report.refused == int(right)


@pytest.mark.parametrize(
    ("codes", "right"),
    [
        (("", "SerialTaken"), True),
        (("", ""), False),
        (("SerialTaken", "SerialTaken"), False),
        (("", "Other"), False),
    ],
)
def test_a_race_has_exactly_one_winner(codes: tuple[str, str], right: bool) -> None:
    tale = cast("Any", SimpleNamespace(report=Report()))
    outcomes = [Outcome(Act("issuer", "issue", {}), "ab", code) for code in codes]
    refusals._race(tale, "n", outcomes, "SerialTaken", "", "")
    assert tale.report.ok is right


def test_a_report_without_checks_is_not_good() -> None:
    assert not Report().ok
