"""A contract as the lints see it: methods with their steps, and questions that several lints ask."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from xianglian.checker.flow import Guard, Method, Step, Term, methods_of
from xianglian.compiler.frontend import Checked
from xianglian.compiler.frontend.declarations import Module, StateDecl
from xianglian.contract import spec

FLIPPED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Found(NamedTuple):
    """A weakness: which, where, and what exactly."""

    lint: str
    line: int
    what: str


class Atom(NamedTuple):
    """A condition without `and`, `or`, `not`; `op` is the comparison that then holds, if it is one."""

    term: Term
    truth: bool

    @property
    def op(self) -> str:
        """The comparison that holds; empty for anything else."""
        if self.term.op != "compare":
            return ""
        return self.term.name if self.truth else FLIPPED[self.term.name]


def negation_normal(term: Term, truth: bool) -> tuple[str, list[object]]:
    """`and` / `or` over conditions, each pushed down to its atoms."""
    if term.op == "not":
        return negation_normal(term.parts[0], not truth)
    if term.op in ("both", "either"):
        joint = "and" if (term.op == "both") is truth else "or"
        parts: list[object] = []
        for each in term.parts:
            inner = negation_normal(each, truth)
            parts += inner[1] if inner[0] in (joint, "atom") else [inner]
        return joint, parts
    return "atom", [Atom(term, truth)]


def atoms_of(guard: Guard) -> Iterator[Atom]:
    """All atoms of a guard, whatever joins them."""
    todo: list[object] = [negation_normal(guard.condition, guard.truth)]
    while todo:
        each = todo.pop()
        if isinstance(each, Atom):
            yield each
        elif isinstance(each, tuple):
            todo += each[1]


def speaks_of_caller(term: Term) -> bool:
    """Whether the caller, or a signature, is inside."""
    return any(
        (each.op == "fact" and each.name in ("caller", "origin")) or each.op == "sm2" for each in term.walk()
    )


def is_caller(term: Term) -> bool:
    """Whether a term is the caller itself."""
    return term.inner.op == "fact" and term.inner.name in ("caller", "origin")


def is_right(guard: Guard) -> bool:
    """Whether a guard asks who calls: the caller against something stored or a role, or a signature."""
    for atom in atoms_of(guard):
        if not speaks_of_caller(atom.term):
            continue
        if atom.op == "!=" and any(is_caller(each) for each in atom.term.parts):
            continue
        if atom.term.op in ("contains", "in") and not atom.truth:
            continue  # not yet there: no right
        return True
    return False


def loads(term: Term, field: str | None = None) -> list[Term]:
    """The state reads inside a term."""
    return [each for each in term.walk() if each.op in ("load", "get", "in") and field in (None, each.name)]


def is_argument(term: Term) -> bool:
    """Whether a term is an argument of the method."""
    return term.inner.op == "argument"


def constant(term: Term) -> int | None:
    """The number that a term is."""
    return term.inner.number if term.inner.op == "const" else None


@dataclass
class Contract:
    """What the lints read."""

    checked: Checked

    @cached_property
    def methods(self) -> list[Method]:
        """All that can be called."""
        return methods_of(self.checked)

    @cached_property
    def entries(self) -> list[Method]:
        """The entries."""
        return [each for each in self.methods if each.kind == "entry"]

    @property
    def state(self) -> dict[str, StateDecl]:
        """State fields, without what collections keep beside their entries."""
        return self.checked.contract.state

    def writes(self, method: Method) -> list[Step]:
        """What a method writes or deletes, without what collections keep beside their entries."""
        return [each for each in method.of("write", "delete") if each.name in self.state]

    @cached_property
    def writers(self) -> dict[str, list[tuple[Method, Step]]]:
        """Writes of each field by entries."""
        found: dict[str, list[tuple[Method, Step]]] = {name: [] for name in self.state}
        for method in self.entries:
            for step in self.writes(method):
                found[step.name].append((method, step))
        return found

    @cached_property
    def rights_fields(self) -> set[str]:
        """State that rights rest on: what the caller is compared with, and flags that are kept by caller."""
        found: set[str] = set()
        for method in self.entries:
            for guard in method.guards:
                for atom in atoms_of(guard):
                    found |= self._rights_in(atom)
        return found

    def _rights_in(self, atom: Atom) -> set[str]:
        term = atom.term
        if term.op == "compare" and atom.op == "==":
            sides = [each.inner for each in term.parts]
            if any(is_caller(each) or each.op == "argument" for each in sides):
                return {each.name for each in sides if each.op == "load" and not each.parts}
        is_flag = term.op in ("load", "in") and (term.op == "in" or term.type == spec.BOOL)
        if is_flag and len(term.parts) == 1 and is_caller(term.parts[0]):
            return {term.name}
        return set()

    def has_right(self, step: Step) -> bool:
        """Whether somebody's rights were asked before a step, or it touches only the caller's own entry."""
        return any(map(is_right, step.guards)) or any(speaks_of_caller(key) for key in step.keys)

    def tested(self, step: Step, field: str, keys: tuple[Term, ...]) -> bool:
        """Whether an entry was asked for before a step: whether it is there, or something about it."""
        wanted = [each.inner for each in keys]
        for guard in step.guards:
            for term in guard.condition.walk():
                is_read = term.op in ("load", "get", "in") and term.name == field
                if is_read and [each.inner for each in term.parts] == wanted:
                    return True
        return False

    def is_number(self, field: str) -> bool:
        """Whether a field holds numbers."""
        return isinstance(self.state[field].value.type, spec.IntType)

    def step_of(self, step: Step) -> tuple[str, Term] | None:
        """For `self.f[k] = self.f[k] + x`: the sign and x; None for any other write."""
        if step.kind != "write" or step.value is None or not self.is_number(step.name):
            return None
        value = step.value.inner
        if value.op != "binary" or value.name not in ("+", "-"):
            return None
        wanted = [each.inner for each in step.keys]
        left, right = (each.inner for each in value.parts)
        for base, by in ((left, right), (right, left)):
            same = [each.inner for each in base.parts] == wanted
            if base.op == "load" and base.name == step.name and same:
                return (value.name, by) if base is left or value.name == "+" else None
        return None

    # the source

    @property
    def _own(self) -> Module:
        return self.checked.modules[0]

    @cached_property
    def _class(self) -> ast.ClassDef:
        name = self.checked.contract.name
        return next(n for n in self._own.tree.body if isinstance(n, ast.ClassDef) and n.name == name)

    def line_of(self, field: str) -> int:
        """Where a state field is declared; the class, if that is in another file."""
        for node in self._class.body:
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == field:
                return node.lineno
        return self._class.lineno

    def imported(self) -> set[str]:
        """Names that come from other files."""
        found = (node for node in self._own.tree.body if isinstance(node, ast.ImportFrom))
        return {alias.asname or alias.name for node in found for alias in node.names}

    def names_used(self) -> set[str]:
        """Names that the contract's file reads."""
        found = {n.id for n in ast.walk(self._own.tree) if isinstance(n, ast.Name)}
        words = (n.value for n in ast.walk(self._own.tree) if isinstance(n, ast.Constant))
        return found | {word for word in words if isinstance(word, str) and word.isidentifier()}

    def attributes_used(self) -> set[str]:
        """Names behind a dot in any of the contract's files."""
        trees = (module.tree for module in self.checked.modules)
        return {n.attr for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Attribute)}

    def unread_locals(self) -> Iterator[tuple[str, int]]:
        """Locals of the contract's own functions that hold the result of a call and are never read."""
        for node in ast.walk(self._own.tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            for each in ast.walk(node):
                match each:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()) if name not in read:
                        yield f"{node.name}: {name}", each.lineno
