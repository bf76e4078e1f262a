"""Numbers that are moved: aliases, lost updates, supply, rounding, limits, loops."""

from __future__ import annotations

from collections.abc import Iterator

from xianglian.checker.flow import Method, Step, Term
from xianglian.checker.lints.model import (
    Contract,
    Found,
    atoms_of,
    constant,
    is_right,
    loads,
    speaks_of_caller,
)
from xianglian.contract import spec

LOOP_MAX = 64
"""The longest list of arguments whose items may each touch state."""


def stale_writes(contract: Contract) -> Iterator[Found]:
    """XL-LINT-05 (two entries that may be one) and XL-LINT-06 (an update between reading and writing)."""
    for method in contract.entries:
        writes = contract.writes(method)
        for step in writes:
            if step.value is None or step.kind == "delete":
                continue
            keys = [each.inner for each in step.keys]
            for load in step.value.walk():
                if load.op not in ("load", "get") or load.name != step.name:
                    continue
                if [each.inner for each in load.parts] != keys:
                    continue
                between = [
                    each
                    for each in writes
                    if each.name == step.name and load.epoch <= each.epoch < step.epoch
                ]
                for other in between:
                    if [each.inner for each in other.keys] == keys:
                        yield Found("XL-LINT-06", step.line, f"{method.name}: {step.name}")
                    elif not _told_apart((step, other), keys, [each.inner for each in other.keys]):
                        yield Found("XL-LINT-05", step.line, f"{method.name}: {step.name}")


def _told_apart(steps: tuple[Step, Step], one: list[Term], other: list[Term]) -> bool:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a is not b]
    if any(constant(a) is not None and constant(b) is not None for a, b in pairs):
        return True
    for guard in (*steps[0].guards, *steps[1].guards):
        for atom in atoms_of(guard):
            asked = [each.inner for each in atom.term.parts]
            if (
                atom.term.op == "in"
                and atom.term.name == steps[0].name
                and not atom.truth
                and asked in (one, other)
            ):
                return True  # one of them was not there, the other was read
            if atom.op in ("!=", "<", ">"):
                sides = {each.inner for each in atom.term.parts}
                if any(sides == {a, b} for a, b in pairs):
                    return True
    return False


def unchecked_amounts(contract: Contract) -> Iterator[Found]:
    """XL-LINT-09."""
    for method in contract.entries:
        for argument in method.arguments.values():
            if not isinstance(argument.type, spec.IntType):
                continue
            moved = [
                step
                for step in contract.writes(method)
                if (change := contract.step_of(step)) and change[0] == "-" and change[1].inner is argument
            ]
            if moved and not any(_bounds(atom.term, argument) for g in method.guards for atom in atoms_of(g)):
                yield Found("XL-LINT-09", moved[0].line, f"{method.name}: {argument.name.split('.')[1]}")


def _bounds(term: Term, argument: Term) -> bool:
    """Whether a condition compares an argument with a fixed number."""
    if term.op == "call":
        return argument in term.walk()
    sides = [each.inner for each in term.parts]
    return term.op == "compare" and argument in sides and any(constant(each) is not None for each in sides)


def supply_left_behind(contract: Contract) -> Iterator[Found]:
    """XL-LINT-10."""
    pairs: set[tuple[str, str]] = set()
    for method in contract.entries:
        changes = [(step, change) for step in contract.writes(method) if (change := contract.step_of(step))]
        for one, (sign, by) in changes:
            for other, (sign_of, by_of) in changes:
                if not one.keys and other.keys and sign == sign_of == "+" and by.inner is by_of.inner:
                    pairs.add((one.name, other.name))
    for supply, table in sorted(pairs):
        for method in contract.entries:
            net: dict[Term, int] = {}
            last: Step | None = None
            for step in contract.writes(method):
                change = contract.step_of(step)
                if step.name == table and change is None and not _is_set_back(contract, method, step):
                    last, net[step.value or step.keys[0]] = step, 1
                elif step.name == table and change is not None:
                    last = step
                    net[change[1].inner] = net.get(change[1].inner, 0) + (1 if change[0] == "+" else -1)
            written = any(step.name == supply for step in contract.writes(method))
            if last is not None and any(net.values()) and not written:
                yield Found("XL-LINT-10", last.line, f"{method.name}: {table}, {supply}")


def _is_set_back(contract: Contract, method: Method, step: Step) -> bool:
    """A whole value moved from one entry of the table to another."""
    if step.value is None or not loads(step.value, step.name):
        return False
    others = [each for each in contract.writes(method) if each.name == step.name and each is not step]
    return bool(others)


def rounding_first(contract: Contract) -> Iterator[Found]:
    """XL-LINT-11."""
    for method in contract.methods:
        for top in method.terms:
            if top.op != "binary" or top.name != "*":
                continue
            for one, other in (top.parts, top.parts[::-1]):
                inner = one.inner
                if inner.op == "binary" and inner.name == "//" and inner.parts[1].inner is not other.inner:
                    yield Found("XL-LINT-11", top.line, method.name)


def lists_that_fill(contract: Contract) -> Iterator[Found]:
    """XL-LINT-12."""
    for method in contract.entries:
        for step in contract.writes(method):
            if step.value is None or any(map(speaks_of_caller, step.keys)):
                continue
            grown = [
                term
                for term in step.value.walk()
                if term.op == "join" and isinstance(term.type, spec.ListType) and loads(term, step.name)
            ]
            if grown and not any(map(is_right, step.guards)):
                yield Found("XL-LINT-12", step.line, f"{method.name}: {step.name}")


def loops_by_strangers(contract: Contract) -> Iterator[Found]:
    """XL-LINT-13."""
    for method in contract.entries:
        for step in method.of("read", "write", "delete"):
            for condition in step.loop:
                if any(map(is_right, step.guards)) and not condition.has("argument"):
                    continue
                if _is_long(condition):
                    yield Found("XL-LINT-13", step.line, method.name)


def _is_long(condition: Term) -> bool:
    """Whether a loop's number of rounds is an argument, a stored number, or the length of a long list."""
    if condition.op != "compare":
        return False
    bound = condition.parts[1].inner
    if bound.op == "length":
        of = bound.parts[0].type
        return isinstance(of, spec.ListType) and of.limit > LOOP_MAX
    if bound.op == "binary" and bound.name == "min":
        return False
    if bound.op == "binary" and bound.name == "+":
        return not any((constant(each) or LOOP_MAX + 1) <= LOOP_MAX for each in bound.parts)
    return bound.op in ("argument", "load", "field")


def uncounted_uses(contract: Contract) -> Iterator[Found]:
    """XL-LINT-29."""
    for method in contract.entries:
        written = {step.name for step in contract.writes(method)}
        for guard in method.guards:
            for atom in atoms_of(guard):
                if atom.op not in ("<", "<=", ">", ">="):
                    continue
                for side in atom.term.parts:
                    field = _counter(side)
                    if field is not None and field not in written and written:
                        yield Found("XL-LINT-29", guard.line, f"{method.name}: {field}")


_COUNTERS = ("used", "uses", "spent", "drawn", "claimed", "count", "attempts", "consumed")


def _counter(term: Term) -> str | None:
    """The state field in which a number of uses is kept, if this is one."""
    inner = term.inner
    base = inner
    while base.op == "field":
        base = base.parts[0].inner
    if base.op not in ("load", "get"):
        return None
    name = inner.name.split(".")[-1]
    return base.name if any(word in name.split("_") for word in _COUNTERS) else None
