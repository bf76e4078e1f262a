"""Checks calls of other contracts through `@interface` classes, and `try` around one of them."""

from __future__ import annotations

import ast
from abc import abstractmethod

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.checker import Given, let
from xianglian.compiler.frontend.declarations import Api, InterfaceDecl
from xianglian.compiler.frontend.matching import Matching
from xianglian.contract import spec
from xianglian.contract.errors import CallFailed, fields_of

FAILURE = spec.RecordType("CallFailed", tuple(fields_of(CallFailed).items()))
"""What `failure` is in `except CallFailed as failure`."""


class Outside(Matching):
    """Calls of other contracts in one function."""

    outside_calls = 0
    """How many were met so far."""

    @abstractmethod
    def assign(self, stmt: ast.stmt, name: str, node: ast.expr, found: ir.Expr) -> list[ir.Stmt]:
        """`name = found`; `body.py`."""

    def call(self, node: ast.Call) -> ir.Expr:
        """See `Calls.call`; with `Token(address).method(...)`."""
        interface = self._interface(node.func.value) if isinstance(node.func, ast.Attribute) else None
        if interface is not None:
            return let(*self._outside(node, interface))
        if self._interface(node) is not None:
            raise self.refuse(
                node,
                f"`{ast.unparse(node)}` as a value",
                "keep the address, and call Name(address).method(...)",
            )
        return super().call(node)

    def attempt(self, stmt: ast.Try) -> list[ir.Stmt]:
        """`try` around one outside call, and `except CallFailed`. Raises `Refused`."""
        handler = self._handler(stmt)
        call, target = self._attempted(stmt)
        interface = self._interface(call.func.value) if isinstance(call.func, ast.Attribute) else None
        if interface is None:
            raise self._no_attempt(call)
        before = len(self.called), self.outside_calls
        kept, found = self._outside(call, interface)
        if len(self.called) != before[0] or self.outside_calls != before[1] + 1:
            raise self.refuse(
                call,
                "a call inside the arguments of a call in try",
                "make it before the try, and keep its result",
            )
        held = [ir.Assign(name, value) for name, value in kept]
        saved = self.scope.save()
        result, then = self._taken(stmt.body[0], call, target, found)
        succeeded = self.scope.save()
        self.scope.restore(saved)
        failure = handler.name or self.scope.temporary(FAILURE)
        if handler.name:
            known = self.scope.types.setdefault(failure, FAILURE)
            if known != FAILURE or failure in self.module.names or failure == "self":
                raise self.refuse(stmt, f"`{failure}` already means something here", "take another name")
            self.scope.assigned.add(failure)
        lowered = self.block(handler.body)
        self.scope.assigned.discard(failure)
        self.scope.join(succeeded)
        return [*held, ir.Attempt(found, result, tuple(then), failure, tuple(lowered))]

    def _interface(self, node: ast.expr) -> InterfaceDecl | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found = self.module.names.get(node.func.id)
            if isinstance(found, InterfaceDecl) and node.func.id not in self.scope.types:
                return found
        return None

    def _outside(
        self, node: ast.Call, interface: InterfaceDecl
    ) -> tuple[list[tuple[str, ir.Expr]], ir.Outside]:
        """What must be kept before, and the call."""
        assert isinstance(node.func, ast.Attribute)
        assert isinstance(node.func.value, ast.Call)
        method = interface.methods.get(node.func.attr)
        if method is None:
            raise self.refuse(
                node,
                f"{interface.name} has no method `{node.func.attr}`",
                f"it has {', '.join(interface.methods)}",
            )
        where = self._arguments(node.func.value, 1)[0]
        arguments = self._arguments(node, len(method.parameters))
        given = [Given(where, self.value(where), spec.ADDRESS, f"the address of {interface.name}")]
        given += [
            Given(each, self.value(each), declared.type, f"{name} of {interface.name}.{method.name}")
            for each, (name, declared) in zip(arguments, method.parameters.items(), strict=True)
        ]
        kept, fitted = self.settle(given, convert=True)
        self.outside_calls += 1
        if method.kind == "entry":
            self.effects.append((node, "calls an entry of another contract"))
        found = ir.Outside(method.result.type, fitted[0], method.name, tuple(fitted[1:]), self.line(node))
        return kept, found

    def _handler(self, stmt: ast.Try) -> ast.ExceptHandler:
        if len(stmt.handlers) == 1 and not stmt.orelse and not stmt.finalbody:
            handler = stmt.handlers[0]
            caught = self.module.names.get(handler.type.id) if isinstance(handler.type, ast.Name) else None
            if caught == Api("CallFailed"):
                return handler
        raise self.refuse(
            stmt,
            "catching an error",
            "only a failed call of another contract can be caught: one `except CallFailed as failure:`",
        )

    def _attempted(self, stmt: ast.Try) -> tuple[ast.Call, ast.Name | None]:
        match stmt.body:
            case [ast.Assign(targets=[ast.Name() as target], value=ast.Call() as call)]:
                return call, target
            case [ast.Expr(value=ast.Call() as call)]:
                return call, None
        raise self._no_attempt(stmt.body[0])

    def _no_attempt(self, node: ast.AST) -> Refused:
        return self.refuse(
            node,
            "a try body that is not one call of another contract",
            "write one line in it: x = Token(address).method(...)",
        )

    def _taken(
        self, stmt: ast.stmt, call: ast.Call, target: ast.Name | None, found: ir.Outside
    ) -> tuple[str | None, list[ir.Stmt]]:
        """The local that holds the result, and what is done with it."""
        if target is None:
            return None, []
        if found.type == spec.NONE:
            raise self.refuse(stmt, "the call yields nothing", "leave the assignment out")
        held = self.scope.temporary(found.type)
        return held, self.assign(stmt, target.id, call, ir.Local(found.type, held))
