"""Reads `@invariant` conditions into formulas over the state before or after a call.

`each` as an assumption is instantiated at the keys that the call speaks of; as a goal it is asked about one
arbitrary key. `total` is a number of its own that follows the writes of the map. Both readings are sound: a
proof never rests on less than was declared.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from xianglian.checker.symbolic.effort import bound
from xianglian.checker.symbolic.evaluate import quotient, zero_of
from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.storage import Keys, Storage
from xianglian.checker.symbolic.values import (
    FALSE,
    TRUE,
    ChosenList,
    ItemList,
    JoinedList,
    OptionValue,
    RecordValue,
    StoredList,
    Term,
    Value,
    both,
    choose,
    either,
    is_false,
    negated,
    parts_of,
    same,
)
from xianglian.compiler.frontend.declarations import Api, Constant, EnumDecl, InvariantDecl
from xianglian.contract import codec, spec

_LISTS = (StoredList, ItemList, JoinedList, ChosenList)


class OutsideLogic(Exception):
    """Something in an invariant that the logic does not have."""

    def __init__(self, node: ast.AST, why: str) -> None:
        super().__init__(why)
        self.line, self.why = getattr(node, "lineno", 0), why


@dataclass(frozen=True, slots=True)
class Typed:
    """A value with its type; numbers are `int`, unbounded."""

    value: Value
    type: spec.Type


@dataclass(eq=False)
class Sum:
    """One `total(...)` of an invariant."""

    field: str
    part: ast.Lambda | None
    start: Term
    """Its value before the call."""
    reader: Reader


@dataclass
class Reader:
    """Reads one invariant of one call. `goal` is to be shown, otherwise it is assumed."""

    storage: Storage
    invariant: InvariantDecl
    after: bool
    goal: bool
    sums: dict[tuple[str, str], Sum] = field(default_factory=dict)
    """By what is summed; shared by all readings of one call's states."""
    _scope: dict[str, Typed] = field(default_factory=dict)
    _positive: bool = True

    def formula(self) -> Term:
        """The condition; where it has no value (a missing entry, a division by zero) it is false."""
        return self._condition(self.invariant.condition)

    # conditions

    def _condition(self, node: ast.expr) -> Term:
        match node:
            case ast.BoolOp():
                parts = [self._condition(each) for each in node.values]
                return both(*parts) if isinstance(node.op, ast.And) else either(*parts)
            case ast.UnaryOp(op=ast.Not()):
                return negated(self._flipped(node.operand))
            case ast.Call(func=ast.Name(id="each")) if self._is_api(node.func, "each"):
                return self._each(node)
        defined: list[Term] = []
        found = self._value(node, defined)
        if found.type != spec.BOOL:
            raise OutsideLogic(node, f"`{ast.unparse(node)}` is no condition")
        there = both(*defined)
        return both(there, found.value) if self._positive else either(negated(there), found.value)

    def _flipped(self, node: ast.expr) -> Term:
        self._positive = not self._positive
        try:
            return self._condition(node)
        finally:
            self._positive = not self._positive

    def _each(self, node: ast.Call) -> Term:
        if not self._positive or self._scope:
            raise OutsideLogic(node, "each(...) inside not, a choice, or another each")
        name, part, after = self._table(node)
        if part is None:
            raise OutsideLogic(node, "each(self.m, lambda k, v: ...) takes a lambda")
        if not self.goal:
            known = list(self.storage.touched[name])
            return both(*(self._at(name, keys, part, after) for keys in known))
        key = self.storage.fields[name].key or ()
        world = self.storage.world
        one = tuple(world.any(world.fresh(f"one key of {name}"), (), kind) for kind in key)
        return self._at(name, one, part, after)

    def _at(self, name: str, keys: Keys, part: ast.Lambda, after: bool) -> Term:
        present, value = self._entry(name, keys, after)
        if is_false(present):
            return TRUE
        self._scope = self._bound(part, name, keys, value)
        try:
            return either(negated(present), self._condition(part.body))
        finally:
            self._scope = {}

    def _bound(self, part: ast.Lambda, name: str, keys: Keys, value: Value) -> dict[str, Typed]:
        names = [each.arg for each in part.args.args]
        if len(names) != 2:
            raise OutsideLogic(part, "the lambda takes key and value")
        declared = self.storage.fields[name]
        parts = tuple(
            self._key_part(value, kind) for value, kind in zip(keys, declared.key or (), strict=True)
        )
        key = (
            parts[0]
            if len(parts) == 1
            else Typed(
                RecordValue(tuple(each.value for each in parts)),
                spec.TupleType(tuple(each.type for each in parts)),
            )
        )
        return {names[0]: key, names[1]: Typed(value, _number(declared.value))}

    def _key_part(self, value: Term, kind: spec.Type) -> Typed:
        """A part of a stored key; of a long text only its digest is stored."""
        if codec.key_part_is_hashed(kind):
            return Typed(self.storage.world.any("digest of a key", (value,), spec.HASH), spec.HASH)
        return Typed(value, _number(kind))

    def _entry(self, name: str, keys: Keys, after: bool) -> tuple[Term, Value]:
        return self.storage.read(name, keys, None if after else 0)

    def _state_of(self, node: ast.expr) -> bool | None:
        """Whether a name means the state after (True) or before (False) the call; None for anything else."""
        if isinstance(node, ast.Name) and node.id not in self._scope:
            if node.id == "self":
                return self.after
            if node.id == "old" and self.invariant.kind == "ensures":
                return False
        return None

    # sums

    def _sum(self, node: ast.Call) -> Typed:
        name, part, after = self._table(node)
        world = self.storage.world
        key = (name, "" if part is None else f"{ast.unparse(part)} in {self.invariant.module.path}")
        found = self.sums.get(key)
        if found is None:
            self._must_be_summable(name, part)
            start = z3.IntVal(0) if self.storage.empty else z3.Int(world.fresh(f"total {name}"))
            found = Sum(name, part, start, self)
            if not _always_there(self.storage, found):
                raise OutsideLogic(node, "a sum over parts that may have no value")
            self.sums[key] = found
        current = found.start
        if after:
            for number, write in enumerate(self.storage.log[name]):
                was = self.storage.read(name, write.keys, number)
                gone = self.part(found, write.keys, *was)
                come = self.part(found, write.keys, write.present, write.value)
                current = current + choose(write.guard, come - gone, z3.IntVal(0))
        return Typed(current, spec.INT)

    def _must_be_summable(self, name: str, part: ast.Lambda | None) -> None:
        if part is None:
            if not isinstance(self.storage.fields[name].value, spec.IntType | spec.BoolType):
                raise OutsideLogic(self.invariant.condition, f"total({name}) wants a lambda: no numbers")
            return
        for each in ast.walk(part.body):
            if isinstance(each, ast.Name) and each.id in ("self", "old", "ctx"):
                raise OutsideLogic(part, "a sum over a map whose parts depend on other state")

    def part(self, of: Sum, keys: Keys, present: Term, value: Value) -> Term:
        """What one entry contributes to a sum."""
        return choose(present, self.part_of(of, keys, value)[0], z3.IntVal(0))

    def part_of(self, of: Sum, keys: Keys, value: Value) -> tuple[Term, Term]:
        """What an entry that is there contributes, and whether that has a value."""
        one, zero = z3.IntVal(1), z3.IntVal(0)
        if of.part is None:
            is_flag = isinstance(self.storage.fields[of.field].value, spec.BoolType)
            return choose(value, one, zero) if is_flag else value, TRUE
        outer = self._scope
        self._scope = self._bound(of.part, of.field, keys, value)
        try:
            defined: list[Term] = []
            found = self._value(of.part.body, defined)
            return choose(found.value, one, zero) if found.type == spec.BOOL else found.value, both(*defined)
        finally:
            self._scope = outer

    def _table(self, node: ast.Call) -> tuple[str, ast.Lambda | None, bool]:
        """The map, the lambda, and whether the state after the call is meant."""
        match node.args:
            case [ast.Attribute(value=root, attr=name)] if (after := self._state_of(root)) is not None:
                part = None
            case [ast.Attribute(value=root, attr=name), ast.Lambda() as part] if (
                after := self._state_of(root)
            ) is not None:
                pass
            case _:
                raise OutsideLogic(node, f"`{ast.unparse(node)}`: write it over self.m with a lambda")
        if not self._is_map(name):
            raise OutsideLogic(node, f"self.{name} is no map")
        return name, part, after

    # values

    def _value(self, node: ast.expr, defined: list[Term]) -> Typed:
        match node:
            case ast.Constant(value=bool() as fixed):
                return Typed(TRUE if fixed else FALSE, spec.BOOL)
            case ast.Constant(value=int() as number):
                return Typed(z3.IntVal(number), spec.INT)
            case ast.Constant(value=str() as text):
                return Typed(self.storage.world.string(text.encode()), spec.TEXT)
            case ast.Constant(value=bytes() as data):
                return Typed(self.storage.world.string(data), spec.BYTES)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node, defined)
            case ast.Subscript():
                return self._subscript(node, defined)
            case ast.BinOp():
                return self._arithmetic(node, defined)
            case ast.UnaryOp(op=ast.USub()):
                return Typed(-self._value(node.operand, defined).value, spec.INT)
            case ast.UnaryOp(op=ast.Not()):
                return Typed(negated(self._value(node.operand, defined).value), spec.BOOL)
            case ast.BoolOp():
                return self._connected(node, defined)
            case ast.Compare():
                return self._comparison(node, defined)
            case ast.IfExp():
                return self._choice(node, defined)
            case ast.Call():
                return self._call(node, defined)
        raise OutsideLogic(node, f"`{ast.unparse(node)}`")

    def _connected(self, node: ast.BoolOp, defined: list[Term]) -> Typed:
        """`and` and `or` as a value: a part that is not reached need not have one."""
        parts: list[Term] = []
        for each in node.values:
            needs: list[Term] = []
            found = self._value(each, needs)
            if found.type != spec.BOOL:
                raise OutsideLogic(node, f"`{ast.unparse(each)}` is no condition")
            goes_on = both(*parts) if isinstance(node.op, ast.And) else negated(either(*parts))
            defined.append(either(negated(goes_on), both(*needs)))
            parts.append(found.value)
        return Typed(both(*parts) if isinstance(node.op, ast.And) else either(*parts), spec.BOOL)

    def _name(self, node: ast.Name) -> Typed:
        if node.id in self._scope:
            return self._scope[node.id]
        match self.invariant.module.names.get(node.id):
            case Constant(value=bool() | int() | str() | bytes() as value):
                return self._value(ast.copy_location(ast.Constant(value), node), [])
        raise OutsideLogic(node, f"`{node.id}`")

    def _attribute(self, node: ast.Attribute, defined: list[Term]) -> Typed:
        match node.value:
            case ast.Name() as root if (after := self._state_of(root)) is not None:
                declared = self.storage.fields.get(node.attr)
                if declared is None or declared.key is not None:
                    raise OutsideLogic(node, f"`{ast.unparse(node)}` as a value")
                return self._stored(node.attr, (), after, defined)
            case ast.Name(id="ctx") if self.invariant.kind == "ensures" and self._is_api(node.value, "ctx"):
                kind = _FACTS.get(node.attr)
                if kind is not None:
                    return Typed(self.storage.world.any(f"ctx.{node.attr}", (), kind), _number(kind))
            case ast.Name(id=name) if isinstance(found := self.invariant.module.names.get(name), EnumDecl):
                return Typed(z3.IntVal(dict(found.type.members)[node.attr]), found.type)
        base = self._value(node.value, defined)
        base = self._there(base, defined)
        if isinstance(base.type, spec.RecordType) and isinstance(base.value, RecordValue):
            for index, (name, kind) in enumerate(base.type.fields):
                if name == node.attr:
                    return Typed(base.value.fields[index], _number(kind))
        raise OutsideLogic(node, f"`{ast.unparse(node)}`")

    def _there(self, found: Typed, defined: list[Term]) -> Typed:
        """The value of an option; the condition is false where it is None."""
        if isinstance(found.type, spec.OptionType) and isinstance(found.value, OptionValue):
            defined.append(found.value.present)
            return Typed(found.value.value, _number(found.type.item))
        return found

    def _stored(self, name: str, keys: Keys, after: bool, defined: list[Term]) -> Typed:
        kind = self.storage.fields[name].value
        present, value = self._entry(name, keys, after)
        zero = zero_of(kind)
        if zero is None:
            defined.append(present)
            return Typed(value, kind)
        return Typed(choose(present, value, zero), _number(kind))

    def _subscript(self, node: ast.Subscript, defined: list[Term]) -> Typed:
        given: list[ast.expr] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Subscript):
            given.insert(0, inner.slice)
            inner = inner.value
        match inner:
            case ast.Attribute(value=root, attr=name) if (
                self._is_map(name) and (after := self._state_of(root)) is not None
            ):
                return self._stored(name, self._keys(name, given, defined), after, defined)
        base = self._value(node.value, defined)
        if isinstance(base.type, spec.TupleType) and isinstance(node.slice, ast.Constant):
            assert isinstance(base.value, RecordValue)
            position = int(str(node.slice.value))
            return Typed(base.value.fields[position], _number(base.type.items[position]))
        raise OutsideLogic(node, f"`{ast.unparse(node)}`")

    def _is_map(self, name: str) -> bool:
        return name in self.storage.fields and self.storage.fields[name].key is not None

    def _keys(self, name: str, given: list[ast.expr], defined: list[Term]) -> Keys:
        """The parts of a key, from one pair of brackets or several."""
        found: list[Typed] = []
        for each in given:
            for part in each.elts if isinstance(each, ast.Tuple) else [each]:
                value = self._value(part, defined)
                if isinstance(value.type, spec.TupleType) and isinstance(value.value, RecordValue):
                    found += map(Typed, value.value.fields, value.type.items)
                else:
                    found.append(value)
        kinds = self.storage.fields[name].key or ()
        if len(found) != len(kinds):
            raise OutsideLogic(given[0], f"self.{name} takes a key of another number of parts")
        for one, kind in zip(found, kinds, strict=True):
            if codec.key_part_is_hashed(kind) and one.type == spec.HASH:
                raise OutsideLogic(given[0], f"self.{name} keeps digests of its keys, not the keys")
        return tuple(each.value for each in found)

    def _arithmetic(self, node: ast.BinOp, defined: list[Term]) -> Typed:
        left, right = self._value(node.left, defined), self._value(node.right, defined)
        if left.type != spec.INT or right.type != spec.INT:
            raise OutsideLogic(node, f"`{ast.unparse(node)}` on something else than numbers")
        match node.op:
            case ast.Add():
                return Typed(left.value + right.value, spec.INT)
            case ast.Sub():
                return Typed(left.value - right.value, spec.INT)
            case ast.Mult():
                return Typed(left.value * right.value, spec.INT)
            case ast.FloorDiv() | ast.Mod():
                defined.append(right.value != 0)
                rounded = quotient(left.value, right.value)
                exact = isinstance(node.op, ast.FloorDiv)
                return Typed(rounded if exact else left.value - right.value * rounded, spec.INT)
        raise OutsideLogic(node, f"the operator in `{ast.unparse(node)}`")

    def _comparison(self, node: ast.Compare, defined: list[Term]) -> Typed:
        match node:
            case ast.Compare(ops=[ast.In() | ast.NotIn() as op], comparators=[place]):
                return Typed(self._membership(node, op, place, defined), spec.BOOL)
            case ast.Compare(ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
                found = self._value(node.left, defined)
                if not isinstance(found.value, OptionValue):
                    raise OutsideLogic(node, f"`{ast.unparse(node.left)}` is never None")
                there = found.value.present
                return Typed(negated(there) if isinstance(op, ast.Is) else there, spec.BOOL)
        parts: list[Term] = []
        left = self._value(node.left, defined)
        for step, each in zip(node.ops, node.comparators, strict=True):
            needs: list[Term] = []
            right = self._value(each, needs)
            compared = self._compare(node, step, left, right, needs)
            defined.append(either(negated(both(*parts)), both(*needs)))
            parts.append(compared)
            left = right
        return Typed(both(*parts), spec.BOOL)

    def _membership(self, node: ast.Compare, op: ast.cmpop, place: ast.expr, defined: list[Term]) -> Term:
        match place:
            case ast.Attribute(value=root, attr=name) if (
                self._is_map(name) and (after := self._state_of(root)) is not None
            ):
                found = self._entry(name, self._keys(name, [node.left], defined), after)[0]
            case ast.Tuple():
                left = self._value(node.left, defined)
                found = either(*(same(left.value, self._value(each, defined).value) for each in place.elts))
            case _:
                raise OutsideLogic(node, f"`{ast.unparse(node)}`")
        return negated(found) if isinstance(op, ast.NotIn) else found

    def _compare(
        self, node: ast.Compare, op: ast.cmpop, left: Typed, right: Typed, defined: list[Term]
    ) -> Term:
        if not isinstance(op, ast.Eq | ast.NotEq):
            left, right = self._there(left, defined), self._there(right, defined)
        options = isinstance(left.value, OptionValue), isinstance(right.value, OptionValue)
        if options == (True, False):
            right = Typed(OptionValue(TRUE, right.value), left.type)
        elif options == (False, True):
            left = Typed(OptionValue(TRUE, left.value), right.type)
        if parts_of(left.value) is None or parts_of(right.value) is None:
            raise OutsideLogic(node, "comparing lists")
        match op:
            case ast.Eq():
                return same(left.value, right.value)
            case ast.NotEq():
                return negated(same(left.value, right.value))
        if left.type != spec.INT or right.type != spec.INT:
            raise OutsideLogic(node, f"the order of {left.type} and {right.type}")
        match op:
            case ast.Lt():
                return left.value < right.value
            case ast.LtE():
                return left.value <= right.value
            case ast.Gt():
                return left.value > right.value
            case ast.GtE():
                return left.value >= right.value
        raise OutsideLogic(node, f"`{ast.unparse(node)}`")

    def _choice(self, node: ast.IfExp, defined: list[Term]) -> Typed:
        needs_then: list[Term] = []
        needs_other: list[Term] = []
        self._positive, was = False, self._positive
        condition = self._value(node.test, defined)
        self._positive = was
        then, other = self._value(node.body, needs_then), self._value(node.orelse, needs_other)
        defined.append(either(negated(condition.value), both(*needs_then)))
        defined.append(either(condition.value, both(*needs_other)))
        return Typed(choose(condition.value, then.value, other.value), then.type)

    def _is_api(self, node: ast.expr, name: str) -> bool:
        return isinstance(node, ast.Name) and self.invariant.module.names.get(node.id) == Api(name)

    def _call(self, node: ast.Call, defined: list[Term]) -> Typed:
        match node:
            case ast.Call(func=ast.Name(id="total")) if self._is_api(node.func, "total"):
                return self._sum(node)
            case ast.Call(func=ast.Name(id="len"), args=[ast.Attribute(value=root, attr=name)]) if (
                f"{name}.count" in self.storage.fields and (after := self._state_of(root)) is not None
            ):
                return self._stored(f"{name}.count", (), after, defined)
            case ast.Call(func=ast.Name(id="len"), args=[inner]):
                found = self._value(inner, defined)
                if isinstance(found.value, _LISTS):
                    return Typed(self.storage.world.length(found.value), spec.INT)
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in (*spec.INTEGERS, "int", "Time"):
                found = self._value(inner, defined)
                is_flag = found.type == spec.BOOL
                number = choose(found.value, z3.IntVal(1), z3.IntVal(0)) if is_flag else found.value
                sized = spec.INTEGERS.get(name)
                if sized is not None:
                    defined.append(z3.simplify(z3.And(number >= sized.low, number <= sized.high)))
                return Typed(number, spec.INT)
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=root, attr=table), attr="get"),
                args=[inner],
            ) if self._is_map(table) and (after := self._state_of(root)) is not None:
                present, value = self._entry(table, self._keys(table, [inner], defined), after)
                return Typed(OptionValue(present, value), spec.OptionType(self.storage.fields[table].value))
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="ctx"), attr="has_role"),
                args=[account, ast.Constant(value=str() as role)],
            ) if self.invariant.kind == "ensures":
                of = self._value(account, defined).value
                self.storage.world.roles.append((role, of))
                return Typed(self.storage.world.any(f"role {role}", (of,), spec.BOOL), spec.BOOL)
        raise OutsideLogic(node, f"`{ast.unparse(node)}`")


