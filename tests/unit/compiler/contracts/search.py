"""Helper functions with type parameters."""

from __future__ import annotations

from xianglian.contract import List, TypeVar

T = TypeVar("T")
N = TypeVar("N")


def index_of(items: List[T, N], item: T) -> int:
    for i in range(len(items)):
        if items[i] == item:
            return i
    return -1


def with_item(items: List[T, N], item: T) -> List[T, N]:
    """`items`, with the item if it was not there."""
    if index_of(items, item) >= 0:
        return items
    return items + [item]  # noqa: RUF005


def first_or(items: List[T, N], other: T) -> T:
    if len(items) == 0:
        return other
    found: T = items[0]
    return found


def either(a: T | None, b: T) -> T:
    return b if a is None else a
