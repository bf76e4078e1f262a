"""Runs compiled contracts in tests, behind the host that plain Python uses. Not metered."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from xianglian.compiler import build
from xianglian.contract.context import Host
from xianglian.contract.crypto import sm2_is_valid, sm3_digest
from xianglian.contract.testing import Aborted


class _Ended(Exception):
    """Leaves the machine from inside a host function."""


class Machine:
    """An `Engine` of the test chain over WebAssembly."""

    def __init__(self) -> None:
        self._wasmtime = pytest.importorskip("wasmtime", reason="needs an engine: uv pip install wasmtime")
        self._engine = self._wasmtime.Engine()
        self._modules: dict[Path, Any] = {}

    def module(self, path: Path) -> Any:
        """The machine code of a contract file, made once."""
        if path not in self._modules:
            self._modules[path] = self._wasmtime.Module(self._engine, build(path).wasm)
        return self._modules[path]

    def run(self, contract: type, host: Host, method: str, arguments: bytes) -> bytes:
        """See `xianglian.contract.testing.Engine`."""
        module = self.module(Path(inspect.getfile(contract)))
        kind = getattr(getattr(contract, method), "__kind__", "")
        if kind in ("init", "migrate"):
            method = kind
        return _Run(self._wasmtime, self._engine, module, host, arguments).call(method)


class _Run:
    """One call in a fresh instance."""

    def __init__(self, wasmtime: Any, engine: Any, module: Any, host: Host, arguments: bytes) -> None:
        self.host, self.arguments, self.answer = host, arguments, b""
        self.returned = b""
        self.stop: Aborted | None = None
        self.ends = (wasmtime.Trap, wasmtime.WasmtimeError, _Ended)
        self.store = wasmtime.Store(engine)
        functions = []
        for each in module.imports:
            kind = each.type
            assert each.module == "env"
            functions.append(wasmtime.Func(self.store, kind, getattr(self, f"_{each.name}")))
        instance = wasmtime.Instance(self.store, module, functions)
        self.exports = instance.exports(self.store)
        self.memory: Any = self.exports["memory"]

    def call(self, method: str) -> bytes:
        """The bytes that the method returned. Raises `Aborted`."""
        entry: Any = self.exports[method]
        try:
            status = entry(self.store)
        except self.ends:
            if self.stop is not None:
                raise self.stop from None
            raise
        assert status == 0
        return self.answer

    def _read(self, at: int, size: int) -> bytes:
        at, size = at & 0xFFFFFFFF, size & 0xFFFFFFFF
        assert at + size <= self.memory.data_len(self.store)
        return bytes(self.memory.read(self.store, at, at + size))

    def _write(self, at: int, data: bytes) -> None:
        assert (at & 0xFFFFFFFF) + len(data) <= self.memory.data_len(self.store)
        self.memory.write(self.store, data, at & 0xFFFFFFFF)

    def _get(self, key: int, size: int, to: int, cap: int) -> int:
        value = self.host.get(self._read(key, size))
        if value is None:
            return -1
        self._write(to, value[:cap])
        return len(value)

    def _put(self, key: int, size: int, value: int, length: int) -> None:
        self.host.put(self._read(key, size), self._read(value, length))

    def _del(self, key: int, size: int) -> None:
        self.host.delete(self._read(key, size))

    def _caller(self, to: int) -> None:
        self._write(to, bytes(self.host.caller))

    def _self_addr(self, to: int) -> None:
        self._write(to, bytes(self.host.self_address))

    def _origin(self, to: int) -> None:
        self._write(to, bytes(self.host.origin))

    def _call(self, contract: int, method: int, size: int, data: int, length: int, gas: int) -> int:
        assert gas == -1
        name, arguments = self._read(method, size).decode(), self._read(data, length)
        try:
            self.returned = self.host.call(self._read(contract, 20), name, arguments)
        except Aborted as failure:
            code, detail = failure.code.encode(), failure.detail
            parts = [len(code).to_bytes(4, "little"), code, failure.line.to_bytes(4, "little")]
            self.returned = b"".join([*parts, len(detail).to_bytes(4, "little"), detail])
            return 1
        return 0

    def _returned_len(self) -> int:
        return len(self.returned)

    def _returned(self, to: int, cap: int) -> int:
        self._write(to, self.returned[:cap])
        return len(self.returned)

    def _tx_id(self, to: int) -> None:
        self._write(to, bytes(self.host.tx_id))

    def _height(self) -> int:
        return self.host.height

    def _time(self) -> int:
        return self.host.time_ms

    def _input_len(self) -> int:
        return len(self.arguments)

    def _input(self, to: int, cap: int) -> int:
        self._write(to, self.arguments[:cap])
        return len(self.arguments)

    def _ret(self, at: int, size: int) -> None:
        self.answer = self._read(at, size)

    def _emit(self, name: int, size: int, data: int, length: int) -> None:
        self.host.emit(self._read(name, size).decode(), self._read(data, length))

    def _abort(self, code: int, size: int, line: int, detail: int, length: int) -> None:
        self.stop = Aborted(self._read(code, size).decode(), line, self._read(detail, length))
        raise _Ended

    def _sm3(self, at: int, size: int, to: int) -> None:
        self._write(to, sm3_digest(self._read(at, size)))

    def _sm2_verify(self, key: int, signature: int, message: int, size: int) -> int:
        return int(sm2_is_valid(self._read(key, 33), self._read(signature, 64), self._read(message, size)))

    def _has_role(self, account: int, role: int, size: int) -> int:
        return int(self.host.has_role(self._read(account, 20), self._read(role, size).decode()))

    def _org_of(self, account: int, to: int, cap: int) -> int:
        found = self.host.organisation_of(self._read(account, 20))
        if found is None:
            return -1
        self._write(to, found.encode()[:cap])
        return len(found.encode())


@pytest.fixture(scope="session")
def machine() -> Machine:
    """The machine as an engine of the test chain."""
    return Machine()
