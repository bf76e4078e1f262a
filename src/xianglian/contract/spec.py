"""The shapes that contract values have on the chain, and their borsh encoding.

One tree of frozen dataclasses is shared by plain-Python execution, the compiler and the interface (`abi`), so
that a value has one encoding. Integers are little-endian and fixed-width; text and bytes carry a u32 byte
length; a list a u32 count; an option one byte 0 or 1; an enum one byte; a record its fields in order. Source:
borsh.io; design D5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class IntType:
    """A whole number of `bits` bits. `int` (literals, `len`, loop variables) is signed and never stored."""

    name: str
    bits: int
    signed: bool = False

    @property
    def low(self) -> int:
        """The least value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        """The greatest value."""
        return (1 << (self.bits - self.signed)) - 1

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class BoolType:
    """True or False; one byte."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class FixedType:
    """`address` (20 bytes), `hash` and `ref` (32 bytes), and `fixed`: bytes of exactly `size`."""

    name: str
    size: int

    def __str__(self) -> str:
        known = {"address": "Address", "hash": "Hash", "ref": "Ref"}
        return known.get(self.name, f"FixedBytes[{self.size}]")


@dataclass(frozen=True, slots=True)
class VarType:
    """`text` (UTF-8) or `bytes` of at most `limit` bytes; without a limit only as a local value.

    `sealed` marks ciphertext for the compiler; it does not change the bytes.
    """

    name: str
    limit: int | None = None
    sealed: bool = False

    def __str__(self) -> str:
        label = self.name.capitalize()
        return label if self.limit is None else f"{label}[{self.limit}]"


@dataclass(frozen=True, slots=True)
class ListType:
    """At most `limit` items of one type.

    `loose` marks the value of a comprehension for the compiler: a plain `list` checks neither items nor
    bound.
    """

    item: Type
    limit: int
    loose: bool = False

    def __str__(self) -> str:
        return f"List[{self.item}, {self.limit}]"


@dataclass(frozen=True, slots=True)
class OptionType:
    """A value or None."""

    item: Type

    def __str__(self) -> str:
        return f"{self.item} | None"


@dataclass(frozen=True, slots=True)
class EnumType:
    """A closed set of names with numbers 0..255."""

    name: str
    members: tuple[tuple[str, int], ...]
    make: Callable[[int], object] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class RecordType:
    """Named fields in a fixed order; `make` builds the Python value, where there is a class for it."""

    name: str
    fields: tuple[tuple[str, Type], ...]
    make: Callable[..., object] | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class TupleType:
    """Several values in one, and the parts of a composite map key; their encodings one after the other."""

    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


@dataclass(frozen=True, slots=True)
class NoneType:
    """The result of a method that returns nothing; no bytes."""

    def __str__(self) -> str:
        return "None"


Type = (
    IntType
    | BoolType
    | FixedType
    | VarType
    | ListType
    | OptionType
    | EnumType
    | RecordType
    | TupleType
    | NoneType
)

U8, U16, U32 = IntType("u8", 8), IntType("u16", 16), IntType("u32", 32)
U64, U128, U256 = IntType("u64", 64), IntType("u128", 128), IntType("u256", 256)
I64, I128 = IntType("i64", 64, True), IntType("i128", 128, True)
INT = IntType("int", 64, True)
BOOL, NONE = BoolType(), NoneType()
ADDRESS, HASH, REF = FixedType("address", 20), FixedType("hash", 32), FixedType("ref", 32)
TEXT, BYTES = VarType("text"), VarType("bytes")
INTEGERS = {t.name: t for t in (U8, U16, U32, U64, U128, U256, I64, I128)}

VALUE_BYTES_MAX = 65_535
"""The most bytes that one stored value, or one call's arguments, may take (protocol 16)."""
KEY_BYTES_MAX = 256
"""The most bytes of a state key (protocol 16)."""
KEY_PART_BYTES_MAX = 64
"""A text or byte part of a key that may be longer is replaced by its SM3."""


def size_max(of: Type) -> int:
    """The most bytes that the encoding of a value may take."""
    match of:
        case IntType():
            return of.bits // 8
        case BoolType() | EnumType():
            return 1
        case FixedType():
            return of.size
        case VarType():
            return 4 + (VALUE_BYTES_MAX if of.limit is None else of.limit)
        case ListType():
            return 4 + of.limit * size_max(of.item)
        case OptionType():
            return 1 + size_max(of.item)
        case RecordType():
            return sum(size_max(item) for _, item in of.fields)
        case TupleType():
            return sum(size_max(item) for item in of.items)
        case NoneType():
            return 0


def extent(of: Type) -> tuple[int, int]:
    """How many types a type is made of, itself included, and how deep they lie."""
    match of:
        case ListType() | OptionType():
            inside = [extent(of.item)]
        case RecordType() | TupleType():
            inside = [extent(item) for item in parts_of(of)]
        case _:
            inside = []
    return 1 + sum(parts for parts, _ in inside), 1 + max((depth for _, depth in inside), default=0)


def parts_of(of: RecordType | TupleType) -> tuple[Type, ...]:
    """The types inside a record or tuple, in order."""
    return of.items if isinstance(of, TupleType) else tuple(item for _, item in of.fields)


def is_zero_default(of: Type) -> bool:
    """Whether a state field that was never written reads as zero, False, None or an empty list."""
    return isinstance(of, IntType | BoolType | OptionType | ListType)
