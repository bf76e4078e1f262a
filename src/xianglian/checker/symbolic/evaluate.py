"""Evaluates expressions of the typed form on symbolic values.

An operation that can fail ends the path on which it does. What is not modelled exactly is taken as any value
of its type and named in `World.approximated`: a proof stays one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.storage import Storage
from xianglian.checker.symbolic.values import (
    FALSE,
    TRUE,
    ItemList,
    JoinedList,
    OptionValue,
    RecordValue,
    StoredList,
    Term,
    Value,
    World,
    both,
    choose,
    either,
    is_false,
    is_true,
    negated,
    parts_of,
    same,
)
from xianglian.compiler import ir
from xianglian.contract import spec


class NotCovered(Exception):
    """A construct that the symbolic machine does not know."""


@dataclass
class Frame:
    """One running function."""

    locals: dict[str, Value]
    returned: list[tuple[Term, Value | None]] = field(default_factory=list)
    breaks: list[tuple[Term, dict[str, Value]]] = field(default_factory=list)
    continues: list[tuple[Term, dict[str, Value]]] = field(default_factory=list)


class Evaluator(ABC):
    """Expressions of one call; `Machine` adds statements."""

    def __init__(self, world: World, storage: Storage, program: ir.Program, rounds: int) -> None:
        self.world, self.storage, self.program, self.rounds = world, storage, program, rounds
        self.path: Term = TRUE
        """The condition under which execution comes here."""
        self.cut: Term = FALSE
        """The condition under which a loop was cut off."""
        self.failures: list[tuple[Term, str, int]] = []
        self._pure: dict[str, bool] = {}

    @abstractmethod
    def call(self, function: ir.Function, arguments: list[Value]) -> Value | None:
        """Runs a function; `machine.py`."""

    @abstractmethod
    def block(self, body: tuple[ir.Stmt, ...], frame: Frame) -> None:
        """Runs statements; `machine.py`."""

    def called_outside(self, node: ir.Outside, frame: Frame) -> tuple[Value, Term]:
        for each in (node.contract, *node.arguments):
            self.value(each, frame)
        self.world.approximated.add(f"what {node.method} of another contract does")
        failed = self.world.apply(self.world.fresh("call fails"), (), z3.BoolSort())
        return self.anything(node, "from outside"), failed

    def _outside(self, node: ir.Outside, frame: Frame) -> Value:
        found, failed = self.called_outside(node, frame)
        self.fail(failed, "CallFailed", node.line)
        return found

    def _run(self, node: ir.Run, frame: Frame) -> Value:
        self.block(node.body, frame)
        return self.value(node.value, frame)

    def _new_list(self, node: ir.NewList, frame: Frame) -> Value:
        self.value(node.room, frame)
        return ItemList(())

    def _words(self, node: ir.Concat | ir.Decimal | ir.Hex | ir.MemberName, frame: Frame) -> Value:
        inner = node.parts if isinstance(node, ir.Concat) else (node.value,)
        parts = tuple(self.value(each, frame) for each in inner)
        self.world.approximated.add("text that is built")
        # Members of two enums with one number have different names, and an address is no byte string.
        kinds = ",".join(
            "int" if isinstance(each.type, spec.IntType)
            else each.type.name if isinstance(each.type, spec.VarType)
            else str(each.type)
            for each in inner
        )  # fmt: skip
        return self.world.any(f"{type(node).__name__} {kinds}", parts, spec.TEXT)

    def fail(self, condition: Term, code: str, line: int) -> None:
        """Ends the path where `condition` holds."""
        if is_false(condition):
            return
        self.failures.append((both(self.path, condition), code, line))
        self.path = both(self.path, negated(condition))

    def keys(self, keys: tuple[ir.Expr, ...], frame: Frame) -> tuple[Term, ...]:
        return tuple(self.value(each, frame) for each in keys)

    def condition(self, node: ir.Expr, frame: Frame) -> Term:
        """A bool."""
        found = self.value(node, frame)
        return found if is_true(found) or is_false(found) else z3.simplify(found)

    def value(self, node: ir.Expr, frame: Frame) -> Value:
        """The value of an expression; failing ones end paths."""
        handler = self.handlers.get(type(node))
        if handler is None:
            raise NotCovered(type(node).__name__)
        return handler(self, node, frame)

    def _const(self, node: ir.Const, _frame: Frame) -> Value:
        return (TRUE if node.value else FALSE) if node.type == spec.BOOL else z3.IntVal(node.value)

    def _data(self, node: ir.Data, _frame: Frame) -> Value:
        if isinstance(node.type, spec.FixedType):
            return z3.IntVal(int.from_bytes(node.value, "big"))
        return self.world.string(node.value)

    def _nothing(self, node: ir.Nothing, _frame: Frame) -> Value:
        assert isinstance(node.type, spec.OptionType)
        item = node.type.item
        return OptionValue(FALSE, TRUE if item == spec.NONE else self.world.any("nothing", (), item))

    def _local(self, node: ir.Local, frame: Frame) -> Value:
        # On a path that was cut off a local may be missing; no result depends on it.
        return frame.locals[node.name] if node.name in frame.locals else self.anything(node, "unset")

    def _tee(self, node: ir.Tee, frame: Frame) -> Value:
        frame.locals[node.name] = value = self.value(node.value, frame)
        return value

    def _let(self, node: ir.Let, frame: Frame) -> Value:
        for name, value in zip(node.names, node.values, strict=True):
            frame.locals[name] = self.value(value, frame)
        return self.value(node.body, frame)

    def _binary(self, node: ir.Binary, frame: Frame) -> Value:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        kind = node.type
        assert isinstance(kind, spec.IntType)
        match node.op:
            case "next":
                return z3.simplify(left + 1)
            case "min" | "max":
                return choose(left <= right if node.op == "min" else left >= right, left, right)
            case "+" | "-" | "*":
                found = z3.simplify(
                    left + right if node.op == "+" else left - right if node.op == "-" else left * right
                )
            case "//" | "%":
                self.fail(z3.simplify(right == 0), "DivisionByZero", node.line)
                found = quotient(left, right) if node.op == "//" else left - right * quotient(left, right)
            case _:
                return self._bits(node, kind, left, right)
        self._in_range(found, kind, node.line)
        return found

    def _bits(self, node: ir.Binary, kind: spec.IntType, left: Term, right: Term) -> Value:
        if z3.is_int_value(right) and right.as_long() >= 0 and node.op in ("<<", ">>", "&"):
            by = right.as_long()
            if node.op == "<<" and 0 <= by < kind.bits:
                found = z3.simplify(left * (1 << by))
                self._in_range(found, kind, node.line)
                return found
            if node.op == ">>" and 0 <= by < kind.bits:
                return z3.simplify(left / (1 << by))
            if node.op == "&" and by & (by + 1) == 0:
                return z3.simplify(left % (by + 1))
        self.world.approximated.add(f"the operator {node.op}")
        if node.op in ("<<", ">>"):
            self.fail(self.world.apply(self.world.fresh("shift"), (), z3.BoolSort()), "Overflow", node.line)
        # A shift has another range in each type: one function for all would bind them to the smallest.
        return self.world.any(f"bits{node.op} {kind}", (left, right), kind)

    def _in_range(self, term: Term, kind: spec.IntType, line: int) -> None:
        self.fail(z3.simplify(z3.Or(term < kind.low, term > kind.high)), "Overflow", line)

    def _compare(self, node: ir.Compare, frame: Frame) -> Value:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if node.op in ("==", "!="):
            equal = same(left, right)
            return equal if node.op == "==" else negated(equal)
        if isinstance(node.left.type, spec.VarType):
            self.world.approximated.add("the order of texts and byte strings")
            less = self.world.apply("before", (left, right), z3.BoolSort())
            more = self.world.apply("before", (right, left), z3.BoolSort())
            return {"<": less, ">": more, "<=": negated(more), ">=": negated(less)}[node.op]
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.op]

    def _not(self, node: ir.Not, frame: Frame) -> Value:
        return negated(self.value(node.value, frame))

    def _logic(self, node: ir.Both | ir.Either, frame: Frame) -> Value:
        left = self.value(node.left, frame)
        start = self.path
        goes_on = left if isinstance(node, ir.Both) else negated(left)
        self.path = inside = both(start, goes_on)
        right = self.value(node.right, frame)
        self.path = start if self.path is inside else either(both(start, negated(goes_on)), self.path)
        return both(left, right) if isinstance(node, ir.Both) else either(left, right)

    def _choose(self, node: ir.Choose, frame: Frame) -> Value:
        condition = self.condition(node.condition, frame)
        start = self.path
        self.path = in_then = both(start, condition)
        then = self.value(node.then, frame)
        after = self.path
        self.path = in_other = both(start, negated(condition))
        other = self.value(node.other, frame)
        unbroken = after is in_then and self.path is in_other
        self.path = start if unbroken else either(after, self.path)
        return choose(condition, then, other)

    def _convert(self, node: ir.Convert, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        assert isinstance(node.type, spec.IntType)
        have = node.value.type
        fits = isinstance(have, spec.IntType) and node.type.low <= have.low and have.high <= node.type.high
        if not fits:
            self._in_range(found, node.type, node.line)
        return found

    def _retype(self, node: ir.Retype, frame: Frame) -> Value:
        return self.value(node.value, frame)

    def _fix(self, node: ir.Fix, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        assert isinstance(node.type, spec.FixedType)
        if z3.is_app(found) and found.decl().name() == f"bytes of {node.type.size}/1":
            return found.arg(0)
        self.fail(self.world.length_of_string(found) != node.type.size, "IndexOutOfRange", node.line)
        return self.world.any(f"fixed {node.type.size}", (found,), node.type)

    def _loosen(self, node: ir.Loosen, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        size = node.value.type.size if isinstance(node.value.type, spec.FixedType) else 0
        loose = self.world.apply(f"bytes of {size}", (found,), z3.IntSort())
        back = self.world.apply(f"fixed {size}", (loose,), z3.IntSort())
        self.world.facts += [loose >= 0, self.world.length_of_string(loose) == size, back == found]
        return loose

    def _bound(self, node: ir.Bound, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        match node.type:
            case spec.VarType():
                self.fail(self.world.length_of_string(found) > node.type.limit, "TooLong", node.line)
            case spec.ListType():
                self.fail(self.world.length(found) > node.type.limit, "TooLong", node.line)
        return found

    def _wrap(self, node: ir.Wrap, frame: Frame) -> Value:
        return OptionValue(TRUE, self.value(node.value, frame))

    def _unwrap(self, node: ir.Unwrap, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        assert isinstance(found, OptionValue)
        return found.value

    def _is_none(self, node: ir.IsNone, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        assert isinstance(found, OptionValue)
        return negated(found.present)

    def _call(self, node: ir.Call, frame: Frame) -> Value:
        arguments = [self.value(each, frame) for each in node.arguments]
        function = self.program.functions[node.function]
        if ".keys:" in function.name:
            # An ordered map's own code changes only what it keeps beside entries; it finds any key.
            self.world.approximated.add(f"the order of {function.name.split('.keys:')[0]}")
            return self._unknown_call(node)
        if self.is_calculation(function):
            return self._calculated(node, arguments)
        result = self.call(function, arguments)
        return self.anything(node, "no result") if result is None else result

    def is_calculation(self, function: ir.Function) -> bool:
        """A helper with loops and without state or facts, such as a check digit: taken as any function."""
        if function.name not in self._pure:
            kinds = {type(each) for each in reachable_nodes(self.program, function)}
            impure = {
                ir.Outside,
                ir.Load,
                ir.TryLoad,
                ir.Has,
                ir.Store,
                ir.Delete,
                ir.Emit,
                ir.Fact,
                ir.HasRole,
            }
            known = kinds <= _KNOWN
            loops = ir.Loop in kinds
            self._pure[function.name] = known and loops and not kinds & (impure | {ir.OrganisationOf})
        return self._pure[function.name]

    def _calculated(self, node: ir.Call, arguments: list[Value]) -> Value:
        self.world.approximated.add(f"the result of {node.function}")
        flat: list[Term] = []
        for each in arguments:
            parts = parts_of(each)
            if parts is None:
                return self._unknown_call(node)
            flat += parts
        name = f"calculated {node.function}"
        self.fail(self.world.apply(f"{name} fails", tuple(flat), z3.BoolSort()), "any error", 0)
        return TRUE if node.type == spec.NONE else self.world.any(name, tuple(flat), node.type)

    def _unknown_call(self, node: ir.Call) -> Value:
        self.fail(self.world.apply(self.world.fresh("fails"), (), z3.BoolSort()), "any error", 0)
        return TRUE if node.type == spec.NONE else self.anything(node, "calculated")

    def anything(self, node: ir.Expr, name: str) -> Value:
        """Any value of the node's type."""
        if node.type == spec.NONE:
            return TRUE
        return self.world.any(self.world.fresh(name), (), node.type)

    def _fact(self, node: ir.Fact, _frame: Frame) -> Value:
        return self.world.any(f"ctx.{node.name}", (), node.type)

    def _has_role(self, node: ir.HasRole, frame: Frame) -> Value:
        account = self.value(node.account, frame)
        role = node.role.value.decode() if isinstance(node.role, ir.Data) else "any"
        self.world.roles.append((role, account))
        return self.world.any(f"role {role}", (account,), spec.BOOL)

    def _organisation_of(self, node: ir.OrganisationOf, frame: Frame) -> Value:
        account = self.value(node.account, frame)
        found = self.world.any("organisation", (account,), node.type)
        assert isinstance(found, OptionValue)
        self.world.organisations.append((account, found))
        return found

    def _sm3(self, node: ir.Sm3, frame: Frame) -> Value:
        parts = tuple(self.value(each, frame) for each in node.parts)
        self.world.approximated.add("sm3")
        return self.world.any(f"sm3 {','.join(str(each.type) for each in node.parts)}", parts, node.type)

    def _sm2_verify(self, node: ir.Sm2Verify, frame: Frame) -> Value:
        parts = tuple(self.value(each, frame) for each in (node.public_key, node.signature, node.message))
        self.world.approximated.add("sm2_verify")
        return self.world.any("sm2_verify", parts, spec.BOOL)

    def _encode(self, node: ir.Encode, frame: Frame) -> Value:
        parts = parts_of(self.value(node.value, frame))
        self.world.approximated.add("encode")
        if parts is None:
            return self.anything(node, "encoded")
        return self.world.any(f"encode {node.value.type}", tuple(parts), node.type)

    def _field(self, node: ir.Field, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        assert isinstance(found, RecordValue)
        return found.fields[node.index]

    def _make(self, node: ir.Make, frame: Frame) -> Value:
        made = {index: self.value(node.values[index], frame) for index in node.order}
        return RecordValue(tuple(made[index] for index in range(len(node.values))))

    def _items(self, node: ir.Items, frame: Frame) -> Value:
        return ItemList(tuple(self.value(each, frame) for each in node.values))

    def _join(self, node: ir.Join, frame: Frame) -> Value:
        left, right = self.value(node.left, frame), self.value(node.right, frame)
        if isinstance(node.type, spec.ListType):
            joined = JoinedList(left, right)
            self.fail(z3.simplify(self.world.length(joined) > node.type.limit), "TooLong", node.line)
            return joined
        self.world.approximated.add("joined byte strings")
        found = self.world.any("joined", (left, right), spec.BYTES)
        lengths = [self.world.length_of_string(each) for each in (left, right, found)]
        # Where it does not fit the call ends; a fact without this condition would bind other paths, too.
        fits = lengths[0] + lengths[1] <= spec.VALUE_BYTES_MAX
        self.world.facts.append(z3.Implies(fits, lengths[2] == lengths[0] + lengths[1]))
        return found

    def _length(self, node: ir.Length, frame: Frame) -> Value:
        found = self.value(node.value, frame)
        if isinstance(node.value.type, spec.ListType):
            return self.world.length(found)
        return self.world.length_of_string(found)

    def _at(self, node: ir.At, frame: Frame) -> Value:
        if isinstance(node.value, ir.Table):
            items: Value = ItemList(tuple(z3.IntVal(each) for each in node.value.values))
        else:
            items = self.value(node.value, frame)
        index = self.value(node.index, frame)
        is_list = isinstance(items, ItemList | JoinedList | StoredList) or not z3.is_expr(items)
        length = self.world.length(items) if is_list else self.world.length_of_string(items)
        index = z3.simplify(z3.If(index < 0, index + length, index))
        self.fail(z3.simplify(z3.Or(index < 0, index >= length)), "IndexOutOfRange", node.line)
        if is_list:
            found = self.world.item(items, index)
            return self.anything(node, "item") if found is None else found
        self.world.approximated.add("single bytes of a string")
        found = self.world.any("byte", (items, index), spec.INT)
        self.world.facts += [found >= 0, found <= 255]
        return found

    def _slice(self, node: ir.Slice, frame: Frame) -> Value:
        parts = tuple(self.value(each, frame) for each in (node.value, node.start, node.stop))
        self.world.approximated.add("slices")
        if isinstance(node.type, spec.ListType):
            return self.anything(node, "slice")
        return self.world.any(f"slice {node.type}", parts, node.type)

    def _find(self, node: ir.Find, frame: Frame) -> Value:
        parts = tuple(self.value(each, frame) for each in (node.value, node.byte))
        self.world.approximated.add("find")
        found = self.world.any("find", parts, spec.INT)
        self.world.facts += [found >= -1, found < self.world.length_of_string(parts[0])]
        return found

    def _contains(self, node: ir.Contains, frame: Frame) -> Value:
        items, item = self.value(node.items, frame), self.value(node.item, frame)
        return self.world.contains(items, item)

    def _load(self, node: ir.Load, frame: Frame) -> Value:
        present, value = self.storage.read(node.field, self.keys(node.keys, frame))
        zero = zero_of(node.type)
        if zero is None:
            self.fail(negated(present), "NotFound", node.line)
            return value
        return choose(present, value, zero)

    def _try_load(self, node: ir.TryLoad, frame: Frame) -> Value:
        return OptionValue(*self.storage.read(node.field, self.keys(node.keys, frame)))

    def _has(self, node: ir.Has, frame: Frame) -> Value:
        return self.storage.read(node.field, self.keys(node.keys, frame))[0]

    def _table(self, node: ir.Table, _frame: Frame) -> Value:
        return ItemList(tuple(z3.IntVal(each) for each in node.values))

    handlers: ClassVar[dict[type, Any]] = {
        ir.Const: _const,
        ir.Data: _data,
        ir.Table: _table,
        ir.Nothing: _nothing,
        ir.Local: _local,
        ir.Tee: _tee,
        ir.Let: _let,
        ir.Binary: _binary,
        ir.Compare: _compare,
        ir.Not: _not,
        ir.Both: _logic,
        ir.Either: _logic,
        ir.Choose: _choose,
        ir.Convert: _convert,
        ir.Retype: _retype,
        ir.Fix: _fix,
        ir.Loosen: _loosen,
        ir.Bound: _bound,
        ir.Wrap: _wrap,
        ir.Unwrap: _unwrap,
        ir.IsNone: _is_none,
        ir.Call: _call,
        ir.Fact: _fact,
        ir.HasRole: _has_role,
        ir.OrganisationOf: _organisation_of,
        ir.Sm3: _sm3,
        ir.Sm2Verify: _sm2_verify,
        ir.Encode: _encode,
        ir.Field: _field,
        ir.Make: _make,
        ir.Items: _items,
        ir.Join: _join,
        ir.Length: _length,
        ir.At: _at,
        ir.Slice: _slice,
        ir.Find: _find,
        ir.Contains: _contains,
        ir.Load: _load,
        ir.TryLoad: _try_load,
        ir.Has: _has,
        ir.Outside: _outside,
        ir.Run: _run,
        ir.NewList: _new_list,
        ir.Concat: _words,
        ir.Decimal: _words,
        ir.Hex: _words,
        ir.MemberName: _words,
    }


def zero_of(of: Any) -> Value | None:
    """What was never written reads as; None where that is an error."""
    match of:
        case spec.IntType():
            return z3.IntVal(0)
        case spec.BoolType():
            return FALSE
        case spec.ListType():
            return ItemList(())
        case spec.OptionType():
            return OptionValue(FALSE, World().any("zero", (), of.item))
    return None


def quotient(left: Term, right: Term) -> Term:
    """Division that rounds down, as Python's; z3's own does so only for a positive divisor."""
    return z3.simplify(z3.If(right > 0, left / right, (-left) / (-right)))


def reachable_nodes(program: ir.Program, function: ir.Function) -> list[Any]:
    """Every node of a function and of those that it calls."""
    found: list[Any] = []
    todo: list[Any] = [*function.body]
    seen = {function.name}
    while todo:
        node = todo.pop()
        found.append(node)
        if isinstance(node, ir.Call) and node.function not in seen:
            seen.add(node.function)
            todo += program.functions[node.function].body
        for name in type(node).__dataclass_fields__:
            held = getattr(node, name)
            if isinstance(held, tuple):
                todo += [each for each in held if hasattr(each, "__dataclass_fields__")]
            elif hasattr(held, "__dataclass_fields__") and name != "type":
                todo.append(held)
    return found


_KNOWN = set(Evaluator.handlers) | {
    ir.Assign, ir.Store, ir.Delete, ir.Emit, ir.Raise, ir.If, ir.Loop, ir.Break, ir.Continue, ir.Return,
    ir.Do, ir.Attempt, ir.Push,
}  # fmt: skip
