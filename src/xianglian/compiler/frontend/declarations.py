"""What a file declares, once its annotations are resolved."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xianglian.compiler.errors import Diagnostic, Refused
from xianglian.contract.spec import EnumType, RecordType, Type


@dataclass(frozen=True, slots=True)
class Label:
    """What people read, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A type with what its annotation says beyond it."""

    type: Type
    privacy: str = "public"
    """`public`, `ref` or `sealed` (protocol 23)."""
    validator: str | None = None
    """The check that forms make, such as `uscc`."""
    hint: str | None = None
    """How to show it: `time` for UTC milliseconds."""


@dataclass(frozen=True, slots=True)
class Api:
    """A name of `xianglian.contract`."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A module constant: a Python int, bool, str, bytes or tuple of ints; `type` if it was made by
    `u64(...)`.
    """

    value: object
    type: Type | None = None


@dataclass(frozen=True, slots=True)
class EnumDecl:
    """A closed set; `labels` by member."""

    type: EnumType
    labels: dict[str, Label]
    label: Label


@dataclass(frozen=True, slots=True)
class StructDecl:
    """A record, event or error (`kind`)."""

    kind: str
    name: str
    fields: dict[str, Declared]
    label: Label
    labels: dict[str, Label]
    line: int

    @property
    def type(self) -> RecordType:
        """Its shape."""
        return RecordType(self.name, tuple((name, each.type) for name, each in self.fields.items()))


Bound = Type | int
"""What a type parameter stands for: a type, or the bound of a list."""


@dataclass(slots=True)
class FunctionDecl:
    """A helper function or a method. `kind`: helper, entry, view, init or method."""

    name: str
    kind: str
    node: ast.FunctionDef
    module: Module
    parameters: dict[str, Declared]
    result: Declared
    label: Label
    labels: dict[str, Label]
    symbol: str
    owner: ClassDecl | None = None
    """The class that a method is written in."""
    overridable: bool = False
    part: ContractDecl | None = None
    """Whose fields and methods `self` has in a collection's own code."""
    bound: dict[str, Bound] = field(default_factory=dict)
    """What the type parameters stand for."""


@dataclass(frozen=True, slots=True)
class TypeParameter:
    """`T = TypeVar("T")`: stands for a type, or for the bound of a list, in the helpers of this file."""

    name: str


@dataclass(eq=False, slots=True)
class GenericDecl:
    """A helper function whose annotations name type parameters; compiled for each set of types it meets."""

    name: str
    annotations: list[ast.expr]
    """Of the parameters, in order."""
    variables: frozenset[str]
    make: Callable[[dict[str, Bound]], FunctionDecl]
    """The function for types."""
    made: dict[tuple[tuple[str, Bound], ...], FunctionDecl] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InterfaceDecl:
    """An `@interface` class: the methods of another contract."""

    name: str
    methods: dict[str, FunctionDecl]


@dataclass(frozen=True, slots=True)
class StateDecl:
    """A state field: `key` is None for a single value. `brackets` are the parts of the key that each pair of
    brackets takes: (1, 1) for `self.m[a][b]`.
    """

    name: str
    key: tuple[Declared, ...] | None
    value: Declared
    label: Label
    brackets: tuple[int, ...] = ()
    kind: str = "plain"
    """`plain` (a value or Map), `set` or `ordered`."""
    parts: ContractDecl | None = None
    """What a set or ordered map keeps beside its entries, and the functions that do it."""


@dataclass(frozen=True, slots=True)
class InvariantDecl:
    """An `@invariant` or `@ensures` method: its condition as written; nothing compiles it."""

    name: str
    label: Label
    condition: ast.expr
    module: Module
    line: int
    kind: str = "invariant"
    """`invariant`: of a state. `ensures`: of a call, with the state before it called `old`."""


@dataclass(eq=False, slots=True)
class ClassDecl:
    """A `@component` or `@contract` class as written: its own members, and the components it inherits."""

    name: str
    label: Label
    module: Module
    node: ast.ClassDef
    bases: tuple[ClassDecl, ...] = ()
    state: dict[str, StateDecl] = field(default_factory=dict)
    methods: dict[str, FunctionDecl] = field(default_factory=dict)
    invariants: dict[str, InvariantDecl] = field(default_factory=dict)
    places: dict[str, ast.AST] = field(default_factory=dict)
    """Where each member is declared."""


@dataclass(slots=True)
class ContractDecl:
    """The contract class with all that it inherits."""

    name: str
    label: Label
    state: dict[str, StateDecl]
    methods: dict[str, FunctionDecl]
    invariants: dict[str, InvariantDecl] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypeDecl:
    """A name for a type inside generic library code."""

    declared: Declared


Declaration = (
    Api
    | Constant
    | EnumDecl
    | StructDecl
    | FunctionDecl
    | GenericDecl
    | TypeParameter
    | InterfaceDecl
    | ClassDecl
    | TypeDecl
)


@dataclass(slots=True)
class Module:
    """One source file. `index` 0 is the contract itself; a line n of file k is reported as k * 100 000 +
    n.
    """

    path: Path
    index: int
    source: list[str]
    tree: ast.Module
    names: dict[str, Declaration] = field(default_factory=dict)
    contract: ContractDecl | None = None
    folder: Path | None = None
    """The contract's folder, for a file inside it."""
    refused: set[str] = field(default_factory=set)
    """Names that are imported or declared here, and were refused: what they mean is not known."""
    open: bool = False
    """It may declare more names than are known: it is no Python, or imports `*`."""

    def lost(self, name: str) -> bool:
        """Whether a name has no meaning here because of what was refused before."""
        return name not in self.names and (
            name in self.refused or (self.open and not hasattr(builtins, name))
        )

    @property
    def place(self) -> str:
        """The file as people name it: from the contract's folder on, or the library file's name."""
        return self.path.name if self.folder is None else self.path.relative_to(self.folder).as_posix()

    def line(self, node: ast.AST) -> int:
        """The line that receipts carry."""
        return self.index * LINES_PER_FILE + getattr(node, "lineno", 0)


LINES_PER_FILE = 100_000


class Report:
    """Collects refusals. One that stands at a name whose own declaration or import was refused is left out:
    it would only say again that the name has no meaning.
    """

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.members: set[str] = set()
        """State fields and methods of any class that were refused."""

    def note(self, module: Module, node: ast.AST | None, what: str, fix: str) -> None:
        """Notes a refusal and goes on."""
        if node is not None and any(self._lost(module, each) for each in _head(node)):
            return
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = module.source[line - 1] if 0 < line <= len(module.source) else ""
        column = len(text.encode()[:column].decode(errors="ignore")) + 1
        self.found.append(Diagnostic(module.path, line, column, what, fix, text))

    def refuse(self, module: Module, node: ast.AST | None, what: str, fix: str) -> Refused:
        """Notes a refusal; the caller raises what this returns."""
        self.note(module, node, what, fix)
        return Refused()

    def _lost(self, module: Module, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return name in self.members
            case ast.Name(id=name):
                return module.lost(name)
        return False


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, without the statements below it."""
    yield node
    for _, value in ast.iter_fields(node):
        for each in value if isinstance(value, list) else [value]:
            below = isinstance(value, list) and isinstance(
                each, ast.stmt | ast.ExceptHandler | ast.match_case
            )
            if isinstance(each, ast.AST) and not below:
                yield from _head(each)
