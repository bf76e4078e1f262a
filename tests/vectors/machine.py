"""Metered contract modules on an engine that is not the core's.

What a second implementation of XL-VM has to do: the module does its own metering, so all that is left is the
host interface of clause XL-VM-5 (here without the checks of signatures and roles), both counters, and the
canonical names of what ended a call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import wasmtime

from xianglian import _core

STACK_UNITS = 30_000
"""XL-VM-GAS-3."""
NATIVE_STACK_BYTES = 2 << 20
TRAPS = {
    wasmtime.TrapCode.UNREACHABLE: "TRAP_UNREACHABLE",
    wasmtime.TrapCode.MEMORY_OUT_OF_BOUNDS: "TRAP_MEMORY",
    wasmtime.TrapCode.TABLE_OUT_OF_BOUNDS: "TRAP_INDIRECT_CALL",
    wasmtime.TrapCode.INDIRECT_CALL_TO_NULL: "TRAP_INDIRECT_CALL",
    wasmtime.TrapCode.BAD_SIGNATURE: "TRAP_INDIRECT_CALL",
    wasmtime.TrapCode.INTEGER_DIVISION_BY_ZERO: "TRAP_DIVISION_BY_ZERO",
    wasmtime.TrapCode.INTEGER_OVERFLOW: "TRAP_INTEGER_OVERFLOW",
}


class Ended(Exception):
    """The host ended the call; the text is the failure's code."""


@dataclass
class Host:
    """What a call sees of the chain."""

    context: dict[str, str]
    organisations: dict[bytes, bytes] = field(default_factory=dict)
    state: dict[bytes, bytes] = field(default_factory=dict)
    input: bytes = b""
    output: bytes = b""
    returned: bytes = b""
    event_bytes: int = 0
    memory: Callable[[], tuple[wasmtime.Memory, wasmtime.Store]] | None = None

    def read(self, at: int, length: int) -> bytes:
        """Bytes of the memory, all inside it."""
        assert self.memory is not None
        memory, store = self.memory()
        at, length = at & 0xFFFF_FFFF, length & 0xFFFF_FFFF
        if at + length > memory.data_len(store):
            raise Ended("TRAP_MEMORY")
        return bytes(memory.read(store, at, at + length)) if length else b""

    def write(self, at: int, data: bytes) -> None:
        """Puts `data` into the memory, all inside it."""
        self.read(at, len(data))
        assert self.memory is not None
        memory, store = self.memory()
        if data:
            memory.write(store, data, at & 0xFFFF_FFFF)

    def capped(self, at: int, cap: int, data: bytes) -> int:
        """Copies what fits and tells the whole length."""
        self.write(at, data[: cap & 0xFFFF_FFFF])
        return len(data)

    def key(self, at: int, length: int) -> bytes:
        """A state key."""
        if length & 0xFFFF_FFFF > 256:
            raise Ended("LIMIT_KEY")
        return self.read(at, length)

    # The functions of the interface, under their names.

    def get(self, key: int, key_len: int, to: int, cap: int) -> int:
        """XL-VM-5."""
        value = self.state.get(self.key(key, key_len))
        return -1 if value is None else self.capped(to, cap, value)

    def put(self, key: int, key_len: int, value: int, value_len: int) -> None:
        """XL-VM-5."""
        if value_len & 0xFFFF_FFFF > 65_535:
            raise Ended("LIMIT_VALUE")
        self.state[self.key(key, key_len)] = self.read(value, value_len)

    def delete(self, key: int, key_len: int) -> None:
        """XL-VM-5: `del`."""
        self.state.pop(self.key(key, key_len), None)

    def emit(self, name: int, name_len: int, data: int, data_len: int) -> None:
        """XL-VM-5."""
        self.event_bytes += len(self.read(name, name_len)) + len(self.read(data, data_len))
        if self.event_bytes > 65_536:
            raise Ended("LIMIT_EVENT_BYTES")

    def ret(self, at: int, length: int) -> None:
        """XL-VM-5."""
        self.output = self.read(at, length)

    def abort(self, code: int, code_len: int, _line: int, detail: int, detail_len: int) -> None:
        """XL-VM-5."""
        self.read(detail, detail_len)
        text = self.read(code, code_len)
        printable = text and all(0x21 <= byte <= 0x7E for byte in text)
        raise Ended("ABORT" if printable else "LIMIT_ABORT_CODE")

    def call(
        self, contract: int, method: int, method_len: int, arguments: int, arguments_len: int, _gas: int
    ) -> int:
        """XL-VM-9, where there is no other contract: the failure is Borsh of its code, line and detail."""
        if method_len & 0xFFFF_FFFF > 64:
            raise Ended("LIMIT_METHOD")
        if arguments_len & 0xFFFF_FFFF > 65_536:
            raise Ended("LIMIT_ARGUMENTS")
        self.read(contract, 20)
        self.read(method, method_len)
        self.read(arguments, arguments_len)
        code = b"XL-CONTRACT-UNKNOWN"
        self.returned = len(code).to_bytes(4, "little") + code + bytes(8)
        return 1

    def org_of(self, account: int, to: int, cap: int) -> int:
        """XL-VM-5."""
        organisation = self.organisations.get(self.read(account, 20))
        return -1 if organisation is None else self.capped(to, cap, organisation)

    def has_role(self, account: int, role: int, role_len: int) -> int:
        """XL-VM-5, where nobody has a role."""
        self.read(account, 20)
        self.read(role, role_len)
        return 0

    def sm2_verify(self, key: int, signature: int, message: int, length: int) -> int:
        """XL-VM-5, for bytes that are no key."""
        self.read(key, 33)
        self.read(signature, 64)
        self.read(message, length)
        return 0

    def functions(self) -> dict[str, Callable[..., Any]]:
        """All by the names of their imports."""
        context = self.context
        return {
            "get": self.get,
            "put": self.put,
            "del": self.delete,
            "emit": self.emit,
            "ret": self.ret,
            "abort": self.abort,
            "org_of": self.org_of,
            "has_role": self.has_role,
            "sm2_verify": self.sm2_verify,
            "call": self.call,
            "returned_len": lambda: len(self.returned),
            "returned": lambda to, cap: self.capped(to, cap, self.returned),
            "origin": lambda to: self.write(to, bytes.fromhex(context["origin"])),
            "caller": lambda to: self.write(to, bytes.fromhex(context["caller"])),
            "self_addr": lambda to: self.write(to, bytes.fromhex(context["contract"])),
            "tx_id": lambda to: self.write(to, bytes.fromhex(context["tx_id"])),
            "height": lambda: int(context["height"]),
            "time": lambda: int(context["time_ms"]),
            "input_len": lambda: len(self.input),
            "input": lambda to, cap: self.capped(to, cap, self.input),
            "sm3": lambda at, length, to: self.write(to, _core.sm3(self.read(at, length))),
        }


