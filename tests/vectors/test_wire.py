"""The golden bytes of `spec/vectors`, read by an implementation written from the clauses alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from . import lifecycle, proofs, sm2, wire
from .borsh import Malformed, Reader, items, u32

FOLDER = Path(__file__).resolve().parents[2] / "spec" / "vectors"


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return document


def test_genesis_chain_id_and_addresses() -> None:
    document = load("genesis.json")
    data = wire.genesis(document["genesis"])
    assert data.hex() == document["bytes"]
    assert wire.tagged("chain", data).hex() == document["chain_id"]
    validators = wire.founding_validators(data)
    assert [key.hex() for key in validators] == document["validators"]
    assert wire.validators_hash(validators).hex() == document["validators_hash"]
    for account in document["genesis"]["accounts"]:
        key = bytes.fromhex(account["key"])
        identity = wire.tagged("account", account["organisation"].encode(), key)[:20]
        assert identity.hex() == account["account_hex"]
        assert wire.bech32m("xl", identity) == account["account"]
    for contract in document["contracts"]:
        address = wire.tagged("contract", contract["name"].encode())[:20]
        assert address.hex() == contract["address_hex"]
        assert wire.bech32m("xlc", address) == contract["address"]
    accounts = bytes.fromhex(document["contracts"][0]["address_hex"])
    first = document["genesis"]["accounts"][0]
    assert document["state_keys"] == {
        "account": (accounts + b"a/" + bytes.fromhex(first["account_hex"])).hex(),
        "key": (accounts + b"k/" + bytes.fromhex(first["key"])).hex(),
        "organisation": (accounts + b"o/org1").hex(),
    }


def test_transactions() -> None:
    document = load("transaction.json")
    chain_id = bytes.fromhex(document["chain_id"])
    for case in document["accepted"]:
        data = wire.body(case["body"])
        assert data.hex() == case["body_bytes"]
        identity = wire.tx_id(data)
        assert identity.hex() == case["tx_id"]
        assert wire.signing_bytes(identity).hex() == case["signing_bytes"]
        assert case["signed"] == case["body_bytes"] + case["key"] + case["signature"]
        assert wire.check_transaction(bytes.fromhex(case["signed"]), chain_id) == identity
        public = sm2.times(int(case["secret"], 16), sm2.G)
        assert public == sm2.decompress(bytes.fromhex(case["key"]))


@pytest.mark.parametrize("case", load("transaction.json")["refused"], ids=lambda case: case["name"])
def test_refused_transactions(case: dict[str, str]) -> None:
    chain_id = bytes.fromhex(load("transaction.json")["chain_id"])
    with pytest.raises(Malformed, match=f"^{case['code']}$"):
        wire.check_transaction(bytes.fromhex(case["signed"]), chain_id)


def test_receipts_and_their_places() -> None:
    document = load("receipt.json")
    encoded = [wire.receipt(case["receipt"]) for case in document["receipts"]]
    assert [data.hex() for data in encoded] == [case["bytes"] for case in document["receipts"]]
    root = wire.list_root(encoded)
    assert root.hex() == document["receipts_root"]
    for proof in document["proofs"]:
        index, count, siblings = proofs.read_inclusion(Reader(bytes.fromhex(proof["bytes"])))
        assert (index, count, [s.hex() for s in siblings]) == (
            proof["index"],
            proof["count"],
            proof["siblings"],
        )
        for place, data in enumerate(encoded):
            assert wire.included(root, data, index, count, siblings) == (place == index)


def test_block() -> None:
    document = load("block.json")
    header = wire.header(document["header"])
    assert header.hex() == document["header_bytes"]
    assert wire.tagged("header", header).hex() == document["digest"]
    assert wire.read_header(Reader(header))["digest"].hex() == document["digest"]
    transactions = [bytes.fromhex(tx) for tx in document["transactions"]]
    assert wire.list_root(transactions).hex() == document["header"]["tx_root"]
    block = header + items(transactions, lambda tx: u32(len(tx)) + tx)
    assert block.hex() == document["bytes"]
    for case in document["lists"]:
        assert wire.list_root([bytes.fromhex(item) for item in case["items"]]).hex() == case["root"]


def test_state_roots_and_proofs() -> None:
    document = load("state.json")
    for case in document["states"]:
        entries = {bytes.fromhex(key): bytes.fromhex(value) for key, value in case["entries"]}
        root = proofs.state_root(entries)
        assert root.hex() == case["root"], case["name"]
        for proof in case["proofs"]:
            key = bytes.fromhex(proof["key"])
            value = None if proof["value"] is None else bytes.fromhex(proof["value"])
            proofs.check_state(
                root, key, value, proofs.read_state_proof(Reader(bytes.fromhex(proof["proof"])))
            )
    for case in document["refused"]:
        value = None if case["value"] is None else bytes.fromhex(case["value"])
        proof = proofs.read_state_proof(Reader(bytes.fromhex(case["proof"])))
        with pytest.raises(proofs.Refused, match=f"^{case['code']}$"):
            proofs.check_state(bytes.fromhex(case["root"]), bytes.fromhex(case["key"]), value, proof)


@pytest.mark.parametrize("case", load("proof_file.json")["accepted"], ids=lambda case: case["name"])
def test_proof_files(case: dict[str, Any]) -> None:
    genesis = bytes.fromhex(load("proof_file.json")["genesis"])
    found = proofs.verify_file(bytes.fromhex(case["file"]), genesis)
    assert found == {name: case[name] for name in found}


@pytest.mark.parametrize("case", load("proof_file.json")["refused"], ids=lambda case: case["name"])
def test_refused_proof_files(case: dict[str, str]) -> None:
    genesis = bytes.fromhex(load("proof_file.json")["genesis"])
    with pytest.raises(proofs.Refused, match=f"^{case['code']}$"):
        proofs.verify_file(bytes.fromhex(case["file"]), genesis)


def test_sm3_and_sm2_examples_of_the_standards() -> None:
    assert sm2.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    case = load("transaction.json")["accepted"][0]
    signature = bytes.fromhex(case["signature"])
    message = bytes.fromhex(case["signing_bytes"])
    assert sm2.verify(bytes.fromhex(case["key"]), message, signature)
    assert not sm2.verify(bytes.fromhex(case["key"]), message + b"\0", signature)


def test_contracts_and_governance() -> None:
    document = load("lifecycle.json")
    for case in document["actions"]:
        assert lifecycle.action(case["action"]).hex() == case["bytes"]
    assert [case["bytes"][:2] for case in document["actions"]] == [f"0{index}" for index in range(6)]
    for name in ("contract", "version", "staged", "audit", "proposal"):
        assert getattr(lifecycle, name)(document[name]).hex() == document[name]["bytes"], name
    assert lifecycle.staged(document["staged_evm"]).hex() == document["staged_evm"]["bytes"]
    registry = wire.tagged("contract", b"system:contracts")[:20]
    governance = wire.tagged("contract", b"system:governance")[:20]
    points = wire.tagged("contract", b"points")[:20]
    code = bytes.fromhex(document["contract"]["code_hash"])
    owner = bytes.fromhex(document["contract"]["owner"])
    assert {name: bytes.fromhex(key) for name, key in document["state_keys"].items()} == {
        "contract": registry + b"c/" + points,
        "version": registry + b"v/" + points + bytes([0, 0, 0, 3]),
        "layout": registry + b"l/" + points,
        "code": registry + b"x/" + points + bytes([0, 0, 0, 3, 0, 1]),
        "staged": registry + b"s/" + code,
        "staged_code": registry + b"y/" + code + bytes([0, 1]),
        "staged_count": registry + b"n/" + owner,
        "audits": registry + b"a/" + code,
        "event_names": registry + b"e/" + points,
        "policy": governance + b"p",
        "threshold": governance + b"t",
        "proposal": governance + b"#/" + bytes([0, 0, 0, 2]),
    }
