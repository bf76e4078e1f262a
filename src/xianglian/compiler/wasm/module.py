"""The typed form to a WebAssembly module: functions, their exported wrappers, and what of the runtime they
call.
"""

from __future__ import annotations

from xianglian.compiler import ir
from xianglian.compiler.errors import LimitExceeded
from xianglian.compiler.wasm.emitter import Emitter
from xianglian.compiler.wasm.encode import WasmFunction, WasmModule, encode_module
from xianglian.compiler.wasm.function import FunctionCode
from xianglian.compiler.wasm.layout import Memory, slots
from xianglian.compiler.wasm.runtime import GLOBALS, IMPORTS, RUNTIME
from xianglian.compiler.wasm.state import Codecs, StateFunctions
from xianglian.contract import spec

MODULE_BYTES_MAX = 256 << 10
FUNCTION_BYTES_MAX = 64 << 10
FUNCTIONS_MAX = 1_024
LOCALS_MAX = 256
PARAMETERS_MAX = 32
EDGES_MAX = 2_000
EDGES_MODULE_MAX = 8_192
EDGES_BY_LOCALS_MAX = 100_000
EDGES_BY_LOCALS_MODULE_MAX = 400_000
"""Branches and locals bound the time that a node takes to compile a function. Source: `xl-vm`, limits."""
_BRANCHES = ("block", "loop", "if", "else", "br", "br_if", "return")


class Generator:
    """Makes one module."""

    def __init__(self, program: ir.Program) -> None:
        self.program = program
        self.memory = Memory()
        self.made: dict[str, WasmFunction] = {}
        self.codecs = Codecs(self)
        self.state = StateFunctions(self, self.codecs)

    def emitter(self, function: WasmFunction) -> Emitter:
        """Registers a generated function and lets its code be written."""
        self.made[function.name] = function
        return Emitter(function)

    def module(self) -> WasmModule:
        """The whole module."""
        for source in self.program.functions.values():
            self._function(source)
        for source in self.program.functions.values():
            if source.export:
                self._export(source)
        used = self._link()
        module = WasmModule(
            [IMPORTS[name] for name in IMPORTS if name in self._imports],
            list(used.values()),
            dict(GLOBALS),
            self.memory.data,
            self.memory.pages,
        )
        module.globals["heap"] = ("i32", self.memory.top)
        return module

    def _function(self, source: ir.Function) -> None:
        parameters = [
            (name + suffix, kind)
            for name, of in source.parameters
            for suffix, kind in zip(("", ".hi"), slots(of), strict=False)
        ]
        kinds = slots(source.result)
        function = WasmFunction(source.name, parameters, kinds[0] if kinds else None, line=source.line)
        self.made[source.name] = function
        FunctionCode(self, source, function).translate()

    def _export(self, source: ir.Function) -> None:
        emit = self.emitter(
            WasmFunction(f"call {source.export}", [], "i32", export=source.export, line=source.line)
        )
        most = sum(spec.size_max(of) for _, of in source.parameters)
        emit.add(("i32.const", most), ("i32.const", source.line), ("call", "begin_arguments"))
        for _, of in source.parameters:
            self.codecs.read(emit, of)
        emit.add(("call", "finish"), ("call", source.name))
        kinds = slots(source.result)
        if kinds:
            held = [emit.temporary(kind) for kind in kinds]
            out = emit.temporary("i32")
            emit.add(("local.set", held[0]))
            if len(held) == 2:
                emit.add(("global.get", "hi"), ("local.set", held[1]))
            emit.add(("i32.const", spec.size_max(source.result)), ("call", "reserve"), ("local.set", out))
            emit.add(*[("local.get", name) for name in held])
            self.codecs.write(emit, source.result, out)
            emit.add(
                ("global.get", "heap"),
                ("local.get", out),
                ("global.get", "heap"),
                ("i32.sub",),
                ("call", "env.ret"),
            )
        emit.add(("i32.const", 0))

    def _link(self) -> dict[str, WasmFunction]:
        """The functions that exports reach, in the order of first use; runtime functions are copied in."""
        used: dict[str, WasmFunction] = {}
        self._imports: set[str] = set()
        self._called = {i[1] for f in self.made.values() for i in f.code if i[0] == "call"}
        todo = [name for name, function in self.made.items() if function.export]
        while todo:
            name = todo.pop(0)
            if name in used:
                continue
            function = self.made.get(name) or self._from_runtime(name)
            used[name] = function
            for instr in function.code:
                if instr[0] == "call":
                    callee = str(instr[1])
                    if callee.startswith("env."):
                        self._imports.add(callee[4:])
                    else:
                        todo.append(callee)
        return used

    def _from_runtime(self, name: str) -> WasmFunction:
        # Where other contracts are called, there is a third place that bad bytes come from.
        source = RUNTIME["bad_outside" if name == "bad" and "env.call" in self._called else name]
        function = WasmFunction(name, source.parameters, source.result, dict(source.locals))
        for instr in source.code:
            if instr[0] == "str":
                data = str(instr[1]).encode()
                function.code += [("i32.const", self.memory.constant(data)), ("i32.const", len(data))]
            else:
                function.code.append(instr)
        return function


def _edges(function: WasmFunction) -> int:
    return 1 + sum(instr[0] in _BRANCHES for instr in function.code)


def _edges_by_locals(function: WasmFunction) -> int:
    return _edges(function) * (len(function.parameters) + len(function.locals) + 1)


def _check_limits(functions: list[WasmFunction], size_bytes: int) -> None:
    for each in functions:
        found = {
            "locals": (len(each.parameters) + len(each.locals), LOCALS_MAX),
            "parameters": (len(each.parameters), PARAMETERS_MAX),
            "branches": (_edges(each), EDGES_MAX),
            "branches times locals": (_edges_by_locals(each), EDGES_BY_LOCALS_MAX),
            "bytes": (each.size_bytes, FUNCTION_BYTES_MAX),
        }
        for what, (number, most) in found.items():
            if number > most:
                raise LimitExceeded(
                    f"{each.name} has {number} {what}, a node takes {most}: split it",
                    function=each.name,
                    line=each.line,
                )
    for what, number, most in (
        ("functions", len(functions), FUNCTIONS_MAX),
        ("branches", sum(map(_edges, functions)), EDGES_MODULE_MAX),
        ("branches times locals", sum(map(_edges_by_locals, functions)), EDGES_BY_LOCALS_MODULE_MAX),
        ("bytes", size_bytes, MODULE_BYTES_MAX),
    ):
        if number > most:
            raise LimitExceeded(f"the module has {number} {what}, a node takes {most}: make two contracts")


def generate(program: ir.Program) -> tuple[WasmModule, bytes]:
    """The module and its binary. Raises `LimitExceeded`."""
    module = Generator(program).module()
    binary = encode_module(module)
    _check_limits(module.functions, len(binary))
    return module, binary
