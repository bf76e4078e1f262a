"""The golden transactions of Solidity contracts, as a client reads them: by the artefact's interface."""

import json
from pathlib import Path
from typing import Any

import pytest

from xianglian.contract import bech32, solidity
from xianglian.contract.keccak import keccak256

from . import wire
from .borsh import Reader

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "spec" / "vectors" / "evm.json").read_text(encoding="utf-8"))
INTERFACES = {
    name: solidity.SolidityInterface(
        solidity.read_artefact(ROOT / "examples" / "solidity" / f"{artefact}.json").interface
    )
    for name, artefact in (("grain", "Token"), ("probe", "Probe"))
}
CALLS = [each for each in VECTORS["transactions"] if each["contract"] in INTERFACES]


def one(about: str) -> dict[str, Any]:
    return next(each for each in VECTORS["transactions"] if each["about"] == about)


def account(raw: str) -> str:
    return bech32.encode("xl", bytes.fromhex(raw))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call["about"])
def test_every_call_costs_at_most_its_limit_and_a_failure_changes_nothing(call: dict[str, Any]) -> None:
    assert 0 < int(call["gas_used"]) <= int(call["gas_limit"])
    if call["code"] != "OK":
        before = VECTORS["transactions"][VECTORS["transactions"].index(call) - 1]
        assert (call["events"], call["output"]) == ([], "")
        assert call["state_root"] == before["state_root"]
    else:
        INTERFACES[call["contract"]].decode_output(call["method"], bytes.fromhex(call["output"]))


def test_what_a_client_sends_and_what_it_reads() -> None:
    grain, probe = INTERFACES["grain"], INTERFACES["probe"]
    sent, refused = one("a transfer"), one("more than is held: a custom error")
    ann, bob = account(sent["sender"]), account(refused["sender"])
    arguments = {"to": bob, "value": 30}
    assert grain.encode_arguments("transfer", arguments).hex() == sent["arguments"]
    assert grain.wire_method("transfer") == sent["method"]
    (event,) = sent["events"]
    assert event["contract"] == VECTORS["contracts"]["grain"]
    assert grain.decode_event(event["name"], bytes.fromhex(event["data"])) == {
        "from": ann,
        "to": bob,
        "value": "30",
    }
    facts = bytes.fromhex(refused["detail"])
    assert grain.decode_error(refused["code"], facts) == {"held": "30", "wanted": "31"}
    assert probe.reason(one("a panic")["code"], bytes.fromhex(one("a panic")["detail"])).endswith("zero")
    reason = one("a text as the reason")
    assert probe.reason(reason["code"], bytes.fromhex(reason["detail"])) == "not today"


def test_a_log_without_a_name_keeps_its_topics() -> None:
    (event,) = one("a log without a name")["events"]
    reader = Reader(bytes.fromhex(event["data"]))
    topics, data = reader.list(4, lambda r: r.take(32)), reader.bytes(4096)
    reader.end()
    assert event["name"] == "log"
    assert topics == [keccak256(b"Counted(uint256)")]
    assert data == (1).to_bytes(32, "big")


def test_national_cryptography_and_addresses() -> None:
    # GM/T 0004, example 1.
    digest = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert one("SM3")["output"] == digest
    assert int(one("SM2, the message that was signed")["output"], 16) == 1
    assert int(one("SM2, another message")["output"], 16) == 0
    for name, address in VECTORS["contracts"].items():
        assert wire.tagged("contract", name.encode())[:20].hex() == address


def test_a_mapping_is_kept_where_solidity_says_and_zero_is_no_value() -> None:
    for held in VECTORS["balances"]:
        key = bytes.fromhex(held["owner"]).rjust(32, b"\0") + (2).to_bytes(32, "big")
        assert keccak256(key).hex() == held["slot"]
    values = [held["value"] for held in VECTORS["balances"]]
    assert values == [(1000).to_bytes(32, "big").hex(), None]
    # With all back where it was, the state is byte for byte as before the first transfer.
    moved = one("all that is held: a slot becomes nothing")
    assert moved["state_root"] == one("a contract whose events have no names")["state_root"]
