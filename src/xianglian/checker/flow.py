"""What each entry and view does, helpers inlined: reads, writes, events, and what was checked before.

Values are terms over arguments, facts of the call and loads; equal terms are one object. A load carries how
many writes of its field came before it, so that a stale value is told from a fresh one. A check whose other
side ends the call stays known afterwards as a `Guard`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, assert_never

from xianglian.compiler import ir
from xianglian.compiler.frontend import Checked
from xianglian.contract import spec


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A value: `op`, a name (of an argument, fact, state field, operator, role ...), parts, type, line."""

    op: str
    name: str
    parts: tuple[Term, ...]
    type: Any
    line: int = 0
    epoch: int = 0
    """For a load: how many writes of the field came before."""
    number: int | None = None
    """The value of a constant number."""

    def walk(self) -> Iterator[Term]:
        """This term and all inside it, each once."""
        seen: set[int] = set()
        todo = [self]
        while todo:
            term = todo.pop()
            if id(term) not in seen:
                seen.add(id(term))
                yield term
                todo += term.parts

    def has(self, op: str, name: str | None = None) -> bool:
        """Whether such a term is inside."""
        return any(each.op == op and name in (None, each.name) for each in self.walk())

    @property
    def inner(self) -> Term:
        """The value below conversions that keep it."""
        term = self
        while term.op in ("convert", "bound", "wrap", "unwrap", "loosen", "fix", "retype"):
            term = term.parts[0]
        return term


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A condition that is `truth` from here on. A weak one holds only on some of the paths that lead here."""

    condition: Term
    truth: bool
    line: int
    weak: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A write, delete, emit, read or unused call."""

    kind: str
    name: str
    keys: tuple[Term, ...]
    value: Term | None
    guards: tuple[Guard, ...]
    line: int
    loop: tuple[Term, ...]
    """What the loops around it go over."""
    epoch: int = 0


@dataclass(slots=True)
class Method:
    """What one method does."""

    name: str
    kind: str
    line: int
    arguments: dict[str, Term]
    steps: list[Step] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Step]:
        """Steps of some kinds, in order."""
        return [each for each in self.steps if each.kind in kinds]


