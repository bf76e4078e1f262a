"""Checks expressions and lowers them to the typed form."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from xianglian.compiler import ir
from xianglian.compiler.errors import Refused
from xianglian.compiler.frontend.annotations import Annotations, holds_sealed
from xianglian.compiler.frontend.declarations import (
    Api,
    Constant,
    ContractDecl,
    EnumDecl,
    FunctionDecl,
    Module,
    Report,
    StateDecl,
)
from xianglian.compiler.frontend.scope import Scope, path_of, proven
from xianglian.contract import spec

_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_FOLD: dict[str, Callable[[int, int], int]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
    "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip


class Expressions:
    """Expression checking for one function. Subclasses add calls and statements."""

    def __init__(self, contract: ContractDecl, function: FunctionDecl, report: Report) -> None:
        self.contract, self.function, self.report = contract, function, report
        self.module: Module = function.module
        self.annotations = Annotations(self.module, report)
        self.scope = Scope()
        self.in_contract = function.kind != "helper"
        self.called: list[FunctionDecl] = []
        """Functions that this one calls, for the recursion and view checks."""
        self.effects: list[tuple[ast.AST, str]] = []
        """Where it writes state or emits."""

    def refuse(self, node: ast.AST, what: str, fix: str) -> Refused:
        """Notes a refusal at a node of this function."""
        return self.report.refuse(self.module, node, what, fix)

    def line(self, node: ast.AST) -> int:
        """The line that a receipt names."""
        return self.module.line(node)

    # values

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
                return self._comparison(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call():
                return self.call(node)
            case ast.List():
                raise self.refuse(node, "a list without a type", "write `items + [x]`, or List[T, N](a, b)")
            case ast.JoinedStr():
                raise self.refuse(node, "a formatted string", "emit the values as fields of an event; people's words are made outside")
            case ast.NamedExpr():
                raise self.refuse(node, "an assignment inside an expression", "assign on its own line")
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp() | ast.Lambda() | ast.Dict() | ast.Set():
                raise self.refuse(node, f"`{ast.unparse(node)}` is outside the language", "write a loop over a bounded list")
        raise self.refuse(node, f"`{ast.unparse(node)}` is outside the language", "see the list of expressions in the reference")

    def call(self, node: ast.Call) -> ir.Expr:
        """A call; `calls.py`."""
        raise NotImplementedError

    def condition(self, node: ast.expr) -> ir.Expr:
        """An expression that must be bool."""
        found = self.value(node)
        if found.type != spec.BOOL:
            text = ast.unparse(node)
            hint = "is not None" if isinstance(found.type, spec.OptionType) else "!= 0"
            raise self.refuse(node, f"`{text}` is {found.type}, not bool", f"write what is meant, for example `{text} {hint}`")
        return found

    def whole(self, node: ast.expr, what: str) -> ir.Expr:
        """An expression that must be a whole number of at most 64 bits; as `int`."""
        found = self.value(node)
        if not isinstance(found.type, spec.IntType):
            raise self.refuse(node, f"{what} is {found.type}, not a whole number", "use an int or a sized number")
        return self.convert(node, found, spec.INT)

    def fit(self, node: ast.expr, found: ir.Expr, target: ir.AnyType, what: str, *, convert: bool) -> ir.Expr:
        """`found` as a value of `target`; an `int` becomes a sized number only where `convert` says so."""
        have = found.type
        if holds_sealed(have) and not holds_sealed(target) and isinstance(target, spec.VarType | spec.ListType | spec.OptionType | spec.RecordType):
            raise self.refuse(node, f"{what} is public, the value is sealed", "declare it Sealed[...], or store a digest")
        if have == target:
            return found
        match target:
            case spec.OptionType():
                if isinstance(found, ir.Nothing):
                    return ir.Nothing(target)
                if not isinstance(have, spec.OptionType):
                    return ir.Wrap(target, self.fit(node, found, target.item, what, convert=convert))
            case spec.IntType() if have == spec.INT:
                if convert:
                    return self.convert(node, found, target)
                raise self.refuse(node, f"{what} is {target}, the value a plain int", f"write {target}({ast.unparse(node)})")
            case spec.VarType() if isinstance(have, spec.VarType) and have.name == target.name:
                if target.limit is None or (have.limit is not None and have.limit <= target.limit):
                    return found
                if isinstance(found, ir.Data):
                    raise self.refuse(node, f"{len(found.value)} bytes do not fit {target}", "shorten it or raise the bound")
                return ir.Bound(target, found, self.line(node))
            case spec.VarType(name="bytes") if isinstance(have, spec.FixedType):
                return self.fit(node, ir.Loosen(spec.VarType("bytes", have.size), found), target, what, convert=convert)
            case spec.ListType() if isinstance(have, spec.ListType) and have.item == target.item:
                return found if have.limit <= target.limit else ir.Bound(target, found, self.line(node))
        if isinstance(have, spec.OptionType) and have.item == target:
            raise self.refuse(node, f"{what} is {target}, the value may be None", "check it first: `if x is None: raise ...`")
        fix = f"write {target}({ast.unparse(node)})" if isinstance(target, spec.IntType | spec.FixedType) else f"give it a {target}"
        raise self.refuse(node, f"{what} is {target}, the value {have}", fix)

    def convert(self, node: ast.expr, found: ir.Expr, target: spec.IntType) -> ir.Expr:
        """A number as another integer type."""
        if found.type == target:
            return found
        if isinstance(found, ir.Const):
            if not target.low <= found.value <= target.high:
                raise self.refuse(node, f"{found.value} is outside {target}", f"its range is {target.low} .. {target.high}")
            return ir.Const(target, found.value)
        return ir.Convert(target, found, self.line(node))

    def _literal(self, node: ast.Constant) -> ir.Expr:
        match node.value:
            case None:
                return ir.Nothing(spec.OptionType(spec.NONE))
            case bool():
                return ir.Const(spec.BOOL, int(node.value))
            case int():
                if not -(1 << 127) <= node.value < 1 << 128:
                    raise self.refuse(node, "a number wider than 128 bits", "no type holds it")
                return ir.Const(spec.INT, node.value)
            case str():
                data = node.value.encode()
                return ir.Data(spec.VarType("text", len(data)), data)
            case bytes():
                return ir.Data(spec.VarType("bytes", len(node.value)), node.value)
            case float() | complex():
                raise self.refuse(node, "a fraction has no exact value on a chain", "use whole numbers of a smaller unit, such as cents")
        raise self.refuse(node, f"`{ast.unparse(node)}` is outside the language", "see the reference")

    def _name(self, node: ast.Name) -> ir.Expr:
        name = node.id
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
                    raise self.refuse(node, f"the map `{state.name}` as a value", f"read one entry: self.{state.name}[key]")
                return ir.Load(state.value.type, state.name, (), self.line(node))
            match self.module.names.get(root):
                case Api("ctx"):
                    kinds: dict[str, spec.Type] = {"caller": spec.ADDRESS, "self_address": spec.ADDRESS, "height": spec.U64, "time_ms": spec.U64, "tx_id": spec.HASH}
                    if node.attr in kinds:
                        return ir.Fact(kinds[node.attr], node.attr)
                    raise self.refuse(node, f"ctx has no fact `{node.attr}`", f"it has {', '.join(kinds)}, has_role(...), organisation_of(...)")
                case EnumDecl() as found:
                    for member, number in found.type.members:
                        if member == node.attr:
                            return ir.Const(found.type, number)
                    raise self.refuse(node, f"{root} has no member `{node.attr}`", f"it has {', '.join(found.labels)}")
        value = self.value(node.value)
        if isinstance(value.type, spec.RecordType):
            for index, (name, kind) in enumerate(value.type.fields):
                if name == node.attr:
                    return self._narrowed(node, ir.Field(kind, value, index))
            raise self.refuse(node, f"{value.type} has no field `{node.attr}`", f"it has {', '.join(n for n, _ in value.type.fields)}")
        if isinstance(value.type, spec.OptionType):
            raise self.refuse(node, f"`{ast.unparse(node.value)}` may be None", "check it first: `if x is None: raise ...`")
        raise self.refuse(node, f"{value.type} has no `.{node.attr}`", "only records have fields")

    def state(self, node: ast.expr) -> StateDecl:
        """The state field that `self.name` means."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self" and self.in_contract:
            found = self.contract.state.get(node.attr)
            if found is not None:
                return found
            if node.attr in self.contract.methods:
                raise self.refuse(node, f"the method {node.attr} as a value", f"call it: self.{node.attr}(...)")
            raise self.refuse(node, f"{self.contract.name} has no state field `{node.attr}`", f"declare `{node.attr}: Type` in the class")
        raise self.refuse(node, f"`{ast.unparse(node)}` is no state field", "write self.name")

    def keys(self, node: ast.expr, state: StateDecl) -> tuple[ir.Expr, ...]:
        """The checked parts of a map key."""
        if state.key is None:
            raise self.refuse(node, f"`{state.name}` is no map", f"read it as self.{state.name}")
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        if len(parts) != len(state.key):
            raise self.refuse(node, f"{state.name} takes a key of {len(state.key)} parts", f"write self.{state.name}[{', '.join('abcdefgh'[: len(state.key)])}]")
        return tuple(self.fit(part, self.value(part), declared.type, f"the key of {state.name}", convert=True) for part, declared in zip(parts, state.key, strict=True))

    # operators

    def _binary(self, node: ast.expr, left: ir.Expr, right: ir.Expr, op_node: ast.operator) -> ir.Expr:
        op = _ARITHMETIC.get(type(op_node))
        if op is None:
            fix = {"/": "use // for whole numbers", "**": "multiply in a loop"}
            sign = "/" if isinstance(op_node, ast.Div) else "**" if isinstance(op_node, ast.Pow) else "@"
            raise self.refuse(node, f"the operator {sign}", fix.get(sign, "see the reference"))
        if op == "+" and isinstance(left.type, spec.ListType):
            return self._list_join(node, left, right)
        if op == "+" and _is_bytes(left.type) and _is_bytes(right.type):
            left, right = self._as_bytes(left), self._as_bytes(right)
            limits = [each.type.limit for each in (left, right) if isinstance(each.type, spec.VarType)]
            total = None if None in limits else sum(each for each in limits if each is not None)
            sealed = holds_sealed(left.type) or holds_sealed(right.type)
            return ir.Join(spec.VarType("bytes", total, sealed), left, right, self.line(node))
        if op == "+" and isinstance(left.type, spec.VarType):
            raise self.refuse(node, "joining text", "join bytes: a.encode() + b.encode()")
        left, right = self.alike(node, left, right)
        kind = left.type
        assert isinstance(kind, spec.IntType)
        if op in ("<<", ">>") and (kind.signed or kind.bits > 64):
            raise self.refuse(node, f"{op} on {kind}", "shift u8, u16, u32 or u64")
        if op in ("&", "|", "^") and kind.bits > 64:
            raise self.refuse(node, f"{op} on {kind}", "use it on types up to u64")
        if isinstance(left, ir.Const) and isinstance(right, ir.Const) and op in _FOLD and (right.value or op not in ("//", "%")):
            number = _FOLD[op](left.value, right.value)
            if not kind.low <= number <= kind.high and kind != spec.INT:
                raise self.refuse(node, f"{number} is outside {kind}", f"its range is {kind.low} .. {kind.high}")
            return ir.Const(kind, number)
        return ir.Binary(kind, op, left, right, self.line(node))

    def alike(self, node: ast.expr, left: ir.Expr, right: ir.Expr) -> tuple[ir.Expr, ir.Expr]:
        """Two numbers of one type: an `int` takes the type of a sized one."""
        for each in (left, right):
            if not isinstance(each.type, spec.IntType):
                raise self.refuse(node, f"arithmetic on {each.type}", "it works on numbers" + (", check for None first" if isinstance(each.type, spec.OptionType) else ""))
        if left.type == spec.INT:
            return self.convert(node, left, right.type), right  # type: ignore[arg-type]
        if right.type == spec.INT:
            return left, self.convert(node, right, left.type)  # type: ignore[arg-type]
        if left.type != right.type:
            raise self.refuse(node, f"{left.type} and {right.type} do not mix", f"convert one of them, for example {left.type}(...)")
        return left, right

    def _list_join(self, node: ast.expr, left: ir.Expr, right: ir.Expr | None) -> ir.Expr:
        if not isinstance(left.type, spec.ListType) or right is None or right.type != left.type:
            raise self.refuse(node, "joining different lists", f"both must be {left.type}")
        return ir.Join(left.type, left, right, self.line(node))

    def list_of(self, node: ast.List | ast.Tuple, kind: spec.ListType) -> ir.Expr:
        """Items written out, for a list of a known type."""
        values = tuple(self.fit(each, self.value(each), kind.item, "the item", convert=True) for each in node.elts)
        if len(values) > kind.limit:
            raise self.refuse(node, f"{len(values)} items in {kind}", "raise the bound")
        return ir.Items(kind, values)

    def _as_bytes(self, found: ir.Expr) -> ir.Expr:
        if isinstance(found.type, spec.FixedType):
            return ir.Loosen(spec.VarType("bytes", found.type.size), found)
        return found

    def _unary(self, node: ast.UnaryOp) -> ir.Expr:
        if isinstance(node.op, ast.Not):
            return ir.Not(spec.BOOL, self.condition(node.operand))
        found = self.value(node.operand)
        if isinstance(node.op, ast.USub) and isinstance(found, ir.Const) and found.type == spec.INT:
            return ir.Const(spec.INT, -found.value)
        if isinstance(node.op, ast.USub) and found.type in (spec.INT, spec.I64):
            return ir.Binary(found.type, "-", ir.Const(found.type, 0), found, self.line(node))
        raise self.refuse(node, f"`{ast.unparse(node)}` on {found.type}", "only int and i64 have negative values")

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
        if isinstance(then.type, spec.OptionType) is not isinstance(other.type, spec.OptionType) or isinstance(then, ir.Nothing):
            real = other if isinstance(then, ir.Nothing) or not isinstance(then.type, spec.OptionType) else then
            if isinstance(other, ir.Nothing):
                real = then
            kind = real.type if isinstance(real.type, spec.OptionType) else spec.OptionType(real.type)  # type: ignore[arg-type]
            then, other = (self.fit(node, each, kind, "the choice", convert=False) for each in (then, other))
        if isinstance(then.type, spec.VarType) and isinstance(other.type, spec.VarType) and then.type.name == other.type.name:
            limits = [then.type.limit, other.type.limit]
            widest = None if None in limits else max(each for each in limits if each is not None)
            kind_of = spec.VarType(then.type.name, widest, then.type.sealed or other.type.sealed)
            return ir.Choose(kind_of, condition, then, other)
        if then.type != other.type:
            raise self.refuse(node, f"one side is {then.type}, the other {other.type}", "make both the same type")
        return ir.Choose(then.type, condition, then, other)

    # comparisons

    def _comparison(self, node: ast.Compare) -> ir.Expr:
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
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.In | ast.NotIn) or not isinstance(right, ast.Attribute):
            return None
        if not (isinstance(right.value, ast.Name) and right.value.id == "self" and self.in_contract):
            return None
        state = self.state(right)
        if state.key is None:
            return None
        found = ir.Has(spec.BOOL, state.name, self.keys(node.left, state))
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
                found = ir.Either(spec.BOOL, found, self._compare(node, ast.Eq(), ir.Local(left.type, name), self.value(each)))
        else:
            found = self._list_membership(node, left, self.value(right))
        return ir.Not(spec.BOOL, found) if isinstance(op, ast.NotIn) else found

    def _list_membership(self, node: ast.Compare, left: ir.Expr, items: ir.Expr) -> ir.Expr:
        if not isinstance(items.type, spec.ListType):
            raise self.refuse(node, f"`in` on {items.type}", "it works on a Map, a List and a written-out tuple")
        if not isinstance(items.type.item, spec.IntType | spec.BoolType | spec.EnumType | spec.FixedType | spec.VarType):
            raise self.refuse(node, f"`in` on {items.type}", "compare a field in a loop")
        return ir.Contains(spec.BOOL, items, self.fit(node.left, left, items.type.item, "the item", convert=True))

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
        elif a != b and _is_bytes(a) and _is_bytes(b):
            left, right = self._as_bytes(left), self._as_bytes(right)
        elif isinstance(a, spec.VarType) and isinstance(b, spec.VarType) and a.name == b.name:
            pass
        elif isinstance(a, spec.OptionType) or isinstance(b, spec.OptionType):
            raise self.refuse(node, "comparing a value that may be None", "check it first: `if x is None: raise ...`")
        elif a != b or isinstance(a, spec.RecordType | spec.ListType | ir.TableType):
            raise self.refuse(node, f"comparing {a} and {b}", "compare values of one type, records field by field")
        if op not in ("==", "!=") and isinstance(a, spec.BoolType | spec.EnumType):
            raise self.refuse(node, f"{op} on {a}", "use == or !=")
        return ir.Compare(spec.BOOL, op, left, right)

    def _compare_numbers(self, node: ast.expr, op: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        for one, other in ((left, right), (right, left)):
            kind = other.type
            if isinstance(one, ir.Const) and one.type == spec.INT and kind != spec.INT and isinstance(kind, spec.IntType):
                if not kind.low <= one.value <= kind.high:
                    raise self.refuse(node, f"{kind} never reaches {one.value}", f"its range is {kind.low} .. {kind.high}")
                fitted = ir.Const(kind, one.value)
                return ir.Compare(spec.BOOL, op, *((fitted, other) if one is left else (other, fitted)))
        if left.type != right.type and spec.INT not in (left.type, right.type):
            raise self.refuse(node, f"{left.type} and {right.type} do not mix", f"convert one of them, for example {left.type}(...)")
        return ir.Compare(spec.BOOL, op, left, right)

    # subscripts

    def _subscript(self, node: ast.Subscript) -> ir.Expr:
        base = node.value
        if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name) and base.value.id == "self":
            state = self.state(base)
            if state.key is not None:
                keys = self.keys(node.slice, state)
                return ir.Load(state.value.type, state.name, keys, self.line(node))
        value = self.value(base)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node, value, node.slice)
        match value.type:
            case spec.VarType(name="bytes") | spec.FixedType():
                return ir.At(spec.INT, self._as_bytes(value), self.whole(node.slice, "the index"), self.line(node))
            case spec.ListType():
                return ir.At(value.type.item, value, self.whole(node.slice, "the index"), self.line(node))
            case ir.TableType():
                return ir.At(spec.INT, value, self.whole(node.slice, "the index"), self.line(node))
            case spec.VarType():
                raise self.refuse(node, "indexing text", "index its bytes: text.encode()[i]")
        raise self.refuse(node, f"indexing {value.type}", "it works on bytes, lists and tuple constants")

    def _slice(self, node: ast.Subscript, value: ir.Expr, part: ast.Slice) -> ir.Expr:
        value = self._as_bytes(value)
        if not isinstance(value.type, spec.VarType) or value.type.name != "bytes" or part.step is not None:
            raise self.refuse(node, f"a slice of {value.type}", "slice byte strings, without a step")
        start = self.whole(part.lower, "the start") if part.lower else ir.Const(spec.INT, 0)
        stop = self.whole(part.upper, "the end") if part.upper else ir.Const(spec.INT, spec.INT.high)
        limit = value.type.limit
        if isinstance(start, ir.Const) and isinstance(stop, ir.Const) and 0 <= start.value <= stop.value:
            limit = stop.value - start.value if limit is None else min(limit, stop.value - start.value)
        return ir.Slice(spec.VarType("bytes", limit, value.type.sealed), value, start, stop)


def _is_bytes(of: ir.AnyType) -> bool:
    return isinstance(of, spec.FixedType) or (isinstance(of, spec.VarType) and of.name == "bytes")


def _is_none_test(node: ast.Compare) -> bool:
    return (
        len(node.ops) == 1
        and isinstance(node.ops[0], ast.Is | ast.IsNot)
        and isinstance(node.comparators[0], ast.Constant)
        and node.comparators[0].value is None
    )


