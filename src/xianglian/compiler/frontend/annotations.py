"""Annotations to types, with the privacy rule of protocol 23."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from xianglian.compiler.frontend.declarations import (
    Api,
    Bound,
    Constant,
    Declared,
    EnumDecl,
    Module,
    Report,
    StructDecl,
    TypeDecl,
    TypeParameter,
)
from xianglian.contract import spec
from xianglian.contract.spec import Type

_PLAIN: dict[str, Type] = {
    **spec.INTEGERS,
    "Time": spec.U64,
    "Address": spec.ADDRESS,
    "Hash": spec.HASH,
    "Ref": spec.REF,
}
_INSIDE: dict[str, Type] = {"int": spec.INT, "str": spec.TEXT, "bytes": spec.BYTES}
"""Only for helpers and locals: values that are never stored as they are."""
FIXED_BYTES_MAX = 4_096
"""The longest `FixedBytes`."""
_STRICTEST = ("unmarked", "sealed", "ref", "public")
_KEY_TYPES = spec.IntType | spec.BoolType | spec.EnumType | spec.FixedType | spec.VarType


class Annotations:
    """Resolves the annotations of one module. `shown` ones (arguments, results, state, records, events, error
    facts) must say who may read text and bytes.
    """

    def __init__(self, module: Module, report: Report, bound: Mapping[str, Bound] | None = None) -> None:
        self.module, self.report = module, report
        self.bound = bound or {}
        self._shown = True

    def resolve(self, node: ast.expr | None, where: ast.AST, what: str, *, shown: bool) -> Declared:
        """The declared type. Raises `Refused`."""
        if node is None:
            raise self.report.refuse(
                self.module, where, f"{what} has no type", "annotate it, for example `: u64`"
            )
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.copy_location(ast.parse(node.value, mode="eval").body, node)
        self._shown = shown
        declared = self._declared(node)
        if not shown:
            return Declared(unbounded(declared.type), "public", declared.validator, declared.hint)
        if (bare := _unmarked(declared.type)) is not None and declared.privacy == "unmarked":
            raise self.report.refuse(
                self.module,
                node,
                f"{what} holds {bare} without saying who may read it",
                f"write Public[{bare}] if anyone may, Ref for a salted digest of personal data, "
                f"or Sealed[{bare}] for ciphertext",
            )
        if declared.privacy == "unmarked":
            declared = Declared(declared.type, "public", declared.validator, declared.hint)
        return declared

    def key(self, node: ast.expr) -> tuple[Declared, ...]:
        """The parts of a map key."""
        parts = [node]
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "tuple":
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if len(parts) == 1:
                raise self._refuse(
                    node, "a key that is a tuple of one part", "write the type of the part alone"
                )
        found = []
        for part in parts:
            declared = self.resolve(part, part, "a map key", shown=True)
            if not isinstance(declared.type, _KEY_TYPES):
                raise self._refuse(
                    part,
                    f"{declared.type} cannot be a map key",
                    "use numbers, enums, Address, Hash, Ref, Text, Bytes or a tuple of them",
                )
            found.append(declared)
        return tuple(found)

    def _refuse(self, node: ast.AST, what: str, fix: str) -> Exception:
        return self.report.refuse(self.module, node, what, fix)

    def _declared(self, node: ast.expr) -> Declared:
        if isinstance(node, ast.Constant) and node.value is None:
            return Declared(spec.NONE)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            left, right = node.left, node.right
            if isinstance(left, ast.Constant) and left.value is None:
                left, right = right, left
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise self._refuse(node, "a union of two types", "only `T | None` is known")
            return self._option(left)
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        raise self._refuse(
            node,
            f"`{ast.unparse(node)}` is no type of the language",
            "see the table of types in the reference",
        )

    def _named(self, node: ast.Name) -> Declared:
        if node.id == "bool":
            return Declared(spec.BOOL)
        if not self._shown and node.id in _INSIDE:
            return Declared(_INSIDE[node.id])
        declaration = self.module.names.get(node.id)
        match declaration:
            case TypeParameter(name):
                found = self.bound.get(name)
                if found is None or isinstance(found, int):
                    raise self._refuse(
                        node,
                        f"the type parameter {name} here",
                        "name a type: only helper functions have such",
                    )
                return Declared(found)
            case Api(name) if name in _PLAIN:
                return Declared(
                    _PLAIN[name],
                    "ref" if name == "Ref" else "public",
                    None,
                    "time" if name == "Time" else None,
                )
            case Api("Text" | "Bytes" as name):
                raise self._refuse(
                    node, f"{name} without a bound", f"write {name}[64], the most bytes it may take"
                )
            case EnumDecl():
                return Declared(declaration.type)
            case TypeDecl():
                return declaration.declared
            case StructDecl(kind="record"):
                return Declared(declaration.type)
        fixes = {
            "int": "use u64, u128 or i64",
            "str": "use Public[Text[N]]",
            "bytes": "use Public[Bytes[N]]",
            "float": "use whole numbers, such as cents",
            "dict": "use Map[K, V]",
            "list": "use List[T, N]",
        }
        raise self._refuse(
            node,
            f"`{node.id}` is no type here",
            fixes.get(node.id, "import it from xianglian.contract, or declare it above"),
        )

    def _option(self, item: ast.expr) -> Declared:
        inner = self._declared(item)
        if isinstance(inner.type, spec.OptionType | spec.NoneType):
            raise self._refuse(item, "an option of an option", "one `| None` is enough")
        return Declared(spec.OptionType(inner.type), inner.privacy, inner.validator, inner.hint)

    def _subscript(self, node: ast.Subscript) -> Declared:
        outer = node.value.id if isinstance(node.value, ast.Name) else ""
        declaration = self.module.names.get(outer)
        name = declaration.name if isinstance(declaration, Api) else ""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        match name:
            case "Text" | "Bytes" if len(parts) == 1:
                return Declared(
                    spec.VarType(name.lower(), self._limit(parts[0], spec.VALUE_BYTES_MAX - 4)), "unmarked"
                )
            case "List" if len(parts) == 2:
                inner = self._declared(parts[0])
                if isinstance(inner.type, spec.ListType | spec.NoneType):
                    raise self._refuse(node, f"a list of {inner.type}", "put the inner list into a record")
                return Declared(spec.ListType(inner.type, self._limit(parts[1], 4096)), inner.privacy)
            case "FixedBytes" if len(parts) == 1:
                return Declared(spec.FixedType("fixed", self._limit(parts[0], FIXED_BYTES_MAX)), "unmarked")
            case "Option" if len(parts) == 1:
                return self._option(parts[0])
            case "Public" | "Sealed" if 1 <= len(parts) <= 2:
                inner = self._declared(parts[0])
                validator = parts[1].value if len(parts) == 2 and isinstance(parts[1], ast.Constant) else None
                if len(parts) == 2 and not isinstance(validator, str):
                    raise self._refuse(
                        parts[1], "the validator is not a name", 'write it as text: Public[Text[18], "uscc"]'
                    )
                kind = _sealed(inner.type) if name == "Sealed" else inner.type
                if name == "Sealed" and kind == inner.type:
                    raise self._refuse(
                        node, f"Sealed[{inner.type}]", "only Text and Bytes can hold ciphertext"
                    )
                return Declared(
                    kind, name.lower(), validator if isinstance(validator, str) else None, inner.hint
                )
            case "" if outer == "tuple" and outer not in self.module.names:
                return self._tuple(node, parts)
            case "Map" | "Set" | "OrderedMap":
                raise self._refuse(
                    node,
                    f"a {name} inside another type, or outside state",
                    "declare it as a state field; only a Map may hold a Map",
                )
        raise self._refuse(
            node,
            f"`{ast.unparse(node)}` is no type of the language",
            "see the table of types in the reference",
        )

    def _tuple(self, node: ast.expr, parts: list[ast.expr]) -> Declared:
        """A tuple; of its parts' privacy the strictest counts."""
        declared = [self._declared(part) for part in parts]
        for part, each in zip(parts, declared, strict=True):
            if isinstance(each.type, spec.NoneType):
                raise self._refuse(part, "None in a tuple", "write `T | None`")
        if not declared:
            raise self._refuse(node, "an empty tuple", "return nothing, or use a List")
        strict = [each for each in _STRICTEST if any(known.privacy == each for known in declared)]
        return Declared(spec.TupleType(tuple(each.type for each in declared)), strict[0])

    def _limit(self, node: ast.expr, most: int) -> int:
        value: object = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.Name) and isinstance(constant := self.module.names.get(node.id), Constant):
            value = constant.value
        if isinstance(node, ast.Name) and node.id in self.bound:
            value = self.bound[node.id]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
            raise self._refuse(
                node, "the bound is not a whole number above 0", f"write a number from 1 to {most}"
            )
        return value


