"""Symbolic values: what a contract's types look like to the solver.

Numbers, enum members and fixed bytes are whole numbers in their range; text and byte strings are numbers too
(each stands for one string; constants have numbers of their own), with an uninterpreted length. Options and
records are trees of these, lists are kept as what they were built from. Facts that make a value well formed
(ranges, lengths) go to `World.facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xianglian.checker.symbolic.solver import z3
from xianglian.contract import spec

Term = Any
"""A z3 expression; z3 has no types to check against."""


@dataclass(frozen=True, slots=True, eq=False)
class OptionValue:
    """Perhaps a value."""

    present: Term
    value: Value


@dataclass(frozen=True, slots=True, eq=False)
class RecordValue:
    """Values of the fields, in order."""

    fields: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class StoredList:
    """A list of which only its name is known: an argument, or what was stored before the call."""

    name: str
    arguments: tuple[Term, ...]
    of: spec.ListType


@dataclass(frozen=True, slots=True, eq=False)
class ItemList:
    """Items written out."""

    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class JoinedList:
    """One list after the other."""

    left: Value
    right: Value


@dataclass(frozen=True, slots=True, eq=False)
class ChosenList:
    """One of two lists."""

    condition: Term
    then: Value
    other: Value


ListValue = StoredList | ItemList | JoinedList | ChosenList
Value = Any
"""A term, an option, a record or a list."""
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)


def is_true(term: Term) -> bool:
    """Whether a condition is plainly true."""
    return bool(z3.is_true(term))


def is_false(term: Term) -> bool:
    """Whether a condition is plainly false."""
    return bool(z3.is_false(term))


def both(*terms: Term) -> Term:
    """Conjunction without plain parts."""
    kept = [each for each in terms if not is_true(each)]
    if any(is_false(each) for each in kept):
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else z3.And(*kept)


def either(*terms: Term) -> Term:
    """Disjunction without plain parts."""
    kept = [each for each in terms if not is_false(each)]
    if any(is_true(each) for each in kept):
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else z3.Or(*kept)


def negated(term: Term) -> Term:
    """Negation without plain parts."""
    return FALSE if is_true(term) else TRUE if is_false(term) else z3.Not(term)


def choose(condition: Term, then: Value, other: Value) -> Value:
    """`then if condition else other`, part by part."""
    if then is other or is_true(condition):
        return then
    if is_false(condition):
        return other
    if isinstance(then, OptionValue):
        return OptionValue(
            choose(condition, then.present, other.present), choose(condition, then.value, other.value)
        )
    if isinstance(then, RecordValue):
        return RecordValue(
            tuple(choose(condition, a, b) for a, b in zip(then.fields, other.fields, strict=True))
        )
    if isinstance(then, StoredList | ItemList | JoinedList | ChosenList):
        return ChosenList(condition, then, other)
    return then if then.eq(other) else z3.If(condition, then, other)


def same(left: Value, right: Value) -> Term:
    """Whether two values are equal."""
    if isinstance(left, RecordValue):
        return both(*(same(a, b) for a, b in zip(left.fields, right.fields, strict=True)))
    if isinstance(left, OptionValue):
        return either(
            both(negated(left.present), negated(right.present)),
            both(left.present, right.present, same(left.value, right.value)),
        )
    if left.eq(right):
        return TRUE
    if z3.is_int_value(left) and z3.is_int_value(right):
        return FALSE
    return left == right


def same_keys(left: tuple[Term, ...], right: tuple[Term, ...]) -> Term:
    """Whether two map keys are equal."""
    return both(*(same(a, b) for a, b in zip(left, right, strict=True)))


def parts_of(value: Value) -> list[Term] | None:
    """The terms of a value, None where it holds a list."""
    match value:
        case OptionValue():
            inner = parts_of(value.value)
            return None if inner is None else [value.present, *inner]
        case RecordValue():
            found: list[Term] = []
            for each in value.fields:
                inner = parts_of(each)
                if inner is None:
                    return None
                found += inner
            return found
        case StoredList() | ItemList() | JoinedList() | ChosenList():
            return None
    return [value]


class World:
    """Everything arbitrary about one call: names, facts that make values well formed, known strings."""

    def __init__(self) -> None:
        self.facts: list[Term] = []
        self.approximated: set[str] = set()
        """What was taken as any value; proofs stay sound, counterexamples may be impossible."""
        self.strings: dict[bytes, int] = {}
        self.roles: list[tuple[str, Term]] = []
        """Roles that were asked for, with the account."""
        self.organisations: list[tuple[Term, OptionValue]] = []
        self._known: dict[tuple[Any, ...], Value] = {}
        self._fresh = 0

    def apply(self, name: str, arguments: tuple[Term, ...], sort: Term) -> Term:
        """An uninterpreted function of some terms; a constant if there are none."""
        if not arguments:
            return z3.Const(name, sort)
        shapes = [each.sort() for each in arguments]
        return z3.Function(f"{name}/{len(shapes)}", *shapes, sort)(*arguments)

    def fresh(self, name: str) -> str:
        """A name that nothing else has."""
        self._fresh += 1
        return f"{name}!{self._fresh}"

    def any(self, name: str, arguments: tuple[Term, ...], of: Any) -> Value:
        """A well-formed value of a type that is known only by its name and what it depends on."""
        key = (name, str(of), *(each.get_id() for each in arguments))
        if key not in self._known:
            self._known[key] = self._any(name, arguments, of)
        return self._known[key]

    def _any(self, name: str, arguments: tuple[Term, ...], of: Any) -> Value:
        match of:
            case spec.BoolType():
                return self.apply(name, arguments, z3.BoolSort())
            case spec.OptionType():
                present = self.apply(f"{name}?", arguments, z3.BoolSort())
                return OptionValue(present, self.any(f"{name}!", arguments, of.item))
            case spec.RecordType():
                return RecordValue(
                    tuple(self.any(f"{name}.{field}", arguments, kind) for field, kind in of.fields)
                )
            case spec.TupleType():
                parts = enumerate(of.items)
                return RecordValue(tuple(self.any(f"{name}.{at}", arguments, kind) for at, kind in parts))
            case spec.ListType():
                return StoredList(name, arguments, of)
            case spec.NoneType():
                return TRUE
        term = self.apply(name, arguments, z3.IntSort())
        match of:
            case spec.IntType():
                self.facts += [term >= of.low, term <= of.high]
            case spec.EnumType():
                self.facts.append(z3.Or(*(term == number for _, number in of.members)))
            case spec.FixedType():
                self.facts += [term >= 0, term < 1 << (8 * of.size)]
            case spec.VarType():
                self.facts.append(term >= 0)
                if of.limit is not None:
                    self.facts.append(self.length_of_string(term) <= of.limit)
        return term

    def string(self, data: bytes) -> Term:
        """The number of a constant string."""
        known = data in self.strings
        number = z3.IntVal(self.strings.setdefault(data, len(self.strings)))
        if not known:
            self.facts.append(self.apply("length", (number,), z3.IntSort()) == len(data))
        return number

    def length_of_string(self, term: Term) -> Term:
        """How many bytes a string has."""
        key = ("length", term.get_id())
        if key not in self._known:
            length = self.apply("length", (term,), z3.IntSort())
            self.facts += [length >= 0, length <= spec.VALUE_BYTES_MAX]
            self.facts.append((length == 0) == (term == self.string(b"")))
            self._known[key] = length
        return self._known[key]

    def length(self, items: Value) -> Term:
        """How many items a list has."""
        match items:
            case ItemList():
                return z3.IntVal(len(items.items))
            case JoinedList():
                return z3.simplify(self.length(items.left) + self.length(items.right))
            case ChosenList():
                return choose(items.condition, self.length(items.then), self.length(items.other))
        key = ("count", items.name, *(each.get_id() for each in items.arguments))
        if key not in self._known:
            length = self.apply(f"{items.name}#", items.arguments, z3.IntSort())
            self.facts += [length >= 0, length <= items.of.limit]
            self._known[key] = length
        return self._known[key]

    def item(self, items: Value, index: Term) -> Value | None:
        """The item at an index that is in range; None of a list that is empty whatever happens."""
        match items:
            case ItemList():
                found: Value | None = None
                for position, each in enumerate(items.items):
                    found = each if found is None else choose(same(index, z3.IntVal(position)), each, found)
                return found
            case JoinedList():
                split = self.length(items.left)
                left, right = self.item(items.left, index), self.item(items.right, z3.simplify(index - split))
                if left is None or right is None:
                    return right if left is None else left
                return choose(z3.simplify(index < split), left, right)
            case ChosenList():
                then, other = self.item(items.then, index), self.item(items.other, index)
                if then is None or other is None:
                    return other if then is None else then
                return choose(items.condition, then, other)
        return self.any(f"{items.name}@", (*items.arguments, index), items.of.item)

    def contains(self, items: Value, item: Value) -> Term:
        """Whether a list holds an item."""
        match items:
            case ItemList():
                return either(*(same(each, item) for each in items.items))
            case JoinedList():
                return either(self.contains(items.left, item), self.contains(items.right, item))
            case ChosenList():
                return choose(
                    items.condition, self.contains(items.then, item), self.contains(items.other, item)
                )
        self.approximated.add("membership in a stored list")
        return self.apply(f"{items.name}in", (*items.arguments, item), z3.BoolSort())
