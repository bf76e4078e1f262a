"""Solidity's application binary interface: values to bytes and back, by the types of a compiler's JSON.

Source: the contract ABI specification of the Solidity documentation. Values are those of `contract.abi`:
whole numbers (64 bits and wider may be decimal strings), bool, addresses `xl1...` or hex, bytes as hex, text,
arrays as lists, structs as objects.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xianglian.contract import bech32

WORD = 32
_NUMBER = re.compile(r"(u?int)(\d+)")
_FIXED = re.compile(r"bytes(\d+)")
_ARRAY = re.compile(r"(.*)\[(\d*)\]")


@dataclass(frozen=True, slots=True)
class AbiType:
    """A type. `kind` is one of uint, int, bool, address, fixed, bytes, string, list and tuple."""

    kind: str
    size: int = 0
    """Bits of a number, bytes of `fixed`, items of a list (0: any number)."""
    item: AbiType | None = None
    fields: tuple[tuple[str, AbiType], ...] = ()
    record: str = ""
    """Name of a struct."""

    @property
    def text(self) -> str:
        """As it stands in a signature."""
        if self.kind in ("uint", "int"):
            return f"{self.kind}{self.size}"
        if self.kind == "fixed":
            return f"bytes{self.size}"
        if self.kind == "list":
            return f"{self.of_items.text}[{self.size or ''}]"
        if self.kind == "tuple":
            return f"({','.join(each.text for _, each in self.fields)})"
        return self.kind

    @property
    def dynamic(self) -> bool:
        """Whether its length depends on its value."""
        if self.kind in ("bytes", "string"):
            return True
        if self.kind == "list":
            return self.size == 0 or self.of_items.dynamic
        return self.kind == "tuple" and any(each.dynamic for _, each in self.fields)

    @property
    def words(self) -> int:
        """Words that it takes in place."""
        if self.dynamic:
            return 1
        if self.kind == "list":
            return self.size * self.of_items.words
        return sum(each.words for _, each in self.fields) if self.kind == "tuple" else 1

    @property
    def of_items(self) -> AbiType:
        """The type of a list's items."""
        assert self.item is not None
        return self.item


def parse(parameter: dict[str, Any]) -> AbiType:
    """The type of a parameter of the compiler's JSON. Raises `ValueError` for one that is not in it."""
    text = str(parameter["type"])
    if array := _ARRAY.fullmatch(text):
        return AbiType("list", int(array[2] or 0), parse({**parameter, "type": array[1]}))
    if number := _NUMBER.fullmatch(text):
        return AbiType(number[1], int(number[2]))
    if fixed := _FIXED.fullmatch(text):
        return AbiType("fixed", int(fixed[1]))
    if text in ("bool", "address", "bytes", "string"):
        return AbiType(text)
    if text == "tuple":
        fields = tuple((each["name"], parse(each)) for each in parameter["components"])
        name = str(parameter.get("internalType", "")).removeprefix("struct ").split("[")[0].split(".")[-1]
        return AbiType("tuple", fields=fields, record=name or "Tuple")
    raise ValueError(f"the type {text} is not one of Solidity's interface")


def signature(entry: dict[str, Any]) -> str:
    """`transfer(address,uint256)`."""
    return f"{entry['name']}({','.join(parse(each).text for each in entry['inputs'])})"


def encode(types: Sequence[AbiType], values: Sequence[Any], names: Sequence[str]) -> bytes:
    """The encoding of values side by side. Raises `ValueError` naming the one that does not fit."""
    head: list[bytes | None] = []
    tails: list[bytes] = []
    for of, value, name in zip(types, values, names, strict=True):
        body = _encoded(of, value, name)
        head.append(None if of.dynamic else body)
        tails.append(body if of.dynamic else b"")
    at = sum(WORD if part is None else len(part) for part in head)
    out = []
    for part, tail in zip(head, tails, strict=True):
        out.append(_word(at) if part is None else part)
        at += len(tail)
    return b"".join(out + tails)


def decode(types: Sequence[AbiType], data: bytes) -> list[Any]:
    """Values of their encoding side by side. Raises `ValueError` for bytes that are none."""
    values, at = [], 0
    for of in types:
        start = _number(data, at) if of.dynamic else at
        values.append(_decoded(of, data, start))
        at += of.words * WORD
    return values


