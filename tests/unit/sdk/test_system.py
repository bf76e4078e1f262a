import json
from pathlib import Path
from typing import Any

import pytest

from xianglian import _core
from xianglian.errors import InvalidAddress, Misused
from xianglian.keys import Key
from xianglian.sdk import actions, system

VECTORS = json.loads((Path(__file__).parents[3] / "spec/vectors/lifecycle.json").read_text(encoding="utf-8"))

KEY = Key.generate()
ACCOUNT = KEY.account("org1")


def test_an_admission_is_borsh_of_organisation_key_and_roles() -> None:
    arguments = {"organisation": "org1", "key": KEY.public_key, "roles": ["clerk", "issuer"]}
    encoded = system.encode(system.ACCOUNTS, "admit", arguments)
    text = bytes([4, 0, 0, 0]) + b"org1"
    roles = bytes([2, 0, 0, 0, 5, 0, 0, 0]) + b"clerk" + bytes([6, 0, 0, 0]) + b"issuer"
    assert encoded == text + KEY.public_key + roles


def test_hex_and_commas_of_a_command_line_mean_the_same() -> None:
    typed = {"organisation": "org1", "key": KEY.public_key.hex(), "roles": "a,b"}
    exact = {"organisation": "org1", "key": KEY.public_key, "roles": ["a", "b"]}
    assert system.encode(system.ACCOUNTS, "admit", typed) == system.encode(system.ACCOUNTS, "admit", exact)


def test_an_event_reads_back() -> None:
    arguments = {"organisation": "org1", "key": KEY.public_key, "roles": ["clerk"]}
    data = _core.address_to_bytes(ACCOUNT) + system.encode(system.ACCOUNTS, "admit", arguments)
    assert system.decode_event("AccountAdmitted", data) == {"account": ACCOUNT, **arguments}
    assert system.decode_event("OfALaterVersion", data) is None


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("admit", {"organisation": "org1"}, Misused),
        ("destroy", {}, Misused),
        ("suspend", {"account": "xl1nonsense"}, InvalidAddress),
        ("add_key", {"account": ACCOUNT, "key": "02ab"}, Misused),
        ("add_key", {"account": ACCOUNT, "key": "not hex"}, Misused),
    ],
)
def test_wrong_arguments_are_named(method: str, arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        system.encode(system.ACCOUNTS, method, arguments)


@pytest.mark.parametrize("case", VECTORS["actions"], ids=lambda case: case["action"]["kind"])
def test_an_action_is_what_the_standard_says(case: dict[str, Any]) -> None:
    assert actions.action(case["action"]).hex() == case["bytes"]


@pytest.mark.parametrize(
    ("action", "named"),
    [
        ({"kind": "frieze", "name": "points", "version": 1}, "freeze"),
        ({"kind": "freeze", "name": "points"}, "version"),
        ({"kind": "freeze", "name": "points", "version": 1, "code_hash": "00" * 32}, "code_hash"),
        ({"kind": "deploy", "name": "points", "code_hash": "00"}, "32 bytes"),
        ({"kind": "deploy", "name": "points", "code_hash": "zz"}, "hex"),
        ({"kind": "policy", "policy": {"deploy": "everybody"}}, "developers"),
        ({"kind": "policy", "policy": {"deployers": "governance"}}, "deployers"),
    ],
)
def test_a_wrong_action_is_told_what_is_wrong(action: dict[str, Any], named: str) -> None:
    with pytest.raises(Misused, match=named):
        actions.action(action)


def test_a_vote_and_an_audit_are_written_as_on_the_command_line() -> None:
    assert system.encode(system.GOVERNANCE, "vote", {"id": "7", "yes": "true"}) == bytes([7, 0, 0, 0, 1])
    audit = {
        "code_hash": "05" * 32,
        "report_hash": "06" * 32,
        "verdict": "negative",
        "tool": "x",
        "valid_until_ms": 3,
    }
    encoded = system.encode(system.CONTRACTS, "audit", audit)
    assert encoded == b"\5" * 32 + b"\6" * 32 + b"\1" + b"\1\0\0\0x" + bytes([3, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(Misused, match="positive"):
        system.encode(system.CONTRACTS, "audit", {**audit, "verdict": "fine"})
    with pytest.raises(Misused, match="true or false"):
        system.encode(system.GOVERNANCE, "vote", {"id": 7, "yes": "perhaps"})


def test_events_of_a_contracts_life_read_back() -> None:
    policy = bytes.fromhex(VECTORS["actions"][0]["bytes"])[1:]
    assert system.decode_event("ContractPolicySet", policy) == VECTORS["actions"][0]["action"]["policy"]
    made = bytes([2, 0, 0, 0]) + _core.address_to_bytes(ACCOUNT)
    made += b"".join(actions.text(each) for each in ("freeze", "points", "why")) + (9).to_bytes(8, "little")
    assert system.decode_event("ProposalMade", made) == {
        "id": 2,
        "proposer": ACCOUNT,
        "kind": "freeze",
        "name": "points",
        "title": "why",
        "valid_until_ms": 9,
    }


def test_what_is_decided_is_found_to_be_proven() -> None:
    assert actions.proposal_key(2).hex() == VECTORS["state_keys"]["proposal"]
    assert actions.policy_key().hex() == VECTORS["state_keys"]["policy"]


def test_an_interface_without_a_layout_is_not_deployed() -> None:
    with pytest.raises(Misused, match="build the contract again"):
        actions.layout_of(b"{}")


def test_a_refusal_names_what_it_is_about() -> None:
    assert system.reason("XL-UPGRADE-LAYOUT", b"balances") == "XL-UPGRADE-LAYOUT: balances"
    assert system.reason("XL-UPGRADE-LAYOUT", b"") == "XL-UPGRADE-LAYOUT"
    assert system.reason("XL-UPGRADE-LAYOUT", bytes([200, 1])) == "XL-UPGRADE-LAYOUT"