class Terms:
    """Makes terms, equal ones once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Term] = {}

    def make(
        self, op: str, name: str, parts: tuple[Term, ...], of: Any, line: int = 0, epoch: int = 0,
        number: int | None = None,
    ) -> Term:  # fmt: skip
        """The term; the line is that of its first use."""
        key = (op, name, tuple(map(id, parts)), str(of), epoch, number)
        return self._known.setdefault(key, Term(op, name, parts, of, line, epoch, number))


@dataclass
class _Frame:
    function: ir.Function
    locals: dict[str, Term]
    returns: list[tuple[Term | None, tuple[Guard, ...]]] = field(default_factory=list)


class Walker:
    """Walks one method."""

    def __init__(self, program: ir.Program, terms: Terms, method: Method) -> None:
        self.program, self.terms, self.method = program, terms, method
        self.guards: tuple[Guard, ...] = ()
        self.epochs: dict[str, int] = {}
        self.loops: tuple[Term, ...] = ()
        self.refusals = 0
        """How many `raise` were met."""
        self.depth = 0
        self.line = 0
        self._seen_guards: set[tuple[int, bool]] = set()

    def run(self, function: ir.Function) -> None:
        """Fills the method."""
        self._call(function, list(self.method.arguments.values()))

    def _call(self, function: ir.Function, arguments: list[Term]) -> Term:
        frame = _Frame(function, dict(zip((name for name, _ in function.parameters), arguments, strict=True)))
        before, line, refusals = self.guards, self.line, self.refusals
        ended = self._block(function.body, frame)
        ends = [*frame.returns, *([] if ended else [(None, self.guards)])]
        self.line = line
        self.guards = _common(before, [guards for _, guards in ends], self.refusals > refusals)
        found = [value for value, _ in ends if value is not None]
        if not found:
            return self.terms.make("nothing", "", (), spec.NONE)
        distinct = list(dict.fromkeys(found))
        if len(distinct) == 1:
            return distinct[0]
        known = set(before)
        conditions = (each.condition for _, guards in ends for each in guards if each not in known)
        parts = tuple(dict.fromkeys((*conditions, *distinct)))
        return self.terms.make("choose", "", parts, distinct[0].type)

    # statements

    def _block(self, body: tuple[ir.Stmt, ...], frame: _Frame) -> bool:
        """Whether the block always ends the function or the loop's round."""
        return any(self._statement(stmt, frame) for stmt in body)

    def _statement(self, stmt: ir.Stmt, frame: _Frame) -> bool:
        self.line = getattr(stmt, "at", 0) or getattr(stmt, "line", 0) or self.line
        match stmt:
            case ir.Assign():
                frame.locals[stmt.name] = self.value(stmt.value, frame)
            case ir.Store():
                value = self.value(stmt.value, frame)
                keys = tuple(self.value(each, frame) for each in stmt.keys)
                self._step("write", stmt.field, keys, value)
                self.epochs[stmt.field] = self.epochs.get(stmt.field, 0) + 1
            case ir.Delete():
                self._step("delete", stmt.field, tuple(self.value(each, frame) for each in stmt.keys), None)
                self.epochs[stmt.field] = self.epochs.get(stmt.field, 0) + 1
            case ir.Emit():
                self._step("emit", stmt.name, (), self.value(stmt.value, frame))
            case ir.Raise():
                self._step("raise", stmt.code, (), self.value(stmt.value, frame))
                self.refusals += 1
                return True
            case ir.If():
                return self._if(stmt, frame)
            case ir.Loop():
                self._loop(stmt, frame)
            case ir.Break() | ir.Continue():
                return True
            case ir.Return():
                given = None if stmt.value is None else self.value(stmt.value, frame)
                frame.returns.append((given, self.guards))
                return True
            case ir.Do():
                value = self.value(stmt.value, frame)
                if isinstance(stmt.value, ir.Call) and stmt.value.type != spec.NONE:
                    self._step("ignored", stmt.value.function, (), value)
            case ir.Attempt():
                self._attempt(stmt, frame)
            case ir.Push():
                parts = (frame.locals[stmt.name], self.value(stmt.value, frame))
                frame.locals[stmt.name] = self.terms.make("join", "", parts, parts[0].type, self.line)
            case _:
                assert_never(stmt)
        return False

    def _attempt(self, stmt: ir.Attempt, frame: _Frame) -> None:
        found, before, names = self.value(stmt.call, frame), self.guards, dict(frame.locals)
        if stmt.result is not None:
            frame.locals[stmt.result] = found
        self._block(stmt.then, frame)
        then, then_names = self.guards, frame.locals
        self.guards, frame.locals = before, names
        self._block(stmt.handler, frame)
        self.guards = _common(before, [then, self.guards], refusing=True)
        for name, value in then_names.items():
            both = dict.fromkeys((value, frame.locals.get(name, value)))
            frame.locals[name] = self._choice(found, list(both))

    def _if(self, stmt: ir.If, frame: _Frame) -> bool:
        condition, line = self.value(stmt.condition, frame), self.line
        before, names, refusals = self.guards, dict(frame.locals), self.refusals
        epochs = dict(self.epochs)
        self._guard(condition, True, line)
        then_ends = self._block(stmt.then, frame)
        then_guards, then_names, then_epochs = self.guards, frame.locals, self.epochs
        self.guards, frame.locals, self.epochs = before, dict(names), epochs
        self._guard(condition, False, line)
        other_ends = self._block(stmt.other, frame)
        other_guards, other_names = self.guards, frame.locals
        if not then_ends:
            self.epochs = {
                name: max(then_epochs.get(name, 0), self.epochs.get(name, 0))
                for name in {*then_epochs, *self.epochs}
            }
        if then_ends and other_ends:
            return True
        if then_ends or other_ends:
            self.guards = other_guards if then_ends else then_guards
            frame.locals = other_names if then_ends else then_names
            return False
        self.guards = _common(before, [then_guards, other_guards], self.refusals > refusals)
        for name in {*then_names, *other_names}:
            found = [each[name] for each in (then_names, other_names) if name in each]
            frame.locals[name] = self._choice(condition, found)
        return False

    def _choice(self, condition: Term, found: list[Term]) -> Term:
        distinct = list(dict.fromkeys(found))
        if len(distinct) == 1:
            return distinct[0]
        return self.terms.make("choose", "", (condition, *distinct), distinct[0].type)

    def _loop(self, stmt: ir.Loop, frame: _Frame) -> None:
        assigned = _assigned((*stmt.body, *stmt.step))
        for name in assigned:
            if name in frame.locals:
                start = frame.locals[name]
                self.depth += 1
                frame.locals[name] = self.terms.make("loop", f"{name}{self.depth}", (start,), start.type)
        condition = self.value(stmt.condition, frame)
        before, outer = self.guards, self.loops
        self.loops = (*outer, condition)
        self._guard(condition, True, self.line)
        self._block(stmt.body, frame)
        self._block(stmt.step, frame)
        self.guards, self.loops = before, outer

    def _guard(self, condition: Term, truth: bool, line: int) -> None:
        guard = Guard(condition, truth, line)
        self.guards = (*self.guards, guard)
        key = (id(condition), truth)
        if key not in self._seen_guards:
            self._seen_guards.add(key)
            self.method.guards.append(guard)

    def _step(self, kind: str, name: str, keys: tuple[Term, ...], value: Term | None) -> None:
        epoch = self.epochs.get(name, 0)
        self.method.steps.append(Step(kind, name, keys, value, self.guards, self.line, self.loops, epoch))

    # values

    def value(self, node: ir.Expr, frame: _Frame) -> Term:
        """The term of an expression."""
        found = self._value(node, frame)
        self.method.terms.append(found)
        return found

    def _value(self, node: ir.Expr, frame: _Frame) -> Term:
        line = getattr(node, "line", 0) or self.line
        match node:
            case ir.Local():
                if node.name in frame.locals:
                    return frame.locals[node.name]
                return self.terms.make("unset", node.name, (), node.type)
            case ir.Tee():
                frame.locals[node.name] = found = self.value(node.value, frame)
                return found
            case ir.Let():
                for name, each in zip(node.names, node.values, strict=True):
                    frame.locals[name] = self.value(each, frame)
                return self.value(node.body, frame)
            case ir.Const():
                return self.terms.make("const", "", (), node.type, line, number=node.value)
            case ir.Data():
                return self.terms.make("data", node.value.hex(), (), node.type, line)
            case ir.Call():
                return self._called(node, frame, line)
            case ir.Run():
                for stmt in node.body:
                    self._statement(stmt, frame)
                return self.value(node.value, frame)
            case ir.Outside():
                parts = tuple(self.value(each, frame) for each in (node.contract, *node.arguments))
                self._step("outside", node.method, parts, None)
                return self.terms.make("outside", node.method, parts, node.type, line, len(self.method.steps))
            case ir.Load() | ir.TryLoad() | ir.Has():
                op = {ir.Load: "load", ir.TryLoad: "get", ir.Has: "in"}[type(node)]
                keys = tuple(self.value(each, frame) for each in node.keys)
                found = self.terms.make(op, node.field, keys, node.type, line, self.epochs.get(node.field, 0))
                self._step("read", node.field, keys, found)
                return found
            case ir.Fact():
                return self.terms.make("fact", node.name, (), node.type, line)
            case ir.HasRole():
                role = node.role.value.decode() if isinstance(node.role, ir.Data) else ""
                return self.terms.make("role", role, (self.value(node.account, frame),), node.type, line)
            case ir.Field():
                base = self.value(node.value, frame)
                if base.op == "make":
                    return base.parts[node.index]
                of = node.value.type
                name = of.fields[node.index][0] if isinstance(of, spec.RecordType) else str(node.index)
                return self.terms.make("field", name, (base,), node.type, line)
            case ir.Binary() | ir.Compare():
                sides = (self.value(node.left, frame), self.value(node.right, frame))
                op = "binary" if isinstance(node, ir.Binary) else "compare"
                return self.terms.make(op, node.op, sides, node.type, line)
            case ir.Make():
                made = {index: self.value(node.values[index], frame) for index in node.order}
                name = str(node.type)
                return self.terms.make(
                    "make", name, tuple(made[i] for i in range(len(made))), node.type, line
                )
        parts = tuple(self.value(each, frame) for each in inside(node))
        op = _NAMES.get(type(node).__name__, type(node).__name__.lower())
        return self.terms.make(op, "", parts, node.type, line)

    def _called(self, node: ir.Call, frame: _Frame, line: int) -> Term:
        arguments = [self.value(each, frame) for each in node.arguments]
        function = self.program.functions[node.function]
        if ".keys:" in function.name or (
            _has_loop(function.body) and not _touches_state(self.program, function)
        ):
            found = self.terms.make("call", node.function, tuple(arguments), node.type, line)
            self._guard(found, True, line)
            return found
        return self._call(function, arguments)


