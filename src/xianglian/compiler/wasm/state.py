"""Generated functions for the encoding of compound types and for each state field's keys, loads and
stores.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xianglian.compiler import ir
from xianglian.compiler.wasm.encode import WasmFunction
from xianglian.compiler.wasm.layout import is_scalar, offsets, slot_size, slots
from xianglian.contract import spec
from xianglian.contract.codec import key_part_is_hashed

if TYPE_CHECKING:
    from xianglian.compiler.wasm.emitter import Emitter
    from xianglian.compiler.wasm.module import Generator


class Codecs:
    """Makes `read.T` and `write.T` functions as they are needed."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator
        self._names: dict[str, spec.Type] = {}

    def _function(self, verb: str, of: spec.Type) -> tuple[str, bool]:
        """The name for a type, and whether the function must be made now."""
        base = name = f"{verb}.{re.sub(r'[^A-Za-z0-9]+', '_', str(of)).strip('_')}"
        number = 1
        while self._names.setdefault(name, of) != of:
            number += 1
            name = f"{base}_{number}"
        return name, name not in self.generator.made

    def read(self, emit: Emitter, of: spec.Type) -> None:
        """Code that decodes the next value and leaves it on the stack."""
        match of:
            case spec.IntType(bits=128):
                at = emit.temporary("i32")
                emit.add(("i32.const", 16), ("call", "take"), ("local.tee", at), ("i64.load",))
                emit.add(("local.get", at), ("i64.load", 8))
                emit.free(at)
            case spec.IntType(bits=256):
                emit.add(("i32.const", 32), ("call", "take"))
            case spec.IntType():
                op = {8: "i64.load8_u", 16: "i64.load16_u", 32: "i64.load32_u", 64: "i64.load"}[of.bits]
                emit.add(("i32.const", of.bits // 8), ("call", "take"), (op,))
            case spec.BoolType():
                emit.add(("call", "take_flag"))
            case spec.EnumType():
                emit.add(("i32.const", 1), ("call", "take"), ("i64.load8_u",), ("call", self.member(of)))
            case spec.FixedType():
                emit.add(("i32.const", of.size), ("call", "take"))
            case spec.VarType():
                limit = spec.VALUE_BYTES_MAX if of.limit is None else of.limit
                emit.add(("i32.const", limit), ("call", "take_text" if of.name == "text" else "take_var"))
            case _:
                emit.add(("call", self._read_function(of)))

    def member(self, of: spec.EnumType) -> str:
        """The function that refuses numbers outside an enum."""
        name, new = self._function("member", of)
        if new:
            emit = self.generator.emitter(WasmFunction(name, [("v", "i64")], "i64"))
            for _, number in of.members:
                emit.add(
                    ("local.get", "v"),
                    ("i64.const", number),
                    ("i64.eq",),
                    ("if",),
                    ("local.get", "v"),
                    ("return",),
                    ("end",),
                )
            emit.add(("call", "bad"), ("unreachable",))
        return name

    def member_name(self, of: spec.EnumType) -> str:
        """The function that yields the name of a member as text."""
        name, new = self._function("name", of)
        if new:
            emit = self.generator.emitter(WasmFunction(name, [("v", "i64")], "i32"))
            for member, number in of.members:
                emit.add(("local.get", "v"), ("i64.const", number), ("i64.eq",), ("if",))
                emit.add(("i32.const", self.generator.memory.counted(member.encode())), ("return",), ("end",))
            emit.add(("unreachable",))
        return name

    def _read_function(self, of: spec.Type) -> str:
        name, new = self._function("read", of)
        if not new:
            return name
        emit = self.generator.emitter(WasmFunction(name, [], "i32", {"p": "i32"}))
        match of:
            case spec.RecordType() | spec.TupleType():
                parts = spec.parts_of(of)
                self._alloc(emit, sum(map(slot_size, parts)))
                for kind, offset in zip(parts, offsets(of), strict=True):
                    self.into_slot(emit, "p", offset, kind, lambda kind=kind: self.read(emit, kind))
            case spec.OptionType():
                emit.add(
                    ("call", "take_flag"), ("i32.eqz",), ("if",), ("i32.const", 0), ("return",), ("end",)
                )
                if is_scalar(of.item):
                    self._alloc(emit, slot_size(of.item))
                    self.into_slot(emit, "p", 0, of.item, lambda: self.read(emit, of.item))
                else:
                    self.read(emit, of.item)
                    emit.add(("local.set", "p"))
            case spec.ListType():
                emit.function.locals |= {"n": "i32", "q": "i32"}
                stride = slot_size(of.item)
                emit.add(
                    ("i32.const", of.limit),
                    ("call", "take_count"),
                    ("local.tee", "n"),
                    ("i32.const", stride),
                    ("i32.mul",),
                )
                emit.add(
                    ("i32.const", 8),
                    ("i32.add",),
                    ("call", "alloc"),
                    ("local.tee", "p"),
                    ("local.get", "n"),
                    ("i32.store",),
                )
                emit.add(("local.get", "p"), ("i32.const", 8), ("i32.add",), ("local.set", "q"))
                emit.add(
                    ("block", "done"), ("loop", "next"), ("local.get", "n"), ("i32.eqz",), ("br_if", "done")
                )
                self.into_slot(emit, "q", 0, of.item, lambda: self.read(emit, of.item))
                emit.add(("local.get", "q"), ("i32.const", stride), ("i32.add",), ("local.set", "q"))
                emit.add(
                    ("local.get", "n"),
                    ("i32.const", 1),
                    ("i32.sub",),
                    ("local.set", "n"),
                    ("br", "next"),
                    ("end",),
                    ("end",),
                )
        emit.add(("local.get", "p"))
        return name

    def _alloc(self, emit: Emitter, size: int) -> None:
        emit.add(("i32.const", size), ("call", "alloc"), ("local.set", "p"))

    def into_slot(self, emit: Emitter, base: str, offset: int, of: ir.AnyType, value: object) -> None:
        """Stores what `value()` leaves on the stack at `base + offset`."""
        assert callable(value)
        kinds = slots(of)
        if len(kinds) == 2:
            value()
            low, high = emit.temporary("i64"), emit.temporary("i64")
            emit.add(("local.set", high), ("local.set", low))
            emit.add(("local.get", base), ("local.get", low), ("i64.store", offset))
            emit.add(("local.get", base), ("local.get", high), ("i64.store", offset + 8))
            emit.free(low, high)
        else:
            emit.add(("local.get", base))
            value()
            emit.add((f"{kinds[0]}.store", offset))

    def from_slot(self, emit: Emitter, base: str, offset: int, of: ir.AnyType) -> None:
        """Loads the value at `base + offset`."""
        kinds = slots(of)
        for number, kind in enumerate(kinds):
            emit.add(("local.get", base), (f"{kind}.load", offset + 8 * number))

    def write(self, emit: Emitter, of: spec.Type, out: str) -> None:
        """Code that takes a value from the stack, writes it at the local `out` and moves `out` behind it."""
        match of:
            case spec.IntType(bits=128):
                low, high = emit.temporary("i64"), emit.temporary("i64")
                emit.add(("local.set", high), ("local.set", low))
                emit.add(("local.get", out), ("local.get", low), ("i64.store",))
                emit.add(("local.get", out), ("local.get", high), ("i64.store", 8))
                emit.free(low, high)
                self._advance(emit, out, 16)
            case spec.IntType(bits=256):
                held = emit.temporary("i32")
                emit.add(("local.set", held), ("local.get", out), ("local.get", held), ("i32.const", 32))
                emit.add(("call", "copy"), ("local.set", out))
                emit.free(held)
            case spec.IntType() | spec.EnumType() | spec.BoolType():
                size = spec.size_max(of)
                kind = slots(of)[0]
                held = emit.temporary(kind)
                op = (
                    "i32.store8"
                    if kind == "i32"
                    else {1: "i64.store8", 2: "i64.store16", 4: "i64.store32", 8: "i64.store"}[size]
                )
                emit.add(("local.set", held), ("local.get", out), ("local.get", held), (op,))
                emit.free(held)
                self._advance(emit, out, size)
            case _:
                held = emit.temporary("i32")
                emit.add(("local.set", held), ("local.get", out), ("local.get", held))
                emit.free(held)
                match of:
                    case spec.FixedType():
                        emit.add(("i32.const", of.size), ("call", "copy"))
                    case spec.VarType():
                        emit.add(("call", "copy_var"))
                    case _:
                        emit.add(("call", self._write_function(of)))
                emit.add(("local.set", out))

    def _advance(self, emit: Emitter, out: str, size: int) -> None:
        emit.add(("local.get", out), ("i32.const", size), ("i32.add",), ("local.set", out))

    def _write_function(self, of: spec.Type) -> str:
        name, new = self._function("write", of)
        if not new:
            return name
        emit = self.generator.emitter(WasmFunction(name, [("out", "i32"), ("p", "i32")], "i32"))
        match of:
            case spec.RecordType() | spec.TupleType():
                for kind, offset in zip(spec.parts_of(of), offsets(of), strict=True):
                    self.from_slot(emit, "p", offset, kind)
                    self.write(emit, kind, "out")
            case spec.OptionType():
                emit.add(
                    ("local.get", "out"), ("local.get", "p"), ("i32.const", 0), ("i32.ne",), ("i32.store8",)
                )
                self._advance(emit, "out", 1)
                emit.add(("local.get", "p"), ("if",))
                if is_scalar(of.item):
                    self.from_slot(emit, "p", 0, of.item)
                else:
                    emit.add(("local.get", "p"))
                self.write(emit, of.item, "out")
                emit.add(("end",))
            case spec.ListType():
                emit.function.locals["n"] = "i32"
                emit.add(
                    ("local.get", "out"),
                    ("local.get", "p"),
                    ("i32.load",),
                    ("local.tee", "n"),
                    ("i32.store",),
                )
                self._advance(emit, "out", 4)
                emit.add(
                    ("block", "done"), ("loop", "next"), ("local.get", "n"), ("i32.eqz",), ("br_if", "done")
                )
                self.from_slot(emit, "p", 8, of.item)
                self.write(emit, of.item, "out")
                self._advance(emit, "p", slot_size(of.item))
                emit.add(
                    ("local.get", "n"),
                    ("i32.const", 1),
                    ("i32.sub",),
                    ("local.set", "n"),
                    ("br", "next"),
                    ("end",),
                    ("end",),
                )
        emit.add(("local.get", "out"))
        return name


class StateFunctions:
    """Makes `key.F`, `load.F`, `try.F`, `has.F`, `store.F` and `delete.F` for state fields as they are
    needed.
    """

    def __init__(self, generator: Generator, codecs: Codecs) -> None:
        self.generator, self.codecs = generator, codecs
        self._buffers: dict[str, int] = {}

    def name(self, verb: str, field: ir.StateField) -> str:
        """The function's name; it is made if it is new."""
        name = f"{verb}.{field.name}"
        if name not in self.generator.made:
            getattr(self, f"_{verb}")(name, field)
        return name

    def _parameters(self, field: ir.StateField) -> list[tuple[str, str]]:
        found = []
        for number, kind in enumerate(field.key or ()):
            names = [f"k{number}"] if len(slots(kind)) == 1 else [f"k{number}", f"k{number}.hi"]
            found += list(zip(names, slots(kind), strict=True))
        return found

    def _prefix(self, field: ir.StateField) -> bytes:
        return field.name.encode() + (b"" if field.key is None else b"/")

    def _buffer(self, field: ir.StateField) -> int:
        if field.name not in self._buffers:
            prefix = self._prefix(field)
            size = len(prefix) + sum(
                32 if key_part_is_hashed(k) else spec.size_max(k) for k in field.key or ()
            )
            self._buffers[field.name] = self.generator.memory.buffer(prefix, size)
        return self._buffers[field.name]

    def push_key(self, emit: Emitter, field: ir.StateField) -> None:
        """Pushes address and length of the key made of the current function's key parameters."""
        emit.add(("i32.const", self._buffer(field)))
        if field.key is None:
            emit.add(("i32.const", len(self._prefix(field))))
            return
        emit.add(
            *[("local.get", name) for name, _ in self._parameters(field)], ("call", self.name("key", field))
        )

    def _key(self, name: str, field: ir.StateField) -> None:
        emit = self.generator.emitter(WasmFunction(name, self._parameters(field), "i32", {"out": "i32"}))
        start = self._buffer(field)
        emit.add(("i32.const", start + len(self._prefix(field))), ("local.set", "out"))
        for number, kind in enumerate(field.key or ()):
            if key_part_is_hashed(kind):
                emit.add(
                    ("local.get", "out"),
                    ("local.get", f"k{number}"),
                    ("call", "hash_var"),
                    ("local.set", "out"),
                )
                continue
            emit.add(*[("local.get", f"k{number}" + suffix) for suffix in ("", ".hi")[: len(slots(kind))]])
            self.codecs.write(emit, kind, "out")
        emit.add(("local.get", "out"), ("i32.const", start), ("i32.sub",))

    def _load(self, name: str, field: ir.StateField) -> None:
        kind = field.value
        kinds = slots(kind)
        emit = self.generator.emitter(WasmFunction(name, [*self._parameters(field), ("at", "i32")], kinds[0]))
        required = ("i32.const", int(not spec.is_zero_default(kind)))
        self.push_key(emit, field)
        match kind:
            case spec.IntType(bits=128):
                emit.add(required, ("local.get", "at"), ("call", "load_u128"))
            case spec.IntType() | spec.BoolType() | spec.EnumType() if is_scalar(kind):
                emit.add(
                    ("i32.const", spec.size_max(kind)), required, ("local.get", "at"), ("call", "load_small")
                )
                if isinstance(kind, spec.BoolType):
                    emit.add(("call", "flag"))
                elif isinstance(kind, spec.EnumType):
                    emit.add(("call", self.codecs.member(kind)))
            case _:
                emit.add(
                    ("i32.const", spec.size_max(kind)),
                    required,
                    ("local.get", "at"),
                    ("call", "fetch"),
                    ("if", "", "i32"),
                )
                self.codecs.read(emit, kind)
                emit.add(("call", "finish"), ("else",))
                zero = self.generator.memory.constant(bytes(32)) if isinstance(kind, spec.IntType) else 0
                default = ("call", "empty_list") if isinstance(kind, spec.ListType) else ("i32.const", zero)
                emit.add(default, ("end",))

    def _try(self, name: str, field: ir.StateField) -> None:
        kind = field.value
        emit = self.generator.emitter(WasmFunction(name, [*self._parameters(field), ("at", "i32")], "i32"))
        self.push_key(emit, field)
        emit.add(
            ("i32.const", spec.size_max(kind)),
            ("i32.const", 0),
            ("local.get", "at"),
            ("call", "fetch"),
            ("if", "", "i32"),
        )
        if is_scalar(kind):
            emit.function.locals["p"] = "i32"
            emit.add(("i32.const", slot_size(kind)), ("call", "alloc"), ("local.set", "p"))
            self.codecs.into_slot(emit, "p", 0, kind, lambda: self.codecs.read(emit, kind))
            emit.add(("local.get", "p"))
        else:
            self.codecs.read(emit, kind)
        emit.add(("call", "finish"), ("else",), ("i32.const", 0), ("end",))

    def _has(self, name: str, field: ir.StateField) -> None:
        emit = self.generator.emitter(WasmFunction(name, self._parameters(field), "i32"))
        self.push_key(emit, field)
        emit.add(("call", "has"))

    def _store(self, name: str, field: ir.StateField) -> None:
        kinds = slots(field.value)
        values = list(zip(("v", "v.hi"), kinds, strict=False))
        emit = self.generator.emitter(
            WasmFunction(name, [*values, *self._parameters(field)], None, {"out": "i32"})
        )
        emit.add(("i32.const", spec.size_max(field.value)), ("call", "reserve"), ("local.set", "out"))
        emit.add(*[("local.get", each) for each, _ in values])
        self.codecs.write(emit, field.value, "out")
        self.push_key(emit, field)
        emit.add(
            ("global.get", "heap"),
            ("local.get", "out"),
            ("global.get", "heap"),
            ("i32.sub",),
            ("call", "env.put"),
        )

    def _delete(self, name: str, field: ir.StateField) -> None:
        emit = self.generator.emitter(WasmFunction(name, self._parameters(field), None))
        self.push_key(emit, field)
        emit.add(("call", "env.del"))
