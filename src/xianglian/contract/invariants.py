"""What must hold between calls: `@invariant` methods, and the two ways in which they look at a whole map.

The compiler leaves them out of the module. Property tests run them over the test chain
(`chain.broken_invariants(deployed)`), `xl contract check` tries to prove that every call keeps them. Numbers
in an invariant are unbounded: a sum of `u128` values is not an overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, cast

from xianglian.contract import codec, spec
from xianglian.contract.context import current_host
from xianglian.contract.state import Map

F = TypeVar("F", bound=Callable[..., bool])
K = TypeVar("K")
V = TypeVar("V")


class Enumerable(Protocol):
    """A host whose stored entries can be listed: the test chain's, never a node's."""

    def entries(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of the running contract under a prefix, own writes included."""


def invariant(function: F) -> F:
    """A statement about the state that holds after deployment and that every entry keeps."""
    setattr(function, "__kind__", "invariant")  # noqa: B010 (functions have no such attribute for mypy)
    return function


def entries_of(table: Map[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a map, for tests and invariants; a key part stored as its SM3 is a `Hash`."""
    name, key, value = table.shape
    prefix = name.encode() + b"/"
    parts = key.items if isinstance(key, spec.TupleType) else (key,)
    shape = spec.TupleType(tuple(spec.HASH if codec.key_part_is_hashed(part) else part for part in parts))
    for at, data in cast("Enumerable", current_host()).entries(prefix):
        decoded = codec.decode(shape, at[len(prefix) :])
        yield decoded if isinstance(key, spec.TupleType) else decoded[0], codec.decode(value, data)


def total(table: Map[K, V], part: Callable[[K, V], int] | None = None) -> int:
    """The sum over all entries of a map: of the values, or of what `part` takes from key and value."""
    return sum(
        int(cast("Any", value)) if part is None else int(part(key, value)) for key, value in entries_of(table)
    )


def each(table: Map[K, V], holds: Callable[[K, V], bool]) -> bool:
    """Whether something holds for every entry of a map."""
    return all(holds(key, value) for key, value in entries_of(table))
