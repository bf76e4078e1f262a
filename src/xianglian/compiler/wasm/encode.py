"""Instructions to the binary format of WebAssembly, and to text.

An instruction is a tuple: its name and operands. Locals, functions, globals and labels are named; this module
numbers them. Only what a node's validator admits can be written: integer MVP, sign extension left out, bulk
copy and fill. Source: WebAssembly core specification 1.0, sections 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Instr = tuple[str | int, ...]

_PLAIN = {
    "unreachable": 0x00, "return": 0x0F, "drop": 0x1A, "select": 0x1B,
    "i32.eqz": 0x45, "i32.eq": 0x46, "i32.ne": 0x47, "i32.lt_s": 0x48, "i32.lt_u": 0x49, "i32.gt_s": 0x4A,
    "i32.gt_u": 0x4B, "i32.le_s": 0x4C, "i32.le_u": 0x4D, "i32.ge_s": 0x4E, "i32.ge_u": 0x4F,
    "i64.eqz": 0x50, "i64.eq": 0x51, "i64.ne": 0x52, "i64.lt_s": 0x53, "i64.lt_u": 0x54, "i64.gt_s": 0x55,
    "i64.gt_u": 0x56, "i64.le_s": 0x57, "i64.le_u": 0x58, "i64.ge_s": 0x59, "i64.ge_u": 0x5A,
    "i32.add": 0x6A, "i32.sub": 0x6B, "i32.mul": 0x6C, "i32.and": 0x71, "i32.or": 0x72, "i32.xor": 0x73,
    "i32.shl": 0x74, "i32.shr_s": 0x75, "i32.shr_u": 0x76,
    "i64.add": 0x7C, "i64.sub": 0x7D, "i64.mul": 0x7E, "i64.div_s": 0x7F, "i64.div_u": 0x80,
    "i64.rem_s": 0x81, "i64.rem_u": 0x82, "i64.and": 0x83, "i64.or": 0x84, "i64.xor": 0x85, "i64.shl": 0x86,
    "i64.shr_s": 0x87, "i64.shr_u": 0x88, "i32.wrap_i64": 0xA7, "i64.extend_i32_s": 0xAC,
    "i64.extend_i32_u": 0xAD,
}  # fmt: skip
_MEMORY = {
    "i32.load": 0x28, "i64.load": 0x29, "i32.load8_u": 0x2D, "i64.load8_u": 0x31, "i64.load16_u": 0x33,
    "i64.load32_u": 0x35, "i32.store": 0x36, "i64.store": 0x37, "i32.store8": 0x3A, "i64.store8": 0x3C,
    "i64.store16": 0x3D, "i64.store32": 0x3E,
}  # fmt: skip
_VALUE_TYPES = {"i32": 0x7F, "i64": 0x7E}
_OPENS = ("block", "loop", "if")


@dataclass(slots=True)
class WasmFunction:
    """A function: parameters and other locals by name, with value types; `line` for the source map."""

    name: str
    parameters: list[tuple[str, str]]
    result: str | None
    locals: dict[str, str] = field(default_factory=dict)
    code: list[Instr] = field(default_factory=list)
    export: str | None = None
    line: int = 0
    size_bytes: int = 0
    """Of the encoded body; known after `encode_module`."""


@dataclass(frozen=True, slots=True)
class Import:
    """A host function of module `env`."""

    name: str
    parameters: tuple[str, ...]
    result: str | None


@dataclass(slots=True)
class WasmModule:
    """A module: imports, functions, one memory, mutable globals with their first values, constant data by
    address.
    """

    imports: list[Import]
    functions: list[WasmFunction]
    globals: dict[str, tuple[str, int]]
    data: list[tuple[int, bytes]]
    pages: int


def unsigned(value: int) -> bytes:
    """LEB128."""
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def signed(value: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while True:
        low, value = value & 0x7F, value >> 7
        done = value == (-1 if low & 0x40 else 0)
        out.append(low | (0 if done else 0x80))
        if done:
            return bytes(out)


def _vector(items: list[bytes]) -> bytes:
    return unsigned(len(items)) + b"".join(items)


def _section(number: int, body: bytes) -> bytes:
    return bytes([number]) + unsigned(len(body)) + body


def _name(text: str) -> bytes:
    data = text.encode()
    return unsigned(len(data)) + data


def encode_module(module: WasmModule) -> bytes:
    """The binary module."""
    types: dict[bytes, int] = {}

    def signature(parameters: list[str], result: str | None) -> int:
        shape = b"\x60" + _vector([bytes([_VALUE_TYPES[p]]) for p in parameters])
        shape += _vector([] if result is None else [bytes([_VALUE_TYPES[result]])])
        return types.setdefault(shape, len(types))

    imports = [
        _name("env") + _name(i.name) + b"\x00" + unsigned(signature(list(i.parameters), i.result))
        for i in module.imports
    ]
    declared = [unsigned(signature([kind for _, kind in f.parameters], f.result)) for f in module.functions]
    indexes = {i.name: n for n, i in enumerate(module.imports)}
    indexes = {f"env.{name}": n for name, n in indexes.items()}
    indexes |= {f.name: len(module.imports) + n for n, f in enumerate(module.functions)}
    global_indexes = {name: n for n, name in enumerate(module.globals)}
    codes = [_code(f, indexes, global_indexes) for f in module.functions]
    for function, code in zip(module.functions, codes, strict=True):
        function.size_bytes = len(code)
    exports = [_name("memory") + b"\x02\x00"]
    exports += [_name(f.export) + b"\x00" + unsigned(indexes[f.name]) for f in module.functions if f.export]
    globals_ = [
        bytes([_VALUE_TYPES[kind], 1, 0x41 if kind == "i32" else 0x42]) + signed(value) + b"\x0b"
        for kind, value in module.globals.values()
    ]
    data = [
        b"\x00\x41" + signed(at) + b"\x0b" + unsigned(len(part)) + part for at, part in _merged(module.data)
    ]
    return b"".join(
        [
            b"\x00asm\x01\x00\x00\x00",
            _section(1, _vector(list(types))),
            _section(2, _vector(imports)),
            _section(3, _vector(declared)),
            _section(5, _vector([b"\x00" + unsigned(module.pages)])),
            _section(6, _vector(globals_)),
            _section(7, _vector(exports)),
            _section(10, _vector([unsigned(len(code)) + code for code in codes])),
            _section(11, _vector(data)),
        ]
    )


def _merged(data: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Neighbours with a small gap in one segment: fewer bytes, and a bound on how many there are."""
    merged: list[tuple[int, bytes]] = []
    for at, part in sorted(data):
        if merged and at - (merged[-1][0] + len(merged[-1][1])) < 8:
            before, held = merged.pop()
            merged.append((before, held + bytes(at - before - len(held)) + part))
        else:
            merged.append((at, part))
    return merged


