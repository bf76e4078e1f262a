"""Proof obligations: `@init` establishes each invariant, each entry keeps it.

One call from any state in which all invariants hold, by any account, at any time, with any arguments.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from xianglian.checker.symbolic.effort import bound
from xianglian.checker.symbolic.evaluate import NotCovered
from xianglian.checker.symbolic.logic import OutsideLogic, Reader, Sum, counted, sum_lemma
from xianglian.checker.symbolic.machine import Machine
from xianglian.checker.symbolic.solver import z3
from xianglian.checker.symbolic.storage import Keys, Storage
from xianglian.checker.symbolic.values import TRUE, Term, Value, World, is_false, negated
from xianglian.compiler import ir
from xianglian.compiler.frontend import Checked
from xianglian.compiler.frontend.declarations import FunctionDecl, InvariantDecl
from xianglian.contract import spec

ROUNDS = 3
"""How often a loop is unrolled."""
TIMEOUT_MS = 10_000
"""The time that the solver gets for one question."""
SPARE_KEYS = 2
"""Entries beyond those that a call speaks of, which a counterexample may need for a sum to come true."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A call that breaks an invariant, in the solver's words; `replay` makes a test of it."""

    function: ir.Function | None
    arguments: tuple[Value, ...]
    storage: Storage
    entries: dict[str, list[Keys]]
    """All that is stored in the model's state."""
    model: Any


@dataclass(slots=True)
class Proof:
    """The answer to one obligation. `verdict`: proved, bounded, violated, undecided or not-covered."""

    invariant: str
    method: str
    verdict: str
    seconds: float
    detail: str = ""
    rounds: int = 0
    approximated: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    test: str | None = None
    """A pytest that fails, for a violated invariant."""
    line: int = 0


