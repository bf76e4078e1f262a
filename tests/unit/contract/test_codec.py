"""Bytes of values: round trips, canonical form, hostile bytes; addresses as text; SM3 and SM2."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract import bech32, codec, spec
from xianglian.contract.crypto import _sm3, sm2_is_valid, sm3_digest

SHAPES: list[spec.Type] = [
    *spec.INTEGERS.values(),
    spec.BOOL,
    spec.HASH,
    spec.VarType("text", 6),
    spec.VarType("bytes", 6),
    spec.ListType(spec.U16, 3),
    spec.OptionType(spec.U128),
    spec.OptionType(spec.VarType("text", 2)),
    spec.EnumType("E", (("A", 0), ("B", 9))),
    spec.RecordType("R", (("a", spec.U8), ("b", spec.ListType(spec.BOOL, 2)))),
    spec.TupleType((spec.U32, spec.VarType("text", 3))),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@given(data=st.binary(max_size=40))
def test_what_decodes_is_canonical(shape: spec.Type, data: bytes) -> None:
    """Any bytes are refused, or are exactly the encoding of the value that they decode to."""
    try:
        value: Any = codec.decode(shape, data)
    except codec.DecodeError:
        return
    if isinstance(shape, spec.EnumType):
        value = dict(shape.members)[value]
    assert codec.encode(shape, value) == data
    assert len(data) <= spec.size_max(shape)


def test_golden_bytes() -> None:
    assert codec.encode(spec.U32, 258).hex() == "02010000"
    assert codec.encode(spec.I64, -2).hex() == "feffffffffffffff"
    assert codec.encode(spec.VarType("text", 9), "é").hex() == "02000000c3a9"
    assert codec.encode(spec.OptionType(spec.U8), 7).hex() == "0107"
    assert codec.encode(spec.ListType(spec.U8, 3), (1, 2)).hex() == "020000000102"
    assert codec.key_bytes("count", None, None) == b"count"
    assert (
        codec.key_bytes("m", spec.TupleType((spec.U8, spec.VarType("text", 64))), (5, "a"))
        == b"m/\x05\x01\0\0\0a"
    )
    assert codec.key_bytes("m", spec.VarType("text", 65), "a") == b"m/" + sm3_digest(b"a")


@given(
    st.binary(min_size=20, max_size=20),
    st.sampled_from(["xl", "xlc"]),
    st.integers(0, 200),
    st.integers(1, 31),
)
def test_addresses_as_text(data: bytes, prefix: str, place: int, change: int) -> None:
    text = bech32.encode(prefix, data)
    assert bech32.decode(text) == (prefix, data)
    at = len(prefix) + 1 + place % (len(text) - len(prefix) - 1)
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    other = letters[(letters.index(text[at]) + change) % 32]
    with pytest.raises(ValueError, match="checksum"):
        bech32.decode(text[:at] + other + text[at + 1 :])


@given(st.binary(max_size=200))
def test_sm3_without_openssl(data: bytes) -> None:
    assert _sm3(data) == hashlib.new("sm3", data).digest() if "sm3" in hashlib.algorithms_available else True


def test_sm3_of_the_standard() -> None:
    """GB/T 32905-2016 appendix A."""
    assert _sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert _sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_sm2_of_the_standard() -> None:
    """GB/T 32918.5-2017 appendix A.2."""
    key = bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    signature = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )
    compressed = bytes([2 + key[-1] % 2]) + key[1:33]
    for each in (key, compressed):
        assert sm2_is_valid(each, signature, b"message digest")
        assert not sm2_is_valid(each, signature, b"message digesT")
        assert not sm2_is_valid(each, signature[:-1] + b"\0", b"message digest")
    assert not sm2_is_valid(key, bytes(64), b"message digest")
    assert not sm2_is_valid(key[:-1], signature, b"message digest")
