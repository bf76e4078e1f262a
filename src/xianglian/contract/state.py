"""State fields of a contract in plain Python: single values, `Map`, `Set` and `OrderedMap`.

Each stands for entries under its own name; nothing is kept in Python, so that an engine that runs compiled
code finds the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

from xianglian.contract import codec, spec
from xianglian.contract.context import current_host
from xianglian.contract.errors import BadState, NotFound
from xianglian.contract.ordered import WIDTH, OrderedKeys, Step, Tree
from xianglian.contract.values import coerce, type_of

K = TypeVar("K")
V = TypeVar("V")


def _load(key: bytes, shape: spec.Type) -> Any:
    data = current_host().get(key)
    if data is None:
        if spec.is_zero_default(shape):
            return _zero(shape)
        raise NotFound
    try:
        return codec.decode(shape, data)
    except codec.DecodeError as error:
        raise BadState from error


def _zero(shape: spec.Type) -> Any:
    """What a field that was never written reads as."""
    match shape:
        case spec.IntType():
            return coerce(shape, 0)
        case spec.ListType():
            return coerce(shape, ())
        case spec.BoolType():
            return False
    return None


def _may_write() -> None:
    if current_host().read_only:
        raise TypeError("a view writes no state")


class Map(Generic[K, V]):
    """`Map[K, V]`: a stored table. It cannot be iterated; number the entries, or use an `OrderedMap`.

    Numbers default to 0, bool to False, options to None, lists to empty; other entries must have been written
    (`NotFound`), so ask with `in` or `get` first. `Map[K, Map[L, V]]` keeps its entries as
    `Map[tuple[K, L], V]` does; `self.m[k]` alone is only a step to one of them.
    """

    def __init__(self, name: str, key: spec.Type, value: spec.Type | MapField, above: bytes = b"") -> None:
        self._name, self._key, self._value, self._above = name, key, value, above

    @property
    def shape(self) -> tuple[str, spec.Type, spec.Type]:
        """Its name, and the types of its keys (of inner maps too) and values."""
        own = MapField(self._name, self._key, self._value)
        parts, value = own.parts()
        return self._name, spec.TupleType(parts) if len(parts) > 1 else parts[0], value

    def _at(self, key: K) -> bytes:
        own = codec.key_bytes(self._name, self._key, coerce(self._key, key))
        start = len(self._name.encode()) + 1
        return own[:start] + self._above + own[start:]

    def __getitem__(self, key: K) -> V:
        at = self._at(key)
        if isinstance(self._value, MapField):
            inner = self._value
            return cast("V", Map(self._name, inner.key, inner.value, at[len(self._name.encode()) + 1 :]))
        return cast("V", _load(at, self._value))

    def __setitem__(self, key: K, value: V) -> None:
        at, shape = self._at(key), self._shape()
        _may_write()
        data = codec.encode(shape, coerce(shape, value))
        self._written(key)
        current_host().put(at, data)

    def __delitem__(self, key: K) -> None:
        _may_write()
        self._shape()
        current_host().delete(self._at(key))

    def __contains__(self, key: K) -> bool:
        self._shape()
        return current_host().get(self._at(key)) is not None

    def get(self, key: K) -> V | None:
        """The entry, or None if it was never written (also for numbers)."""
        at, shape = self._at(key), self._shape()
        return None if current_host().get(at) is None else cast("V", _load(at, shape))

    def _shape(self) -> spec.Type:
        if isinstance(self._value, MapField):
            raise TypeError(f"an entry of {self._name} is a map: give the next key too")
        return self._value

    def _written(self, key: K) -> None:
        """Called before an entry is written."""


class Set(Generic[K]):
    """`Set[K]`: keys that are in or not, and how many there are; it cannot be iterated.

    Stored as a map from each key to True under its own name, and the count under `NAME.count`.
    """

    def __init__(self, name: str, key: spec.Type) -> None:
        self._members: Map[K, bool] = Map(name, key, spec.BOOL)
        self._count = codec.key_bytes(name + ".count", None, None)

    @property
    def shape(self) -> tuple[str, spec.Type, spec.Type]:
        """Its name, and the types of its keys and values, as a map's."""
        return self._members.shape

    def __contains__(self, key: K) -> bool:
        return key in self._members

    def __len__(self) -> int:
        return int(_load(self._count, spec.U64))

    def add(self, key: K) -> bool:
        """Puts a key in. False if it was in already: `require(self.used.add(number), UsedTwice)`."""
        _may_write()
        if key in self._members:
            return False
        self._members[key] = True
        self._step(1)
        return True

    def discard(self, key: K) -> bool:
        """Takes a key out. False if it was not in."""
        _may_write()
        if key not in self._members:
            return False
        del self._members[key]
        self._step(-1)
        return True

    def remove(self, key: K) -> None:
        """Takes a key out that must be in, otherwise `NotFound`."""
        if not self.discard(key):
            raise NotFound

    def _step(self, by: int) -> None:
        current_host().put(self._count, codec.encode(spec.U64, coerce(spec.U64, len(self) + by)))


