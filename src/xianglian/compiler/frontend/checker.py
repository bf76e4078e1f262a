"""What checking any part of a function needs: refusals, conversions, state fields and map keys."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from typing import NamedTuple

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.annotations import Annotations, holds_sealed
from xianglian.compiler.frontend.declarations import ContractDecl, FunctionDecl, Module, Report, StateDecl
from xianglian.compiler.frontend.scope import Scope
from xianglian.contract import spec


class Given(NamedTuple):
    """A value on its way to a target."""

    node: ast.expr
    value: ir.Expr
    target: ir.AnyType
    what: str


class Checker(ABC):
    """Checks one function. Subclasses add comparisons, expressions, calls and statements, in this order."""

    @abstractmethod
    def value(self, node: ast.expr) -> ir.Expr:
        """The checked form of an expression; `expressions.py`."""

    def __init__(self, contract: ContractDecl, function: FunctionDecl, report: Report) -> None:
        self.contract, self.function, self.report = contract, function, report
        self.module: Module = function.module
        self.annotations = Annotations(self.module, report, function.bound)
        self.scope = Scope()
        self.in_contract = function.kind != "helper"
        self.called: list[FunctionDecl] = []
        """Functions that this one calls, for the recursion and view checks."""
        self.effects: list[tuple[ast.AST, str]] = []
        """Where it writes state or emits."""
        self.broken = False
        """Some statement was refused."""
        self.open_end = False
        """A refused statement may end the function."""

    def refuse(self, node: ast.AST, what: str, fix: str) -> Refused:
        """Notes a refusal at a node of this function."""
        if self.function.bound:
            what += " (where " + ", ".join(f"{n} is {of}" for n, of in self.function.bound.items()) + ")"
        return self.report.refuse(self.module, node, what, fix)

    def line(self, node: ast.AST) -> int:
        """The line that a receipt names."""
        return self.module.line(node)

    @abstractmethod
    def call(self, node: ast.Call) -> ir.Expr:
        """A call; `calls.py`."""

    def condition(self, node: ast.expr) -> ir.Expr:
        """An expression that must be bool."""
        found = self.value(node)
        if found.type != spec.BOOL:
            text = ast.unparse(node)
            hint = "is not None" if isinstance(found.type, spec.OptionType) else "!= 0"
            raise self.refuse(
                node,
                f"`{text}` is {found.type}, not bool",
                f"write what is meant, for example `{text} {hint}`",
            )
        return found

    def whole(self, node: ast.expr, what: str) -> ir.Expr:
        """An expression that must be a whole number of at most 64 bits; as `int`."""
        found = self.value(node)
        if not isinstance(found.type, spec.IntType):
            raise self.refuse(
                node, f"{what} is {found.type}, not a whole number", "use an int or a sized number"
            )
        return self.convert(node, found, spec.INT)

    def fit(self, node: ast.expr, found: ir.Expr, target: ir.AnyType, what: str, *, convert: bool) -> ir.Expr:
        """`found` as a value of `target`; an `int` becomes a sized number only where `convert` says so."""
        have = found.type
        if (
            holds_sealed(have)
            and not holds_sealed(target)
            and isinstance(target, spec.VarType | spec.ListType | spec.OptionType | spec.RecordType)
        ):
            raise self.refuse(
                node, f"{what} is public, the value is sealed", "declare it Sealed[...], or store a digest"
            )
        if have == target:
            return self.small(node, found)
        match target:
            case spec.OptionType():
                if isinstance(found, ir.Nothing):
                    return ir.Nothing(target)
                if isinstance(have, spec.OptionType) and _is_wider(have.item, target.item):
                    return ir.Retype(target, found)
                if not isinstance(have, spec.OptionType):
                    return ir.Wrap(target, self.fit(node, found, target.item, what, convert=convert))
                if have.item == spec.NONE and isinstance(found, ir.Choose):
                    return ir.Choose(target, found.condition, ir.Nothing(target), ir.Nothing(target))
                if convert and _converts(have.item, target.item):
                    return self._fit_option(node, found, have, target, what)
            case spec.IntType() if have == spec.INT:
                if convert:
                    return self.convert(node, found, target)
                raise self.refuse(
                    node, f"{what} is {target}, the value a plain int", f"write {target}({ast.unparse(node)})"
                )
            case spec.VarType() if isinstance(have, spec.VarType) and have.name == target.name:
                if target.limit is None or (have.limit is not None and have.limit <= target.limit):
                    return found
                if isinstance(found, ir.Data):
                    raise self.refuse(
                        node, f"{len(found.value)} bytes do not fit {target}", "shorten it or raise the bound"
                    )
                return ir.Bound(target, found, self.line(node))
            case spec.VarType(name="bytes") if isinstance(have, spec.FixedType):
                return self.fit(
                    node, ir.Loosen(spec.VarType("bytes", have.size), found), target, what, convert=convert
                )
            case spec.TupleType() if isinstance(have, spec.TupleType) and len(have.items) == len(
                target.items
            ):
                return self._fit_tuple(node, found, have, target, what, convert=convert)
            case spec.ListType() if isinstance(have, spec.ListType):
                fitted = self._fit_list(node, found, have, target, what, convert=convert)
                if fitted is not None:
                    return fitted
        if isinstance(have, spec.OptionType) and have.item == target:
            raise self.refuse(
                node,
                f"{what} is {target}, the value may be None",
                "check it first: `if x is None: raise ...`",
            )
        fix = (
            f"write {target}({ast.unparse(node)})"
            if isinstance(target, spec.IntType | spec.FixedType)
            else f"give it a {target}"
        )
        raise self.refuse(node, f"{what} is {target}, the value {have}", fix)

    def _fit_option(
        self,
        node: ast.expr,
        found: ir.Expr,
        have: spec.OptionType,
        target: spec.OptionType,
        what: str,
    ) -> ir.Expr:
        """An option whose value, where there is one, is converted."""
        name = self.scope.temporary(have)
        held = ir.Local(have, name)
        item = self.fit(node, ir.Unwrap(have.item, held), target.item, what, convert=True)
        chosen = ir.Choose(target, ir.IsNone(spec.BOOL, held), ir.Nothing(target), ir.Wrap(target, item))
        return ir.Let(target, (name,), (found,), chosen)

    def _fit_tuple(
        self,
        node: ast.expr,
        found: ir.Expr,
        have: spec.TupleType,
        target: spec.TupleType,
        what: str,
        *,
        convert: bool,
    ) -> ir.Expr:
        order = tuple(range(len(have.items)))
        nodes = node.elts if isinstance(node, ast.Tuple) else [node for _ in order]
        if isinstance(found, ir.Make):
            given = [Given(*each, what) for each in zip(nodes, found.values, target.items, strict=True)]
            kept, fitted = self.settle(given, convert=convert)
            return let(kept, ir.Make(target, tuple(fitted), order))
        name = self.scope.temporary(have)
        parts = [ir.Field(kind, ir.Local(have, name), n) for n, kind in enumerate(have.items)]
        fitted = [
            self.fit(*each, what, convert=convert) for each in zip(nodes, parts, target.items, strict=True)
        ]
        if fitted == parts:
            return ir.Retype(target, found)
        return ir.Let(target, (name,), (found,), ir.Make(target, tuple(fitted), order))

    def _fit_list(
        self,
        node: ast.expr,
        found: ir.Expr,
        have: spec.ListType,
        target: spec.ListType,
        what: str,
        *,
        convert: bool,
    ) -> ir.Expr | None:
        if have.item != target.item and not (have.loose and _is_wider(have.item, target.item)):
            if have.loose and have.item == spec.INT:
                raise self.refuse(
                    node, f"{what} is {target}, the items are plain int", f"convert each: {target.item}(x)"
                )
            return None
        if target.loose:
            if have.loose and have.limit <= target.limit:
                return found
            named = spec.ListType(have.item, max(have.limit, target.limit))
            raise self.refuse(node, f"{what} has no declared type and changes", f"start it as {named}()")
        if not convert:
            if have.loose:
                text = ast.unparse(node)
                raise self.refuse(
                    node, f"{what} is {target}, the value a plain list", f"write {target}(*{text})"
                )
            return None
        return (
            ir.Retype(target, found)
            if have.limit <= target.limit
            else ir.Bound(target, found, self.line(node))
        )

    def settle(self, given: list[Given], *, convert: bool) -> tuple[list[tuple[str, ir.Expr]], list[ir.Expr]]:
        """Values fitted to their targets, and what must be kept in locals before.

        Plain Python evaluates all values and converts them afterwards; where a conversion can fail, compiled
        code must do the same, or the two would end with different errors.
        """
        fitted = [self.fit(*each, convert=convert) for each in given]
        if len(given) < 2 or not any(_can_fail(f, each.value) for f, each in zip(fitted, given, strict=True)):
            return [], fitted
        kept: list[tuple[str, ir.Expr]] = []
        fitted = []
        for each in given:
            value = each.value
            if not isinstance(value, ir.Const | ir.Data | ir.Nothing):
                name = self.scope.temporary(value.type)
                kept.append((name, value))
                value = ir.Local(value.type, name)
            fitted.append(self.fit(each.node, value, each.target, each.what, convert=convert))
        return kept, fitted

    def small(self, node: ast.expr, found: ir.Expr) -> ir.Expr:
        """`found`, unless it is a constant `int` beyond 64 bits."""
        if (
            found.type == spec.INT
            and isinstance(found, ir.Const)
            and not spec.INT.low <= found.value <= spec.INT.high
        ):
            raise self.refuse(
                node, f"{found.value} is beyond a plain int", "give it a type, for example u128(...)"
            )
        return found

    def convert(self, node: ast.expr, found: ir.Expr, target: spec.IntType) -> ir.Expr:
        """A number as another integer type."""
        if found.type == target:
            return self.small(node, found)
        if isinstance(found, ir.Const):
            if not target.low <= found.value <= target.high:
                raise self.refuse(
                    node, f"{found.value} is outside {target}", f"its range is {target.low} .. {target.high}"
                )
            return ir.Const(target, found.value)
        return ir.Convert(target, found, self.line(node))

    def state(self, node: ast.expr) -> StateDecl:
        """The state field that `self.name` means."""
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
            and self.in_contract
        ):
            found = self.contract.state.get(node.attr)
            if found is not None:
                return found
            if node.attr in self.contract.methods:
                raise self.refuse(
                    node, f"the method {node.attr} as a value", f"call it: self.{node.attr}(...)"
                )
            raise self.refuse(
                node,
                f"{self.contract.name} has no state field `{node.attr}`",
                f"declare `{node.attr}: Type` in the class",
            )
        raise self.refuse(node, f"`{ast.unparse(node)}` is no state field", "write self.name")

    def alike(self, node: ast.expr, left: ir.Expr, right: ir.Expr) -> tuple[ir.Expr, ir.Expr]:
        """Two numbers of one type: an `int` takes the type of a sized one."""
        for each in (left, right):
            if not isinstance(each.type, spec.IntType):
                raise self.refuse(
                    node,
                    f"arithmetic on {each.type}",
                    "it works on numbers"
                    + (", check for None first" if isinstance(each.type, spec.OptionType) else ""),
                )
        if left.type == right.type == spec.INT:
            return (
                (left, right)
                if isinstance(left, ir.Const) and isinstance(right, ir.Const)
                else (self.small(node, left), self.small(node, right))
            )
        if (
            left.type == spec.INT
            and not isinstance(left, ir.Const)
            and not isinstance(right, ir.Const | ir.Local)
        ):
            name = self.scope.temporary(right.type)
            kept = self.scope.temporary(left.type)
            first = ir.Let(right.type, (kept,), (left,), right)
            converted = self.convert(node, ir.Local(left.type, kept), right.type)  # type: ignore[arg-type]
            return ir.Let(right.type, (name,), (first,), converted), ir.Local(right.type, name)
        if left.type == spec.INT:
            return self.convert(node, left, right.type), right  # type: ignore[arg-type]
        if right.type == spec.INT:
            return left, self.convert(node, right, left.type)  # type: ignore[arg-type]
        if left.type != right.type:
            raise self.refuse(
                node,
                f"{left.type} and {right.type} do not mix",
                f"convert one of them, for example {left.type}(...)",
            )
        return left, right

    def as_bytes(self, found: ir.Expr) -> ir.Expr:
        """Fixed bytes as a byte string; anything else as it is."""
        if isinstance(found.type, spec.FixedType):
            return ir.Loosen(spec.VarType("bytes", found.type.size), found)
        return found


def let(kept: list[tuple[str, ir.Expr]], body: ir.Expr) -> ir.Expr:
    """`body` after the kept values."""
    if not kept:
        return body
    return ir.Let(body.type, tuple(name for name, _ in kept), tuple(value for _, value in kept), body)


def _is_wider(have: spec.Type, target: spec.Type) -> bool:
    """Whether every text or byte string of `have` is one of `target`."""
    if not isinstance(have, spec.VarType) or not isinstance(target, spec.VarType) or have.name != target.name:
        return False
    return target.limit is None or (have.limit is not None and have.limit <= target.limit)


def _converts(have: spec.Type, target: spec.Type) -> bool:
    """Whether a value of `have` is checked and taken as one of `target` where values are converted."""
    match have, target:
        case spec.IntType(), spec.IntType():
            return have == spec.INT
        case spec.VarType(), spec.VarType():
            return have.name == target.name
    return False


def _can_fail(fitted: ir.Expr, value: ir.Expr) -> bool:
    """Whether fitting added a check."""
    while fitted is not value:
        if not isinstance(fitted, ir.Wrap | ir.Retype | ir.Loosen):
            return not isinstance(fitted, ir.Const | ir.Nothing)
        fitted = fitted.value
    return False


def is_bytes(of: ir.AnyType) -> bool:
    """Whether values of this type can stand for a byte string."""
    return isinstance(of, spec.FixedType) or (isinstance(of, spec.VarType) and of.name == "bytes")


def is_text(of: ir.AnyType) -> bool:
    """Whether values of this type are text."""
    return isinstance(of, spec.VarType) and of.name == "text"
