"""Makes the functions and hidden fields of sets and ordered maps: library code, once for each field."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import xianglian.contract.ordered as ordered_keys
from xianglian.compiler.frontend.annotations import Annotations
from xianglian.compiler.frontend.declarations import (
    Api,
    Constant,
    ContractDecl,
    Declaration,
    Declared,
    FunctionDecl,
    Label,
    Module,
    StateDecl,
    StructDecl,
    TypeDecl,
)
from xianglian.contract import spec

if TYPE_CHECKING:
    from xianglian.compiler.frontend.modules import Loader

COLLECTIONS = {
    "Map": "write Map[Address, u128], or Map[Address, Map[Hash, u128]]",
    "Set": "write Set[Address], as a state field of its own",
    "OrderedMap": "write OrderedMap[u64, u128], as a state field of its own",
}
"""What to write instead, by the name of a collection."""
_SOURCE = Path(ordered_keys.__file__)
_NOBODY = Label("", "")
_SET = """
def add(self, {names}):
    if ({names}) in self.members:
        return False
    self.members[{names}] = True
    self.count += 1
    return True
def discard(self, {names}):
    if ({names}) not in self.members:
        return False
    del self.members[{names}]
    self.count -= 1
    return True
def remove(self, {names}):
    if ({names}) not in self.members:
        raise NotFound
    del self.members[{names}]
    self.count -= 1
"""
"""As `xianglian.contract.state.Set` does it."""


class Collections:
    """Collections among the state fields of one module's contract."""

    def __init__(self, module: Module, loader: Loader) -> None:
        self.module, self.loader = module, loader

    def set_of(self, stmt: ast.stmt, name: str, key: tuple[Declared, ...], label: Label) -> StateDecl:
        """`name: Set[K]`."""
        value = Declared(spec.BOOL)
        parts = ContractDecl(
            "Set",
            _NOBODY,
            {
                "members": StateDecl(name, key, value, _NOBODY, (len(key),)),
                "count": StateDecl(f"{name}.count", None, Declared(spec.U64), _NOBODY),
            },
            {},
        )
        names = [f"key{number}" for number in range(len(key))]
        tree = ast.parse(_SET.format(names=", ".join(names)))
        module = Module(self.module.path, self.module.index, self.module.source, tree)
        module.names["NotFound"] = Api("NotFound")
        for node in tree.body:
            assert isinstance(node, ast.FunctionDef)
            for each in ast.walk(node):
                if isinstance(each, ast.stmt | ast.expr | ast.arg):
                    each.lineno, each.col_offset = stmt.lineno, stmt.col_offset
            result = Declared(spec.NONE if node.name == "remove" else spec.BOOL)
            parts.methods[node.name] = FunctionDecl(
                node.name,
                "method",
                node,
                module,
                dict(zip(names, key, strict=True)),
                result,
                _NOBODY,
                {},
                f"{name}.set:{node.name}",
                part=parts,
            )
        return StateDecl(name, key, value, label, (len(key),), "set", parts)

    def ordered(
        self, stmt: ast.stmt, name: str, key: tuple[Declared, ...], value: Declared, label: Label
    ) -> StateDecl:
        """`name: OrderedMap[K, V]`."""
        parts_known = spec.IntType | spec.EnumType | spec.FixedType
        if len(key) > 1:
            parts_known |= spec.BoolType
        if not all(isinstance(part.type, parts_known) for part in key):
            text = ", ".join(str(part.type) for part in key)
            raise self.loader.report.refuse(
                self.module,
                stmt,
                f"an OrderedMap by {text}",
                "use numbers, enums, Address, Hash, Ref or FixedBytes, or a tuple of these and bool",
            )
        source = self._source()
        module = Module(source.path, source.index, source.source, source.tree)
        annotations = Annotations(module, self.loader.report)
        module.names |= {api: Api(api) for api in ("u8", "u32", "u64", "List", "replace")}
        module.names["K"] = TypeDecl(key_of(key))
        parts = ContractDecl("OrderedKeys", _NOBODY, {}, {})
        for node in source.tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=known)], value=ast.Constant(value=int(number))):
                    module.names[known] = Constant(number)
                case ast.ClassDef(name="OrderedKeys"):
                    self._keys(node, name, parts, module, annotations)
                case ast.ClassDef():
                    module.names[node.name] = self._record(node, annotations)
        return StateDecl(name, key, value, label, (len(key),), "ordered", parts)

    def _record(self, node: ast.ClassDef, annotations: Annotations) -> Declaration:
        fields = {
            each.target.id: annotations.resolve(each.annotation, each, node.name, shown=False)
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }
        return StructDecl("record", node.name, fields, _NOBODY, {}, node.lineno)

    def _keys(
        self, node: ast.ClassDef, name: str, parts: ContractDecl, module: Module, annotations: Annotations
    ) -> None:
        for stmt in node.body:
            match stmt:
                case ast.AnnAssign(
                    target=ast.Name(id="rows"), annotation=ast.Subscript(slice=ast.Tuple(elts))
                ):
                    row = annotations.resolve(elts[1], stmt, "rows", shown=False)
                    number = (Declared(spec.U32),)
                    parts.state["rows"] = StateDecl(f"{name}.rows", number, row, _NOBODY, (1,))
                case ast.AnnAssign(target=ast.Name(id="tree"), annotation=annotation):
                    tree = annotations.resolve(annotation, stmt, "tree", shown=False)
                    parts.state["tree"] = StateDecl(f"{name}.tree", None, tree, _NOBODY)
                case ast.FunctionDef():
                    parameters = {
                        each.arg: annotations.resolve(each.annotation, each, each.arg, shown=False)
                        for each in stmt.args.args[1:]
                    }
                    result = annotations.resolve(stmt.returns, stmt, stmt.name, shown=False)
                    parts.methods[stmt.name] = FunctionDecl(
                        stmt.name,
                        "method",
                        stmt,
                        module,
                        parameters,
                        result,
                        _NOBODY,
                        {},
                        f"{name}.keys:{stmt.name}",
                        part=parts,
                    )

    def _source(self) -> Module:
        """The library's file among those of the program; its names stay its own."""
        known = self.loader.modules.get(_SOURCE)
        if known is None:
            text = _SOURCE.read_text(encoding="utf-8")
            tree = _Plain().visit(ast.parse(text))
            known = Module(_SOURCE, len(self.loader.modules), text.splitlines(), tree)
            self.loader.modules[_SOURCE] = known
        return known


def key_of(key: tuple[Declared, ...]) -> Declared:
    """The type of an ordered map's keys as its own code knows them: several parts are one tuple."""
    return key[0] if len(key) == 1 else Declared(spec.TupleType(tuple(part.type for part in key)))


class _Plain(ast.NodeTransformer):
    """Takes the type parameter off: `Step[K]` is `Step`, since each copy of the code has one K."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Name) and node.slice.id == "K":
            return ast.copy_location(node.value, node)
        return node
