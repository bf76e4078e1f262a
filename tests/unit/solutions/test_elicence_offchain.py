"""What stays off the chain: salted trees, references, synthetic data, answers and words from a proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.compiler import build
from xianglian.contract import abi
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.values import Hash, Ref
from xianglian.solutions.elicence.attributes import AttributeTree, Opening
from xianglian.solutions.elicence.data import (
    ATTRIBUTE_LABELS,
    DAY_MS,
    REGION,
    TYPES,
    Generator,
    matter_code,
    sample_document,
)
from xianglian.solutions.elicence.drafts import Draft, licence_id
from xianglian.solutions.elicence.offline import differences, proven_licence, state_key_of
from xianglian.solutions.elicence.refs import Secret, conceal, reference
from xianglian.solutions.elicence.solution import SOLUTION
from xianglian.solutions.elicence.types import ATTRIBUTES_MAX, Reason
from xianglian.solutions.elicence.wallets import Wallets
from xianglian.solutions.explain import explain
from xianglian.solutions.validators import check

from .conftest import ISSUERS, KEEPER, World

NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True), min_size=1, max_size=16, unique=True)


@given(NAMES, st.data())
def test_each_attribute_proves_itself_and_nothing_else(names: list[str], data: st.DataObject) -> None:
    values = {name: data.draw(st.text(max_size=20)) for name in names}
    tree = AttributeTree.of(names, values)
    for name in names:
        opening = Opening.from_json(json.loads(json.dumps(tree.open(name).to_json())))
        assert opening.proves(tree.root)
        for index in range(ATTRIBUTES_MAX):
            moved = Opening(index, name, opening.value, opening.salt, opening.path)
            assert moved.proves(tree.root) == (index == opening.index)
        assert not Opening(opening.index, name, opening.value + "!", opening.salt, opening.path).proves(
            tree.root
        )
        assert not Opening(opening.index, name + "x", opening.value, opening.salt, opening.path).proves(
            tree.root
        )
        assert not Opening(opening.index, name, opening.value, opening.salt, opening.path[:-1]).proves(
            tree.root
        )


def test_equal_attributes_look_different_on_the_chain() -> None:
    """Fresh salts: nobody can tell from leaves or roots that two holders share a value."""
    one, two = (AttributeTree.of(("name",), {"name": "样例"}) for _ in range(2))
    assert one.root != two.root
    assert one.open("name").leaf != two.open("name").leaf


def test_a_tree_has_exactly_the_attributes_of_its_type() -> None:
    with pytest.raises(ValueError, match="attributes of this type"):
        AttributeTree.of(("name", "sex"), {"name": "样例"})
    with pytest.raises(ValueError, match="32 bytes"):
        AttributeTree.of(("name",), {"name": "样例"}, [b"short"])
    with pytest.raises(KeyError):
        AttributeTree.of(("name",), {"name": "样例"}).open("sex")
    for broken in ({}, {"index": 0}, {**AttributeTree.of(("a",), {"a": ""}).open("a").to_json(), "extra": 1}):
        with pytest.raises(ValueError, match="an opening has"):
            Opening.from_json(broken)


def test_references_hide_and_bind() -> None:
    one, two = conceal("529999199003070015"), conceal("529999199003070015")
    assert one.ref != two.ref
    assert one.ref == sm3_digest(one.salt + one.value.encode())
    assert Secret.from_json(one.to_json()) == one
    with pytest.raises(ValueError, match="32 bytes"):
        reference(b"short", "x")


@given(st.integers(0, 2**32))
def test_synthetic_data_is_valid_and_nobodys(seed: int) -> None:
    generator = Generator(seed)
    for sample in generator.samples(len(TYPES)):
        holder = sample.holder.value
        assert check("gb11643" if sample.kind.of_persons else "uscc", holder) is None
        assert REGION in (holder[0:6], holder[2:8])
        authority = generator.uscc("11")
        code = sample.kind.code(authority)
        assert check("licence_type", code) is None
        assert check("licence_id", licence_id(code, authority, sample.serial)) is None
        assert check("serial", sample.serial) is None
        assert check("certificate_sn", sample.seal_cert_sn) is None
        assert check("matter_code", matter_code(authority, sample.kind)) is None
        assert all(check("attribute_name", name) is None for name in sample.kind.attributes)
    assert {name for kind in TYPES for name in kind.attributes} == set(ATTRIBUTE_LABELS)


def test_the_sample_file_is_what_the_generator_makes() -> None:
    assert SOLUTION.sample is not None
    assert json.loads(SOLUTION.sample.read_text()) == sample_document()


def proof_of(world: World, identifier: str) -> dict[str, Any]:
    """What `xianglian.verify` returns for a proof of a licence's state key."""
    key = bytes(world.contract.address) + state_key_of(identifier)
    value = world.chain.state.get(key)
    fact = {"kind": "absence" if value is None else "state", "key": key.hex()}
    if value is not None:
        fact["value"] = value.hex()
    return {"fact": fact, "height": world.chain.height, "time_ms": world.chain.time_ms}


