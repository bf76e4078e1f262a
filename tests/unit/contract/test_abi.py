"""Calls, answers, events and refusals through an interface description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.compiler import build
from xianglian.contract import bech32
from xianglian.contract.abi import ArgumentError, Interface, InvalidInterface
from xianglian.contract.codec import DecodeError
from xianglian.contract.testing import Chain, load_contract

ROOT = Path(__file__).parents[3]
POINTS = ROOT / "examples" / "points"
EVERYTHING = ROOT / "tests" / "unit" / "compiler" / "contracts" / "everything.py"


@pytest.fixture(scope="module")
def points() -> Interface:
    return Interface.parse(build(POINTS).interface_json)


@pytest.fixture(scope="module")
def everything() -> Interface:
    return Interface.parse(build(EVERYTHING).interface_json)


def test_a_call_and_its_events_as_a_person_writes_and_reads_them(points: Interface) -> None:
    chain = Chain()
    ann, bob = chain.account("ann"), chain.account("bob")
    deployed = chain.deploy(load_contract(POINTS / "contract.py").Points, by=ann)
    target = bech32.encode("xl", bob)
    data = points.encode_arguments("issue", {"target": target, "amount": str(2**127)})
    assert points.decode_arguments("issue", data) == {"target": target, "amount": str(2**127)}
    chain.run(deployed, "issue", data, by=ann)
    event = chain.events[-1]
    assert points.decode_event(event.name, event.data) == {"target": target, "amount": str(2**127)}
    query = points.encode_arguments("balance", {"owner": bob.hex()})
    answer = chain.run(deployed, "balance", query, by=ann, read_only=True)
    assert points.decode_output("balance", answer) == str(2**127)


def test_refusals_speak_both_languages_with_their_facts(points: Interface) -> None:
    detail = (5).to_bytes(16, "little") + (9).to_bytes(16, "little")
    assert points.decode_error("InsufficientBalance", detail) == {"held": "5", "wanted": "9"}
    assert points.reason("InsufficientBalance", detail, "zh") == "余额不足 (held 5, wanted 9)"
    assert points.reason("Overflow") == "A number left the range of its type."
    assert points.reason("SomethingElse", b"x") == "SomethingElse"
    assert points.place(78) == ("contract.py", 78)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"target": "ab" * 20}, "issue.amount: is missing"),
        ({"target": "ab" * 20, "amount": 1, "memo": 2}, "issue.memo: no such argument"),
        ({"target": "ab" * 19, "amount": 1}, "issue.target: 20 bytes wanted, got 19"),
        ({"target": "xl1qqqqqq", "amount": 1}, "issue.target: no address"),
        ({"target": 5, "amount": 1}, "issue.target: an address wanted"),
        ({"target": "ab" * 20, "amount": -1}, "issue.amount: -1 is outside u128"),
        ({"target": "ab" * 20, "amount": "1.5"}, "issue.amount: a whole number wanted"),
        ({"target": "ab" * 20, "amount": True}, "issue.amount: a whole number wanted"),
        ({"target": "ab" * 20, "amount": 2**128}, "issue.amount: 3402"),
    ],
)
def test_a_wrong_argument_is_named(points: Interface, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        points.encode_arguments("issue", arguments)
    assert words in str(caught.value)


def test_records_lists_enums_and_options(everything: Interface) -> None:
    point = {"x": "-3", "tag": "0a" * 32, "names": ["é", "b"]}
    arguments = {"k": 7, "point": point, "secret": "ff00"}
    data = everything.encode_arguments("point", arguments)
    assert everything.decode_arguments("point", data) == arguments
    change = {"key": "01" * 32, "status": "REVOKED", "until": None}
    data = everything.encode_arguments("change", change)
    assert data == b"\x01" * 32 + b"\x07\x00"
    assert everything.decode_arguments("change", data) == change
    for broken, words in [
        (
            {**arguments, "point": {**point, "names": ["a", "b", "c", "d"]}},
            "point.point.names: a list of at most 3",
        ),
        ({**arguments, "point": {**point, "names": ["a", 5]}}, "point.point.names[1]: text wanted"),
        ({**arguments, "point": {"x": 1}}, "point.point: an object with x, tag, names wanted"),
    ]:
        with pytest.raises(ArgumentError) as caught:
            everything.encode_arguments("point", broken)
        assert words in str(caught.value)
    with pytest.raises(ArgumentError, match="one of VALID, SUSPENDED, REVOKED"):
        everything.encode_arguments("change", {**change, "status": "GONE"})
    with pytest.raises(ArgumentError, match="no such method"):
        everything.encode_arguments("nothing", {})


def test_hostile_bytes_are_refused(everything: Interface) -> None:
    good = everything.encode_arguments("change", {"key": "01" * 32, "status": "VALID", "until": 5})
    for bad in (good[:-1], good + b"\0", good[:32] + b"\x02" + good[33:], good[:33] + b"\x02" + good[34:]):
        with pytest.raises(DecodeError):
            everything.decode_arguments("change", bad)
    with pytest.raises(ValueError, match="format"):
        Interface.parse(b'{"format": 2}')
    with pytest.raises(ValueError, match="no interface"):
        Interface.parse(b'{"format": 1}')


def test_privacy_labels_and_validators_reach_the_forms(everything: Interface) -> None:
    note = next(m for m in everything.document["methods"] if m["name"] == "note")
    assert [a["privacy"] for a in note["args"]] == ["public", "public", "sealed"]
    change = next(m for m in everything.document["methods"] if m["name"] == "change")
    assert [a["privacy"] for a in change["args"]] == ["ref", "public", "public"]
    assert change["args"][2]["hint"] == "time"
    status = next(e for e in everything.document["enums"] if e["name"] == "Status")
    assert status["members"][2] == {"name": "REVOKED", "value": 7, "label": {"zh": "吊销", "en": "Revoked"}}


def test_tuples_and_fixed_bytes_travel() -> None:
    source = ROOT / "tests" / "unit" / "compiler" / "contracts" / "wide.py"
    interface = Interface(build(source).interface)
    tuple_of = {"tuple": ["u64", {"text": 9}]}
    assert interface.document["methods"][-1]["returns"]["type"] == tuple_of
    assert interface.type(tuple_of) == interface.method("before").returns
    assert interface.decode_output("before", (5).to_bytes(8, "little") + b"\4\0\0\0five") == ["5", "five"]
    given = {"a": str(2**255), "b": -3, "c": "010203040506"}
    data = interface.encode_arguments("told", given)
    assert len(data) == 32 + 16 + 6
    assert interface.decode_arguments("told", data) == {**given, "b": "-3"}
    for wrong in ("0102", "01020304050607"):
        with pytest.raises(ArgumentError, match=r"told.c: 6 bytes wanted"):
            interface.encode_arguments("told", {**given, "c": wrong})
    with pytest.raises(ArgumentError, match=r"tuples.pair: 2 values wanted"):
        interface.encode_arguments("tuples", {"pair": ["5"], "n": 1, "maybe": None})
    layout = {each["field"]: each["type"] for each in interface.document["layout"]}
    assert layout["last"] == "tuple<u64,text<9>>"


def _with(document: dict[str, Any], **changed: Any) -> str:
    return json.dumps({**document, **changed})


def test_a_description_that_lies_or_never_ends_is_refused(points: Interface) -> None:
    document = points.document
    methods = document["methods"]
    renamed = [{**methods[0], "name": "x(self): pass\nimport os"}, *methods[1:]]
    field = {"name": "a", "type": {"record": "R"}, "privacy": "public", "label": {"zh": "a", "en": "a"}}
    circle = {"name": "R", "fields": [field]}
    doubled = [{"name": "R0", "fields": [{**field, "type": "u64"}]}] + [
        {"name": f"R{n}", "fields": [{**field, "name": x, "type": {"record": f"R{n - 1}"}} for x in "ab"]}
        for n in range(1, 40)
    ]
    event = {**document["events"][0], "fields": [{**field, "type": {"record": "R39"}}]}
    for text, words in (
        (
            _with(document, methods=[*methods, methods[0]]),
            f"a name twice under methods: {methods[0]['name']}",
        ),
        (_with(document, methods=renamed), "a name under methods that is none"),
        (_with(document, contract=5), "a name under contract that is none"),
        (_with(document, x="HERE").replace('"HERE"', "[" * 80_000 + "]" * 80_000), "nested too deeply"),
        (_with(document, x="a" * 200_000), "more than 196608 bytes"),
        (_with(document, records=[circle], events=[{**event, "fields": [field]}]), "more than 65536 types"),
        (_with(document, records=doubled, events=[event]), "more than 65536 types"),
        ("[]", "no interface description"),
        ("{", "no interface description"),
    ):
        with pytest.raises(InvalidInterface, match=words):
            Interface.parse(text)


def test_types_may_be_asked_for_without_end(points: Interface) -> None:
    for _ in range(70_000):
        points.type("u64")