def unbounded(of: Type) -> Type:
    """Locals and helper parameters are not checked in plain Python, so they promise no bound."""
    match of:
        case spec.VarType():
            return spec.VarType(of.name, None, of.sealed)
        case spec.OptionType():
            return spec.OptionType(unbounded(of.item))
        case spec.TupleType():
            return spec.TupleType(tuple(map(unbounded, of.items)))
    return of


def _unmarked(of: Type) -> Type | None:
    """The first text or byte string inside, records excepted (their own fields are checked)."""
    match of:
        case spec.VarType():
            return spec.VarType(of.name, of.limit)
        case spec.FixedType(name="fixed"):
            return of
        case spec.ListType() | spec.OptionType():
            return _unmarked(of.item)
        case spec.TupleType():
            return next((found for item in of.items if (found := _unmarked(item)) is not None), None)
    return None


def _sealed(of: Type) -> Type:
    match of:
        case spec.VarType():
            return spec.VarType(of.name, of.limit, True)
        case spec.ListType():
            return spec.ListType(_sealed(of.item), of.limit)
        case spec.OptionType():
            return spec.OptionType(_sealed(of.item))
    return of


def holds_sealed(of: object) -> bool:
    """Whether a value of this type has ciphertext inside."""
    match of:
        case spec.VarType():
            return of.sealed
        case spec.ListType() | spec.OptionType():
            return holds_sealed(of.item)
        case spec.TupleType():
            return any(map(holds_sealed, of.items))
        case spec.RecordType():
            return any(holds_sealed(item) for _, item in of.fields)
    return False
