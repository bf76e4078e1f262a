"""What is known at one point of a function: types of locals, which of them are set, which options are not
None.
"""

from __future__ import annotations

import ast

from xianglian.compiler.ir import AnyType


class Scope:
    """Flow facts. `types` is for the whole function; `assigned` and `present` change with the path."""

    def __init__(self) -> None:
        self.types: dict[str, AnyType] = {}
        self.broken: set[str] = set()
        """Locals whose first assignment was refused: later uses are not reported again."""
        self.assigned: set[str] = set()
        self.present: set[str] = set()
        """Paths such as `x` or `x.until` that are not None here."""
        self.ended = False
        """Nothing after this point runs."""
        self.renamed: dict[str, str] = {}
        """Names of the comprehension being checked, and the locals that hold their values."""
        self._temporaries = 0

    def save(self) -> tuple[set[str], set[str], bool]:
        """The flow facts here."""
        return set(self.assigned), set(self.present), self.ended

    def restore(self, saved: tuple[set[str], set[str], bool]) -> None:
        """Goes back to saved facts."""
        self.assigned, self.present, self.ended = set(saved[0]), set(saved[1]), saved[2]

    def join(self, other: tuple[set[str], set[str], bool]) -> None:
        """Keeps what holds both here and on the other path."""
        assigned, present, ended = other
        if ended:
            return
        if self.ended:
            self.restore(other)
            return
        self.assigned &= assigned
        self.present &= present

    def forget(self, name: str) -> None:
        """`name` was assigned: what was known of it and its fields is gone."""
        self.present = {path for path in self.present if path != name and not path.startswith(name + ".")}

    def temporary(self, of: AnyType) -> str:
        """A fresh local."""
        self._temporaries += 1
        name = f"${self._temporaries}"
        self.types[name] = of
        return name


def path_of(node: ast.expr) -> str | None:
    """`x` or `x.field` as text, if the root is a local and so cannot change behind our back."""
    if isinstance(node, ast.Name):
        return node.id
    if (
        isinstance(node, ast.Attribute)
        and (inner := path_of(node.value))
        and inner.split(".")[0] not in ("self", "ctx")
    ):
        return f"{inner}.{node.attr}"
    return None


def proven(condition: ast.expr, truth: bool) -> set[str]:
    """The paths that are not None where `condition` is `truth`."""
    match condition:
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ):
            if isinstance(op, ast.IsNot) is truth and (path := path_of(left)):
                return {path}
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return proven(inner, not truth)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) is truth:
            return set().union(*(proven(each, truth) for each in values))
    return set()


def assigned_in(body: list[ast.stmt]) -> set[str]:
    """Names that statements may assign."""
    return {
        node.id
        for stmt in body
        for node in ast.walk(stmt)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