def test_a_proof_answers_for_any_time_up_to_its_own(world: World) -> None:
    identifier = world.issue()
    times = [world.chain.time_ms]
    for call, reason in (
        (world.contract.suspend, Reason.INVESTIGATION),
        (world.contract.resume, Reason.RECTIFIED),
        (world.contract.revoke, Reason.VIOLATION),
    ):
        world.chain.advance(days=1)
        call(identifier, reason, by=world.issuer)
        times.append(world.chain.time_ms)
    proven = proven_licence(proof_of(world, identifier))
    assert proven is not None
    assert [proven.answer(at).valid for at in times] == [True, False, True, False]
    assert [proven.answer(at - 1).valid for at in times] == [False, True, False, True]
    with pytest.raises(ValueError, match="the proof reaches to"):
        proven.answer(proven.time_ms + 1)
    for at in times:
        told = world.contract.status_at(identifier, at)
        status = None if told.status is None else told.status.name
        answer = {
            "valid": told.valid,
            "status": status,
            "expired": told.expired,
            "begun": told.begun,
            "version": 1,
            "asked_for": at,
        }
        assert differences(proven, answer) == []
        assert differences(proven, {**answer, "valid": not told.valid}) == ["valid"]


def test_a_licence_under_another_key_proves_nothing(world: World) -> None:
    one, two = world.issue(), world.issue()
    result = proof_of(world, one)
    result["fact"]["value"] = proof_of(world, two)["fact"]["value"]
    assert proven_licence(result) is None
    assert explain(result) is None


@pytest.mark.parametrize(
    ("act", "zh", "en"),
    [
        ("none", "有效: 状态为有效", "valid at"),
        ("suspend", "无效: 状态为暂停", "its status is Suspended"),
        ("expire", "无效: 已过有效期", "it has expired"),
        ("early", "无效: 有效期尚未开始", "its validity has not begun"),
        ("change", "新版本为 1.2.156.3005.2.", "the new version is 1.2.156.3005.2."),
    ],
)
def test_words_say_what_is_proven(world: World, act: str, zh: str, en: str) -> None:
    sample, now = world.data.sample(TYPES[0]), world.chain.time_ms
    begins = now + DAY_MS if act == "early" else now
    ends = now + DAY_MS if act == "expire" else None
    identifier = world.issue(sample, valid_from=begins, valid_to=ends)
    if act == "suspend":
        world.contract.suspend(identifier, Reason.INVESTIGATION, by=world.issuer)
    if act == "change":
        changed = world.data.next_version(sample)

        parts = (Ref(sample.number.ref), Hash(changed.file_sm3), "AB", Hash(changed.attributes.root))
        new_id = world.id_of(changed, 2)
        world.contract.change(identifier, new_id, Reason.DATA_CHANGED, *parts, by=world.issuer)
    world.chain.advance(days=2 if act == "expire" else 0)
    words = explain(proof_of(world, identifier))
    assert words is not None
    assert zh in words.zh[0]
    assert en in words.en[0]
    assert identifier in words.zh[0]
    assert len(words.zh) == len(words.en)
    assert sample.holder.value not in "".join(words.zh + words.en)


def test_words_for_a_licence_that_is_not_there(world: World) -> None:
    identifier = world.id_of(world.data.sample(TYPES[0]))
    words = explain(proof_of(world, identifier))
    assert words is not None
    assert sm3_digest(identifier.encode()).hex() in words.en[0]
    other = {"fact": {"kind": "absence", "key": (bytes(20) + b"points/x").hex()}, "height": 1, "time_ms": 1}
    assert explain(other) is None


