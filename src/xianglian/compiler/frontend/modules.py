"""Reads a contract's file and those it imports, and collects what they declare."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import xianglian.contract as api
from xianglian.compiler.errors import TOO_DEEP, Refused, SourceUnreadable
from xianglian.compiler.frontend.annotations import Annotations, holds_sealed
from xianglian.compiler.frontend.classes import merge, refuse_base
from xianglian.compiler.frontend.collections import COLLECTIONS, Collections
from xianglian.compiler.frontend.declarations import (
    Api,
    Bound,
    ClassDecl,
    Constant,
    Declaration,
    Declared,
    EnumDecl,
    FunctionDecl,
    GenericDecl,
    InterfaceDecl,
    InvariantDecl,
    Label,
    Module,
    Report,
    StateDecl,
    StructDecl,
    TypeParameter,
)
from xianglian.compiler.frontend.generics import names_in
from xianglian.compiler.frontend.source import check_tree, has_late_annotations, read
from xianglian.contract import spec
from xianglian.contract.errors import ContractError, split_label

NAME_BYTES_MAX = 64
"""The longest name of an entry, view, event or error that a node takes."""
PARTS_MAX = 4096
DEPTH_MAX = 32
"""The most parts of a record, event or error, and how deep they lie, with those of the records in it."""
_API = set(api.__all__)
_LIBRARY = Path(api.__file__).parent / "lib"
_STRUCTS = ("record", "event")
_KINDS = ("entry", "view", "init", "migrate")
_ONCE = ("init", "migrate")
"""Methods that the chain runs by itself, at deployment and at an upgrade."""


class Loader:
    """Loads modules once each, the contract's first."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.modules: dict[Path, Module] = {}
        self.folder: Path | None = None
        self._open: list[Path] = []

    def load(self, path: Path) -> Module:
        """The module of a file. Raises `Refused`, `SourceUnreadable`."""
        try:
            path = path.resolve()
        except (OSError, RuntimeError, ValueError) as error:  # links in a circle; a null byte
            raise SourceUnreadable(f"{path}: {error}", source=str(path)) from error
        if path in self.modules:
            return self.modules[path]
        text = read(path)
        self.folder = self.folder or path.parent
        folder = self.folder if path.is_relative_to(self.folder) else None
        module = Module(path, len(self.modules), text.splitlines(), ast.Module([], []), folder=folder)
        self.modules[path] = module
        try:
            module.tree = ast.parse(text)
        except SyntaxError as error:
            module.open = True
            at = ast.Constant(0, lineno=error.lineno or 1, col_offset=(error.offset or 1) - 1)
            raise self.report.refuse(module, at, f"not Python: {error.msg}", "correct the syntax") from error
        except ValueError as error:  # a null byte
            module.open = True
            raise self.report.refuse(module, None, f"not Python: {error}", "correct the syntax") from error
        except (RecursionError, MemoryError) as error:  # what Python's parser says of its own limits
            raise self.report.refuse(module, None, *TOO_DEEP) from error
        self._open.append(path)
        Collector(self, module).collect()
        self._open.pop()
        check_tree(module, self.report)
        return module

    def find(self, module: Module, node: ast.ImportFrom) -> Path | None:
        """The file of an import from the library or the contract's folder; None for any other, also where a
        link leads out of them.
        """
        parts = (node.module or "").split(".")
        if not all(each.isidentifier() for each in parts):
            return None
        inside = module.folder or _LIBRARY
        if node.level:
            above = [module.path.parent, *module.path.parent.parents][: node.level]
            path = above[-1].joinpath(*parts).with_suffix(".py")
        elif parts[:-1] == ["xianglian", "contract", "lib"]:
            inside, path = _LIBRARY, _LIBRARY / f"{parts[-1]}.py"
        else:
            return None
        return path if path.resolve().is_relative_to(inside.resolve()) else None

    def is_open(self, path: Path) -> bool:
        """Whether this file is being loaded, so that importing it again would be a circle."""
        return path.resolve() in self._open