def _code(function: WasmFunction, functions: dict[str, int], globals_: dict[str, int]) -> bytes:
    names = {name: n for n, (name, _) in enumerate(function.parameters)}
    groups: list[bytes] = []
    for kind in ("i32", "i64"):
        of_kind = [name for name, each in function.locals.items() if each == kind]
        names |= {name: len(names) + n for n, name in enumerate(of_kind)}
        if of_kind:
            groups.append(unsigned(len(of_kind)) + bytes([_VALUE_TYPES[kind]]))
    out = bytearray(_vector(groups))
    labels: list[str | int] = []
    for instr in function.code:
        op = str(instr[0])
        if op in _PLAIN:
            out.append(_PLAIN[op])
        elif op in _MEMORY:
            out += bytes([_MEMORY[op], 0]) + unsigned(int(instr[1]) if len(instr) > 1 else 0)
        elif op in _OPENS:
            label = instr[1] if len(instr) > 1 else ""
            result = instr[2] if len(instr) > 2 else ""
            labels.append(label)
            out += bytes(
                [{"block": 2, "loop": 3, "if": 4}[op], _VALUE_TYPES[str(result)] if result else 0x40]
            )
        elif op == "else":
            out.append(0x05)
        elif op == "end":
            labels.pop()
            out.append(0x0B)
        elif op in ("br", "br_if"):
            depth = labels[::-1].index(instr[1])
            out += bytes([0x0C if op == "br" else 0x0D]) + unsigned(depth)
        elif op == "call":
            out += b"\x10" + unsigned(functions[str(instr[1])])
        elif op in ("local.get", "local.set", "local.tee"):
            out += bytes([{"get": 0x20, "set": 0x21, "tee": 0x22}[op[6:]]]) + unsigned(names[str(instr[1])])
        elif op in ("global.get", "global.set"):
            out += bytes([0x23 if op.endswith("get") else 0x24]) + unsigned(globals_[str(instr[1])])
        elif op in ("i32.const", "i64.const"):
            bits = int(op[1:3])
            value = int(instr[1]) & ((1 << bits) - 1)
            out += bytes([0x41 if bits == 32 else 0x42]) + signed(
                value - (1 << bits) if value >> (bits - 1) else value
            )
        elif op in ("memory.size", "memory.grow"):
            out += bytes([0x3F if op.endswith("size") else 0x40, 0])
        elif op == "memory.copy":
            out += b"\xfc\x0a\x00\x00"
        elif op == "memory.fill":
            out += b"\xfc\x0b\x00"
        else:
            raise ValueError(f"no instruction {op}")
    out.append(0x0B)
    return bytes(out)


def text_module(module: WasmModule) -> str:
    """The module as text in the style of WAT, for reading."""
    lines = ["(module"]
    for each in module.imports:
        shape = f"(param {' '.join(each.parameters)})" if each.parameters else ""
        shape += f" (result {each.result})" if each.result else ""
        lines.append(f'  (import "env" "{each.name}" (func $env.{each.name} {shape}))')
    lines.append(f'  (memory (export "memory") {module.pages})')
    lines += [
        f"  (global ${name} (mut {kind}) ({kind}.const {value}))"
        for name, (kind, value) in module.globals.items()
    ]
    for at, data in module.data:
        shown = "".join(chr(b) if 32 <= b < 127 and b not in (34, 92) else f"\\{b:02x}" for b in data)
        lines.append(f'  (data (i32.const {at}) "{shown}")')
    for function in module.functions:
        lines += _text_function(function)
    return "\n".join(lines) + ")\n"


def _text_function(function: WasmFunction) -> list[str]:
    head = f"  (func ${function.name}"
    if function.export:
        head += f' (export "{function.export}")'
    head += "".join(f" (param ${name} {kind})" for name, kind in function.parameters)
    head += f" (result {function.result})" if function.result else ""
    lines = [head + (f"  ;; line {function.line}" if function.line else "")]
    lines += [f"    (local ${name} {kind})" for name, kind in function.locals.items()]
    depth = 2
    for instr in function.code:
        op = str(instr[0])
        depth -= op in ("end", "else")
        named = op in (*_OPENS, "br", "br_if", "call") or op.startswith(("local.", "global."))
        operands = [
            f"${x}" if named and n == 0 and x != "" else f"(result {x})" if op in _OPENS and x else str(x)
            for n, x in enumerate(instr[1:])
        ]
        if op in _MEMORY:
            operands = [f"offset={x}" for x in instr[1:] if x]
        lines.append("  " * depth + " ".join([op, *(o for o in operands if o)]))
        depth += op in (*_OPENS, "else")
    lines[-1] += ")"
    return lines