def test_the_declaration_fits_the_contract() -> None:
    """Every step calls an entry with arguments it has, words are in both languages, alarms watch events."""
    from xianglian.solutions import SOLUTIONS
    from xianglian.solutions.validators import VALIDATORS

    for solution in SOLUTIONS.values():
        interface = build(solution.folder).interface
        entries = {
            m["name"]: {a["name"] for a in m["args"]} for m in interface["methods"] if m["kind"] == "entry"
        }
        assert {step.entry for step in solution.steps} == set(entries)
        for step in solution.steps:
            assert set(step.asks) <= entries[step.entry], step.entry
            assert step.by in solution.roles
        events = {event["name"] for event in interface["events"]}
        assert all(alarm.event in events for alarm in solution.alarms)
        named = [f for m in interface["methods"] for f in m["args"]]
        named += [f for r in interface["records"] for f in r["fields"]]
        assert all(f["validator"] in VALIDATORS for f in named if "validator" in f)
        labels = [f["label"] for f in named]
        labels += [e["label"] for e in interface["errors"]] + [e["label"] for e in interface["events"]]
        assert all(label["en"] for label in labels)
        shown = [f for kind in ("records", "events") for r in interface[kind] for f in r["fields"]]
        assert all(has_chinese(f["label"]["zh"]) for f in shown)
        assert all(has_chinese(e["label"]["zh"]) for e in (*interface["errors"], *interface["events"]))
        for method in interface["methods"]:
            assert has_chinese(method["label"]["zh"]), method["name"]
            assert all(has_chinese(f["label"]["zh"]) for f in method["args"]), method["name"]
        assert has_chinese(solution.title.zh)
        assert all(has_chinese(step.title.zh) and step.title.en for step in solution.steps)


def test_alarms_fire_and_stay_quiet() -> None:
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "obtained-by-deceit": ({"reason": "OBTAINED_BY_DECEIT"}, {"reason": "VIOLATION"}),
        "shown-while-invalid": ({"valid": False}, {"valid": True}),
        "many-uses": ({"max_uses": 101}, {"max_uses": 100}),
    }
    assert set(cases) == {alarm.name for alarm in SOLUTION.alarms}
    for alarm in SOLUTION.alarms:
        loud, quiet = cases[alarm.name]
        assert alarm.raised(loud)
        assert not alarm.raised(quiet)


def test_the_contract_keeps_within_what_nodes_take() -> None:
    built = build(SOLUTION.folder)
    assert len(built.wasm) <= 64 << 10, "a quarter of what a node takes"
    assert len(built.interface_json) <= 192 << 10


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def test_a_draft_is_checked_and_split(world: World, tmp_path: Path) -> None:
    kind = TYPES[2]
    values = dict.fromkeys(kind.attributes, "样例") | {"citizen_number": "529999199003070015"}

    def draft(**changes: Any) -> Draft:
        fields: dict[str, Any] = {
            "type_code": kind.code(KEEPER),
            "issuer": ISSUERS["org2"],
            "serial": "2026000001",
            "of_person": True,
            "holder": "529999199003070015",
            "number": "529999199003070015",
            "order": kind.attributes,
            "values": values,
            "file": b"OFD",
            "seal_cert_sn": "0A1B",
        }
        return Draft.fill(**{**fields, **changes})

    good = draft()
    assert good.problems() == []
    assert check("licence_id", good.licence_id) is None
    wrong = {
        "holder": "529999199003070016",
        "serial": "529999199003070015",
        "seal_cert_sn": "0a",
        "issuer": KEEPER[:-1] + "0",
        "version": 1000,
        "values": values | {"citizen_number": "529999199013070015"},
    }
    for name, value in wrong.items():
        fields = [each for each, _ in draft(**{name: value}).problems()]
        assert fields == ["citizen_number" if name == "values" else name]
    now = world.chain.time_ms
    arguments = good.issue_arguments(holder="xl1", issued_on=now, valid_from=now, valid_to=None)
    interface = abi.Interface(build(SOLUTION.folder).interface)
    assert set(arguments) == set(interface.method("issue").arguments)
    assert set(good.change_arguments("x", "DATA_CHANGED")) == set(interface.method("change").arguments)
    assert set(good.renew_arguments("x", None)) == set(interface.method("renew").arguments)
    wallets = Wallets.of(tmp_path)
    wallets.put("alice", good)
    wallets.save()
    assert Wallets.of(tmp_path).tree("alice", good.licence_id) == good.attributes
    assert (tmp_path / "elicence" / "alice.json").stat().st_mode & 0o077 == 0
