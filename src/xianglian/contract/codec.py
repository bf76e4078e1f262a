"""Borsh bytes of contract values by their `spec` type: the only encoder and decoder on the Python side."""

from __future__ import annotations

from typing import Any

from xianglian.contract import spec
from xianglian.contract.crypto import sm3_digest
from xianglian.contract.values import SIZED, Items, fixed_class


class DecodeError(ValueError):
    """Bytes that are no encoding of the type: too short, too long, out of range, or left over."""


def encode(shape: spec.Type, value: Any) -> bytes:
    """The canonical bytes of a value that `coerce` accepted."""
    match shape:
        case spec.IntType():
            return int(value).to_bytes(shape.bits // 8, "little", signed=shape.signed)
        case spec.BoolType():
            return b"\x01" if value else b"\x00"
        case spec.EnumType():
            return bytes([int(value)])
        case spec.FixedType():
            return bytes(value)
        case spec.VarType(name="text"):
            return _counted(value.encode())
        case spec.VarType():
            return _counted(value)
        case spec.ListType():
            return len(value).to_bytes(4, "little") + b"".join(encode(shape.item, item) for item in value)
        case spec.OptionType():
            return b"\x00" if value is None else b"\x01" + encode(shape.item, value)
        case spec.RecordType():
            read = value.__getitem__ if isinstance(value, dict) else lambda name: getattr(value, name)
            return b"".join(encode(item, read(name)) for name, item in shape.fields)
        case spec.TupleType():
            return b"".join(encode(item, part) for item, part in zip(shape.items, value, strict=True))
        case spec.NoneType():
            return b""


def decode(shape: spec.Type, data: bytes) -> Any:
    """The value of all of `data`. Raises `DecodeError`."""
    reader = Reader(data)
    value = reader.value(shape)
    reader.finish()
    return value


def key_bytes(prefix: str, shape: spec.Type | None, key: Any) -> bytes:
    """The state key of a field (`shape` None) or of a map entry: `name`, or `name/` and the parts of the
    key.
    """
    if shape is None:
        return prefix.encode()
    parts = (
        [(shape, key)] if not isinstance(shape, spec.TupleType) else list(zip(shape.items, key, strict=True))
    )
    return prefix.encode() + b"/" + b"".join(_key_part(part, value) for part, value in parts)


def key_part_is_hashed(shape: spec.Type) -> bool:
    """Whether a key part is replaced by its SM3: text and bytes that may exceed `KEY_PART_BYTES_MAX`."""
    return isinstance(shape, spec.VarType) and (shape.limit is None or shape.limit > spec.KEY_PART_BYTES_MAX)


def _key_part(shape: spec.Type, value: Any) -> bytes:
    if key_part_is_hashed(shape):
        return sm3_digest(value.encode() if isinstance(value, str) else value)
    return encode(shape, value)


def _counted(data: bytes) -> bytes:
    return len(data).to_bytes(4, "little") + data


class Reader:
    """A cursor over bytes that refuses to pass their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size > len(self._data) - self._at:
            raise DecodeError(f"{size} bytes wanted at {self._at}, {len(self._data) - self._at} left")
        self._at += size
        return self._data[self._at - size : self._at]

    def finish(self) -> None:
        """Refuses bytes that are left over."""
        if self._at != len(self._data):
            raise DecodeError(f"{len(self._data) - self._at} bytes left over")

    def value(self, shape: spec.Type) -> Any:
        """The next value of type `shape`."""
        match shape:
            case spec.IntType():
                return SIZED[shape.name](
                    int.from_bytes(self.take(shape.bits // 8), "little", signed=shape.signed)
                )
            case spec.BoolType():
                return self._flag()
            case spec.EnumType():
                return self._member(shape)
            case spec.FixedType():
                return fixed_class(shape)(self.take(shape.size))
            case spec.VarType():
                return self._variable(shape)
            case spec.ListType():
                count = self._count(shape.limit)
                return Items(shape, [self.value(shape.item) for _ in range(count)])
            case spec.OptionType():
                return self.value(shape.item) if self._flag() else None
            case spec.RecordType():
                fields = {name: self.value(item) for name, item in shape.fields}
                return fields if shape.make is None else shape.make(**fields)
            case spec.TupleType():
                return tuple(self.value(item) for item in shape.items)
            case spec.NoneType():
                return None

    def _flag(self) -> bool:
        byte = self.take(1)[0]
        if byte > 1:
            raise DecodeError(f"{byte} is neither 0 nor 1")
        return byte == 1

    def _member(self, shape: spec.EnumType) -> object:
        number = self.take(1)[0]
        for name, value in shape.members:
            if value == number:
                return name if shape.make is None else shape.make(number)
        raise DecodeError(f"{number} is no member of {shape.name}")

    def _count(self, limit: int | None) -> int:
        count = int.from_bytes(self.take(4), "little")
        if limit is not None and count > limit:
            raise DecodeError(f"length {count} is above {limit}")
        return count

    def _variable(self, shape: spec.VarType) -> str | bytes:
        data = self.take(self._count(shape.limit))
        if shape.name == "bytes":
            return data
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise DecodeError("not UTF-8") from error
