"""The golden vectors of `spec/vectors` through the public Python API."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian import crypto
from xianglian.errors import DecryptionFailed, InvalidKey, InvalidSignature

VECTORS = Path(__file__).parents[3] / "spec" / "vectors"
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SLOW_ROUNDS = 10_000


def vectors(file: str, part: str) -> list[Any]:
    rows = json.loads((VECTORS / file).read_text())[part]
    return [pytest.param(row, id=row["name"]) for row in rows]


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize("case", vectors("sm3.json", "cases"))
def test_sm3(case: dict[str, str]) -> None:
    assert crypto.sm3(raw(case["message"])).hex() == case["digest"]


@pytest.mark.parametrize("case", vectors("sm2.json", "signatures"))
def test_sm2_signatures(case: dict[str, Any]) -> None:
    arguments = raw(case["public_key"]), raw(case["message"]), raw(case["signature"])
    if case["valid"]:
        crypto.sm2_verify(*arguments)
    else:
        with pytest.raises((InvalidSignature, InvalidKey)):
            crypto.sm2_verify(*arguments)


def test_the_standards_own_key_and_signature() -> None:
    standard = json.loads((VECTORS / "sm2.json").read_text())["standard"]
    secret = raw(standard["secret_key"])
    public = crypto.sm2_public_key(secret)
    assert public.hex() == standard["public_key"]
    message = raw(standard["message"])
    crypto.sm2_verify(public, message, raw(standard["signature"]))
    crypto.sm2_verify(public, message, crypto.sm2_sign(secret, message))


@pytest.mark.parametrize("case", vectors("sm4.json", "blocks"))
def test_sm4_blocks(case: dict[str, Any]) -> None:
    if case["rounds"] > SLOW_ROUNDS:
        pytest.skip("a million rounds: in the Rust tests")
    block = raw(case["plain"])
    for _ in range(case["rounds"]):
        block = crypto.sm4_ecb(raw(case["key"]), block)
    assert block.hex() == case["cipher"]
    for _ in range(case["rounds"]):
        block = crypto.sm4_ecb_decrypt(raw(case["key"]), block)
    assert block.hex() == case["plain"]


@pytest.mark.parametrize("case", vectors("sm4.json", "gcm"))
def test_sm4_gcm(case: dict[str, Any]) -> None:
    key, nonce, associated = raw(case["key"]), raw(case["nonce"]), raw(case["associated"])
    if case["valid"]:
        assert crypto.sm4_gcm_encrypt(key, nonce, raw(case["plain"]), associated).hex() == case["sealed"]
        assert crypto.sm4_gcm_decrypt(key, nonce, raw(case["sealed"]), associated).hex() == case["plain"]
    else:
        with pytest.raises(DecryptionFailed):
            crypto.sm4_gcm_decrypt(key, nonce, raw(case["sealed"]), associated)


@given(st.binary(max_size=300), st.integers(0, 511))
def test_a_signature_holds_for_its_message_and_no_bit_of_it_may_change(message: bytes, bit: int) -> None:
    secret = crypto.sm2_generate()
    public = crypto.sm2_public_key(secret)
    signature = crypto.sm2_sign(secret, message)
    assert crypto.sm2_sign(secret, message) == signature  # deterministic: two signatures would be evidence
    crypto.sm2_verify(public, message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignature):
        crypto.sm2_verify(public, message, bytes(changed))
    with pytest.raises(InvalidSignature):
        crypto.sm2_verify(public, message + b"!", signature)


@pytest.mark.parametrize("part", [0, ORDER, ORDER + 1, 2**256 - 1])
@pytest.mark.parametrize("which", ["r", "s"])
def test_r_and_s_out_of_range_are_refused(part: int, which: str) -> None:
    secret = crypto.sm2_generate()
    signature = crypto.sm2_sign(secret, b"m")
    number = part.to_bytes(32)
    changed = number + signature[32:] if which == "r" else signature[:32] + number
    with pytest.raises(InvalidSignature):
        crypto.sm2_verify(crypto.sm2_public_key(secret), b"m", changed)


@pytest.mark.parametrize(
    "secret", [bytes(32), ORDER.to_bytes(32), (2**256 - 1).to_bytes(32), b"short", bytes(33)]
)
def test_what_is_no_secret_key_is_refused(secret: bytes) -> None:
    with pytest.raises(InvalidKey):
        crypto.sm2_public_key(secret)
    with pytest.raises(InvalidKey):
        crypto.sm2_sign(secret, b"m")


@pytest.mark.parametrize("public", [b"", bytes(33), b"\x02" + b"\xff" * 32, b"\x05" + bytes(32), bytes(65)])
def test_what_is_no_point_is_refused(public: bytes) -> None:
    with pytest.raises((InvalidKey, InvalidSignature)):
        crypto.sm2_verify(public, b"m", bytes(64))


def test_every_public_name_is_there() -> None:
    for name in crypto.__all__:
        assert getattr(crypto, name)
