"""The decorators that turn a class into a contract, a record or an event, and state fields into stored
values.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast, dataclass_transform, get_args, get_origin

from xianglian.contract import codec, spec
from xianglian.contract.context import current_host
from xianglian.contract.errors import BadState, NotFound
from xianglian.contract.values import coerce, type_of

C = TypeVar("C")
F = TypeVar("F", bound=Callable[..., Any])
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


def _store(key: bytes, shape: spec.Type, value: Any) -> None:
    host = current_host()
    if host.read_only:
        raise TypeError("a view writes no state")
    host.put(key, codec.encode(shape, coerce(shape, value)))


class Map(Generic[K, V]):
    """`Map[K, V]`: a stored table. It cannot be iterated; keep a counter and number the entries instead.

    Numbers default to 0, bool to False, options to None, lists to empty; other entries must have been written
    (`NotFound`), so ask with `in` or `get` first.
    """

    def __init__(self, name: str, key: spec.Type, value: spec.Type) -> None:
        self._name, self._key, self._value = name, key, value

    @property
    def shape(self) -> tuple[str, spec.Type, spec.Type]:
        """Its name, and the types of its keys and values."""
        return self._name, self._key, self._value

    def _at(self, key: K) -> bytes:
        return codec.key_bytes(self._name, self._key, coerce(self._key, key))

    def __getitem__(self, key: K) -> V:
        return cast("V", _load(self._at(key), self._value))

    def __setitem__(self, key: K, value: V) -> None:
        _store(self._at(key), self._value, value)

    def __delitem__(self, key: K) -> None:
        if current_host().read_only:
            raise TypeError("a view writes no state")
        current_host().delete(self._at(key))

    def __contains__(self, key: K) -> bool:
        return current_host().get(self._at(key)) is not None

    def get(self, key: K) -> V | None:
        """The entry, or None if it was never written (also for numbers)."""
        at = self._at(key)
        return None if current_host().get(at) is None else cast("V", _load(at, self._value))


class MapField:
    """A map among the state fields of a contract class."""

    def __init__(self, name: str, key: spec.Type, value: spec.Type) -> None:
        self.name, self.key, self.value = name, key, value

    def __get__(self, instance: object, owner: type) -> Map[Any, Any]:
        return Map(self.name, self.key, self.value)


class Field:
    """A single value among the state fields of a contract class."""

    def __init__(self, name: str, shape: spec.Type) -> None:
        self.name, self.shape = name, shape

    def __get__(self, instance: object, owner: type) -> Any:
        return self if instance is None else _load(codec.key_bytes(self.name, None, None), self.shape)

    def __set__(self, instance: object, value: Any) -> None:
        _store(codec.key_bytes(self.name, None, None), self.shape, value)


def _is_map(annotation: object) -> bool:
    origin: object = get_origin(annotation)
    return origin is Map


def _with_state(cls: type[C]) -> type[C]:
    fields: dict[str, Field | MapField] = {}
    for name, annotation in inspect.get_annotations(cls, eval_str=True).items():
        if _is_map(annotation):
            key, value = get_args(annotation)
            fields[name] = MapField(name, type_of(key), type_of(value))
        else:
            fields[name] = Field(name, type_of(annotation))
    for name, descriptor in fields.items():
        setattr(cls, name, descriptor)
    inherited: dict[str, Field | MapField] = {}
    for base in cls.__mro__[:0:-1]:
        if base is not object:
            _check_part(cls, base)
            inherited.update(vars(base)["__own_state__"])
    setattr(cls, "__own_state__", fields)  # noqa: B010 (the class has no such attribute for the type checker)
    setattr(cls, "__state__", {**inherited, **fields})  # noqa: B010
    return cls


def _check_part(cls: type, base: type) -> None:
    """Each name has one meaning in a contract. Raises `TypeError`; the compiler says more."""
    if "__component__" not in vars(base):
        raise TypeError(f"{cls.__name__} inherits {base.__name__}, which is no component")
    for other in cls.__mro__[: cls.__mro__.index(base)]:
        for name in vars(base).keys() & vars(other).keys():
            old = vars(base)[name]
            if name.startswith("__") or (issubclass(other, base) and getattr(old, "__overridable__", False)):
                continue
            raise TypeError(f"{name} is declared by {base.__name__} and by {other.__name__}")


def contract(cls: type[C]) -> type[C]:
    """Makes the annotated fields of the class its stored state, under their own names."""
    return _with_state(cls)


def component(cls: type[C]) -> type[C]:
    """A part of contracts: state fields and methods that a contract takes over by inheriting the class."""
    setattr(cls, "__component__", True)  # noqa: B010
    return _with_state(cls)


def overridable(function: F) -> F:
    """A method of a component that a contract may replace by one with the same signature."""
    setattr(function, "__overridable__", True)  # noqa: B010
    return function


def _mark(kind: str) -> Callable[[F], F]:
    def apply(function: F) -> F:
        @functools.wraps(function)
        def call(*arguments: Any) -> Any:
            result = type_of(inspect.get_annotations(function, eval_str=True).get("return"))
            return coerce(result, function(*arguments))

        setattr(call, "__kind__", kind)  # noqa: B010
        return cast("F", call)

    return apply


entry = _mark("entry")
entry.__doc__ = "A method that a transaction may call; it may change state."
view = _mark("view")
view.__doc__ = "A method that a query may call; it changes nothing."
init = _mark("init")
init.__doc__ = "Runs once, at deployment, with the deployer as caller; takes no arguments."


def _frozen(cls: type[C]) -> type[C]:
    """A frozen keyword-only dataclass whose fields are checked against their types when it is made."""

    def check(self: Any) -> None:
        for name, shape in cls_shape().fields:
            object.__setattr__(self, name, coerce(shape, getattr(self, name)))

    def cls_shape() -> spec.RecordType:
        known = made.__dict__.get("__fields_of__")
        if known is None:
            own = inspect.get_annotations(made, eval_str=True)
            known = spec.RecordType(made.__name__, tuple((n, type_of(a)) for n, a in own.items()), made)
            type.__setattr__(made, "__fields_of__", known)
        return cast("spec.RecordType", known)

    setattr(cls, "__post_init__", check)  # noqa: B010
    made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    setattr(made, "__shape__", staticmethod(cls_shape))  # noqa: B010
    return made


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[C]) -> type[C]:
    """A frozen structure of named fields, made with keyword arguments and changed by `replace`."""
    return _frozen(cls)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(cls: type[C]) -> type[C]:
    """What `emit` writes into the receipt; its docstring is its name for people, "中文 / English"."""
    return _frozen(cls)


def replace(value: C, **changes: Any) -> C:
    """A copy of a record with some fields changed."""
    return cast("C", dataclasses.replace(cast("Any", value), **changes))


__all__ = [
    "Map",
    "component",
    "contract",
    "entry",
    "event",
    "init",
    "overridable",
    "record",
    "replace",
    "view",
]
