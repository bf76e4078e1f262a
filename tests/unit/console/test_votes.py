"""How votes and audits are told."""

from __future__ import annotations

from typing import Any

import pytest

from xianglian.console.audits import standing
from xianglian.console.look import votes
from xianglian.console.wording import code_words
from xianglian.types import now_ms

HOSTILE = "<img src=x onerror=alert(1)>"
MEMBERS = [{"id": f"org{each}", "name": HOSTILE} for each in range(1, 5)]


def ballots(**cast: bool) -> list[dict[str, Any]]:
    return [{"organisation": organisation, "yes": yes} for organisation, yes in cast.items()]


def test_every_member_has_a_chip_and_whoever_left_keeps_the_vote() -> None:
    drawn = votes.chips(MEMBERS, ballots(org2=True, org3=False, gone=True))
    assert [drawn.count(f'class="ballot {how}"') for how in ("yes", "no", "wait")] == [2, 1, 2]
    assert "<img" not in drawn
    assert "gone" in drawn


@pytest.mark.parametrize("needed", [1, 3, 4])
def test_the_tally_marks_where_it_is_enough(needed: int) -> None:
    drawn = votes.tally(ballots(org2=True, org3=False), needed, len(MEMBERS))
    cells = drawn.split("<i ")[1:]
    assert [index for index, cell in enumerate(cells, 1) if "enough" in cell] == [needed]
    assert [cell.split('"')[1].split(" ")[0] for cell in cells] == ["yes", "", "", "no"]


def test_nobody_voted_and_nobody_is_there() -> None:
    assert votes.chips([], []) == '<ul class="ballots"></ul>'
    assert "<i " not in votes.tally([], 1, 0)


def audit(verdict: str, until_ms: int) -> dict[str, Any]:
    return {"verdict": verdict, "valid_until_ms": until_ms}


def test_one_audit_against_outweighs_and_one_that_holds_is_enough() -> None:
    good, old = audit("positive", now_ms() + 3_600_000), audit("positive", 1)
    told = {"idle": [[]], "warn": [[old]], "ok": [[old, good], [good, old]]}
    told["bad"] = [[good, audit("negative", 1)]]
    for kind, audits in ((kind, each) for kind, cases in told.items() for each in cases):
        assert f'class="pill {kind}"' in standing(audits), kind


def test_refusals_of_the_platform_have_words() -> None:
    assert code_words("XL-PROPOSAL-VOTED") != "XL-PROPOSAL-VOTED"
    assert code_words("TheirOwn") == "TheirOwn"
