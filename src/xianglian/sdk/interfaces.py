"""Arguments to bytes and bytes to values, by the interface that a contract was deployed with; each is asked
for once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from xianglian._core import contract_address
from xianglian.contract import abi, spec
from xianglian.errors import Misused, NotFound
from xianglian.sdk import system


class Interfaces:
    """The interfaces of a chain's contracts, cached: a contract's interface never changes under its name."""

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]]) -> None:
        self._fetch = fetch
        self._known: dict[str, abi.Interface] = {}
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
        if _system_name(contract) is not None:
            return output
        interface = await self._of(contract)
        return natural(interface.method(method).returns, interface.decode_output(method, output))

    async def decode_event(self, contract: str, name: str, data: bytes) -> dict[str, Any] | None:
        """An event's fields; None where the contract has no interface here."""
        if _system_name(contract) is not None:
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
        if code.startswith("XL-") or _system_name(contract) is not None:
            return code
        try:
            return (await self._of(contract)).reason(code, detail)
        except (NotFound, ValueError, KeyError):
            return code

    async def place(self, contract: str, line: int) -> str | None:
        """`file:line` of the contract's source that a receipt's line means."""
        if line == 0 or _system_name(contract) is not None:
            return None
        try:
            file, number = (await self._of(contract)).place(line)
        except (NotFound, ValueError, KeyError):
            return None
        return f"{file}:{number}"

    async def _of(self, contract: str) -> abi.Interface:
        async with self._lock:
            found = self._known.get(contract)
            if found is None:
                found = abi.Interface.parse(await self._fetch(contract))
                self._known[contract] = found
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
        case spec.RecordType():
            return {name: natural(item, value[name]) for name, item in shape.fields}
    return value


def _system_name(contract: str) -> str | None:
    names = (system.ACCOUNTS, system.CONTRACTS)
    return next((name for name in names if contract in (name, contract_address(name))), None)
