"""Type parameters: what they stand for in a call of a helper function."""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.frontend.declarations import Bound, FunctionDecl, GenericDecl
from xianglian.contract import spec

INSTANCES_MAX = 64
"""The most sets of types for which one helper is compiled."""
PARTS_MAX = 256
"""The most parts of a type that a type parameter stands for: calls that pair them double it each time."""


def names_in(annotations: list[ast.expr]) -> set[str]:
    """The names that annotations mention."""
    return {node.id for each in annotations for node in ast.walk(each) if isinstance(node, ast.Name)}


def infer(generic: GenericDecl, given: list[ir.AnyType]) -> dict[str, Bound]:
    """What the arguments' types make of the type parameters; those that they leave open are missing.

    A list decides before a plain value, and a sized number before an `int`.
    """
    found: dict[str, Bound] = {}
    pairs = [
        (a, g) for a, g in zip(generic.annotations, given, strict=True) if not isinstance(g, ir.TableType)
    ]
    for plain in (False, True):
        for annotation, have in pairs:
            if isinstance(annotation, ast.Name) is plain:
                _bind(generic.variables, annotation, have, found)
    return {name: bound for name, bound in found.items() if not _is_open(bound)}


def instance(generic: GenericDecl, bound: dict[str, Bound]) -> FunctionDecl | None:
    """The function for these types; None where there are too many of its kind."""
    key = tuple(sorted(bound.items()))
    if key not in generic.made:
        if len(generic.made) >= INSTANCES_MAX:
            return None
        if any(not isinstance(of, int) and spec.extent(of)[0] > PARTS_MAX for of in bound.values()):
            return None
        generic.made[key] = generic.make(dict(bound))
    return generic.made[key]


def _bind(variables: frozenset[str], annotation: ast.expr, have: spec.Type, found: dict[str, Bound]) -> None:
    match annotation:
        case ast.Name(name) if name in variables:
            if found.get(name) in (None, spec.INT) or _is_open(found[name]):
                found[name] = have
        case ast.BinOp(left=inner) | ast.Subscript(value=ast.Name("Option"), slice=inner):
            _bind(variables, inner, have.item if isinstance(have, spec.OptionType) else have, found)
        case ast.Subscript(value=ast.Name("List"), slice=ast.Tuple(elts=[item, limit])):
            if isinstance(have, spec.ListType):
                _bind(variables, item, have.item, found)
                if isinstance(limit, ast.Name) and limit.id in variables:
                    found.setdefault(limit.id, have.limit)


def _is_open(bound: Bound) -> bool:
    return bound == spec.NONE or (isinstance(bound, spec.OptionType) and bound.item == spec.NONE)