@dataclass(frozen=True)
class End:
    """How a call ended: its code, the gas and stack units that were left, what it answered."""

    code: str
    gas_left: int
    stack_left: int
    status: int | None
    output: bytes
    memory: bytes


class Machine:
    """An engine for metered modules."""

    def __init__(self) -> None:
        configuration = wasmtime.Config()
        configuration.max_wasm_stack = NATIVE_STACK_BYTES
        self._engine = wasmtime.Engine(configuration)

    def call(
        self, code: bytes, entry: str, gas: int, host: Host, functions: dict[str, Callable[..., Any]]
    ) -> End:
        """Runs an entry in a fresh instance. `gas` is what is left for the module's own instructions."""
        module = wasmtime.Module(self._engine, code)
        store = wasmtime.Store(self._engine)
        ended: list[str] = []

        def answering(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: int) -> Any:
                try:
                    return function(*arguments)
                except Ended as end:
                    ended.append(str(end))
                    raise

            return call

        imports = [
            wasmtime.Func(store, item.type, answering(functions[item.name or ""])) for item in module.imports
        ]
        exports = wasmtime.Instance(store, module, imports).exports(store)
        memory: Any = exports["memory"]
        counters: list[Any] = [exports["__gas"], exports["__stack"]]
        host.memory = lambda: (memory, store)
        for counter, units in zip(counters, [gas, STACK_UNITS], strict=True):
            counter.set_value(store, wasmtime.Val.i64(units))
        go: Any = exports[entry]
        status, trap = None, ""
        try:
            status = go(store)
        except wasmtime.Trap as caught:
            trap = TRAPS[caught.trap_code]
        except (Ended, wasmtime.WasmtimeError):
            if not ended:
                raise
        gas_left, stack_left = (counter.value(store) for counter in counters)
        if ended:
            outcome = ended[0]
        elif status is not None:
            outcome = "OK" if status == 0 else "RETURNED"
        else:
            outcome = "OUT_OF_GAS" if gas_left < 0 else "STACK_OVERFLOW" if stack_left < 0 else trap
        left = bytes(memory.read(store, 0, memory.data_len(store)))
        return End(outcome, gas_left, stack_left, status, host.output, left)
