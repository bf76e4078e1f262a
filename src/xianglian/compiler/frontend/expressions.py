"""Checks expressions and lowers them to the typed form."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.annotations import holds_sealed
from xianglian.compiler.frontend.checker import Given, is_bytes, is_text, let
from xianglian.compiler.frontend.comprehensions import ITEMS_MAX
from xianglian.compiler.frontend.declarations import Api, Constant, EnumDecl
from xianglian.compiler.frontend.scope import path_of, proven
from xianglian.compiler.frontend.tuples import Tuples, is_open
from xianglian.contract import spec

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_FOLD: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip


class Expressions(Tuples):
    """Expression checking for one function."""

    def value(self, node: ast.expr) -> ir.Expr:
        """The checked form of an expression."""
        match node:
            case ast.Constant():
                return self._literal(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.BinOp(op=ast.Add(), right=ast.List() as items):
                left = self.value(node.left)
                right = self.list_of(items, left.type) if isinstance(left.type, spec.ListType) else None
                return self._list_join(node, left, right)
            case ast.BinOp():
                return self._binary(node, self.value(node.left), self.value(node.right), node.op)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BoolOp():
                return self._logic(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self.call(node)
            case ast.List():
                raise self.refuse(node, "a list without a type", "write `items + [x]`, or List[T, N](a, b)")
            case ast.JoinedStr():
                return self.formatted(node)
            case ast.ListComp():
                return self.comprehension(node)
            case ast.Tuple():
                return self.tuple_of(node)
            case ast.NamedExpr():
                raise self.refuse(node, "an assignment inside an expression", "assign on its own line")
            case ast.GeneratorExp() | ast.SetComp() | ast.DictComp() | ast.Lambda() | ast.Dict() | ast.Set():
                raise self.refuse(
                    node, f"`{ast.unparse(node)}` is outside the language", "write a loop over a bounded list"
                )
        raise self.refuse(
            node,
            f"`{ast.unparse(node)}` is outside the language",
            "see the list of expressions in the reference",
        )

    def _literal(self, node: ast.Constant) -> ir.Expr:
        match node.value:
            case None:
                return ir.Nothing(spec.OptionType(spec.NONE))
            case bool():
                return ir.Const(spec.BOOL, int(node.value))
            case int():
                if not -(1 << 127) <= node.value < 1 << 256:
                    raise self.refuse(node, "a number wider than 256 bits", "no type holds it")
                return ir.Const(spec.INT, node.value)
            case str():
                data = node.value.encode()
                return ir.Data(spec.VarType("text", len(data)), data)
            case bytes():
                return ir.Data(spec.VarType("bytes", len(node.value)), node.value)
            case float() | complex():
                raise self.refuse(
                    node,
                    "a fraction has no exact value on a chain",
                    "use whole numbers of a smaller unit, such as cents",
                )
        raise self.refuse(node, f"`{ast.unparse(node)}` is outside the language", "see the reference")

    def _name(self, node: ast.Name) -> ir.Expr:
        name = node.id
        if (local := self.scope.renamed.get(name)) is not None:
            return self._narrowed(node, ir.Local(self.scope.types[local], local))
        if name in self.scope.broken:
            raise Refused
        if name in self.scope.types:
            if name not in self.scope.assigned:
                raise self.refuse(node, f"`{name}` may be unset here", "assign it on every path before")
            return self._narrowed(node, ir.Local(self.scope.types[name], name))
        match self.module.names.get(name):
            case Constant(value=tuple() as values):
                return ir.Table(ir.TableType(len(values)), values)
            case Constant(value=value, type=kind):
                found = self._literal(ast.copy_location(ast.Constant(value), node))  # type: ignore[arg-type]
                return ir.Const(kind, found.value) if kind and isinstance(found, ir.Const) else found
            case None:
                raise self.refuse(node, f"`{name}` is not known here", "assign, import or declare it first")
        raise self.refuse(node, f"`{name}` is not a value", "call it, or name one of its members")

    def _narrowed(self, node: ast.expr, found: ir.Expr) -> ir.Expr:
        if isinstance(found.type, spec.OptionType) and path_of(node) in self.scope.present:
            return ir.Unwrap(found.type.item, found)
        return found

    def _attribute(self, node: ast.Attribute) -> ir.Expr:
        if isinstance(node.value, ast.Name) and node.value.id not in self.scope.types:
            root = node.value.id
            if root == "self" and self.in_contract:
                state = self.state(node)
                if state.key is not None:
                    raise self.refuse(
                        node, f"the map `{state.name}` as a value", f"read one entry: self.{state.name}[key]"
                    )
                return ir.Load(state.value.type, state.name, (), self.line(node))
            match self.module.names.get(root):
                case Api("ctx"):
                    kinds: dict[str, spec.Type] = {
                        "caller": spec.ADDRESS,
                        "origin": spec.ADDRESS,
                        "self_address": spec.ADDRESS,
                        "height": spec.U64,
                        "time_ms": spec.U64,
                        "tx_id": spec.HASH,
                    }
                    if node.attr in kinds:
                        return ir.Fact(kinds[node.attr], node.attr)
                    raise self.refuse(
                        node,
                        f"ctx has no fact `{node.attr}`",
                        f"it has {', '.join(kinds)}, has_role(...), organisation_of(...)",
                    )
                case EnumDecl() as found:
                    for member, number in found.type.members:
                        if member == node.attr:
                            return ir.Const(found.type, number)
                    raise self.refuse(
                        node, f"{root} has no member `{node.attr}`", f"it has {', '.join(found.labels)}"
                    )
        value = self.value(node.value)
        if isinstance(value.type, spec.EnumType) and node.attr == "name":
            return self.member_name(value)
        if isinstance(value.type, spec.RecordType):
            for index, (name, kind) in enumerate(value.type.fields):
                if name == node.attr:
                    return self._narrowed(node, ir.Field(kind, value, index))
            raise self.refuse(
                node,
                f"{value.type} has no field `{node.attr}`",
                f"it has {', '.join(n for n, _ in value.type.fields)}",
            )
        if isinstance(value.type, spec.OptionType):
            raise self.refuse(
                node, f"`{ast.unparse(node.value)}` may be None", "check it first: `if x is None: raise ...`"
            )
        raise self.refuse(node, f"{value.type} has no `.{node.attr}`", "only records have fields")

    def _binary(self, node: ast.expr, left: ir.Expr, right: ir.Expr, op_node: ast.operator) -> ir.Expr:
        op = _ARITHMETIC.get(type(op_node))
        if op is None:
            fix = {"/": "use // for whole numbers", "**": "multiply in a loop"}
            sign = "/" if isinstance(op_node, ast.Div) else "**" if isinstance(op_node, ast.Pow) else "@"
            raise self.refuse(node, f"the operator {sign}", fix.get(sign, "see the reference"))
        if op == "+" and isinstance(left.type, spec.ListType):
            return self._list_join(node, left, right)
        if op == "+" and is_bytes(left.type) and is_bytes(right.type):
            left, right = self.as_bytes(left), self.as_bytes(right)
            limits = [each.type.limit for each in (left, right) if isinstance(each.type, spec.VarType)]
            total = None if None in limits else sum(each for each in limits if each is not None)
            sealed = holds_sealed(left.type) or holds_sealed(right.type)
            return ir.Join(spec.VarType("bytes", total, sealed), left, right, self.line(node))
        if op == "+" and is_text(left.type) and is_text(right.type):
            return self.concat([left, right])
        if op == "+" and (is_text(left.type) or is_text(right.type)):
            other = right.type if is_text(left.type) else left.type
            raise self.refuse(node, f"joining text and {other}", "make it text first: str(n), or an f-string")
        left, right = self.alike(node, left, right)
        kind = left.type
        assert isinstance(kind, spec.IntType)
        if op in ("<<", ">>") and (kind.signed or kind.bits > 64):
            raise self.refuse(node, f"{op} on {kind}", "shift u8, u16, u32 or u64")
        if op in ("&", "|", "^") and kind.bits > 64:
            raise self.refuse(node, f"{op} on {kind}", "use it on types up to u64")
        if (
            isinstance(left, ir.Const)
            and isinstance(right, ir.Const)
            and op in _FOLD
            and (right.value or op not in ("//", "%"))
        ):
            number = _FOLD[op](left.value, right.value)
            if not kind.low <= number <= kind.high and kind != spec.INT:
                raise self.refuse(
                    node, f"{number} is outside {kind}", f"its range is {kind.low} .. {kind.high}"
                )
            return ir.Const(kind, number)
        return ir.Binary(kind, op, left, right, self.line(node))

    def add(self, node: ast.expr, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        """`left + right`."""
        return self._binary(node, left, right, ast.Add())

    def _list_join(self, node: ast.expr, left: ir.Expr, right: ir.Expr | None) -> ir.Expr:
        kind, other = left.type, None if right is None else right.type
        if not isinstance(kind, spec.ListType) or not isinstance(other, spec.ListType) or right is None:
            raise self.refuse(node, "joining different lists", f"both must be {left.type}")
        if kind.item != other.item or (kind.loose and not other.loose):
            fix = (
                f"write {spec.ListType(other.item, other.limit)}(*x) + y"
                if kind.item == other.item
                else f"both must be {kind}"
            )
            raise self.refuse(node, "joining different lists", fix)
        if kind.loose:
            kind = spec.ListType(kind.item, kind.limit + other.limit, loose=True)
            if kind.limit > ITEMS_MAX:
                raise self.refuse(node, f"{kind.limit} items", f"a list holds at most {ITEMS_MAX}")
        elif not other.loose and other != kind:
            raise self.refuse(node, "joining different lists", f"both must be {kind}")
        return ir.Join(kind, left, right, self.line(node))

    def list_of(self, node: ast.List | ast.Tuple, kind: spec.ListType) -> ir.Expr:
        """Items written out, for a list of a known type."""
        if kind.loose:
            kind = spec.ListType(kind.item, len(node.elts), loose=True)
        if len(node.elts) > kind.limit:
            raise self.refuse(node, f"{len(node.elts)} items in {kind}", "raise the bound")
        given = [Given(each, self.value(each), kind.item, "the item") for each in node.elts]
        kept, values = self.settle(given, convert=not kind.loose)
        return let(kept, ir.Items(kind, tuple(values)))

    def _unary(self, node: ast.UnaryOp) -> ir.Expr:
        if isinstance(node.op, ast.Not):
            return ir.Not(spec.BOOL, self.condition(node.operand))
        found = self.value(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(found, ir.Const) and found.type == spec.INT:
            return ir.Const(spec.INT, -found.value)
        if isinstance(node.op, ast.USub) and isinstance(found.type, spec.IntType) and found.type.signed:
            return ir.Binary(found.type, "-", ir.Const(found.type, 0), found, self.line(node))
        raise self.refuse(
            node, f"`{ast.unparse(node)}` on {found.type}", "only int, i64 and i128 have negative values"
        )

    def _logic(self, node: ast.BoolOp) -> ir.Expr:
        saved = self.scope.save()
        truth = isinstance(node.op, ast.And)
        found = self.condition(node.values[0])
        for before, each in zip(node.values, node.values[1:], strict=False):
            self.scope.present |= proven(before, truth)
            right = self.condition(each)
            found = ir.Both(spec.BOOL, found, right) if truth else ir.Either(spec.BOOL, found, right)
        self.scope.restore(saved)
        return found

    def _choice(self, node: ast.IfExp) -> ir.Expr:
        condition = self.condition(node.test)
        saved = self.scope.save()
        self.scope.present |= proven(node.test, True)
        then = self.value(node.body)
        self.scope.restore(saved)
        self.scope.present |= proven(node.test, False)
        other = self.value(node.orelse)
        self.scope.restore(saved)
        then, other = self._maybe(node, then, other)
        if (
            isinstance(then.type, spec.VarType)
            and isinstance(other.type, spec.VarType)
            and then.type.name == other.type.name
        ):
            limits = [then.type.limit, other.type.limit]
            widest = None if None in limits else max(each for each in limits if each is not None)
            kind_of = spec.VarType(then.type.name, widest, then.type.sealed or other.type.sealed)
            return ir.Choose(kind_of, condition, then, other)
        match then.type, other.type:
            case spec.ListType(item=item, loose=True) as one, spec.ListType(loose=True) as two if (
                item == two.item
            ):
                return ir.Choose(one if one.limit > two.limit else two, condition, then, other)
        if then.type != other.type:
            raise self.refuse(
                node, f"one side is {then.type}, the other {other.type}", "make both the same type"
            )
        return ir.Choose(then.type, condition, then, other)

    def _maybe(self, node: ast.IfExp, then: ir.Expr, other: ir.Expr) -> tuple[ir.Expr, ir.Expr]:
        """Both sides of a choice as one option, where one of them may be None."""
        kinds = [then.type, other.type]
        if not any(isinstance(kind, spec.OptionType) for kind in kinds):
            return then, other
        kind = next((kind for kind in kinds if isinstance(kind, spec.OptionType) and not is_open(kind)), None)
        if kind is None:
            item = next((kind for kind in kinds if not isinstance(kind, spec.OptionType)), spec.NONE)
            kind = spec.OptionType(item)  # type: ignore[arg-type]
        return (
            self.fit(node.body, then, kind, "the choice", convert=False),
            self.fit(node.orelse, other, kind, "the choice", convert=False),
        )

    def _subscript(self, node: ast.Subscript) -> ir.Expr:
        if (place := self.place(node)) is not None and place.state.key is not None:
            keys = self.keys(node, place.state, place.given)
            return ir.Load(place.state.value.type, place.state.name, keys, self.line(node))
        value = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node, value, node.slice)
        match value.type:
            case spec.VarType(name="bytes") | spec.FixedType():
                return ir.At(
                    spec.INT, self.as_bytes(value), self.whole(node.slice, "the index"), self.line(node)
                )
            case spec.ListType():
                return ir.At(value.type.item, value, self.whole(node.slice, "the index"), self.line(node))
            case spec.TupleType():
                return self.tuple_part(node, value)
            case ir.TableType():
                return ir.At(spec.INT, value, self.whole(node.slice, "the index"), self.line(node))
            case spec.VarType():
                raise self.refuse(node, "indexing text", "index its bytes: text.encode()[i]")
        raise self.refuse(node, f"indexing {value.type}", "it works on bytes, lists and tuple constants")

    def _slice(self, node: ast.Subscript, value: ir.Expr, part: ast.Slice) -> ir.Expr:
        value = self.as_bytes(value)
        known = isinstance(value.type, spec.ListType) or is_bytes(value.type)
        if not known or part.step is not None:
            raise self.refuse(
                node, f"a slice of {value.type}", "slice lists and byte strings, without a step"
            )
        start = self.whole(part.lower, "the start") if part.lower else ir.Const(spec.INT, 0)
        stop = self.whole(part.upper, "the end") if part.upper else ir.Const(spec.INT, spec.INT.high)
        if isinstance(value.type, spec.ListType):
            return ir.Slice(value.type, value, start, stop)
        assert isinstance(value.type, spec.VarType)
        limit = value.type.limit
        if isinstance(start, ir.Const) and isinstance(stop, ir.Const) and 0 <= start.value <= stop.value:
            limit = stop.value - start.value if limit is None else min(limit, stop.value - start.value)
        return ir.Slice(spec.VarType("bytes", limit, value.type.sealed), value, start, stop)