_NAMES = {"IsNone": "none", "Sm2Verify": "sm2", "OrganisationOf": "organisation"}


def _common(before: tuple[Guard, ...], ends: list[tuple[Guard, ...]], refusing: bool) -> tuple[Guard, ...]:
    """What is known after several ways: what all know, and, where one of them may refuse, weakly what some
    know.
    """
    if not ends:
        return before
    if len(ends) == 1:
        return ends[0]
    sets = [{(id(each.condition), each.truth, each.weak) for each in end} for end in ends]
    shared = set.intersection(*sets)
    found: dict[tuple[int, bool, bool], Guard] = {}
    for end in ends:
        for each in end:
            key = (id(each.condition), each.truth, each.weak)
            if key in shared:
                found[key] = each
            elif refusing:
                weak = Guard(each.condition, each.truth, each.line, weak=True)
                found[id(each.condition), each.truth, True] = weak
    return tuple(found.values())


def inside(node: Any) -> Iterator[ir.Expr]:
    """The expressions directly inside one."""
    for name in type(node).__dataclass_fields__:
        held = getattr(node, name)
        if isinstance(held, ir.Expr):
            yield held
        elif isinstance(held, tuple):
            yield from (each for each in held if isinstance(each, ir.Expr))


def _assigned(body: tuple[ir.Stmt, ...]) -> set[str]:
    found: set[str] = set()
    for stmt in body:
        match stmt:
            case ir.Assign():
                found.add(stmt.name)
            case ir.If():
                found |= _assigned(stmt.then) | _assigned(stmt.other)
            case ir.Loop():
                found |= _assigned(stmt.body) | _assigned(stmt.step)
    return found


