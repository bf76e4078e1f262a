"""Where things lie in a contract's memory, and how values travel on the machine's stack.

Address 0 is never used, so that pointer 0 can mean None. Constants and the key buffers of state fields come
first, then the heap. A number of 128 bits is two values, one of 256 a pointer to its bytes. A record is its
fields in slots of 8 bytes (u128: 16); a list a count in 8 bytes and its
items in slots.
"""

from __future__ import annotations

from xianglian.compiler.ir import AnyType
from xianglian.contract import spec

START = 16
PAGE = 65_536


def slots(of: AnyType) -> tuple[str, ...]:
    """The value types that a value takes on the stack."""
    match of:
        case spec.IntType():
            return {128: ("i64", "i64"), 256: ("i32",)}.get(of.bits, ("i64",))
        case spec.EnumType():
            return ("i64",)
        case spec.NoneType():
            return ()
        case _:
            return ("i32",)


def is_scalar(of: AnyType) -> bool:
    """Whether the value itself is on the stack, rather than a pointer to it."""
    return isinstance(of, spec.EnumType | spec.BoolType) or (isinstance(of, spec.IntType) and of.bits < 256)


def slot_size(of: AnyType) -> int:
    """Bytes of a value inside a record or list."""
    return 16 if len(slots(of)) == 2 else 8


def offsets(of: spec.RecordType | spec.TupleType) -> list[int]:
    """Where each part of a record or tuple lies."""
    found, at = [], 0
    for kind in spec.parts_of(of):
        found.append(at)
        at += slot_size(kind)
    return found


class Memory:
    """Hands out addresses of constants and buffers."""

    def __init__(self) -> None:
        self.data: list[tuple[int, bytes]] = []
        self.top = START
        self._known: dict[bytes, int] = {}

    def constant(self, data: bytes) -> int:
        """The address of constant bytes; equal ones share it."""
        if data not in self._known:
            self._known[data] = self.buffer(data, len(data))
        return self._known[data]

    def counted(self, data: bytes) -> int:
        """The address of a constant text or byte string."""
        return self.constant(len(data).to_bytes(4, "little") + data)

    def table(self, values: tuple[int, ...]) -> int:
        """The address of a constant table."""
        return self.constant(b"".join(value.to_bytes(8, "little", signed=True) for value in values))

    def buffer(self, start: bytes, size: int) -> int:
        """A buffer of `size` bytes that begins with `start`."""
        at = self.top
        if start:
            self.data.append((at, start))
        self.top = at + (max(size, 1) + 7) // 8 * 8
        return at

    @property
    def pages(self) -> int:
        """Pages that the module declares."""
        return (self.top + PAGE - 1) // PAGE