_FACTS: dict[str, spec.Type] = {
    "caller": spec.ADDRESS,
    "origin": spec.ADDRESS,
    "self_address": spec.ADDRESS,
    "height": spec.U64,
    "time_ms": spec.U64,
}


def counted(storage: Storage, sums: dict[tuple[str, str], Sum], reader: Reader) -> list[Term]:
    """The number that a set keeps is the number of its entries: its own code sees to that."""
    facts = []
    for name in sorted(storage.sets):
        if storage.touched[name] or storage.touched[f"{name}.count"]:
            key = (name, "")
            if key not in sums:
                start = z3.Int(storage.world.fresh(f"total {name}"))
                sums[key] = Sum(name, None, start, reader)
            present, count = storage.before(f"{name}.count", ())
            facts.append(sums[key].start == choose(present, count, z3.IntVal(0)))
    return facts


def sum_lemma(storage: Storage, of: Sum, *, closed: bool) -> list[Term]:
    """What the value of a sum before the call says about the entries that the call speaks of.

    With parts that are never negative the entries known make up at most the sum; `closed` says that there are
    no others, as in a counterexample.
    """
    parts: list[Term] = []
    known: list[Keys] = []
    for keys in storage.touched[of.field]:
        present, value = storage.before(of.field, keys)
        new = both(*(storage.differ(keys, other) for other in known))
        parts.append(choose(new, of.reader.part(of, keys, present, value), z3.IntVal(0)))
        known.append(keys)
    held = z3.Sum(*parts) if parts else z3.IntVal(0)
    if closed:
        return [of.start == held]
    return [of.start >= held] if _never_negative(storage, of) else []


def _never_negative(storage: Storage, of: Sum) -> bool:
    declared = storage.fields[of.field]
    if of.part is None:
        return not (isinstance(declared.value, spec.IntType) and declared.value.signed)
    part, there = _some_part(storage, of)
    return _impossible(storage, there, part < 0)


def _always_there(storage: Storage, of: Sum) -> bool:
    """Whether each entry that could be stored has a part: the sum is an error where one has none."""
    return of.part is None or _impossible(storage, negated(_some_part(storage, of)[1]))


def _some_part(storage: Storage, of: Sum) -> tuple[Term, Term]:
    world = storage.world
    declared = storage.fields[of.field]
    keys = tuple(world.any(world.fresh("key"), (), kind) for kind in declared.key or ())
    return of.reader.part_of(of, keys, world.any(world.fresh("value"), (), declared.value))


def _impossible(storage: Storage, *terms: Term) -> bool:
    solver = z3.Solver()
    bound(solver, 1000)
    solver.add(*storage.world.facts, *terms)
    return bool(solver.check() == z3.unsat)


def _number(of: spec.Type) -> spec.Type:
    """All numbers are plain ones here."""
    return spec.INT if isinstance(of, spec.IntType) else of
