"""Runs the typed form on symbolic values: all paths of a call at once, each value under its condition.

Branches join again after each `if`; calls are inlined; loops are unrolled up to a bound, beyond which the
call is cut off and `cut` says under which condition. An error ends the path.
"""

from __future__ import annotations

from xianglian.checker.symbolic.effort import bound
from xianglian.checker.symbolic.evaluate import Evaluator, Frame, NotCovered
from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.values import (
    FALSE,
    TRUE,
    ItemList,
    JoinedList,
    Term,
    Value,
    both,
    choose,
    either,
    is_false,
    is_true,
    negated,
)
from xianglian.compiler import ir
from xianglian.compiler.frontend.outside import FAILURE

PLAIN_ROUNDS_MAX = 256
"""Rounds of a loop whose condition is plainly true; they cost no solver time and do not count."""


class Machine(Evaluator):
    """One call of one function."""

    def call(self, function: ir.Function, arguments: list[Value]) -> Value | None:
        """Runs a function; afterwards `path` is the condition of success."""
        names = (name for name, _ in function.parameters)
        frame = Frame(dict(zip(names, arguments, strict=True)))
        self.block(function.body, frame)
        ends = [*frame.returned, (self.path, None)]
        self.path = either(*(condition for condition, _ in ends))
        result: Value | None = None
        for condition, value in frame.returned:
            if value is not None:
                result = value if result is None else choose(condition, value, result)
        return result

    # statements

    def block(self, body: tuple[ir.Stmt, ...], frame: Frame) -> None:
        for stmt in body:
            if is_false(self.path):
                return
            self._statement(stmt, frame)

    def _statement(self, stmt: ir.Stmt, frame: Frame) -> None:
        match stmt:
            case ir.Assign():
                frame.locals[stmt.name] = self.value(stmt.value, frame)
            case ir.Store():
                value = self.value(stmt.value, frame)
                keys = self.keys(stmt.keys, frame)
                self.storage.write(self.path, stmt.field, keys, value)
            case ir.Delete():
                self.storage.delete(self.path, stmt.field, self.keys(stmt.keys, frame))
            case ir.Emit():
                self.value(stmt.value, frame)
            case ir.Raise():
                self.value(stmt.value, frame)
                self.fail(TRUE, stmt.code, stmt.line)
            case ir.If():
                self._if(stmt, frame)
            case ir.Loop():
                self._loop(stmt, frame)
            case ir.Attempt():
                self._attempt(stmt, frame)
            case ir.Push():
                frame.locals[stmt.name] = JoinedList(
                    frame.locals[stmt.name], ItemList((self.value(stmt.value, frame),))
                )
            case ir.Break():
                frame.breaks.append((self.path, dict(frame.locals)))
                self.path = FALSE
            case ir.Continue():
                frame.continues.append((self.path, dict(frame.locals)))
                self.path = FALSE
            case ir.Return():
                value = None if stmt.value is None else self.value(stmt.value, frame)
                frame.returned.append((self.path, value))
                self.path = FALSE
            case ir.Do():
                self.value(stmt.value, frame)
            case _:
                raise NotCovered(type(stmt).__name__)

    def _if(self, stmt: ir.If, frame: Frame) -> None:
        condition = self.condition(stmt.condition, frame)
        start, before = self.path, dict(frame.locals)
        self.path = in_then = both(start, condition)
        self.block(stmt.then, frame)
        then, after_then = self.path, frame.locals
        self.path = in_other = both(start, negated(condition))
        frame.locals = before
        self.block(stmt.other, frame)
        other, after_other = self.path, frame.locals
        if is_false(then) or is_false(other):
            frame.locals = after_other if is_false(then) else after_then
        else:
            frame.locals = _joined([(condition, after_then), (TRUE, after_other)])
        self.path = start if then is in_then and other is in_other else either(then, other)

    def _attempt(self, stmt: ir.Attempt, frame: Frame) -> None:
        """Another contract may do anything but change this one's state: no contract on the path is entered
        twice.
        """
        found, failed = self.called_outside(stmt.call, frame)
        start, before = self.path, dict(frame.locals)
        self.path = both(start, negated(failed))
        if stmt.result is not None:
            frame.locals[stmt.result] = found
        self.block(stmt.then, frame)
        then, after_then = self.path, frame.locals
        self.path, frame.locals = both(start, failed), before
        frame.locals[stmt.failure] = self.world.any(self.world.fresh("failure"), (), FAILURE)
        self.block(stmt.handler, frame)
        frame.locals = _joined([(then, after_then), (self.path, frame.locals)])
        self.path = either(then, self.path)

    def _loop(self, stmt: ir.Loop, frame: Frame) -> None:
        outer = frame.breaks, frame.continues
        exits: list[tuple[Term, dict[str, Value]]] = []
        rounds = plain = 0
        while True:
            condition = self.condition(stmt.condition, frame)
            exits.append((both(self.path, negated(condition)), dict(frame.locals)))
            self.path = both(self.path, condition)
            if is_false(self.path) or not (is_true(condition) or self._possible()):
                break
            plain += is_true(condition)
            rounds += not is_true(condition)
            if rounds > self.rounds or plain > PLAIN_ROUNDS_MAX:
                self.cut = either(self.cut, self.path)
                break
            frame.breaks, frame.continues = [], []
            self.block(stmt.body, frame)
            ends = [(self.path, frame.locals), *frame.continues]
            exits += frame.breaks
            self.path = either(*(each for each, _ in ends))
            frame.locals = _joined(ends)
            self.block(stmt.step, frame)
        frame.breaks, frame.continues = outer
        self.path = either(*(each for each, _ in exits))
        frame.locals = _joined(exits)

    def _possible(self) -> bool:
        """Whether any state leads here; True if the solver is not quick about it."""
        solver = z3.Solver()
        bound(solver, 300)
        solver.add(*self.world.facts, self.path)
        return bool(solver.check() != z3.unsat)


def _joined(ends: list[tuple[Term, dict[str, Value]]]) -> dict[str, Value]:
    """Locals after paths that exclude each other; the last one needs no condition."""
    live = [(path, names) for path, names in ends if not is_false(path)]
    if not live:
        return dict(ends[-1][1])
    joined = dict(live[-1][1])
    for path, names in reversed(live[:-1]):
        for name, value in names.items():
            joined[name] = choose(path, value, joined[name]) if name in joined else value
    return joined
