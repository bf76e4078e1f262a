"""Checks tuples: several values in one, and their parts."""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.frontend.texts import Texts
from xianglian.contract import spec

_PARTS = (
    spec.IntType
    | spec.BoolType
    | spec.EnumType
    | spec.FixedType
    | spec.VarType
    | spec.ListType
    | spec.OptionType
    | spec.RecordType
    | spec.TupleType
)


class Tuples(Texts):
    """Tuple checking for one function."""

    def tuple_of(self, node: ast.Tuple) -> ir.Expr:
        """A tuple written out."""
        if not node.elts:
            raise self.refuse(node, "an empty tuple", "return nothing, or use a List")
        values = tuple(self.small(each, self.value(each)) for each in node.elts)
        kinds: list[spec.Type] = []
        for each, value in zip(node.elts, values, strict=True):
            if not isinstance(value.type, _PARTS):
                raise self.refuse(each, f"{value.type} in a tuple", "put values of the language there")
            kinds.append(value.type)
        return ir.Make(spec.TupleType(tuple(kinds)), values, tuple(range(len(values))))

    def tuple_part(self, node: ast.Subscript, value: ir.Expr) -> ir.Expr:
        """`pair[0]`."""
        kind = value.type
        assert isinstance(kind, spec.TupleType)
        index = self.value(node.slice)
        if not isinstance(index, ir.Const):
            raise self.refuse(node, "the index of a tuple is no constant", "write pair[0], or a, b = pair")
        place = index.value + len(kind.items) if index.value < 0 else index.value
        if not 0 <= place < len(kind.items):
            raise self.refuse(node, f"{kind} has no part {index.value}", "count its parts from 0")
        return ir.Field(kind.items[place], value, place)


def is_open(of: ir.AnyType) -> bool:
    """Whether a type is not known in full: None stands somewhere without saying of what."""
    match of:
        case spec.OptionType():
            return of.item == spec.NONE
        case spec.TupleType():
            return any(map(is_open, of.items))
    return False