def _has_loop(body: tuple[ir.Stmt, ...]) -> bool:
    return any(
        isinstance(stmt, ir.Loop)
        or (isinstance(stmt, ir.If) and (_has_loop(stmt.then) or _has_loop(stmt.other)))
        for stmt in body
    )


def _touches_state(program: ir.Program, function: ir.Function) -> bool:
    todo: list[Any] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(
            node, ir.Load | ir.TryLoad | ir.Has | ir.Store | ir.Delete | ir.Emit | ir.Fact | ir.HasRole
        ):
            return True
        if isinstance(node, ir.Call) and _touches_state(program, program.functions[node.function]):
            return True
        for name in type(node).__dataclass_fields__:
            held = getattr(node, name)
            for each in held if isinstance(held, tuple) else (held,):
                todo += [each] if hasattr(each, "__dataclass_fields__") and name != "type" else []
    return False


def methods_of(checked: Checked) -> list[Method]:
    """What each method of a contract does, in the order of the source."""
    terms = Terms()
    found = []
    for declared in checked.contract.methods.values():
        function = checked.program.functions.get(declared.symbol)
        if declared.kind not in ("entry", "view", "init", "migrate") or function is None:
            continue
        arguments = {
            name: terms.make("argument", f"{declared.name}.{name}", (), kind)
            for name, kind in function.parameters
        }
        method = Method(declared.name, declared.kind, function.line, arguments)
        Walker(checked.program, terms, method).run(function)
        found.append(method)
    return found
