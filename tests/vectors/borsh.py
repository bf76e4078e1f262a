"""The canonical codec (spec 01) from its clauses alone: nothing here imports the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Writer = Callable[[Any], bytes]


class Malformed(Exception):
    """XL-CODEC-1: not the canonical bytes of any value."""


class Reader:
    """Takes values off the front of `data`."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise Malformed("cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def bytes(self, limit: int) -> bytes:
        """XL-CODEC-3."""
        length = self.number(4)
        if length > limit:
            raise Malformed("too long")
        return self.take(length)

    def text(self, limit: int) -> str:
        try:
            return self.bytes(limit).decode()
        except UnicodeDecodeError as error:
            raise Malformed("not UTF-8") from error

    def list(self, limit: int, item: Callable[[Reader], Any]) -> list[Any]:
        """XL-CODEC-4."""
        count = self.number(4)
        if count > limit:
            raise Malformed("too many")
        return [item(self) for _ in range(count)]

    def option(self, item: Callable[[Reader], Any]) -> Any:
        """XL-CODEC-5."""
        tag = self.number(1)
        if tag > 1:
            raise Malformed("option tag")
        return item(self) if tag else None

    def end(self) -> None:
        if self.at != len(self.data):
            raise Malformed("bytes left over")


def u8(value: int) -> bytes:
    return value.to_bytes(1, "little")


def u16(value: int) -> bytes:
    return value.to_bytes(2, "little")


def u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


def u64(value: int) -> bytes:
    return int(value).to_bytes(8, "little")


def blob(value: bytes) -> bytes:
    return u32(len(value)) + value


def text(value: str) -> bytes:
    return blob(value.encode())


def items(values: list[Any], write: Writer) -> bytes:
    return u32(len(values)) + b"".join(write(value) for value in values)
