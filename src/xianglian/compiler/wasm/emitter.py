"""Appending instructions to a function."""

from __future__ import annotations

from xianglian.compiler.wasm.encode import Instr, WasmFunction


class Emitter:
    """Appends instructions to a function and lends temporary locals."""

    def __init__(self, function: WasmFunction) -> None:
        self.function = function
        self._free: dict[str, list[str]] = {"i32": [], "i64": []}
        self._count = 0

    def add(self, *code: Instr) -> None:
        """Appends."""
        self.function.code += code

    def temporary(self, kind: str) -> str:
        """A local of a value type; give it back with `free`."""
        if self._free[kind]:
            return self._free[kind].pop()
        self._count += 1
        name = f"%{self._count}"
        self.function.locals[name] = kind
        return name

    def free(self, *names: str) -> None:
        """Lets the names be lent again."""
        for name in names:
            self._free[self.function.locals[name]].append(name)
