"""Checks list comprehensions, and `any`, `all`, `sum` over generator expressions."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import NamedTuple

from xianglian.compiler import ir
from xianglian.compiler.frontend.scope import proven
from xianglian.compiler.frontend.walks import Walk, Walks
from xianglian.contract import spec

ITEMS_MAX = 4_096
"""The most items of a list."""


class _Turns(NamedTuple):
    """One `for` of a comprehension: the walk, what gives its names, and the tests after `if`."""

    walk: Walk
    names: list[ir.Stmt]
    tests: list[ir.Expr]
    value: ir.Expr

    def loop(self, body: tuple[ir.Stmt, ...]) -> list[ir.Stmt]:
        """The loop that runs `body` where the tests hold."""
        for test in reversed(self.tests):
            body = (ir.If(test, body, ()),)
        walk = self.walk
        turn = (*walk.head, *self.names, *body)
        return [*walk.start, ir.Loop(walk.condition, turn, tuple(walk.step))]


class Comprehensions(Walks):
    """Comprehension checking for one function. Their names end with them, as in Python."""

    @abstractmethod
    def add(self, node: ast.expr, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """`left + right`; `expressions.py`."""

    def comprehension(self, node: ast.ListComp) -> ir.Expr:
        """A list of no declared type: its bound is that of what it walks over."""
        turns = self._turns(node, node.elt, node.generators)
        walk, item = turns.walk, turns.value
        if walk.bound is None or walk.length is None:
            raise self.refuse(
                node.generators[0].iter,
                "a list without a bound",
                "walk over a List, bytes with a bound, or range of a constant: "
                "`[x for i in range(16) if i < n]`",
            )
        if isinstance(item, ir.Nothing) or not isinstance(
            item.type,
            spec.IntType
            | spec.BoolType
            | spec.EnumType
            | spec.FixedType
            | spec.VarType
            | spec.RecordType
            | spec.TupleType
            | spec.OptionType,
        ):
            raise self.refuse(node.elt, f"a list of {item.type}", "put the inner list into a record")
        if walk.bound > ITEMS_MAX:
            raise self.refuse(node, f"{walk.bound} items", f"a list holds at most {ITEMS_MAX}")
        kind = spec.ListType(item.type, walk.bound, loose=True)
        name = self.scope.temporary(kind)
        loop = turns.loop((ir.Push(name, item),))
        start = len(walk.start)
        made = ir.Assign(name, ir.NewList(kind, walk.length))
        return ir.Run(kind, (*loop[:start], made, *loop[start:]), ir.Local(kind, name))

    def fold(self, node: ast.Call, name: str) -> ir.Expr:
        """`any`, `all` or `sum` over a generator expression."""
        if node.keywords or not 1 <= len(node.args) <= (2 if name == "sum" else 1):
            raise self.refuse(node, f"{name} with other values", f"write {name}(... for x in items)")
        source = node.args[0]
        if isinstance(source, ast.ListComp):
            raise self.refuse(source, f"{name} over a list", "leave the square brackets out")
        if not isinstance(source, ast.GeneratorExp):
            fix = (
                "write any(x for x in items), with a condition"
                if name != "sum"
                else "write sum(x for x in items)"
            )
            raise self.refuse(node, f"{name} of `{ast.unparse(source)}`", fix)
        if name == "sum":
            return self._sum(node, source)
        turns = self._turns(source, source.elt, source.generators, condition=True)
        found, wanted = self.scope.temporary(spec.BOOL), int(name == "any")
        hit = turns.value if wanted else ir.Not(spec.BOOL, turns.value)
        stop = (ir.Assign(found, ir.Const(spec.BOOL, wanted)), ir.Break())
        loop = turns.loop((ir.If(hit, stop, ()),))
        start = ir.Assign(found, ir.Const(spec.BOOL, 1 - wanted))
        return ir.Run(spec.BOOL, (start, *loop), ir.Local(spec.BOOL, found))

    def _sum(self, node: ast.Call, source: ast.GeneratorExp) -> ir.Expr:
        turns = self._turns(source, source.elt, source.generators)
        first: ir.Expr = self.value(node.args[1]) if len(node.args) == 2 else ir.Const(spec.INT, 0)
        if not isinstance(first.type, spec.IntType):
            raise self.refuse(node, f"a sum that starts from {first.type}", "start from a number")
        name = self.scope.temporary(first.type)
        total = self.add(source.elt, ir.Local(first.type, name), turns.value)
        if total.type != first.type:
            text = ast.unparse(source)
            raise self.refuse(
                node, f"a sum of {total.type} that starts from an int", f"write sum({text}, {total.type}(0))"
            )
        start = len(turns.walk.start)
        loop = turns.loop((ir.Assign(name, total),))
        body = (*loop[:start], ir.Assign(name, self.small(node, first)), *loop[start:])
        return ir.Run(first.type, body, ir.Local(first.type, name))

    def _turns(
        self,
        node: ast.expr,
        element: ast.expr,
        generators: list[ast.comprehension],
        *,
        condition: bool = False,
    ) -> _Turns:
        if len(generators) != 1 or generators[0].is_async:
            raise self.refuse(node, "several `for` in one expression", "write a loop in a loop")
        generator = generators[0]
        walk = self.walk(generator.iter)
        if walk.head:
            raise self.refuse(generator.iter, "bounded(...) here", "it belongs into a for statement")
        saved, hidden = self.scope.save(), dict(self.scope.renamed)
        names = self.take(generator.target, walk.item, self._rename)
        tests = []
        for each in generator.ifs:
            tests.append(self.condition(each))
            self.scope.present |= proven(each, True)
        value = self.condition(element) if condition else self.value(element)
        self.scope.restore(saved)
        self.scope.renamed = hidden
        return _Turns(walk, names, tests, value)

    def _rename(self, target: ast.Name, value: ir.Expr) -> ir.Stmt:
        """Gives the name of a comprehension a local of its own."""
        if target.id == "self" or target.id in self.module.names:
            raise self.refuse(target, f"`{target.id}` already means something here", "take another name")
        local = self.scope.temporary(value.type)
        self.scope.forget(target.id)
        self.scope.renamed[target.id] = local
        return ir.Assign(local, value)
