"""Solidity's encoding against its specification's examples, and contracts of a compiler's artefact."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianglian.contract import abi, bech32, solidity, solidity_abi
from xianglian.contract.keccak import keccak256
from xianglian.contract.solidity_abi import AbiType
from xianglian.errors import Misused

SOLIDITY = Path(__file__).parents[3] / "examples" / "solidity"
ANN, BOB = (bech32.encode("xl", bytes([number]) * 20) for number in (1, 2))


def of(text: str, *parts: Any) -> AbiType:
    components = [{"name": f"f{at}", "type": part} for at, part in enumerate(parts)]
    return solidity_abi.parse({"type": text, "components": components})


def encoded(types: list[str], values: list[Any]) -> list[str]:
    """The words of an encoding in hex, without leading zeros."""
    data = solidity_abi.encode([of(each) for each in types], values, types)
    return [data[at : at + 32].hex().lstrip("0") or "0" for at in range(0, len(data), 32)]


def test_keccak_is_keccak_and_not_sha3() -> None:
    known = {
        b"": "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        b"transfer(address,uint256)": "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b",
    }
    assert {data: keccak256(data).hex() for data in known} == known
    # Lengths around the block: one block, with the padding's two bits in one byte, and two blocks.
    assert len({keccak256(bytes(size)) for size in range(134, 139)}) == 5


def test_the_examples_of_the_specification() -> None:
    assert encoded(["uint32", "bool"], [69, True]) == ["45", "1"]
    assert encoded(["bytes3[2]"], [["616263", "646566"]]) == ["616263" + "0" * 58, "646566" + "0" * 58]
    words = encoded(["bytes", "bool", "uint256[]"], [b"dave".hex(), True, [1, 2, 3]])
    assert words == ["60", "1", "a0", "4", "64617665" + "0" * 56, "3", "1", "2", "3"]
    words = encoded(
        ["uint256", "uint32[]", "bytes10", "bytes"],
        [0x123, [0x456, 0x789], b"1234567890".hex(), b"Hello, world!".hex()],
    )
    assert words == [
        "123", "80", "31323334353637383930" + "0" * 44, "e0",
        "2", "456", "789", "d", "48656c6c6f2c20776f726c6421" + "0" * 38,
    ]  # fmt: skip
    words = encoded(["uint256[][]", "string[]"], [[[1, 2], [3]], ["one", "two", "three"]])
    assert words == [
        "40", "140", "2", "40", "a0", "2", "1", "2", "1", "3", "3", "60", "a0", "e0",
        "3", "6f6e65" + "0" * 58, "3", "74776f" + "0" * 58, "5", "7468726565" + "0" * 54,
    ]  # fmt: skip


LEAVES: dict[str, st.SearchStrategy[Any]] = {
    "uint8": st.integers(0, 255),
    "uint256": st.integers(0, 2**256 - 1).map(str),
    "int64": st.integers(-(2**63), 2**63 - 1).map(str),
    "int256": st.integers(-(2**255), 2**255 - 1).map(str),
    "bool": st.booleans(),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: bech32.encode("xl", raw)),
    "bytes4": st.binary(min_size=4, max_size=4).map(bytes.hex),
    "bytes": st.binary(max_size=70).map(bytes.hex),
    "string": st.text(max_size=20),
}


@st.composite
def typed(draw: st.DrawFn, depth: int = 2) -> tuple[AbiType, Any]:
    kind = draw(st.sampled_from([*LEAVES, "list", "fixed", "tuple"] if depth else list(LEAVES)))
    if kind in LEAVES:
        return of(kind), draw(LEAVES[kind])
    if kind == "tuple":
        parts = draw(st.lists(typed(depth - 1), min_size=1, max_size=3))
        fields = tuple((f"f{at}", shape) for at, (shape, _) in enumerate(parts))
        return AbiType("tuple", fields=fields), {f"f{at}": value for at, (_, value) in enumerate(parts)}
    item, value = draw(typed(depth - 1))
    count = draw(st.integers(1 if kind == "fixed" else 0, 3))
    return AbiType("list", count if kind == "fixed" else 0, item), [value] * count


@settings(max_examples=150, deadline=None)
@given(st.lists(typed(), max_size=3), st.binary(max_size=8))
def test_what_is_encoded_is_decoded_and_less_of_it_is_refused(
    parts: list[tuple[AbiType, Any]], more: bytes
) -> None:
    types, values = [shape for shape, _ in parts], [value for _, value in parts]
    data = solidity_abi.encode(types, values, ["x"] * len(parts))
    assert solidity_abi.decode(types, data + more) == values
    if parts:
        with pytest.raises(ValueError, match="data end"):
            solidity_abi.decode(types, data[: 32 * sum(shape.words for shape in types) - 1])


@settings(max_examples=150, deadline=None)
@given(typed(), st.binary(max_size=200))
def test_foreign_bytes_are_values_or_a_value_error(part: tuple[AbiType, Any], data: bytes) -> None:
    with contextlib.suppress(ValueError):
        solidity_abi.decode([part[0]], data)


@pytest.mark.parametrize(
    ("text", "value", "problem"),
    [
        ("uint8", 256, "outside uint8"),
        ("uint8", -1, "outside uint8"),
        ("int8", "128", "outside int8"),
        ("uint256", 1.5, "whole number"),
        ("uint256", True, "whole number"),
        ("bool", 1, "true or false"),
        ("address", "xl1nothing", "no address"),
        ("address", "00", "20 bytes"),
        ("bytes4", "0011", "4 bytes"),
        ("bytes", "xyz", "hex"),
        ("string", b"x", "text"),
        ("uint8[2]", [1], "list of 2"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(text: str, value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"price.*{problem}"):
        solidity_abi.encode([of(text)], [value], ["price"])


@pytest.fixture(scope="module")
def token() -> solidity.SolidityInterface:
    parsed = abi.Interface.parse(solidity.read_artefact(SOLIDITY / "Token.json").interface_json)
    assert isinstance(parsed, solidity.SolidityInterface)
    return parsed


def test_a_call_is_named_by_its_signature_and_read_by_its_fields(token: solidity.SolidityInterface) -> None:
    data = token.encode_arguments("transfer", {"to": BOB, "value": "5"})
    assert token.wire_method("transfer") == "transfer(address,uint256)"
    assert token.decode_arguments("transfer(address,uint256)", data) == {"to": BOB, "value": "5"}
    assert token.decode_output("transfer", bytes(31) + b"\x01") is True
    assert token.method("balanceOf").kind == "view"
    assert token.method("transfer").kind == "entry"
    assert token.wire_method("evm") == "evm"
    assert token.encode_arguments("evm", {"data": "a9059cbb"}) == bytes.fromhex("a9059cbb")
    with pytest.raises(abi.ArgumentError, match=r"transfer\.value"):
        token.encode_arguments("transfer", {"to": BOB, "value": -1})
    with pytest.raises(abi.ArgumentError, match="missing"):
        token.encode_arguments("transfer", {"to": BOB})
    with pytest.raises(abi.ArgumentError, match="no such argument"):
        token.encode_arguments("transfer", {"to": BOB, "value": 1, "memo": "x"})


def test_an_event_is_read_from_its_topics_and_data(token: solidity.SolidityInterface) -> None:
    topics = [
        keccak256(b"Transfer(address,address,uint256)"),
        bytes(12) + b"\x01" * 20,
        bytes(12) + b"\x02" * 20,
    ]
    data = b"\x03\0\0\0" + b"".join(topics) + b"\x20\0\0\0" + (7).to_bytes(32, "big")
    assert token.decode_event("Transfer", data) == {"from": ANN, "to": BOB, "value": "7"}
    with pytest.raises(KeyError):
        token.decode_event("log", b"\x00\0\0\0\0\0\0\0")
    for hostile in (b"", b"\xff" * 40, data[:-1], data + b"x"):
        with pytest.raises((ValueError, KeyError)):
            token.decode_event("Transfer", hostile)


def test_a_revert_says_what_the_contract_said(token: solidity.SolidityInterface) -> None:
    def encode(signature: str, types: list[str], values: list[Any]) -> bytes:
        return keccak256(signature.encode())[:4] + solidity_abi.encode([of(t) for t in types], values, types)

    two = ["uint256", "uint256"]
    custom = encode("InsufficientBalance(uint256,uint256)", two, [3, 5])
    assert token.reason(solidity.REVERT, custom) == "InsufficientBalance (held 3, wanted 5)"
    assert token.decode_error(solidity.REVERT, custom) == {"held": "3", "wanted": "5"}
    text = encode("Error(string)", ["string"], ["the target is the zero address"])
    assert token.reason(solidity.REVERT, text) == "the target is the zero address"
    assert token.reason(solidity.REVERT, encode("Error(string)", ["string"], ["长" * 300])[:256]).startswith(
        "长长"
    )
    panic = encode("Panic(uint256)", ["uint256"], [0x11])
    assert token.reason(solidity.REVERT, panic, "zh") == "合约出错: 运算溢出"
    assert token.reason(solidity.REVERT, b"") == "the contract refused"
    assert token.reason(solidity.REVERT, custom[:20]) == "the contract refused"
    assert token.reason("XL-EVM-OUT_OF_GAS") == "XL-EVM-OUT_OF_GAS"


def test_overloads_long_signatures_and_nameless_parameters() -> None:
    def function(name: str, *types: str) -> dict[str, Any]:
        inputs = [{"name": "", "type": each} for each in types]
        return {
            "type": "function",
            "name": name,
            "inputs": inputs,
            "outputs": [],
            "stateMutability": "nonpayable",
        }

    def event(name: str, *types: str) -> dict[str, Any]:
        inputs = [{"name": f"a{at}", "type": each, "indexed": at == 0} for at, each in enumerate(types)]
        return {"type": "event", "name": name, "inputs": inputs}

    entries = [
        function("put", "uint8"), function("put", "string"), function("wide", *["uint256[4]"] * 12),
        event("Put", "string"), event("Put", "uint8", "uint8"),
        {**event("Quiet", "uint8"), "anonymous": True},
    ]  # fmt: skip
    document = json.loads(json.dumps(solidity.describe("Overloaded", entries)))
    parsed = solidity.SolidityInterface(document)
    assert list(parsed.methods) == ["put", "put(string)", "wide", "evm"]
    assert parsed.encode_arguments("put(string)", {"arg0": "a"})[-32:] == b"a" + bytes(31)
    assert parsed.wire_method("wide") == "evm"
    arguments = {f"arg{at}": [0] * 4 for at in range(12)}
    signature = document["methods"][2]["signature"].encode()
    assert parsed.encode_arguments("wide", arguments) == keccak256(signature)[:4] + bytes(32 * 48)
    assert [each["name"] for each in document["events"]] == ["Put", "Put(uint8,uint8)"]
    # A topic holds only the digest of a text.
    assert document["events"][0]["fields"][0]["type"] == "hash"


def test_an_artefact_gives_code_constructor_and_events(tmp_path: Path) -> None:
    artefact = solidity.read_artefact(SOLIDITY / "Token.json")
    assert artefact.events == ["Approval(address,address,uint256)", "Transfer(address,address,uint256)"]
    given = artefact.constructor_arguments({"name_": "Grain", "symbol_": "GRN", "supply": "1000"})
    assert len(given) == 32 * 7
    with pytest.raises(Misused, match=r"constructor\.supply"):
        artefact.constructor_arguments({"name_": "Grain", "symbol_": "GRN"})
    # Foundry and solc say `bytecode` as an object.
    path = tmp_path / "Other.json"
    path.write_text(json.dumps({"abi": [], "bytecode": {"object": "0x6001"}}))
    assert solidity.read_artefact(path).creation_code == b"\x60\x01"
    for content in ("{", "{}", '{"abi": [], "bytecode": "0x"}', '{"abi": [], "bytecode": "0x60__$lib$__"}'):
        path.write_text(content)
        with pytest.raises(Misused):
            solidity.read_artefact(path)


@pytest.mark.skipif(
    not os.environ.get("XL_SOLC"), reason="XL_SOLC names no folder in which `npm install solc@0.8.37` ran"
)
def test_the_artefacts_are_what_solc_makes_of_the_sources(tmp_path: Path) -> None:
    node = shutil.which("node")
    assert node is not None, "XL_SOLC is set, but there is no node"
    command = [node, str(SOLIDITY / "compile.js"), str(tmp_path)]
    subprocess.run(command, cwd=os.environ["XL_SOLC"], check=True, timeout=120)
    for name in ("Token.json", "Probe.json"):
        assert (tmp_path / name).read_text() == (SOLIDITY / name).read_text()
