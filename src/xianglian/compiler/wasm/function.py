"""Code of one function of the contract, from the typed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xianglian.compiler import ir
from xianglian.compiler.wasm.encode import WasmFunction
from xianglian.compiler.wasm.layout import slot_size, slots
from xianglian.compiler.wasm.outside import OutsideCode
from xianglian.contract import spec

if TYPE_CHECKING:
    from xianglian.compiler.wasm.module import Generator


class FunctionCode(OutsideCode):
    """Translates the body of an `ir.Function`."""

    def __init__(self, generator: Generator, source: ir.Function, function: WasmFunction) -> None:
        super().__init__(generator, source, function)
        self._loops: list[tuple[str, str]] = []

    def translate(self) -> None:
        """Fills the function's code."""
        self._block(self.source.body)
        if slots(self.source.result):
            self.add(("unreachable",))

    def _block(self, body: tuple[ir.Stmt, ...]) -> None:
        for stmt in body:
            getattr(self, f"_do_{type(stmt).__name__.lower()}")(stmt)

    def _run(self, node: ir.Run) -> None:
        self._block(node.body)
        self.value(node.value)

    def _do_push(self, stmt: ir.Push) -> None:
        kind = stmt.value.type
        at, count = self.temporary("i32"), ("local.get", stmt.name)
        self.value(stmt.value)
        held = [self.temporary(each) for each in slots(kind)]
        self.add(*[("local.set", name) for name in reversed(held)])
        self.add(count, ("i32.load",), ("i32.const", slot_size(kind)), ("i32.mul",))
        self.add(("local.get", stmt.name), ("i32.add",), ("local.set", at))
        self.codecs.into_slot(self, at, 8, kind, lambda: self.add(*[("local.get", name) for name in held]))
        self.add(count, count, ("i32.load",), ("i32.const", 1), ("i32.add",), ("i32.store",))
        self.free(at, *held)

    def _do_assign(self, stmt: ir.Assign) -> None:
        self.value(stmt.value)
        self._set(stmt.name, stmt.value.type)

    def _do_store(self, stmt: ir.Store) -> None:
        self.value(stmt.value)
        self._keys(stmt.keys)
        self.add(("call", self._state("store", stmt.field)))

    def _do_delete(self, stmt: ir.Delete) -> None:
        self._keys(stmt.keys)
        self.add(("call", self._state("delete", stmt.field)))

    def _encoded(self, value: ir.Expr) -> str:
        """Writes a record to free memory; the local holds the end, the global `heap` the start. Fields are
        evaluated straight into the encoding where the record is made on the spot.
        """
        record = value.type
        assert isinstance(record, spec.RecordType)
        if isinstance(value, ir.Let):
            self._keep(value)
            return self._encoded(value.body)
        out = self.temporary("i32")
        if not isinstance(value, ir.Make):
            self.value(value)
            held = self.temporary("i32")
            self.add(
                ("local.set", held),
                ("i32.const", spec.size_max(record)),
                ("call", "reserve"),
                ("local.set", out),
            )
            self.add(("local.get", held))
            self.free(held)
            self.codecs.write(self, record, out)
            return out
        held_fields: dict[int, list[str]] = {}
        for index in value.order:
            self.value(value.values[index])
            names = [self.temporary(kind) for kind in slots(record.fields[index][1])]
            self.add(*[("local.set", name) for name in reversed(names)])
            held_fields[index] = names
        self.add(("i32.const", spec.size_max(record)), ("call", "reserve"), ("local.set", out))
        for index, (_, kind) in enumerate(record.fields):
            self.add(*[("local.get", name) for name in held_fields[index]])
            self.codecs.write(self, kind, out)
        self.free(*[name for names in held_fields.values() for name in names])
        return out

    def _do_emit(self, stmt: ir.Emit) -> None:
        out = self._encoded(stmt.value)
        self._push_name(stmt.name)
        self.add(
            ("global.get", "heap"),
            ("local.get", out),
            ("global.get", "heap"),
            ("i32.sub",),
            ("call", "env.emit"),
        )
        self.free(out)

    def _do_raise(self, stmt: ir.Raise) -> None:
        facts = stmt.value.type
        if isinstance(facts, spec.RecordType) and not facts.fields:
            self._push_name(stmt.code)
            self.add(("i32.const", stmt.line), ("call", "fail"), ("unreachable",))
            return
        out = self._encoded(stmt.value)
        self._push_name(stmt.code)
        self.add(
            ("i32.const", stmt.line),
            ("global.get", "heap"),
            ("local.get", out),
            ("global.get", "heap"),
            ("i32.sub",),
        )
        self.add(("call", "env.abort"), ("unreachable",))
        self.free(out)

    def _do_if(self, stmt: ir.If) -> None:
        self.value(stmt.condition)
        self.add(("if",))
        self._block(stmt.then)
        if stmt.other:
            self.add(("else",))
            self._block(stmt.other)
        self.add(("end",))

    def _do_attempt(self, stmt: ir.Attempt) -> None:
        self.attempt(stmt)
        self._block(stmt.handler)
        self.add(("else",))
        self.succeeded(stmt)
        self._block(stmt.then)
        self.add(("end",))

    def _do_loop(self, stmt: ir.Loop) -> None:
        self._labels += 1
        after, top, step = f"after{self._labels}", f"top{self._labels}", f"step{self._labels}"
        self.add(("block", after), ("loop", top))
        if not (isinstance(stmt.condition, ir.Const) and stmt.condition.value):
            self.value(stmt.condition)
            self.add(("i32.eqz",), ("br_if", after))
        self.add(("block", step))
        self._loops.append((after, step))
        self._block(stmt.body)
        self._loops.pop()
        self.add(("end",))
        self._block(stmt.step)
        self.add(("br", top), ("end",), ("end",))

    def _do_break(self, _stmt: ir.Break) -> None:
        self.add(("br", self._loops[-1][0]))

    def _do_continue(self, _stmt: ir.Continue) -> None:
        self.add(("br", self._loops[-1][1]))

    def _do_return(self, stmt: ir.Return) -> None:
        if stmt.value is not None:
            self.value(stmt.value)
            if len(slots(stmt.value.type)) == 2:
                self.add(("global.set", "hi"))
        self.add(("return",))

    def _do_do(self, stmt: ir.Do) -> None:
        self.value(stmt.value)
        self.add(*[("drop",) for _ in slots(stmt.value.type)])
