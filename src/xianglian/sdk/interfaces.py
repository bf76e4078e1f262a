"""Arguments to bytes and bytes to values, by the interfaces of contracts."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from typing import Any, Protocol

from xianglian.contract import abi, spec
from xianglian.contract.solidity import REVERT
from xianglian.errors import Misused, NotFound
from xianglian.sdk import system

FRESH_S = 30.0
"""How long an interface is believed without asking."""


class Source(Protocol):
    """Where interfaces come from: a client."""

    async def interface(self, contract: str, version: int | None = None) -> bytes:
        """The interface description of a version, by default of the one that runs."""

    async def versions(self, name: str) -> dict[str, Any]:
        """`{"versions": [{"version", "height"}]}`, oldest first."""


class Interfaces:
    """The interfaces of a chain's contracts. What runs is asked for again after `FRESH_S`, since an upgrade
    changes it; what was is read by the version that ran then.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, tuple[float, bytes, abi.Interface]] = {}
        self._heights: dict[str, tuple[float, tuple[list[int], list[int]]]] = {}
        self._old: dict[tuple[str, int], abi.Interface] = {}
        self._lock = asyncio.Lock()

    async def wire_method(self, contract: str, method: str) -> str:
        """The method's name as a transaction carries it. Raises `Misused`, `NotFound` as `encode`."""
        return method if system.is_system(contract) else (await self._of(contract)).wire_method(method)

    async def encode(self, contract: str, method: str, arguments: dict[str, Any]) -> bytes:
        """The encoded arguments. Raises `Misused` naming the argument, `NotFound` for an unknown contract."""
        if system.is_system(contract):
            return system.encode(contract, method, arguments)
        interface = await self._of(contract)
        try:
            return interface.encode_arguments(method, arguments)
        except (TypeError, ValueError, KeyError) as error:
            raise Misused(f"{contract}.{method}: {error}", contract=contract, method=method) from error

    async def decode_output(
        self, contract: str, method: str, output: bytes, height: int | None = None
    ) -> Any:
        """The value that a method returned, at a height or now."""
        if not output:
            return None
        if (owner := system.name_of(contract)) is not None:
            return system.decode_output(owner, method, output)
        interface = await self._of(contract, height)
        return natural(interface.method(method).returns, interface.decode_output(method, output))

    async def decode_event(
        self, contract: str, name: str, data: bytes, height: int | None = None
    ) -> dict[str, Any] | None:
        """An event's fields; None where the contract has no interface here."""
        if system.name_of(contract) is not None:
            return system.decode_event(name, data)
        try:
            interface = await self._of(contract, height)
            fields = next(each["fields"] for each in interface.document["events"] if each["name"] == name)
            values = interface.decode_event(name, data)
            return {f["name"]: natural(interface.type(f["type"]), values[f["name"]]) for f in fields}
        except (NotFound, ValueError, KeyError, StopIteration):
            return None

    async def reason(self, contract: str, code: str, detail: bytes, height: int | None = None) -> str:
        """What a refusal's code means, in the contract's own words; the code itself where it has none."""
        if code.startswith("XL-") and code != REVERT:
            return system.reason(code, detail)
        try:
            return (await self._of(contract, height)).reason(code, detail)
        except (NotFound, ValueError, KeyError):
            return code

    async def place(self, contract: str, line: int, height: int | None = None) -> str | None:
        """`file:line` of the contract's source that a receipt's line means."""
        if line == 0 or system.name_of(contract) is not None:
            return None
        try:
            file, number = (await self._of(contract, height)).place(line)
        except (NotFound, ValueError, KeyError):
            return None
        return f"{file}:{number}"

    def forget(self) -> None:
        """Asks for each again when it is needed: something was upgraded."""
        self._known.clear()
        self._heights.clear()

    async def _of(self, contract: str, height: int | None = None) -> abi.Interface:
        async with self._lock:
            if height is not None:
                numbers, heights = await self._versions(contract)
                index = max(1, bisect_right(heights, height)) - 1
                if index < len(numbers) - 1:
                    return await self._version(contract, numbers[index])
            known = self._known.get(contract)
            if known is not None and time.monotonic() - known[0] < FRESH_S:
                return known[2]
            raw = await self._source.interface(contract)
            parsed = known[2] if known is not None and known[1] == raw else abi.Interface.parse(raw)
            self._known[contract] = (time.monotonic(), raw, parsed)
            return parsed

    async def _versions(self, contract: str) -> tuple[list[int], list[int]]:
        """Numbers of the versions, and the heights from which each ran."""
        known = self._heights.get(contract)
        if known is not None and time.monotonic() - known[0] < FRESH_S:
            return known[1]
        rows = (await self._source.versions(contract))["versions"]
        found = [int(row["version"]) for row in rows], [int(row["height"]) for row in rows]
        self._heights[contract] = (time.monotonic(), found)
        return found

    async def _version(self, contract: str, version: int) -> abi.Interface:
        found = self._old.get((contract, version))
        if found is None:
            found = abi.Interface.parse(await self._source.interface(contract, version))
            self._old[contract, version] = found
        return found


def natural(shape: spec.Type, value: Any) -> Any:
    """A value of the interface's JSON as Python has it: every whole number an `int`, the rest as it is."""
    match shape:
        case spec.IntType():
            return int(value)
        case spec.OptionType() if value is not None:
            return natural(shape.item, value)
        case spec.ListType():
            return [natural(shape.item, item) for item in value]
        case spec.TupleType():
            return [natural(item, each) for item, each in zip(shape.items, value, strict=True)]
        case spec.RecordType():
            return {name: natural(item, value[name]) for name, item in shape.fields}
    return value
