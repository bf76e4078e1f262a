"""Checks `match`: on enums, whole numbers, bools, text and bytes, with every case covered."""

from __future__ import annotations

import ast
from abc import abstractmethod

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.calls import Calls
from xianglian.compiler.frontend.scope import proven
from xianglian.contract import spec

_MATCHED = spec.IntType | spec.BoolType | spec.EnumType | spec.VarType
Facts = tuple[set[str], set[str], bool]


class Matching(Calls):
    """`match` statements of one function, lowered to branches tested in the order of the source."""

    @abstractmethod
    def block(self, body: list[ast.stmt]) -> list[ir.Stmt]:
        """Statements in order; `body.py`."""

    def match(self, stmt: ast.Match) -> list[ir.Stmt]:
        """A match statement. Raises `Refused`."""
        subject = self.value(stmt.subject)
        kind = subject.type
        if not isinstance(kind, _MATCHED):
            fix = "check it for None first" if isinstance(kind, spec.OptionType) else "write if and elif"
            raise self.refuse(
                stmt.subject, f"match on {kind}", f"it works on enums, numbers, bool and text: {fix}"
            )
        held: list[ir.Stmt] = []
        if not isinstance(subject, ir.Local):
            name = self.scope.temporary(kind)
            held, subject = [ir.Assign(name, subject)], ir.Local(kind, name)
        arms, ends, last = self._arms(stmt, subject)
        for facts in ends:
            self.scope.join(facts)
        lowered = tuple(last)
        for condition, body in reversed(arms):
            lowered = (ir.If(condition, tuple(body), lowered),)
        return [*held, *lowered]

    def _arms(
        self, stmt: ast.Match, subject: ir.Expr
    ) -> tuple[list[tuple[ir.Expr, list[ir.Stmt]]], list[Facts], list[ir.Stmt]]:
        """Conditions with their statements, the facts at the ends of them, and what runs where none holds;
        the scope is left as it is after that.
        """
        kind = subject.type
        covered: set[int | bytes] = set()
        arms: list[tuple[ir.Expr, list[ir.Stmt]]] = []
        ends: list[Facts] = []
        before = self.scope.save()
        for case in stmt.cases:
            if _is_wildcard(case.pattern) and case.guard is None:
                if case is not stmt.cases[-1]:
                    raise self.refuse(stmt.cases[-1].pattern, "this never runs", "put `case _` last")
                self.scope.restore(before)
                return arms, ends, self.block(case.body)
            values = self._pattern(case.pattern, kind)
            for each, node in values:
                if _value_of(each) in covered:
                    raise self.refuse(node, f"`{ast.unparse(node)}` is covered above", "remove it")
            tests = [ir.Compare(spec.BOOL, "==", subject, each) for each, _ in values]
            condition: ir.Expr = tests[0] if tests else ir.true()
            for test in tests[1:]:
                condition = ir.Either(spec.BOOL, condition, test)
            self.scope.restore(before)
            if case.guard is not None:
                guard = self.condition(case.guard)
                condition = ir.Both(spec.BOOL, condition, guard) if tests else guard
                self.scope.present |= proven(case.guard, True)
            else:
                covered |= {_value_of(each) for each, _ in values}
            body = self.block(case.body)
            if case is stmt.cases[-1] and case.guard is None and not self._missing(kind, covered):
                return arms, ends, body
            arms.append((condition, body))
            ends.append(self.scope.save())
        self.scope.restore(before)
        missing = self._missing(kind, covered)
        if missing:
            raise self.refuse(stmt, f"the match leaves out {', '.join(missing)}", "add them, or `case _:`")
        # Each value is covered by a case without a guard, but the last case has one: nothing runs after it.
        self.scope.ended = True
        return arms, ends, []

    def _missing(self, kind: ir.AnyType, covered: set[int | bytes]) -> list[str]:
        match kind:
            case spec.EnumType():
                return [f"{kind}.{name}" for name, number in kind.members if number not in covered]
            case spec.BoolType():
                return [str(each) for each in (False, True) if each not in covered]
        return [f"other values of {kind}"]

    def _pattern(self, pattern: ast.pattern, kind: ir.AnyType) -> list[tuple[ir.Expr, ast.expr]]:
        """The constants that a pattern names, none for `_`."""
        match pattern:
            case ast.MatchAs(pattern=None, name=None):
                return []
            case ast.MatchOr(patterns=patterns):
                found: list[tuple[ir.Expr, ast.expr]] = []
                for each in patterns:
                    if _is_wildcard(each):
                        raise self.refuse(each, "`_` among other patterns", "write `case _:` alone")
                    for value, node in self._pattern(each, kind):
                        if _value_of(value) in {_value_of(known) for known, _ in found}:
                            raise self.refuse(node, f"`{ast.unparse(node)}` is covered above", "remove it")
                        found.append((value, node))
                return found
            case ast.MatchValue(value=node):
                return [(self._constant(node, kind), node)]
            case ast.MatchSingleton(value=bool() as truth):
                node = ast.copy_location(ast.Constant(truth), pattern)
                return [(self._constant(node, kind), node)]
            case ast.MatchSingleton():
                raise self.refuse(pattern, "case None", "check for None before the match: `if x is None:`")
            case ast.MatchAs(name=name):
                fix = f"write `case _`, or `case _ if value == {name}` to compare with a constant"
                raise self.refuse(pattern, f"`{name}` here would catch every value", fix)
        raise self.refuse(
            pattern,
            f"the pattern `{ast.unparse(pattern)}`",
            "a case names constants: a number, text, bool or Enum.MEMBER, several with |",
        )

    def _constant(self, node: ast.expr, kind: ir.AnyType) -> ir.Expr:
        value = self.value(node)
        if not isinstance(value, ir.Const | ir.Data):
            raise Refused
        if isinstance(kind, spec.IntType) and value.type == spec.INT:
            return self.convert(node, value, kind)
        if isinstance(kind, spec.VarType) and isinstance(value.type, spec.VarType):
            if value.type.name == kind.name:
                return value
        elif value.type == kind:
            return value
        raise self.refuse(node, f"the value is {kind}, the case {value.type}", f"name constants of {kind}")


def _is_wildcard(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name is None


def _value_of(constant: ir.Expr) -> int | bytes:
    assert isinstance(constant, ir.Const | ir.Data)
    return constant.value
