"""Checks comparisons: numbers, digests, bytes and text, chains, membership, and tests for None."""

from __future__ import annotations

import ast

from xianglian.compiler import ir
from xianglian.compiler.frontend.access import StateAccess
from xianglian.compiler.frontend.checker import is_bytes
from xianglian.compiler.frontend.scope import path_of
from xianglian.contract import spec

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


class Comparisons(StateAccess):
    """Comparison checking for one function."""

    def comparison(self, node: ast.Compare) -> ir.Expr:
        """A comparison, a chain of them, a membership or a test for None."""
        if _is_none_test(node):
            return self._none_test(node)
        if (test := self._map_test(node)) is not None:
            return test
        left = self.value(node.left)
        found: ir.Expr | None = None
        for index, (op, right_node) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if isinstance(op, ast.In | ast.NotIn):
                step, right = self._membership(node, left, op, right_node), left
            else:
                right = self.value(right_node)
                if index + 1 < len(node.ops) and not isinstance(right, ir.Const | ir.Local):
                    name = self.scope.temporary(right.type)
                    step = self._compare(node, op, left, ir.Tee(right.type, name, right))
                    right = ir.Local(right.type, name)
                else:
                    step = self._compare(node, op, left, right)
            found = step if found is None else ir.Both(spec.BOOL, found, step)
            left = right
        assert found is not None
        return found

    def _map_test(self, node: ast.Compare) -> ir.Expr | None:
        right = node.comparators[0]
        if (
            len(node.ops) != 1
            or not isinstance(node.ops[0], ast.In | ast.NotIn)
            or not isinstance(right, ast.Attribute | ast.Subscript)
        ):
            return None
        place = self.place(right)
        if place is None or place.state.key is None:
            return None
        found = ir.Has(spec.BOOL, place.state.name, self.keys(node, place.state, [*place.given, node.left]))
        return ir.Not(spec.BOOL, found) if isinstance(node.ops[0], ast.NotIn) else found

    def _none_test(self, node: ast.Compare) -> ir.Expr:
        test, kind = node.left, node.ops[0]
        saved = set(self.scope.present)
        if (path := path_of(test)) is not None:
            self.scope.present.discard(path)
        found = self.value(test)
        self.scope.present = saved
        if not isinstance(found.type, spec.OptionType) or isinstance(found, ir.Nothing):
            raise self.refuse(node, f"`{ast.unparse(test)}` is never None", "leave the test out")
        is_none = ir.IsNone(spec.BOOL, found)
        return is_none if isinstance(kind, ast.Is) else ir.Not(spec.BOOL, is_none)

    def _membership(self, node: ast.Compare, left: ir.Expr, op: ast.cmpop, right: ast.expr) -> ir.Expr:
        found: ir.Expr
        if isinstance(right, ast.Tuple) and right.elts:
            name = self.scope.temporary(left.type)
            first: ir.Expr = ir.Tee(left.type, name, left)
            found = self._compare(node, ast.Eq(), first, self.value(right.elts[0]))
            for each in right.elts[1:]:
                found = ir.Either(
                    spec.BOOL,
                    found,
                    self._compare(node, ast.Eq(), ir.Local(left.type, name), self.value(each)),
                )
        else:
            found = self._list_membership(node, left, self.value(right))
        return ir.Not(spec.BOOL, found) if isinstance(op, ast.NotIn) else found

    def _list_membership(self, node: ast.Compare, left: ir.Expr, items: ir.Expr) -> ir.Expr:
        if not isinstance(items.type, spec.ListType):
            raise self.refuse(
                node, f"`in` on {items.type}", "it works on a Map, a List and a written-out tuple"
            )
        if not isinstance(
            items.type.item, spec.IntType | spec.BoolType | spec.EnumType | spec.FixedType | spec.VarType
        ):
            raise self.refuse(node, f"`in` on {items.type}", "compare a field in a loop")
        return ir.Contains(
            spec.BOOL,
            items,
            self.fit(node.left, left, items.type.item, "the item", convert=isinstance(left, ir.Const)),
        )

    def _compare(self, node: ast.expr, op_node: ast.cmpop, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        op = _COMPARE.get(type(op_node))
        if op is None:
            raise self.refuse(node, "`is` between values", "use ==")
        a, b = left.type, right.type
        if isinstance(a, spec.IntType) and isinstance(b, spec.IntType):
            return self._compare_numbers(node, op, left, right)
        digests = {spec.HASH, spec.REF}
        if a in digests and b in digests:
            right = right if a == b else ir.Retype(a, right)
        elif a != b and is_bytes(a) and is_bytes(b):
            left, right = self.as_bytes(left), self.as_bytes(right)
        elif isinstance(a, spec.VarType) and isinstance(b, spec.VarType) and a.name == b.name:
            pass
        elif isinstance(a, spec.OptionType) or isinstance(b, spec.OptionType):
            raise self.refuse(
                node, "comparing a value that may be None", "check it first: `if x is None: raise ...`"
            )
        elif a == b and isinstance(a, spec.TupleType) and self.function.part:
            return self._compare_keys(node, op_node, left, right, a)
        elif a != b or isinstance(a, spec.RecordType | spec.TupleType | spec.ListType | ir.TableType):
            raise self.refuse(
                node, f"comparing {a} and {b}", "compare values of one type, records field by field"
            )
        unordered = isinstance(a, spec.BoolType | spec.EnumType) and not self.function.part
        if op not in ("==", "!=") and unordered:
            raise self.refuse(node, f"{op} on {a}", "use == or !=")
        return ir.Compare(spec.BOOL, op, left, right)

    def _compare_keys(
        self, node: ast.expr, op_node: ast.cmpop, left: ir.Expr, right: ir.Expr, kind: spec.TupleType
    ) -> ir.Expr:
        """Tuples, as only a collection's own code compares them: the first parts that differ decide."""
        names = (self.scope.temporary(kind), self.scope.temporary(kind))
        one, other = (ir.Local(kind, name) for name in names)
        op: ast.cmpop = op_node
        found: ir.Expr | None = None
        for index, of in reversed(list(enumerate(kind.items))):
            a, b = ir.Field(of, one, index), ir.Field(of, other, index)
            here = self._compare(node, op, a, b)
            if found is None:
                found, op = here, {ast.LtE: ast.Lt, ast.GtE: ast.Gt}.get(type(op), type(op))()
                continue
            same = ir.Both(spec.BOOL, self._compare(node, ast.Eq(), a, b), found)
            found = same if isinstance(op, ast.Eq) else ir.Either(spec.BOOL, here, same)
        assert found is not None
        return ir.Let(spec.BOOL, names, (left, right), found)

    def _compare_numbers(self, node: ast.expr, op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        for one, other in ((left, right), (right, left)):
            kind = other.type
            if (
                isinstance(one, ir.Const)
                and one.type == spec.INT
                and kind != spec.INT
                and isinstance(kind, spec.IntType)
            ):
                if not kind.low <= one.value <= kind.high:
                    raise self.refuse(
                        node, f"{kind} never reaches {one.value}", f"its range is {kind.low} .. {kind.high}"
                    )
                fitted = ir.Const(kind, one.value)
                return ir.Compare(spec.BOOL, op, *((fitted, other) if one is left else (other, fitted)))
        if left.type != right.type and spec.INT not in (left.type, right.type):
            raise self.refuse(
                node,
                f"{left.type} and {right.type} do not mix",
                f"convert one of them, for example {left.type}(...)",
            )
        return ir.Compare(spec.BOOL, op, self.small(node, left), self.small(node, right))


def _is_none_test(node: ast.Compare) -> bool:
    return (
        len(node.ops) == 1
        and isinstance(node.ops[0], ast.Is | ast.IsNot)
        and isinstance(node.comparators[0], ast.Constant)
        and node.comparators[0].value is None
    )
