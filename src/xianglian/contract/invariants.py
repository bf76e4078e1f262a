"""What must hold: `@invariant` methods between calls, `@ensures` methods of every call, and the two ways in
which both look at a whole map.

The compiler leaves them out of the module. Property tests run them over the test chain
(`chain.broken_invariants(deployed)`), `xl contract check` tries to prove that every call keeps them. Numbers
in an invariant are unbounded: a sum of `u128` values is not an overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar, cast

from xianglian.contract import codec, spec
from xianglian.contract.context import Host, current_host, running_host
from xianglian.contract.state import Map, Set

F = TypeVar("F", bound=Callable[..., bool])


class Enumerable(Protocol):
    """A host whose stored entries can be listed: the test chain's, never a node's."""

    def entries(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Keys and values of the running contract under a prefix, own writes included."""


def invariant(function: F) -> F:
    """A statement about the state that holds after deployment and that every entry keeps."""
    setattr(function, "__kind__", "invariant")  # noqa: B010 (functions have no such attribute for mypy)
    return function


def ensures(function: F) -> F:
    """A statement about every call of an entry that succeeds: `self` is the state after it, `old` before."""
    setattr(function, "__kind__", "ensures")  # noqa: B010
    return function


class Before:
    """The state fields of a contract as another host has them: `old` of an `@ensures` method."""

    def __init__(self, contract: type, host: Host) -> None:
        self._contract, self._host = contract, host

    def __getattr__(self, name: str) -> Any:
        field = vars(self._contract)["__state__"][name]
        return _read(self._host, lambda: field.__get__(self, self._contract))


class TableBefore:
    """A map or set as another host has it."""

    def __init__(self, table: Any, host: Host) -> None:
        self.table, self.host = table, host

    def __getitem__(self, key: object) -> Any:
        return _read(self.host, lambda: self.table[key])

    def __contains__(self, key: object) -> bool:
        return bool(_read(self.host, lambda: key in self.table))

    def __len__(self) -> int:
        return int(_read(self.host, lambda: len(self.table)))

    def get(self, key: object) -> Any:
        """The entry, or None if it was never written."""
        return _read(self.host, lambda: self.table.get(key))


def _read(host: Host, what: Callable[[], Any]) -> Any:
    token = running_host.set(host)
    try:
        found = what()
    finally:
        running_host.reset(token)
    return TableBefore(found, host) if isinstance(found, Map | Set) else found


def entries_of(table: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a map (of a set: keys and True); a key part stored as its SM3 is a `Hash`."""
    host: Any = current_host()
    if isinstance(table, TableBefore):
        table, host = table.table, table.host
    name, key, value = table.shape
    prefix = name.encode() + b"/"
    parts = key.items if isinstance(key, spec.TupleType) else (key,)
    shape = spec.TupleType(tuple(spec.HASH if codec.key_part_is_hashed(part) else part for part in parts))
    for at, data in cast("Enumerable", host).entries(prefix):
        decoded = codec.decode(shape, at[len(prefix) :])
        yield decoded if isinstance(key, spec.TupleType) else decoded[0], codec.decode(value, data)


def total(table: Map[Any, Any] | Set[Any], part: Callable[[Any, Any], int] | None = None) -> int:
    """The sum over all entries of a map: of the values, or of what `part` takes from key and value."""
    return sum(
        int(cast("Any", value)) if part is None else int(part(key, value)) for key, value in entries_of(table)
    )


def each(table: Map[Any, Any] | Set[Any], holds: Callable[[Any, Any], bool]) -> bool:
    """Whether something holds for every entry of a map."""
    return all(holds(key, value) for key, value in entries_of(table))
