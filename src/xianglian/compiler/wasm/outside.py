"""Code of calls of other contracts.

Arguments are written behind the heap, where the host reads them; the callee has a memory of its own. What it
returned, or why it failed, is then fetched by `returned`.
"""

from __future__ import annotations

from xianglian.compiler import ir
from xianglian.compiler.wasm.expressions import ExpressionCode
from xianglian.compiler.wasm.layout import slots
from xianglian.contract import spec


class OutsideCode(ExpressionCode):
    """Outside calls in one function."""

    def _outside(self, node: ir.Outside) -> None:
        self._perform(node)
        self.add(("if",), ("i32.const", node.line), ("call", "call_failed"), ("end",))
        self._result(node)

    def _perform(self, node: ir.Outside) -> None:
        """Leaves the status on the stack: 0, or 1 for a failure."""
        self.value(node.contract)
        contract, out = self.temporary("i32"), self.temporary("i32")
        self.add(("local.set", contract))
        held: list[tuple[spec.Type, list[str]]] = []
        for each in node.arguments:
            self.value(each)
            names = [self.temporary(kind) for kind in slots(each.type)]
            self.add(*[("local.set", name) for name in reversed(names)])
            assert not isinstance(each.type, ir.TableType)
            held.append((each.type, names))
        size = sum(spec.size_max(kind) for kind, _ in held)
        self.add(("i32.const", size), ("call", "reserve"), ("local.set", out))
        for kind, names in held:
            self.add(*[("local.get", name) for name in names])
            self.codecs.write(self, kind, out)
            self.free(*names)
        self.add(("local.get", contract))
        self._push_name(node.method)
        self.add(("global.get", "heap"), ("local.get", out), ("global.get", "heap"), ("i32.sub",))
        self.add(("i64.const", -1), ("call", "env.call"))
        self.free(contract, out)

    def _result(self, node: ir.Outside) -> None:
        kind = node.type
        assert not isinstance(kind, ir.TableType)
        self.add(("i32.const", spec.size_max(kind)), ("i32.const", node.line), ("call", "begin_result"))
        if slots(kind):
            self.codecs.read(self, kind)
        self.add(("call", "finish"))

    def attempt(self, stmt: ir.Attempt) -> None:
        """The call, and the branch that its end decides; the caller writes the branches' statements."""
        self._perform(stmt.call)
        self.add(("if",), ("i32.const", 8), ("call", "alloc"), ("local.tee", stmt.failure))
        self.add(("call", "failure_code"), ("i32.store",))

    def succeeded(self, stmt: ir.Attempt) -> None:
        """What follows a success: the result, kept or dropped."""
        self._result(stmt.call)
        if stmt.result is not None:
            self._set(stmt.result, stmt.call.type)
        else:
            self.add(*[("drop",) for _ in slots(stmt.call.type)])