class _StoredKeys(OrderedKeys[K]):
    """The rows of an ordered map in state."""

    def __init__(self, name: str, key: spec.Type) -> None:
        step = spec.RecordType("Step", (("key", key), ("row", spec.U32)), Step)
        numbers = (("top", spec.U32), ("height", spec.U8), ("free", spec.U32), ("size", spec.U64))
        self._shape = spec.OptionType(spec.RecordType("Tree", numbers, Tree))
        self._at = codec.key_bytes(name + ".tree", None, None)
        self.rows = Map(name + ".rows", spec.U32, spec.ListType(step, WIDTH))

    @property
    def tree(self) -> Tree | None:
        return cast("Tree | None", _load(self._at, self._shape))

    @tree.setter
    def tree(self, value: Tree | None) -> None:
        current_host().put(self._at, codec.encode(self._shape, value))


class OrderedMap(Map[K, V]):
    """`OrderedMap[K, V]`: a map that also knows the order of its keys, and so can be walked in pages.

    Entries are stored as those of a `Map`; the order lies beside them (`xianglian.contract.ordered`).
    """

    def __init__(self, name: str, key: spec.Type, value: spec.Type) -> None:
        super().__init__(name, key, value)
        self._keys: _StoredKeys[K] = _StoredKeys(name, key)

    def __delitem__(self, key: K) -> None:
        _may_write()
        key = coerce(self._key, key)
        if key in self:
            self._keys.remove(key)
            super().__delitem__(key)

    def __len__(self) -> int:
        return int(self._keys.size())

    def _written(self, key: K) -> None:
        key = coerce(self._key, key)
        if key not in self:
            self._keys.insert(key)

    def first(self) -> K | None:
        """The least key, None if there is none."""
        return self._keys.first()

    def last(self) -> K | None:
        """The greatest key, None if there is none."""
        return self._keys.last()

    def next_after(self, key: K) -> K | None:
        """The least key above `key`, which need not be present."""
        return self._keys.next_after(coerce(self._key, key))

    def last_before(self, key: K) -> K | None:
        """The greatest key below `key`, which need not be present."""
        return self._keys.last_before(coerce(self._key, key))

    def page(self, start: K, limit: int) -> Iterator[tuple[K, V]]:
        """At most `limit` (a constant) entries in order from `start` on. The loop may change the map: entries
        that were removed since are left out.
        """
        run, at = self._keys.run(coerce(self._key, start), False), 0
        while at < len(run) and limit > 0:
            key = run[at].key
            if key in self:
                limit -= 1
                yield key, self[key]
            at += 1
            if at == len(run) and limit > 0:
                run, at = self._keys.run(run[-1].key, True), 0


class Field:
    """A single value among the state fields of a contract class."""

    def __init__(self, name: str, shape: spec.Type) -> None:
        self.name, self.shape = name, shape

    def __get__(self, instance: object, owner: type) -> Any:
        return self if instance is None else _load(codec.key_bytes(self.name, None, None), self.shape)

    def __set__(self, instance: object, value: Any) -> None:
        _may_write()
        current_host().put(
            codec.key_bytes(self.name, None, None), codec.encode(self.shape, coerce(self.shape, value))
        )


class MapField:
    """A map among the state fields of a contract class, or inside another map."""

    def __init__(self, name: str, key: spec.Type, value: spec.Type | MapField) -> None:
        self.name, self.key, self.value = name, key, value

    def __get__(self, instance: object, owner: type) -> Map[Any, Any]:
        return Map(self.name, self.key, self.value)

    def parts(self) -> tuple[tuple[spec.Type, ...], spec.Type]:
        """All parts of the key, those of inner maps too, and the type of an entry."""
        own = self.key.items if isinstance(self.key, spec.TupleType) else (self.key,)
        if not isinstance(self.value, MapField):
            return own, self.value
        below, value = self.value.parts()
        return own + below, value


class OrderedField(MapField):
    """An ordered map among the state fields."""

    value: spec.Type

    def __get__(self, instance: object, owner: type) -> OrderedMap[Any, Any]:
        return OrderedMap(self.name, self.key, self.value)


class SetField(MapField):
    """A set among the state fields; as a map, each key to True."""

    def __init__(self, name: str, key: spec.Type) -> None:
        super().__init__(name, key, spec.BOOL)

    def __get__(self, instance: object, owner: type) -> Set[Any]:  # type: ignore[override]
        return Set(self.name, self.key)


def field_of(name: str, annotation: Any) -> Field | MapField:
    """The descriptor of a state field by its evaluated annotation."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Map:
        inner = get_origin(parts[1]) is Map
        return MapField(name, type_of(parts[0]), field_of(name, parts[1]) if inner else type_of(parts[1]))  # type: ignore[arg-type]
    if origin is OrderedMap:
        return OrderedField(name, type_of(parts[0]), type_of(parts[1]))
    if origin is Set:
        return SetField(name, type_of(parts[0]))
    return Field(name, type_of(annotation))
