"""Arguments to bytes and bytes to values, by the interfaces of contracts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from xianglian.contract import abi, spec
from xianglian.errors import Misused, NotFound
from xianglian.sdk import system

FRESH_S = 30.0
"""How long an interface is believed without asking."""


class Interfaces:
    """The interfaces of a chain's contracts. Asked for again after `FRESH_S`: an upgrade changes them."""

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]]) -> None:
        self._fetch = fetch
        self._known: dict[str, tuple[float, bytes, abi.Interface]] = {}
        self._lock = asyncio.Lock()

    async def encode(self, contract: str, method: str, arguments: dict[str, Any]) -> bytes:
        """Borsh of the argument tuple. Raises `Misused` naming the argument, `NotFound` for an unknown
        contract.
        """
        if system.is_system(contract):
            return system.encode(contract, method, arguments)
        interface = await self._of(contract)
        try:
            return interface.encode_arguments(method, arguments)
        except (TypeError, ValueError, KeyError) as error:
            raise Misused(f"{contract}.{method}: {error}", contract=contract, method=method) from error

    async def decode_output(self, contract: str, method: str, output: bytes) -> Any:
        """The value that a method returned."""
        if not output:
            return None
        if (owner := system.name_of(contract)) is not None:
            return system.decode_output(owner, method, output)
        interface = await self._of(contract)
        return natural(interface.method(method).returns, interface.decode_output(method, output))

    async def decode_event(self, contract: str, name: str, data: bytes) -> dict[str, Any] | None:
        """An event's fields; None where the contract has no interface here."""
        if system.name_of(contract) is not None:
            return system.decode_event(name, data)
        try:
            interface = await self._of(contract)
            fields = next(each["fields"] for each in interface.document["events"] if each["name"] == name)
            values = interface.decode_event(name, data)
            return {f["name"]: natural(interface.type(f["type"]), values[f["name"]]) for f in fields}
        except (NotFound, ValueError, KeyError, StopIteration):
            return None

    async def reason(self, contract: str, code: str, detail: bytes) -> str:
        """What a refusal's code means, in the contract's own words; the code itself where it has none."""
        if code.startswith("XL-"):
            return system.reason(code, detail)
        try:
            return (await self._of(contract)).reason(code, detail)
        except (NotFound, ValueError, KeyError):
            return code

    async def place(self, contract: str, line: int) -> str | None:
        """`file:line` of the contract's source that a receipt's line means."""
        if line == 0 or system.name_of(contract) is not None:
            return None
        try:
            file, number = (await self._of(contract)).place(line)
        except (NotFound, ValueError, KeyError):
            return None
        return f"{file}:{number}"

    def forget(self) -> None:
        """Asks for each again when it is needed: something was upgraded."""
        self._known.clear()

    async def _of(self, contract: str) -> abi.Interface:
        async with self._lock:
            known = self._known.get(contract)
            if known is not None and time.monotonic() - known[0] < FRESH_S:
                return known[2]
            raw = await self._fetch(contract)
            parsed = known[2] if known is not None and known[1] == raw else abi.Interface.parse(raw)
            self._known[contract] = (time.monotonic(), raw, parsed)
            return parsed


def natural(shape: spec.Type, value: Any) -> Any:
    """A value of the interface's JSON as Python has it: every whole number an `int`, the rest as it is."""
    match shape:
        case spec.IntType():
            return int(value)
        case spec.OptionType() if value is not None:
            return natural(shape.item, value)
        case spec.ListType():
            return [natural(shape.item, item) for item in value]
        case spec.RecordType():
            return {name: natural(item, value[name]) for name, item in shape.fields}
    return value
