"""What is there for nothing: unused results, fields, events, errors and helpers; fixed conditions."""

from __future__ import annotations

from collections.abc import Iterator

from xianglian.checker.flow import inside
from xianglian.checker.lints.model import Contract, Found
from xianglian.compiler import ir
from xianglian.compiler.frontend.declarations import FunctionDecl, StructDecl
from xianglian.contract import spec


def ignored_results(contract: Contract) -> Iterator[Found]:
    """XL-LINT-25."""
    for method in contract.methods:
        for step in method.of("ignored"):
            is_check = step.value is not None and step.value.type == spec.BOOL
            if is_check and ".set:" not in step.name:
                name = step.name.split(":")[-1].split("#")[0]
                yield Found("XL-LINT-25", step.line, f"{method.name}: {name}")
    for name, line in contract.unread_locals():
        yield Found("XL-LINT-25", line, name)


def unused_parts(contract: Contract) -> Iterator[Found]:
    """XL-LINT-31."""
    read = {step.name for method in contract.methods for step in method.of("read")}
    written = {step.name for method in contract.methods for step in method.of("write", "delete")}
    collections = {name for name, declared in contract.state.items() if declared.kind != "plain"}
    for name in contract.state:
        if name not in read and name not in collections:
            yield Found("XL-LINT-31", contract.line_of(name), f"{name}: never read")
        elif name not in written and name not in collections:
            yield Found("XL-LINT-31", contract.line_of(name), f"{name}: never written")
    own = contract.checked.modules[0]
    used = contract.names_used()
    for name, declared in own.names.items():
        if name in used or name in contract.imported():
            continue
        if isinstance(declared, StructDecl):
            yield Found("XL-LINT-31", declared.line, f"{name}: never used")
        elif isinstance(declared, FunctionDecl):
            yield Found("XL-LINT-31", own.line(declared.node), f"{name}: never used")
    for name, method in contract.checked.contract.methods.items():
        if method.kind == "method" and name not in contract.attributes_used() and method.module is own:
            yield Found("XL-LINT-31", own.line(method.node), f"{name}: never called")


def no_choice(contract: Contract) -> Iterator[Found]:
    """XL-LINT-32; each function by itself, since a helper may well be called with equal values."""
    for function in contract.checked.program.functions.values():
        if ":" not in function.name or "." in function.name.split(":")[0]:
            continue  # a collection's own code
        name = function.name.split(":")[1]
        for stmt in statements(function.body):
            if not isinstance(stmt, ir.If | ir.Loop):
                continue
            line = stmt.at or function.line
            for node in _nodes(stmt.condition):
                if isinstance(node, ir.Compare) and (why := _fixed(node)):
                    yield Found("XL-LINT-32", line, f"{name}: {why}")
            condition = stmt.condition
            while isinstance(condition, ir.Not):
                condition = condition.value
            if isinstance(stmt, ir.If) and isinstance(condition, ir.Const):
                yield Found("XL-LINT-32", line, f"{name}: a constant")


def statements(body: tuple[ir.Stmt, ...]) -> Iterator[ir.Stmt]:
    """Statements in order, inner ones after theirs."""
    for stmt in body:
        yield stmt
        if isinstance(stmt, ir.If):
            yield from statements(stmt.then)
            yield from statements(stmt.other)
        elif isinstance(stmt, ir.Loop):
            yield from statements(stmt.body)


def _nodes(node: ir.Expr) -> Iterator[ir.Expr]:
    yield node
    for each in inside(node):
        yield from _nodes(each)


def _fixed(node: ir.Compare) -> str | None:
    """Why a comparison is always the same."""
    left, right = node.left, node.right
    if left == right and not isinstance(left, ir.Const | ir.Data | ir.Call):
        return "a value and itself"
    for one, other, never in ((left, right, (">=", "<")), (right, left, ("<=", ">"))):
        unsigned = isinstance(one.type, spec.IntType) and not one.type.signed
        if unsigned and isinstance(other, ir.Const) and other.value == 0 and node.op in never:
            return "a number without sign is never below 0"
    return None
