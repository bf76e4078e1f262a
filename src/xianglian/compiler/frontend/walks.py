"""What a loop or comprehension walks over: ranges, lists, bytes, constants, and `enumerate`, `zip`,
`reversed`, `bounded` around them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from xianglian.compiler import ir
from xianglian.compiler.frontend.comparisons import Comparisons
from xianglian.compiler.frontend.declarations import Api
from xianglian.contract import spec

TURNS_MAX = 1_000_000
"""The largest bound of `bounded`."""
_ZERO = ir.Const(spec.INT, 0)


@dataclass(slots=True)
class Walk:
    """A loop's parts. `start` runs once before, `head` at the top of each turn, `step` after each."""

    start: list[ir.Stmt]
    condition: ir.Expr
    item: Turn
    step: list[ir.Stmt]
    length: ir.Expr | None = None
    """How many turns at most, as an expression over locals; None where only the loop itself tells."""
    bound: int | None = None
    """The most turns that there can be, as far as the types say."""
    head: list[ir.Stmt] = field(default_factory=list)


Turn = ir.Expr | tuple["Turn", ...]
"""What one turn yields: a value, or the parts that `enumerate` and `zip` yield together."""


class Walks(Comparisons):
    """Checks what is walked over, for one function."""

    def walk(self, node: ast.expr) -> Walk:
        """The walk over an expression. Raises `Refused`."""
        name = self._walker(node)
        if name is None:
            return self._over(node, self.value(node), backwards=False)
        assert isinstance(node, ast.Call)
        match name:
            case "range":
                return self._range(node)
            case "enumerate":
                return self._enumerate(node)
            case "zip":
                return self._zip(node)
            case "bounded":
                return self._bounded(node)
        (inner,) = self._given(node, 1, 1)
        if self._walker(inner) is not None:
            fix = "write range(last, first - 1, -1)" if self._walker(inner) == "range" else "reverse the list"
            raise self.refuse(node, f"reversed of {self._walker(inner)}(...)", fix)
        return self._over(inner, self.value(inner), backwards=True)

    def _walker(self, node: ast.expr) -> str | None:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        name = node.func.id
        if self.module.names.get(name) == Api("bounded"):
            return "bounded"
        known = name in ("range", "enumerate", "zip", "reversed") and name not in self.module.names
        return name if known and name not in self.scope.types else None

    def _given(self, node: ast.Call, least: int, most: int) -> list[ast.expr]:
        if node.keywords or not least <= len(node.args) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise self.refuse(
                node, f"{ast.unparse(node.func)} takes {count} unnamed values", "correct the call"
            )
        return node.args

    def _counter(self, first: ir.Expr, step: int, node: ast.AST) -> tuple[ir.Expr, ir.Stmt, ir.Stmt]:
        """A fresh counter: its value, its first assignment, its step."""
        name = self.scope.temporary(spec.INT)
        at = ir.Local(spec.INT, name)
        op = "next" if step == 1 else "+"
        moved = ir.Binary(spec.INT, op, at, ir.Const(spec.INT, step), self.line(node))
        return at, ir.Assign(name, first), ir.Assign(name, moved)

    def _over(self, node: ast.expr, items: ir.Expr, *, backwards: bool) -> Walk:
        bound: int | None = None
        match items.type:
            case spec.ListType():
                kind, bound = items.type.item, items.type.limit
            case ir.TableType():
                kind, bound = spec.INT, items.type.count
            case spec.VarType(name="bytes") | spec.FixedType():
                items = self.as_bytes(items)
                assert isinstance(items.type, spec.VarType)
                kind, bound = spec.INT, items.type.limit
            case _:
                fix = (
                    "walk its bytes: `for byte in text.encode()`"
                    if isinstance(items.type, spec.VarType)
                    else "loop over range(...), a List, bytes or a tuple constant"
                )
                raise self.refuse(node, f"a loop over {items.type}", fix)
        held, count = self.scope.temporary(items.type), self.scope.temporary(spec.INT)
        source, length = ir.Local(items.type, held), ir.Local(spec.INT, count)
        counted: ir.Expr = ir.Length(spec.INT, source)
        if isinstance(items.type, ir.TableType):
            counted = ir.Const(spec.INT, items.type.count)
        if backwards:
            last = ir.Binary(spec.INT, "-", length, ir.Const(spec.INT, 1), self.line(node))
            at, first, step = self._counter(last, -1, node)
            condition = ir.Compare(spec.BOOL, ">=", at, _ZERO)
        else:
            at, first, step = self._counter(_ZERO, 1, node)
            condition = ir.Compare(spec.BOOL, "<", at, length)
        item = ir.At(kind, source, at, self.line(node))
        start = [ir.Assign(held, items), ir.Assign(count, counted), first]
        return Walk(start, condition, item, [step], length, bound)

    def _range(self, node: ast.Call) -> Walk:
        values = [self.whole(each, "the range") for each in self._given(node, 1, 3)]
        step = values[2] if len(values) == 3 else ir.Const(spec.INT, 1)
        if not isinstance(step, ir.Const) or step.value == 0:
            raise self.refuse(node, "the step is no constant", "write a whole number other than 0")
        first, last = (_ZERO, values[0]) if len(values) == 1 else (values[0], values[1])
        end = self.scope.temporary(spec.INT)
        at, begin, moved = self._counter(first, step.value, node)
        condition = ir.Compare(spec.BOOL, "<" if step.value > 0 else ">", at, ir.Local(spec.INT, end))
        walk = Walk([begin, ir.Assign(end, last)], condition, at, [moved])
        if isinstance(first, ir.Const) and isinstance(last, ir.Const):
            walk.bound = len(range(first.value, last.value, step.value))
            walk.length = ir.Const(spec.INT, walk.bound)
        elif len(values) == 1 and isinstance(last, ir.Length):
            walk.length = ir.Local(spec.INT, end)
            walk.bound = (
                last.value.type.limit if isinstance(last.value.type, spec.ListType | spec.VarType) else None
            )
        return walk

    def _enumerate(self, node: ast.Call) -> Walk:
        given = self._given(node, 1, 2)
        inner = self.walk(given[0])
        first = self.whole(given[1], "the start") if len(given) == 2 else _ZERO
        at, begin, step = self._counter(first, 1, node)
        inner.start.append(begin)
        inner.step.append(step)
        inner.item = (at, inner.item)
        return inner

    def _zip(self, node: ast.Call) -> Walk:
        match node.keywords:
            case [ast.keyword(arg="strict", value=ast.Constant(value=False))]:
                node = ast.copy_location(ast.Call(node.func, node.args, []), node)
            case [ast.keyword(arg="strict"), *_]:
                raise self.refuse(
                    node, "zip of equal lengths only", "compare the lengths before: len(a) == len(b)"
                )
        walks = [self.walk(each) for each in self._given(node, 2, 4)]
        condition = walks[0].condition
        for each in walks[1:]:
            condition = ir.Both(spec.BOOL, condition, each.condition)
        lengths = [each.length for each in walks if each.length is not None]
        length = lengths[0] if lengths else None
        for other in lengths[1:]:
            assert length is not None
            length = ir.Binary(spec.INT, "min", length, other, self.line(node))
        bounds = [each.bound for each in walks if each.bound is not None]
        return Walk(
            [stmt for each in walks for stmt in each.start],
            condition,
            tuple(each.item for each in walks),
            [stmt for each in walks for stmt in each.step],
            length,
            min(bounds, default=None),
        )

    def _bounded(self, node: ast.Call) -> Walk:
        """Turns that are counted: one more than the bound is `TooLong`."""
        bound = self.value(self._given(node, 1, 1)[0])
        if not isinstance(bound, ir.Const) or bound.type != spec.INT or not 0 < bound.value <= TURNS_MAX:
            raise self.refuse(node, "the bound is no constant", f"write a number from 1 to {TURNS_MAX}")
        at, begin, step = self._counter(_ZERO, 1, node)
        refusal = ir.Raise("TooLong", ir.Make(spec.RecordType("TooLong", ()), (), ()), self.line(node))
        over = ir.Compare(spec.BOOL, ">=", at, bound)
        return Walk([begin], ir.true(), at, [step], head=[ir.If(over, (refusal,), ())])

    def take(
        self, target: ast.expr, turn: Turn, name_it: Callable[[ast.Name, ir.Expr], ir.Stmt]
    ) -> list[ir.Stmt]:
        """The assignments that give the parts of a value to the names of a target. `_` takes nothing."""
        match target:
            case ast.Name():
                if isinstance(turn, tuple):
                    names = ", ".join("abcd"[: len(turn)])
                    raise self.refuse(
                        target, f"{len(turn)} values in one name", f"write `for {names} in ...`"
                    )
                return [name_it(target, turn)]
            case ast.Tuple(elts=targets):
                held: list[ir.Stmt] = []
                if isinstance(turn, ir.Expr):
                    if not isinstance(turn.type, spec.TupleType):
                        raise self.refuse(target, f"several names for one {turn.type}", "use one name")
                    whole = turn
                    if not isinstance(whole, ir.Local):
                        name = self.scope.temporary(whole.type)
                        held, whole = [ir.Assign(name, whole)], ir.Local(whole.type, name)
                    turn = tuple(ir.Field(kind, whole, n) for n, kind in enumerate(turn.type.items))
                if len(targets) != len(turn):
                    raise self.refuse(
                        target, f"{len(targets)} names for {len(turn)} values", "name each of them"
                    )
                for each, part in zip(targets, turn, strict=True):
                    if not (isinstance(each, ast.Name) and each.id == "_"):
                        held += self.take(each, part, name_it)
                return held
        raise self.refuse(target, f"assignment to `{ast.unparse(target)}`", "unpack into plain names")
