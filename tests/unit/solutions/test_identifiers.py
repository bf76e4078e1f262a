"""Identifier validators: published vectors, every forged character, slow definitions."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract.lib import identifiers as ids
from xianglian.solutions.validators import PROBLEMS, TITLES, VALIDATORS, check

VECTORS = json.loads((Path(__file__).parents[3] / "spec" / "vectors" / "identifiers.json").read_text())
CASES = [(name, case) for name, cases in VECTORS.items() if name != "about" for case in cases]


@pytest.mark.parametrize(
    ("name", "case"), CASES, ids=lambda part: part if isinstance(part, str) else part["about"]
)
def test_vectors(name: str, case: dict[str, str | None]) -> None:
    problem = check(name, str(case["value"]))
    assert (None if problem is None else problem.code) == case["problem"]


@pytest.mark.parametrize("name", ["uscc", "gb11643", "licence_id"])
def test_every_change_of_one_character_is_noticed(name: str) -> None:
    """All single substitutions; GB 11714 alone cannot (D and 2 weigh the same modulo 11), the code around it
    does."""
    for case in VECTORS[name]:
        if case["problem"] is not None:
            continue
        value = case["value"]
        for at in range(len(value)):
            for other in ids.ALPHANUMERIC.decode():
                if other != value[at]:
                    assert check(name, value[:at] + other + value[at + 1 :]) is not None, (value, at, other)


@given(st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
def test_dates_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    try:
        datetime.date(year, month, day)
        real = 1800 <= year <= 2999
    except ValueError:
        real = False
    assert (ids.date(b"%04d%02d%02d" % (year, month, day)) == ids.OK) == real


@given(st.text(alphabet=ids.ALPHANUMERIC.decode(), min_size=1, max_size=60))
def test_mod37_36_accepts_exactly_one_character(text: str) -> None:
    good = [c for c in ids.ALPHANUMERIC.decode() if ids.mod37_36((text + c).encode()) == ids.OK]
    assert len(good) == 1


@given(
    st.sampled_from(sorted(VALIDATORS)),
    st.text(max_size=90) | st.binary(max_size=90).map(lambda b: b.decode("latin1")),
)
def test_no_input_breaks_a_validator(name: str, text: str) -> None:
    assert VALIDATORS[name](text.encode()) in {ids.OK, *PROBLEMS}


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_citizen_number_is_found_anywhere_in_a_text(before: str, after: str) -> None:
    assert check("public_text", before + "529999199003070015" + after) == PROBLEMS[ids.PERSONAL]


def test_every_validator_has_words() -> None:
    assert set(TITLES) == set(VALIDATORS)
    assert len({problem.code for problem in PROBLEMS.values()}) == len(PROBLEMS)
    assert all(
        any("\u4e00" <= c <= "\u9fff" for c in problem.zh) and problem.en for problem in PROBLEMS.values()
    )