@dataclass
class Obligation:
    """One method (None: deployment of a contract without `@init`) and the invariants that it must keep."""

    checked: Checked
    method: FunctionDecl | None
    rounds: int = ROUNDS
    timeout_ms: int = TIMEOUT_MS
    world: World = field(default_factory=World)
    arguments: tuple[Value, ...] = ()
    function: ir.Function | None = None

    def __post_init__(self) -> None:
        deploys = self.method is None or self.method.kind == "init"
        self.storage = Storage(self.world, self.checked.program.state, empty=deploys)
        # No transaction is in block 0 or at time 0.
        self.world.facts += [
            self.world.any(f"ctx.{name}", (), spec.U64) >= 1 for name in ("height", "time_ms")
        ]
        self.machine = Machine(self.world, self.storage, self.checked.program, self.rounds)
        declared = self.checked.contract.invariants.values()
        self.invariants = [each for each in declared if each.kind == "invariant"]
        self.goals = self.invariants if deploys else list(declared)
        self.sums: dict[tuple[str, str], Sum] = {}

    @property
    def name(self) -> str:
        """How the method is called in reports."""
        return "deploy" if self.method is None else self.method.name

    def prove(self) -> list[Proof]:
        """One answer for each invariant."""
        started = time.monotonic()
        try:
            self._run()
        except NotCovered as error:
            took = time.monotonic() - started
            return [
                Proof(each.name, self.name, "not-covered", took, f"construct {error}", line=each.line)
                for each in self.goals
            ]
        found = []
        for each in self.goals:
            found.append(self._one(each, started))
            started = time.monotonic()
        return found

    def _run(self) -> None:
        if self.method is not None:
            self.function = self.checked.program.functions[self.method.symbol]
            self.arguments = tuple(
                self.world.any(f"argument {name}", (), kind) for name, kind in self.function.parameters
            )
            self.machine.call(self.function, list(self.arguments))

    def _one(self, goal: InvariantDecl, started: float) -> Proof:
        proof = Proof(goal.name, self.name, "", 0.0, line=goal.line, rounds=self.rounds)
        try:
            self._decide(goal, proof)
        except OutsideLogic as error:
            proof.verdict, proof.detail = "not-covered", f"line {error.line}: {error.why}"
        proof.seconds = time.monotonic() - started
        proof.approximated = tuple(sorted(self.world.approximated))
        return proof

    def _decide(self, goal: InvariantDecl, proof: Proof) -> None:
        after = Reader(self.storage, goal, after=True, goal=True, sums=self.sums)
        broken = negated(after.formula())
        assumed = self._assumptions(goal)
        base = [*self.world.facts, *assumed, self.machine.path]
        solver = self._solver(base, broken, *self._lemmas(closed=False))
        answer = solver.check()
        if answer == z3.unsat:
            cut = self._solver([*self.world.facts, *assumed], self.machine.cut).check()
            bounded = not is_false(self.machine.cut) and cut != z3.unsat
            proof.verdict = "bounded" if bounded else "proved"
            return
        if answer == z3.unknown:
            proof.verdict, proof.detail = "undecided", f"no answer in about {self.timeout_ms / 1000:g} s"
            return
        self._find(goal, proof, broken)

    def _assumptions(self, goal: InvariantDecl) -> list[Term]:
        """All invariants before the call; only the form of the one in question can fail it."""
        if self.storage.empty:
            return []
        assumed: list[Term] = []
        for _ in range(3):
            known = sum(map(len, self.storage.touched.values()))
            assumed = []
            for each in sorted(self.invariants, key=lambda each: each is not goal):
                reader = Reader(self.storage, each, after=False, goal=False, sums=self.sums)
                try:
                    assumed.append(reader.formula())
                except OutsideLogic:
                    if each is goal:
                        raise
            before = Reader(self.storage, goal, after=False, goal=False, sums=self.sums)
            assumed += counted(self.storage, self.sums, before)
            if sum(map(len, self.storage.touched.values())) == known:
                break
        return assumed

    def _lemmas(self, *, closed: bool) -> list[Term]:
        if self.storage.empty:
            return []
        known = self.sums.values()
        return [lemma for each in known for lemma in sum_lemma(self.storage, each, closed=closed)]

    def _solver(self, base: list[Term], *more: Term) -> Any:
        solver = z3.Solver()
        bound(solver, self.timeout_ms)
        solver.add(*base, *more)
        return solver

    def _find(self, goal: InvariantDecl, proof: Proof, broken: Term) -> None:
        """A whole state that breaks it: nothing stored but what is named, and some spare entries."""
        if not self.storage.empty:
            for name in sorted({each.field for each in self.sums.values()}):
                for _ in range(SPARE_KEYS):
                    kinds = self.storage.fields[name].key or ()
                    fresh = self.world.fresh
                    self.storage.touch(
                        name, tuple(self.world.any(fresh(f"spare key of {name}"), (), kind) for kind in kinds)
                    )
        assumed = self._assumptions(goal)
        lemmas = self._lemmas(closed=True)
        solver = self._solver([*self.world.facts, *assumed, self.machine.path], broken, *lemmas)
        proof.verdict = "undecided"
        if solver.check() != z3.sat:
            proof.detail = "could break in the abstract, but no state was found that does"
            return
        entries = {name: list(known) for name, known in self.storage.touched.items()}
        model = self._small(solver)
        proof.counterexample = Counterexample(self.function, self.arguments, self.storage, entries, model)

    def _small(self, solver: Any) -> Any:
        """A model with small numbers, where there is one: it is for people."""
        model = solver.model()
        numbers = [each for each in self._numbers() if z3.is_expr(each)]
        for limit in (10, 1000, 1 << 40):
            solver.push()
            bound(solver, 1000)
            solver.add(*(each <= limit for each in numbers))
            if solver.check() == z3.sat:
                return solver.model()
            solver.pop()
        return model

    def _numbers(self) -> list[Term]:
        found = [each for each in self.arguments if z3.is_expr(each) and z3.is_int(each)]
        for name, known in self.storage.touched.items():
            for keys in known:
                value = self.storage.before(name, keys)[1]
                if z3.is_expr(value) and z3.is_int(value):
                    found.append(value)
        return found


def obligations(checked: Checked) -> list[FunctionDecl | None]:
    """What must keep the invariants: deployment and every entry, in the order of the source."""
    methods = list(checked.contract.methods.values())
    first: list[FunctionDecl | None] = [each for each in methods if each.kind == "init"]
    return [*(first or [None]), *(each for each in methods if each.kind in ("entry", "migrate"))]


__all__ = ["ROUNDS", "TIMEOUT_MS", "TRUE", "Counterexample", "Obligation", "Proof", "obligations"]