def _word(number: int) -> bytes:
    return (number % (1 << 256)).to_bytes(WORD, "big")


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % WORD)


def _encoded(of: AbiType, value: Any, name: str) -> bytes:
    match of.kind:
        case "uint" | "int":
            return _word(_fitting(of, value, name))
        case "bool":
            if value in ("true", "false"):
                value = value == "true"
            if not isinstance(value, bool):
                raise ValueError(f"{name}: true or false wanted, got {value!r}")
            return _word(int(value))
        case "address":
            return bytes(12) + _address(value, name)
        case "fixed":
            return _padded(_sized(_hex(value, name), of.size, name))
        case "bytes":
            raw = _hex(value, name)
            return _word(len(raw)) + _padded(raw)
        case "string":
            if not isinstance(value, str):
                raise ValueError(f"{name}: text wanted, got {value!r}")
            raw = value.encode()
            return _word(len(raw)) + _padded(raw)
        case "list":
            if not isinstance(value, list | tuple) or (of.size and len(value) != of.size):
                raise ValueError(
                    f"{name}: a list of {of.size or 'any number of'} items wanted, got {value!r}"
                )
            count = b"" if of.size else _word(len(value))
            names = [f"{name}[{index}]" for index in range(len(value))]
            return count + encode([of.of_items] * len(value), value, names)
    if not isinstance(value, dict) or set(value) != {field for field, _ in of.fields}:
        raise ValueError(
            f"{name}: an object with {', '.join(field for field, _ in of.fields)} wanted, got {value!r}"
        )
    return encode(
        [each for _, each in of.fields],
        [value[field] for field, _ in of.fields],
        [f"{name}.{field}" for field, _ in of.fields],
    )


def _fitting(of: AbiType, value: Any, name: str) -> int:
    if isinstance(value, str):
        try:
            value = int(value, 10)
        except ValueError:
            raise ValueError(f"{name}: a whole number wanted, got {value!r}") from None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name}: a whole number wanted, got {value!r}")
    low, high = (0, 1 << of.size) if of.kind == "uint" else (-(1 << of.size - 1), 1 << of.size - 1)
    if not low <= value < high:
        raise ValueError(f"{name}: {value} is outside {of.text}")
    return value


def _hex(value: Any, name: str) -> bytes:
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    try:
        return bytes.fromhex(value.removeprefix("0x"))
    except (AttributeError, ValueError):
        raise ValueError(f"{name}: hex digits wanted, got {value!r}") from None


def _address(value: Any, name: str) -> bytes:
    if isinstance(value, str) and value.startswith(("xl1", "xlc1")):
        try:
            return bytes(bech32.decode(value)[1])
        except ValueError as error:
            raise ValueError(f"{name}: no address: {error}") from None
    return _sized(_hex(value, name), 20, name)


def _sized(raw: bytes, size: int, name: str) -> bytes:
    if len(raw) != size:
        raise ValueError(f"{name}: {size} bytes wanted, got {len(raw)}")
    return raw


def _slice(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise ValueError(f"the data end at byte {len(data)}, {at + size} are wanted")
    return data[at : at + size]


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(_slice(data, at, WORD), "big")


def _decoded(of: AbiType, data: bytes, at: int) -> Any:
    match of.kind:
        case "uint" | "int":
            number = _number(data, at)
            if of.kind == "int" and number >> 255:
                number -= 1 << 256
            return str(number) if of.size >= 64 else number
        case "bool":
            return _number(data, at) != 0
        case "address":
            return bech32.encode("xl", _slice(data, at, WORD)[12:])
        case "fixed":
            return _slice(data, at, WORD)[: of.size].hex()
        case "bytes":
            return _slice(data, at + WORD, _number(data, at)).hex()
        case "string":
            return _slice(data, at + WORD, _number(data, at)).decode(errors="replace")
        case "list":
            start, count = (at, of.size) if of.size else (at + WORD, _number(data, at))
            # A count that the data cannot hold is a lie, and would be believed item by item.
            _slice(data, start, count * of.of_items.words * WORD)
            return decode([of.of_items] * count, data[start:])
    return dict(
        zip((name for name, _ in of.fields), decode([each for _, each in of.fields], data[at:]), strict=True)
    )
