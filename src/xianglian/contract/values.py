"""The values that contracts compute with, as plain Python objects that behave as they do on the chain.

Sized integers keep their type and refuse to leave their range (`Overflow`); `Address`, `Hash` and `Ref` are
bytes of fixed length; text and bytes are ordinary `str` and `bytes`, whose bound is checked where they enter
arguments, records, events and state. Mixing two sized integer types is a `TypeError` here and a compile error
in the compiler.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar, Self, TypeVar, cast

from xianglian.contract import spec
from xianglian.contract.errors import DivisionByZero, IndexOutOfRange, Overflow, TooLong

T = TypeVar("T")

exact: ContextVar[bool] = ContextVar("exact", default=False)
"""Whether sized integers compute without bounds, as they do in what `@invariant` and `@ensures` state."""


class Sized(int):
    """Base of the sized integers."""

    spec: ClassVar[spec.IntType]

    def __new__(cls, value: int = 0) -> Self:
        number = int(value)
        if not cls.spec.low <= number <= cls.spec.high:
            raise Overflow
        return super().__new__(cls, number)

    def _with(self, other: object, apply: Callable[[int, int], int]) -> Self:
        if isinstance(other, bool | enum.Enum) or not isinstance(other, int):
            raise TypeError(f"{type(self).__name__} and {other!r} do not mix")
        if isinstance(other, Sized) and type(other) is not type(self):
            raise TypeError(
                f"{type(self).__name__} and {type(other).__name__} do not mix: convert one of them"
            )
        if exact.get():
            return cast("Self", apply(int(self), int(other)))
        return type(self)(apply(int(self), int(type(self)(other))))

    def __add__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a + b)

    def __radd__(self, other: int) -> Self:
        return self._with(other, lambda a, b: b + a)

    def __sub__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: int) -> Self:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a * b)

    def __rmul__(self, other: int) -> Self:
        return self._with(other, lambda a, b: b * a)

    def __floordiv__(self, other: int) -> Self:
        return self._with(other, _floordiv)

    def __rfloordiv__(self, other: int) -> Self:
        return self._with(other, lambda a, b: _floordiv(b, a))

    def __mod__(self, other: int) -> Self:
        return self._with(other, _mod)

    def __rmod__(self, other: int) -> Self:
        return self._with(other, lambda a, b: _mod(b, a))

    def __and__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a & b)

    def __rand__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a & b)

    def __or__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a | b)

    def __ror__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a | b)

    def __xor__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a ^ b)

    def __rxor__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a ^ b)

    def __lshift__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a << _shift(b, self.spec.bits))

    def __rshift__(self, other: int) -> Self:
        return self._with(other, lambda a, b: a >> _shift(b, self.spec.bits))

    def __neg__(self) -> Self:
        return self._with(0, lambda a, _: -a)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    def __str__(self) -> str:
        return int.__repr__(self)


def _floordiv(a: int, b: int) -> int:
    if b == 0:
        raise DivisionByZero
    return a // b


def _mod(a: int, b: int) -> int:
    if b == 0:
        raise DivisionByZero
    return a % b


def _shift(by: int, bits: int) -> int:
    if not 0 <= by < bits:
        raise Overflow
    return by


class u8(Sized):  # noqa: N801
    """0 .. 255."""

    spec = spec.U8


class u16(Sized):  # noqa: N801
    """0 .. 65 535."""

    spec = spec.U16


class u32(Sized):  # noqa: N801
    """0 .. 2^32 - 1."""

    spec = spec.U32


class u64(Sized):  # noqa: N801
    """0 .. 2^64 - 1."""

    spec = spec.U64


class u128(Sized):  # noqa: N801
    """0 .. 2^128 - 1; amounts."""

    spec = spec.U128


class u256(Sized):  # noqa: N801
    """0 .. 2^256 - 1; values of other chains."""

    spec = spec.U256


class i64(Sized):  # noqa: N801
    """-2^63 .. 2^63 - 1."""

    spec = spec.I64


class i128(Sized):  # noqa: N801
    """-2^127 .. 2^127 - 1; balances that may be negative."""

    spec = spec.I128


Time = u64
"""UTC milliseconds since 1970; forms show a date and time."""


class Fixed(bytes):
    """Base of byte strings of one fixed length."""

    spec: ClassVar[spec.FixedType]

    def __new__(cls, value: bytes) -> Self:
        if len(value) != cls.spec.size:
            raise IndexOutOfRange
        return super().__new__(cls, value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.hex()})"

    def __str__(self) -> str:
        return self.hex()


class Address(Fixed):
    """An account or a contract: 20 bytes, fixed for life (design section 5). Public by nature."""

    spec = spec.ADDRESS


class Hash(Fixed):
    """An SM3 digest of something that is public or not guessable: 32 bytes."""

    spec = spec.HASH


class Ref(Hash):
    """SM3(salt32 ‖ value): stands for personal data; the salt stays with its owner (protocol 23)."""

    spec = spec.REF


class Annotation:
    """What `Text[64]` and its like evaluate to in an annotation."""

    def __init__(self, of: spec.Type) -> None:
        self.spec = of

    def __or__(self, other: None) -> Annotation:
        return Annotation(spec.OptionType(self.spec))

    def __call__(self, *items: Any) -> Any:
        """`List[T, N]()` is the empty list, `List[T, N](a, b)` one with items, `FixedBytes[4](data)` bytes of
        that length.
        """
        if isinstance(self.spec, spec.FixedType):
            return fixed_class(self.spec)(*items)
        return coerce(self.spec, items)

    def __repr__(self) -> str:
        return str(self.spec)


class Open(Annotation):
    """`List[T, N]` with type parameters, in the annotations of a helper function; it makes no values."""

    def __init__(self) -> None:
        super().__init__(spec.NONE)

    def __or__(self, other: None) -> Annotation:
        return self

    def __call__(self, *_items: Any) -> Any:
        """Refused: what a type parameter stands for is known to the compiler alone."""
        raise TypeError("a list of a type parameter: pass in a list to start from")


class Maker:
    """A name that takes parts in brackets: `Text[64]`. Type checkers read it through `mypy_plugin`."""

    def __init__(self, name: str, shape: Callable[[Any], spec.Type]) -> None:
        self._name, self._shape = name, shape

    def __getitem__(self, parts: Any) -> Any:
        if any(map(_is_open, parts if isinstance(parts, tuple) else (parts,))):
            return Open()
        return Annotation(self._shape(parts))

    def __repr__(self) -> str:
        return self._name


def _is_open(part: object) -> bool:
    return isinstance(part, TypeVar | Open) or bool(getattr(part, "__parameters__", ()))


def _marked(parts: Any) -> spec.Type:
    return type_of(parts[0] if isinstance(parts, tuple) else parts)


Text = Maker("Text", lambda limit: spec.VarType("text", limit))
"""`Text[N]`: UTF-8 text of at most N bytes; a `str` in Python. Byte access by `.encode()`."""
Bytes = Maker("Bytes", lambda limit: spec.VarType("bytes", limit))
"""`Bytes[N]`: at most N bytes; `bytes` in Python."""
FixedBytes = Maker("FixedBytes", lambda size: spec.FixedType("fixed", size))
"""`FixedBytes[N]`: exactly N bytes; `FixedBytes[4](data)` makes one."""
List = Maker("List", lambda parts: spec.ListType(type_of(parts[0]), parts[1]))
"""`List[T, N]`: at most N items. A value: `items + [x]` makes a new one; nothing changes in place."""
Option = Maker("Option", lambda item: spec.OptionType(type_of(item)))
"""`Option[T]` is `T | None`."""
Public = Maker("Public", _marked)
"""`Public[T]` or `Public[T, "validator"]`: anyone on the chain may read this (protocol 23)."""
Sealed = Maker("Sealed", _marked)
"""`Sealed[T]`: ciphertext; the key stays off the chain (protocol 23)."""


class Items(tuple[T, ...]):
    """The Python value of a `List[T, N]`: a tuple that knows its type."""

    shape: spec.ListType

    def __new__(cls, shape: spec.ListType, values: Iterable[Any] = ()) -> Self:
        items = tuple(coerce(shape.item, value) for value in values)
        if len(items) > shape.limit:
            raise TooLong
        made = super().__new__(cls, items)
        made.shape = shape
        return made

    def __add__(self, other: Iterable[Any]) -> Self:
        return type(self)(self.shape, (*self, *other))

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return type(self)(self.shape, typing.cast("tuple[T, ...]", found)) if isinstance(at, slice) else found


class Enum(enum.IntEnum):
    """A closed set: `VALID = 0, "有效 / Valid"`; numbers 0..255, one byte."""

    label: str

    def __new__(cls, value: int, label: str = "") -> Self:
        member = int.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    def __str__(self) -> str:
        return self.name

    def __format__(self, _: str) -> str:
        return self.name


def type_of(annotation: Any) -> spec.Type:
    """The `spec` type that an evaluated annotation stands for. Raises `TypeError` for anything outside the
    language.
    """
    if isinstance(annotation, Annotation):
        return annotation.spec
    if annotation is None or annotation is type(None):
        return spec.NONE
    if annotation is bool:
        return spec.BOOL
    if isinstance(annotation, types.UnionType):
        parts = [part for part in annotation.__args__ if part is not type(None)]
        if len(parts) == 1 and len(annotation.__args__) == 2:
            return spec.OptionType(type_of(parts[0]))
    if typing.get_origin(annotation) is tuple:
        return spec.TupleType(tuple(type_of(part) for part in typing.get_args(annotation)))
    if isinstance(annotation, type):
        if issubclass(annotation, Enum):
            return spec.EnumType(
                annotation.__name__, tuple((m.name, m.value) for m in annotation), annotation
            )
        shape = getattr(annotation, "spec", None)
        if shape is not None:
            return typing.cast("spec.Type", shape)
        lazy = getattr(annotation, "__shape__", None)
        if lazy is not None:
            return typing.cast("spec.Type", lazy())
    raise TypeError(f"{annotation!r} is not a type of the contract language")


SIZED: dict[str, type[Sized]] = {c.spec.name: c for c in (u8, u16, u32, u64, u128, u256, i64, i128)}
"""The classes of sized integers by the names of their types."""
FIXED: dict[str, type[Fixed]] = {c.spec.name: c for c in (Address, Hash, Ref)}
"""The classes of fixed bytes by the names of their types."""


@cache
def fixed_class(shape: spec.FixedType) -> type[Fixed]:
    """The class of a type of fixed bytes; that of `FixedBytes[N]` is made here."""
    return FIXED.get(shape.name) or type(str(shape), (Fixed,), {"spec": shape})


def coerce(shape: spec.Type, value: Any) -> Any:
    """`value` as a value of `shape`.

    Raises `Overflow` (number out of range), `TooLong` (text, bytes, list), `TypeError` (another kind of
    value).
    """
    match shape:
        case spec.IntType() if isinstance(value, int) and not isinstance(value, bool | enum.Enum):
            if isinstance(value, Sized) and value.spec != shape:
                raise TypeError(f"{value!r} is not {shape}: convert it")
            return SIZED[shape.name](value)
        case spec.BoolType() if isinstance(value, bool):
            return value
        case spec.FixedType() if isinstance(value, bytes):
            if isinstance(value, Fixed) and value.spec != shape:
                raise TypeError(f"{value!r} is not {shape}: convert it")
            return fixed_class(shape)(value)
        case spec.VarType(name="text") if isinstance(value, str):
            return _bounded(value, len(value.encode()), shape.limit)
        case spec.VarType(name="bytes") if isinstance(value, bytes):
            return _bounded(bytes(value), len(value), shape.limit)
        case spec.ListType() if isinstance(value, tuple | list):
            return Items(shape, value)
        case spec.OptionType():
            return None if value is None else coerce(shape.item, value)
        case spec.EnumType() if isinstance(value, int) and shape.make is not None:
            if not isinstance(value, typing.cast("type", shape.make)):
                raise TypeError(f"{value!r} is not a member of {shape}")
            return value
        case spec.RecordType(make=None) | spec.EnumType(make=None) if isinstance(value, dict | str):
            return value  # read by an interface description, which has no classes
        case spec.RecordType() if isinstance(value, typing.cast("type", shape.make)):
            return value
        case spec.TupleType() if isinstance(value, tuple) and len(value) == len(shape.items):
            return tuple(coerce(item, part) for item, part in zip(shape.items, value, strict=True))
        case spec.NoneType() if value is None:
            return None
    raise TypeError(f"{value!r} is not a value of type {shape}")


def _bounded(value: T, length: int, limit: int | None) -> T:
    if limit is not None and length > limit:
        raise TooLong
    return value
