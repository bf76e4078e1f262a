"""Code of arithmetic, comparison and conversion of whole numbers.

Up to 64 bits a number is one value of the stack, with 128 bits two (low, high), with 256 bits a pointer to 32
bytes that nobody changes.
"""

from __future__ import annotations

from abc import abstractmethod

from xianglian.compiler import ir
from xianglian.compiler.wasm.emitter import Emitter
from xianglian.compiler.wasm.encode import Instr
from xianglian.compiler.wasm.layout import slots
from xianglian.contract import spec

_NAMES = {"+": "add", "-": "sub", "*": "mul", "//": "div", "%": "rem", "&": "and", "|": "or", "^": "xor"}


def family(kind: spec.IntType) -> str:
    """The prefix of the runtime's functions for a type: up to 64 bits by sign, wider ones by name."""
    if kind.bits > 64:
        return kind.name
    return "i64" if kind.signed else "u64"


class NumberCode(Emitter):
    """Leaves whole numbers on the stack."""

    @abstractmethod
    def value(self, node: ir.Expr) -> None:
        """Code that leaves the value on the stack; `expressions.py`."""

    def _binary(self, node: ir.Binary) -> None:
        kind = node.type
        assert isinstance(kind, spec.IntType)
        if node.op in ("min", "max"):
            self._least_or_most(node, kind)
            return
        self.value(node.left)
        self.value(node.right)
        if node.op == "next":
            self.add(("i64.add",))
        elif node.op in ("&", "|", "^"):
            self.add((f"i64.{_NAMES[node.op]}",))
        elif node.op in ("<<", ">>"):
            self.add(
                ("i64.const", kind.bits),
                ("i32.const", node.line),
                ("call", "shl" if node.op == "<<" else "shr"),
            )
        elif kind.bits >= 64 or node.op in ("//", "%"):
            self.add(("i32.const", node.line), ("call", f"{family(kind)}_{_NAMES[node.op]}"))
            if kind.bits == 128:
                self.add(("global.get", "hi"))
        else:
            self.add(
                (f"i64.{_NAMES[node.op]}",),
                ("i64.const", kind.high),
                ("i32.const", node.line),
                ("call", "range"),
            )

    def _least_or_most(self, node: ir.Binary, kind: spec.IntType) -> None:
        names = []
        for each in (node.left, node.right):
            self.value(each)
            held = [self.temporary(one) for one in slots(kind)]
            self.add(*[("local.set", name) for name in reversed(held)])
            names.append(held)
        left, right = names
        test = self.temporary("i32")
        self.add(*[("local.get", name) for name in (*left, *right)])
        sign = "le" if node.op == "min" else "ge"
        if kind.bits > 64:
            self.add(("call", f"{kind.name}_cmp"), ("i32.const", 0), (f"i32.{sign}_s",))
        else:
            self.add((f"i64.{sign}_{'s' if kind.signed else 'u'}",))
        self.add(("local.set", test))
        for one, other in zip(left, right, strict=True):
            self.add(("local.get", one), ("local.get", other), ("local.get", test), ("select",))
        self.free(test, *left, *right)

    def compare_numbers(self, a: spec.IntType, b: ir.AnyType, sign: str) -> None:
        """Two numbers of one type, or of a sized type and an `int`, are on the stack: their comparison."""
        assert isinstance(b, spec.IntType)
        suffix = "" if sign in ("eq", "ne") else "_s"
        if a == b and a.bits <= 64:
            self.add((f"i64.{sign}{suffix and ('_s' if a.signed else '_u')}",))
            return
        wide = b if a == spec.INT else a
        if a == b:
            self.add(("call", f"{a.name}_cmp"))
        elif wide.bits < 64 or wide == spec.I64:
            self.add((f"i64.{sign}{suffix}",))
            return
        elif wide.bits == 64:
            self.add(("call", "mixed_cmp" if wide is a else "mixed_cmp_back"))
        else:
            self.add(("call", f"{wide.name}_mixed" if wide is a else f"{wide.name}_mixed_back"))
        self.add(("i32.const", 0), (f"i32.{sign}{suffix}",))

    def _convert(self, node: ir.Convert) -> None:
        self.value(node.value)
        source, target = node.value.type, node.type
        assert isinstance(source, spec.IntType)
        assert isinstance(target, spec.IntType)
        line: Instr = ("i32.const", node.line)
        match source.bits, target.bits:
            case 256, 128:
                self.add(line, ("call", "u256_low"), ("global.get", "hi"))
                if target.signed:
                    self._within_127(line)
            case 256, _:
                self.add(line, ("call", "u256_low"), ("global.get", "hi"))
                self.add(("i64.const", target.high), line, ("call", "narrow"))
            case 128, 256:
                if source.signed:
                    self._within_127(line)
                self.add(("call", "u256_of"))
            case 128, 128:
                self._within_127(line)
            case 128, 64 if source.signed and target.signed:
                self.add(line, ("call", "i128_narrow"))
            case 128, _:
                self.add(("i64.const", target.high), line, ("call", "narrow"))
            case _, 128 if source.signed and target.signed:
                self.add(("call", "i128_of"), ("global.get", "hi"))
            case _, 128 | 256:
                if source.signed:
                    self.add(line, ("call", "natural"))
                self.add(("i64.const", 0))
                if target.bits == 256:
                    self.add(("call", "u256_of"))
            case _, 64:
                if source.bits == 64 and source.signed != target.signed:
                    self.add(line, ("call", "natural"))
            case _ if source.signed or source.bits > target.bits:
                self.add(("i64.const", target.high), line, ("call", "range"))

    def _within_127(self, line: Instr) -> None:
        """`Overflow` unless the highest bit of the 128 on the stack is clear."""
        self.add(line, ("call", "within_127"), ("global.get", "hi"))