class Collector:
    """Declarations of one module."""

    def __init__(self, loader: Loader, module: Module) -> None:
        self.loader, self.module, self.report = loader, module, loader.report
        self.annotations = Annotations(module, loader.report)
        self.collections = Collections(module, loader)

    def collect(self) -> None:
        """Fills `module.names` and `module.contract`."""
        body = self.module.tree.body
        for position, stmt in enumerate(body):
            if position == 0 and isinstance(stmt, ast.Expr) and isinstance(stmt.value, ast.Constant):
                continue
            try:
                self._statement(stmt)
            except Refused:
                self.module.refused |= _declared_by(stmt)

    def _statement(self, stmt: ast.stmt) -> None:
        match stmt:
            case ast.ImportFrom():
                self._import(stmt)
            case ast.Assign(
                targets=[ast.Name("__all__")], value=ast.List(elts=names) | ast.Tuple(elts=names)
            ) if all(isinstance(each, ast.Constant) for each in names):
                pass
            case ast.Assign(
                targets=[ast.Name(name)],
                value=ast.Call(func=ast.Name(maker), args=[ast.Constant(text)], keywords=[]),
            ) if self.module.names.get(maker) == Api("TypeVar"):
                if text != name:
                    raise self._refuse(
                        stmt, "a type parameter under two names", f'write {name} = TypeVar("{name}")'
                    )
                self._declare(stmt, name, TypeParameter(name))
            case ast.Assign(targets=[ast.Name(name)], value=value):
                self._declare(stmt, name, self._constant(value))
            case ast.AnnAssign(target=ast.Name(name), value=value) if value is not None:
                declared = (
                    self.annotations.resolve(stmt.annotation, stmt, f"constant {name}", shown=False)
                    if not _is_final(stmt.annotation)
                    else None
                )
                constant = self._constant(value)
                if declared is not None and constant.type is None and isinstance(declared.type, spec.IntType):
                    raise self._refuse(
                        stmt,
                        f"{name} is an int in plain Python",
                        f"write {name} = {declared.type}({ast.unparse(value)})",
                    )
                self._declare(stmt, name, constant)
            case ast.ClassDef():
                self._class(stmt)
            case ast.FunctionDef():
                self._declare(stmt, stmt.name, self._helper(stmt))
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Import():
                raise self._refuse(
                    stmt, "a whole module is imported", "write `from xianglian.contract import ...`"
                )
            case _:
                raise self._refuse(
                    stmt,
                    "a statement outside functions",
                    "a file holds imports, constants, classes and functions only",
                )

    def _refuse(self, node: ast.AST, what: str, fix: str) -> Refused:
        return self.report.refuse(self.module, node, what, fix)

    def _declare(self, node: ast.AST, name: str, declaration: Declaration) -> None:
        if not name.isascii():
            raise self._refuse(node, f"the name `{name}`", "use ASCII letters; people read the docstring")
        if name in self.module.names:
            raise self._refuse(node, f"`{name}` is declared twice", "give one of them another name")
        self.module.names[name] = declaration

    def _import(self, node: ast.ImportFrom) -> None:
        if node.level == 0 and node.module == "__future__":
            return
        names = [(alias, alias.asname or alias.name) for alias in node.names]
        starred = any(alias.name == "*" for alias in node.names)
        self.module.open |= starred
        if node.level == 0 and node.module == "xianglian.contract":
            for alias, local in names:
                if alias.name in _API:
                    self._declare(node, local, Api(alias.name))
                elif starred:
                    raise self._refuse(
                        node,
                        "`*` is imported",
                        "write the names, for example `from xianglian.contract import contract, entry`",
                    )
                else:
                    self.module.refused.add(local)
                    self.report.note(
                        self.module,
                        node,
                        f"xianglian.contract has no `{alias.name}`",
                        "see the reference for what it has",
                    )
            return
        path = self.loader.find(self.module, node)
        if path is None or not path.exists():
            source = "." * node.level + (node.module or "")
            raise self._refuse(
                node,
                f"import from `{source}`",
                "only xianglian.contract, xianglian.contract.lib.* and files of the contract's folder "
                "can be imported",
            )
        if self.loader.is_open(path):
            raise self._refuse(
                node, f"{path.name} imports this file in turn", "move what both need into a third file"
            )
        other = self.loader.load(path)
        if starred:
            raise self._refuse(node, "`*` is imported", "write the names that are used")
        for alias, local in names:
            found = other.names.get(alias.name)
            if found is not None:
                self._declare(node, local, found)
                continue
            self.module.refused.add(local)
            if not other.lost(alias.name):
                self.report.note(
                    self.module, node, f"{path.name} declares no `{alias.name}`", "check the name"
                )

    def _constant(self, node: ast.expr) -> Constant:
        match node:
            case ast.Constant(value=bool() | int() | str() | bytes() as value):
                return Constant(value)
            case ast.Tuple(elts=elements) | ast.List(elts=elements) if (
                isinstance(node, ast.Tuple) and elements
            ):
                values = tuple(self._constant(each).value for each in elements)
                if all(isinstance(v, int) and not isinstance(v, bool) for v in values):
                    return Constant(values)
                raise self._refuse(
                    node,
                    "a tuple constant of something else than whole numbers",
                    "use whole numbers, or a byte string",
                )
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self._constant(operand).value
                if isinstance(inner, int):
                    return Constant(-inner)
            case ast.BinOp():
                left, right = self._constant(node.left).value, self._constant(node.right).value
                apply = _FOLD.get(type(node.op))
                if isinstance(left, int) and isinstance(right, int) and apply and abs(right) < 1 << 40:
                    return Constant(apply(left, right))
                if (
                    isinstance(left, bytes)
                    and isinstance(right, bytes)
                    and isinstance(node.op, ast.Add)
                    and len(left) + len(right) <= spec.VALUE_BYTES_MAX
                ):
                    return Constant(left + right)
            case ast.Name(id=name) if isinstance(found := self.module.names.get(name), Constant):
                return found
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
                made = self.module.names.get(name)
                number = self._constant(argument).value
                kind = (
                    spec.INTEGERS.get("u64" if made == Api("Time") else made.name)
                    if isinstance(made, Api)
                    else None
                )
                if kind and isinstance(number, int) and kind.low <= number <= kind.high:
                    return Constant(number, kind)
        raise self._refuse(
            node,
            f"`{ast.unparse(node)}` is no constant",
            "write a whole number, text, bytes, bool, a tuple of whole numbers, or u64(...) and its like",
        )

    def _class(self, node: ast.ClassDef) -> None:
        decorators = [self._api(each) for each in node.decorator_list]
        bases = [self._api(base) for base in node.bases]
        if decorators == ["interface"] and not bases and not node.keywords:
            self._declare(node, node.name, self._interface(node))
            return
        stateful = decorators in (["contract"], ["component"])
        if node.keywords or (len(decorators) + len(bases) != 1 and not stateful):
            raise self._refuse(
                node,
                f"class {node.name} is of no known kind",
                "decorate it with @contract, @component, @record or @event, or derive it from Enum or "
                "ContractError",
            )
        if decorators == ["contract"]:
            self._contract(node)
        elif decorators == ["component"]:
            self._declare(node, node.name, self._stateful(node, ("entry", "view", "invariant", "ensures")))
        elif decorators and decorators[0] in _STRUCTS:
            self._declare(node, node.name, self._struct(node, str(decorators[0])))
        elif bases == ["ContractError"]:
            self._declare(node, node.name, self._struct(node, "error"))
        elif bases == ["Enum"]:
            self._declare(node, node.name, self._enum(node))
        else:
            raise self._refuse(
                node,
                f"class {node.name} is of no known kind",
                "decorate it with @contract, @record or @event, or derive it from Enum or ContractError",
            )

    def _api(self, node: ast.expr) -> str | None:
        declaration = self.module.names.get(node.id) if isinstance(node, ast.Name) else None
        return declaration.name if isinstance(declaration, Api) else None

    def _label(self, node: ast.ClassDef | ast.FunctionDef) -> tuple[Label, dict[str, Label]]:
        text = ast.get_docstring(node) or ""
        labels = {}
        for line in text.splitlines()[1:]:
            name, colon, rest = line.strip().partition(": ")
            if colon and name.isidentifier():
                labels[name] = Label(*split_label(rest))
        return Label(*(split_label(text) if text else (node.name, node.name))), labels

    def _struct(self, node: ast.ClassDef, kind: str) -> StructDecl:
        label, labels = self._label(node)
        if kind == "error" and not ast.get_docstring(node):
            self.report.note(
                self.module,
                node,
                f"error {node.name} has no reason",
                'add a docstring: """余额不足 / Not enough points."""',
            )
        if len(node.name) > NAME_BYTES_MAX:
            raise self._refuse(node, "the name is too long", f"use at most {NAME_BYTES_MAX} letters")
        fields: dict[str, Declared] = {}
        for stmt in _without_docstring(node.body):
            match stmt:
                case ast.AnnAssign(target=ast.Name(name), value=None):
                    if kind == "error" and (hasattr(ContractError, name) or name == "facts"):
                        raise self._refuse(
                            stmt,
                            f"the fact `{name}` of {node.name}",
                            "rename it: errors have that themselves",
                        )
                    fields[name] = self.annotations.resolve(
                        stmt.annotation, stmt, f"{node.name}.{name}", shown=True
                    )
                case ast.Pass():
                    pass
                case _:
                    raise self._refuse(
                        stmt,
                        f"{kind} {node.name} has more than fields",
                        "write only `name: Type` lines, without default values",
                    )
        if kind == "record" and not fields:
            raise self._refuse(node, f"record {node.name} has no field", "add one")
        parts, depth = spec.extent(spec.RecordType(node.name, tuple((n, f.type) for n, f in fields.items())))
        if parts > PARTS_MAX or depth > DEPTH_MAX:
            raise self._refuse(
                node,
                f"{node.name} has {parts} parts, {depth} deep",
                f"at most {PARTS_MAX} parts and {DEPTH_MAX} deep, with those of its records",
            )
        return StructDecl(kind, node.name, fields, label, labels, self.module.line(node))

    def _enum(self, node: ast.ClassDef) -> EnumDecl:
        members: dict[str, int] = {}
        labels: dict[str, Label] = {}
        for stmt in _without_docstring(node.body):
            match stmt:
                case ast.Assign(targets=[ast.Name(name)], value=ast.Constant(value=int(number))):
                    members[name], labels[name] = number, Label(name, name)
                case ast.Assign(
                    targets=[ast.Name(name)],
                    value=ast.Tuple(elts=[ast.Constant(value=int(number)), ast.Constant(value=str(text))]),
                ):
                    members[name], labels[name] = number, Label(*split_label(text))
                case _:
                    raise self._refuse(
                        stmt,
                        f"enum {node.name} has something else than members",
                        'write `VALID = 0, "有效 / Valid"`',
                    )
        for name in members:
            if name == "mro" or name.startswith("_"):
                raise self._refuse(
                    node, f"the name `{name}`", "rename it: Python keeps it for itself in enums"
                )
        if (
            not members
            or len(set(members.values())) != len(members)
            or not all(0 <= n <= 255 for n in members.values())
        ):
            raise self._refuse(
                node, f"enum {node.name}: numbers must differ and lie in 0..255", "number the members from 0"
            )
        return EnumDecl(spec.EnumType(node.name, tuple(members.items())), labels, self._label(node)[0])

    def _helper(self, node: ast.FunctionDef) -> FunctionDecl | GenericDecl:
        symbol = f"{self.module.path.stem}:{node.name}"
        given = [each.annotation for each in node.args.args if each.annotation is not None]
        used = names_in([*given, *([node.returns] if node.returns else [])])
        variables = frozenset(n for n in used if isinstance(self.module.names.get(n), TypeParameter))
        if not variables:
            return self.function(node, "helper", node.args.args, symbol)
        if len(given) != len(node.args.args) or not variables <= names_in(given):
            raise self._refuse(
                node,
                f"the arguments of {node.name} leave a type open",
                "annotate all parameters, and use each type parameter in one of them",
            )

        def make(bound: dict[str, Bound]) -> FunctionDecl:
            stand_for = (f"{name}={'sealed ' * holds_sealed(of)}{of}" for name, of in sorted(bound.items()))
            return self.function(node, "helper", node.args.args, f"{symbol}[{','.join(stand_for)}]", bound)

        return GenericDecl(node.name, given, variables, make)

    def function(
        self,
        node: ast.FunctionDef,
        kind: str,
        arguments: list[ast.arg],
        symbol: str,
        bound: dict[str, Bound] | None = None,
    ) -> FunctionDecl:
        """The signature of a function or method; `bound` says what type parameters stand for."""
        annotations = Annotations(self.module, self.report, bound) if bound else self.annotations
        shape = node.args
        if shape.vararg or shape.kwarg or shape.kwonlyargs or shape.posonlyargs or shape.defaults:
            raise self._refuse(
                node,
                f"{node.name} has optional, starred or keyword-only parameters",
                "list plain typed parameters",
            )
        shown = kind in _KINDS
        parameters = {}
        for each in arguments:
            if each.arg in parameters:
                raise self._refuse(each, "a parameter twice", "rename it")
            parameters[each.arg] = annotations.resolve(
                each.annotation, each, f"parameter {each.arg} of {node.name}", shown=shown
            )
        result = annotations.resolve(node.returns, node, f"the result of {node.name}", shown=shown)
        label, labels = self._label(node)
        suffix = f"#{self.module.index}" if self.module.index else ""
        return FunctionDecl(
            node.name,
            kind,
            node,
            self.module,
            parameters,
            result,
            label,
            labels,
            symbol + suffix,
            bound=bound or {},
        )

    def _interface(self, node: ast.ClassDef) -> InterfaceDecl:
        methods: dict[str, FunctionDecl] = {}
        for stmt in _without_docstring(node.body):
            marks = [self._api(each) for each in getattr(stmt, "decorator_list", [])]
            if not isinstance(stmt, ast.FunctionDef) or marks not in (["entry"], ["view"]):
                raise self._refuse(
                    stmt,
                    f"interface {node.name} has something else than entries and views",
                    "write methods with @entry or @view and the body `...`",
                )
            match _without_docstring(stmt.body), stmt.args.args:
                case [ast.Expr(value=ast.Constant(value=value))], [
                    ast.arg(arg="self", annotation=None),
                    *parameters,
                ] if value is ... and stmt.name not in (*methods, *_ONCE):
                    symbol = f"{node.name}:{stmt.name}"
                    method = self.function(stmt, str(marks[0]), parameters, symbol)
                case _:
                    raise self._refuse(
                        stmt,
                        f"{stmt.name} is no method of an interface",
                        "write it once, with self, and the body `...`",
                    )
            size = sum(spec.size_max(each.type) for each in method.parameters.values())
            if size > spec.VALUE_BYTES_MAX:
                raise self._refuse(
                    stmt,
                    f"the arguments of {stmt.name} may take {size} bytes",
                    f"at most {spec.VALUE_BYTES_MAX}: lower the bounds",
                )
            methods[stmt.name] = method
        if not methods:
            raise self._refuse(node, f"interface {node.name} has no method", "add one")
        return InterfaceDecl(node.name, methods)

    def _contract(self, node: ast.ClassDef) -> None:
        if self.module.index:
            raise self._refuse(
                node,
                "a contract in an imported file",
                "a program has one contract, in the file that is built",
            )
        if self.module.contract is not None:
            raise self._refuse(node, "a second contract", "a file holds one @contract class")
        declared = self._stateful(node, (*_KINDS, "invariant", "ensures"))
        self.module.contract = merge(declared, self.report)

    def _stateful(self, node: ast.ClassDef, marks: tuple[str, ...]) -> ClassDecl:
        """A contract or component with its own members."""
        label, labels = self._label(node)
        declared = ClassDecl(node.name, label, self.module, node)
        for base in node.bases:
            found = self.module.names.get(base.id) if isinstance(base, ast.Name) else None
            if not isinstance(found, ClassDecl):
                raise refuse_base(self.report, declared, base)
            declared.bases += (found,)
        for stmt in _without_docstring(node.body):
            try:
                self._member(declared, labels, stmt, marks)
            except Refused:
                self.report.members |= _declared_by(stmt) - set(declared.places)
        return declared

    def _member(
        self, declared: ClassDecl, labels: dict[str, Label], stmt: ast.stmt, known: tuple[str, ...]
    ) -> None:
        name = str(getattr(stmt, "name", "") or getattr(getattr(stmt, "target", None), "id", ""))
        if not name.isascii():
            raise self._refuse(stmt, f"the name `{name}`", "use ASCII letters; people read the docstring")
        if name in declared.places:
            raise self._refuse(stmt, f"`{name}` is declared twice", "rename one of them")
        match stmt:
            case ast.AnnAssign(target=ast.Name(name), value=None):
                declared.state[name] = self._state(stmt, name, labels.get(name, Label(name, name)))
            case ast.FunctionDef():
                marks = [self._api(each) for each in stmt.decorator_list]
                overridable = "overridable" in marks
                marks = [each for each in marks if each != "overridable"]
                if marks and (once := marks[0]) in _ONCE and once not in known:
                    raise self._refuse(
                        stmt,
                        f"@{once} in the component {declared.name}",
                        f"name it _{once}_{declared.name.lower()}, and call it in the contract's @{once}",
                    )
                if len(marks) > 1 or (marks and marks[0] not in known):
                    raise self._refuse(
                        stmt,
                        f"{stmt.name} has an unknown decorator",
                        "use one of "
                        + ", ".join(f"@{each}" for each in known)
                        + ", or none on a helper named _name",
                    )
                if marks in (["invariant"], ["ensures"]):
                    declared.invariants[stmt.name] = self._invariant(stmt, str(marks[0]))
                    declared.places[stmt.name] = stmt
                    return
                kind = str(marks[0]) if marks else "method"
                if kind == "method" and not stmt.name.startswith("_"):
                    raise self._refuse(
                        stmt,
                        f"{stmt.name} is neither entry nor view",
                        "decorate it with @entry or @view, or name it _" + stmt.name,
                    )
                if kind in ("entry", "view") and (
                    stmt.name.startswith("_")
                    or stmt.name in ("memory", *_ONCE)
                    or len(stmt.name) > NAME_BYTES_MAX
                ):
                    raise self._refuse(
                        stmt, f"{stmt.name} cannot be called from outside under this name", "rename it"
                    )
                if not stmt.args.args or stmt.args.args[0].arg != "self" or stmt.args.args[0].annotation:
                    raise self._refuse(stmt, f"{stmt.name} has no self", "make self its first parameter")
                method = self.function(stmt, kind, stmt.args.args[1:], f"{declared.name}:{stmt.name}")
                if kind in _ONCE and (
                    method.parameters
                    or method.result.type != spec.NONE
                    or any(m.kind == kind for m in declared.methods.values())
                ):
                    raise self._refuse(
                        stmt,
                        f"{kind} takes no arguments, returns nothing and stands once",
                        "read the deployer from ctx.caller; set the rest by an entry",
                    )
                method.owner, method.overridable = declared, overridable
                declared.methods[stmt.name] = method
            case ast.Pass():
                pass
            case _:
                raise self._refuse(
                    stmt,
                    "something else than state fields and methods in a contract or component",
                    "write `name: Type` for state, without a value; set it in @init",
                )
        if name:
            declared.places[name] = stmt

    def _invariant(self, node: ast.FunctionDef, kind: str) -> InvariantDecl:
        wanted = ["self"] if kind == "invariant" else ["self", "old"]
        shape = node.args
        before = shape.args[1].annotation if kind == "ensures" and shape.args[1:] else None
        known = has_late_annotations(self.module)
        if isinstance(before, ast.Name) and not known and before.id not in self.module.names:
            raise self._refuse(
                before,
                f"`{before.id}` is not declared yet where Python reads this",
                "begin the file with `from __future__ import annotations`",
            )
        match _without_docstring(node.body):
            case [ast.Return(value=ast.expr() as condition)] if (
                [each.arg for each in node.args.args] == wanted
                and node.returns is not None
                and ast.unparse(node.returns) == "bool"
                and not (
                    shape.vararg or shape.kwarg or shape.kwonlyargs or shape.posonlyargs or shape.defaults
                )
                and shape.args[0].annotation is None
                and all(isinstance(a.annotation, ast.Name | ast.Constant | None) for a in shape.args[1:])
            ):
                label = self._label(node)[0]
                return InvariantDecl(node.name, label, condition, self.module, self.module.line(node), kind)
        old = ", old" if kind == "ensures" else ""
        raise self._refuse(
            node,
            f"{node.name} is no single condition",
            f"write `def name(self{old}) -> bool:` with one `return condition`",
        )

    def _state(self, stmt: ast.AnnAssign, name: str, label: Label) -> StateDecl:
        key: tuple[Declared, ...] | None = None
        brackets: tuple[int, ...] = ()
        node, kind = stmt.annotation, "plain"
        while isinstance(node, ast.Subscript) and (outer := self._api(node.value)) in COLLECTIONS:
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) and outer != "Set" else [node.slice]
            if len(parts) != (1 if outer == "Set" else 2) or (key is not None and outer != "Map"):
                raise self._refuse(node, f"`{ast.unparse(node)}` as a state field", COLLECTIONS[str(outer)])
            own = self.annotations.key(parts[0])
            key, brackets = (*(key or ()), *own), (*brackets, len(own))
            if outer == "Set":
                return self.collections.set_of(stmt, name, key, label)
            node = parts[1]
            if outer == "OrderedMap":
                kind = "ordered"
                break
        value = self.annotations.resolve(node, stmt, f"state field {name}", shown=True)
        size = spec.size_max(value.type)
        if size > spec.VALUE_BYTES_MAX:
            raise self._refuse(
                stmt,
                f"{name} may take {size} bytes",
                f"a stored value takes at most {spec.VALUE_BYTES_MAX}; lower the bounds or use a Map",
            )
        if kind == "ordered" and key is not None:
            return self.collections.ordered(stmt, name, key, value, label)
        return StateDecl(name, key, value, label, brackets)


def _declared_by(stmt: ast.stmt) -> set[str]:
    """The names that a statement of a file or class gives a meaning to."""
    match stmt:
        case ast.Import() | ast.ImportFrom():
            return {(alias.asname or alias.name).split(".")[0] for alias in stmt.names}
        case ast.ClassDef() | ast.FunctionDef():
            return {stmt.name}
        case ast.Assign(targets=targets):
            return {each.id for each in targets if isinstance(each, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    match first:
        case ast.Expr(value=ast.Constant(value=str())):
            return body[1:]
    return body


def _is_final(node: ast.expr) -> bool:
    """Whether a constant is annotated with a plain Python type, which says nothing new."""
    text = ast.unparse(node)
    return re.fullmatch(r"int|str|bytes|bool|tuple\[int(, (int|\.\.\.))*\]", text) is not None


_FOLD: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Pow: lambda a, b: int(a**b) if 0 <= b <= 256 and abs(a) < 1 << 64 else 1 << 256,
}
