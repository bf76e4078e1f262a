"""Sized numbers, fixed bytes, lists and records behave in plain Python as on the chain."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.contract import (
    Address,
    DivisionByZero,
    Hash,
    IndexOutOfRange,
    List,
    Overflow,
    Public,
    Ref,
    Text,
    TooLong,
    i64,
    record,
    replace,
    u8,
    u32,
    u64,
    u128,
)
from xianglian.contract.values import type_of


@record
class Pair:
    left: u8
    name: Public[Text[4]]


@pytest.mark.parametrize("kind", [u8, u32, u64, u128, i64])
@pytest.mark.parametrize("apply", [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod])
@given(data=st.data())
def test_arithmetic_is_exact_or_refused(
    kind: type, apply: Callable[[Any, Any], Any], data: st.DataObject
) -> None:
    shape: Any = type_of(kind)
    number = st.integers(shape.low, shape.high) | st.sampled_from([shape.low, shape.high, 0, 1])
    a, b = data.draw(number), data.draw(number)
    try:
        exact = apply(a, b)
    except ZeroDivisionError:
        with pytest.raises(DivisionByZero):
            apply(kind(a), kind(b))
        return
    if shape.low <= exact <= shape.high:
        found = apply(kind(a), b)
        assert found == exact
        assert type(found) is kind
    else:
        with pytest.raises(Overflow):
            apply(kind(a), kind(b))


def test_numbers_of_two_sizes_do_not_mix() -> None:
    with pytest.raises(TypeError, match="u8 and u32 do not mix"):
        _ = u8(1) + u32(1)
    with pytest.raises(Overflow):
        _ = u8(1) + 300
    with pytest.raises(Overflow):
        _ = 5 - u8(6)
    with pytest.raises(TypeError):
        _ = u8(1) + True


def test_fixed_bytes_have_one_length() -> None:
    with pytest.raises(IndexOutOfRange):
        Address(b"short")
    assert Hash(bytes(32)) == Ref(bytes(32))
    assert isinstance(Ref(bytes(32)), Hash)


def test_records_are_checked_and_frozen() -> None:
    pair = Pair(left=5, name="ab")
    assert type(pair.left) is u8
    assert replace(pair, left=6) == Pair(left=6, name="ab")
    with pytest.raises(AttributeError):
        pair.left = 7  # type: ignore[misc]
    with pytest.raises(TooLong):
        Pair(left=5, name="é é")
    with pytest.raises(Overflow):
        replace(pair, left=256)


def test_lists_are_values() -> None:
    empty = List[u8, 2]()
    one = empty + [1]  # noqa: RUF005 (what the language has)
    assert (len(empty), len(one), type(one[0])) == (0, 1, u8)
    with pytest.raises(TooLong):
        _ = one + [2, 3]  # noqa: RUF005
