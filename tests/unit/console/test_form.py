"""Values out of what people type, and what is said about it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.console.kit.form import Field, fields_of, masked, problem_of, shown, value_of
from xianglian.contract import abi
from xianglian.solutions import validators
from xianglian.solutions.elicence.data import Generator

ACCOUNT = "xl1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"


def field(kind: Any, **more: Any) -> Field:
    return Field("x", "X", kind, **more)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("u8", "255", 255),
        ("u64", "1,000", 1000),
        ("i64", "-5", -5),
        ({"option": "u64"}, "", None),
        ("bool", "true", True),
        ({"text": 6}, "证照", "证照"),
        ({"bytes": 2}, "0A0b", "0a0b"),
        ({"fixed": 2}, "0A0b", "0a0b"),
        ("u256", str(2**256 - 1), 2**256 - 1),
        ({"tuple": ["u8", {"text": 9}]}, '[5, "x"]', [5, "x"]),
        ("hash", "ab" * 32, "ab" * 32),
        ({"list": {"text": 9}, "max": 3}, " a \n\n b", ["a", "b"]),
        ({"list": "u8", "max": 3}, "", []),
    ],
)
def test_values(kind: Any, text: str, value: Any) -> None:
    assert value_of(field(kind), text) == value
    assert problem_of(field(kind), text) == ""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("u8", ""), ("u8", "256"), ("u8", "-1"), ("u8", "1.5"), ("u8", "x"), ({"text": 5}, "证照"),
        ("hash", "ab"),
        ("hash", "zz" * 32), ({"bytes": 1}, "0a0b"), ("address", "xl1wrong"), ("address", "someone"),
        ({"list": {"text": 9}, "max": 1}, "a\nb"), ({"list": "u8", "max": 3}, "1\nx"),
    ],
)  # fmt: skip
def test_problems(kind: Any, text: str) -> None:
    assert problem_of(field(kind), text)


@pytest.mark.parametrize(
    ("text", "ms"),
    [("2030-01-01 08:00", 1893456000000), ("2030-01-01T08:00", 1893456000000), ("2030-01-01", 1893427200000)],
)
def test_times_are_beijing_time(text: str, ms: int) -> None:
    assert value_of(field("u64", hint="time"), text) == ms


@pytest.mark.parametrize(
    "text", ["2030-02-30", "2030-13-01 10:00", "yesterday", "1893456000000", "1960-01-01"]
)
def test_dates_that_do_not_exist(text: str) -> None:
    assert problem_of(field("u64", hint="time"), text)


def test_the_validators_are_the_contracts() -> None:
    data = Generator(3)
    code, person = data.uscc(), data.citizen_number()
    for validator, right in (("uscc", code), ("gb11643", person)):
        assert problem_of(field({"text": 18}, validator=validator), right) == ""
        wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
        assert problem_of(field({"text": 18}, validator=validator), wrong)
        assert validators.check(validator, wrong) is not None


def test_fields_come_from_the_interface(interface: bytes) -> None:
    parsed = abi.Interface(json.loads(interface))
    found = {each.name: each for each in fields_of(parsed, "issue")}
    assert found["licence_id"].validator == "licence_id"
    assert found["holder_ref"].on_chain == "digest"
    assert found["valid_to"].optional
    assert found["valid_from"].hint == "time"
    assert set(found["holder_kind"].options or ()) == {"PERSON", "ORGANISATION"}


@given(st.text(min_size=1, max_size=40))
def test_masking_shows_the_ends_at_most(text: str) -> None:
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert hidden.count("•") >= min(len(text), 3) - (2 if 4 < len(text) <= 8 else 0) or text.count("•")
    private = field({"text": 40}, private=True)
    if len(text.strip()) > 4:
        assert shown(private, text) != text.strip() or "•" in text
