"""Time and height: boundaries that two calls share, and units that are mixed."""

from __future__ import annotations

from collections.abc import Iterator

from xianglian.checker.flow import Step, Term
from xianglian.checker.lints.model import MIRRORED, Contract, Found, atoms_of, constant
from xianglian.contract import spec

HOUR_MS = 3_600_000
SHORTEST_MS = 60_000


def boundaries(contract: Contract) -> Iterator[Found]:
    """XL-LINT-14."""
    before: dict[str, list[tuple[str, str, int]]] = {}
    for method in contract.entries:
        for guard in method.guards:
            if guard.weak:
                continue
            for atom in atoms_of(guard):
                if not atom.op or not _refuses(method.of("raise"), guard.condition):
                    continue
                left, right = (each.inner for each in atom.term.parts)
                for clock, limit, op in ((left, right, atom.op), (right, left, MIRRORED[atom.op])):
                    if clock.op == "fact" and clock.name in ("time_ms", "height") and (name := _name(limit)):
                        before.setdefault(name, []).append((op, method.name, guard.line))
    for name, uses in before.items():
        ops = {op for op, _, _ in uses}
        line = max(line for _, _, line in uses)
        if {"<=", ">="} <= ops:
            yield Found("XL-LINT-14", line, f"{name}: both")
        elif {"<", ">"} <= ops and not ops & {"<=", ">="}:
            yield Found("XL-LINT-14", line, f"{name}: neither")


def _refuses(raises: list[Step], condition: Term) -> bool:
    return any(step.guards and step.guards[-1].condition is condition for step in raises)


def _name(term: Term) -> str | None:
    """How a stored limit is called."""
    if term.op == "field":
        return term.name
    return term.name if term.op in ("load", "get") else None


def mixed_units(contract: Contract) -> Iterator[Found]:
    """XL-LINT-15."""
    units: dict[str, set[str]] = {}
    for method in contract.methods:
        for step in contract.writes(method):
            if step.value is not None:
                _note_parts(step.name, step.value, units)
    for method in contract.methods:
        for top in (*(guard.condition for guard in method.guards), *method.terms):
            for term in top.walk():
                if term.op == "binary" and term.name in ("+", "-") and (why := _odd_step(term)):
                    yield Found("XL-LINT-15", term.line, f"{method.name}: {why}")
                if term.op == "compare":
                    kinds = [_units(each, units) for each in term.parts]
                    if kinds[0] and kinds[1] and not kinds[0] & kinds[1]:
                        yield Found("XL-LINT-15", term.line, f"{method.name}: height, ms")


def _note_parts(name: str, value: Term, units: dict[str, set[str]]) -> None:
    made = value.inner
    if made.op == "make" and isinstance(made.type, spec.RecordType):
        for (field, _), part in zip(made.type.fields, made.parts, strict=True):
            if kinds := _units(part, {}):
                units.setdefault(field, set()).update(kinds)
    elif kinds := _units(value, {}):
        units.setdefault(name, set()).update(kinds)


def _units(term: Term, units: dict[str, set[str]]) -> set[str]:
    """The clocks that a sum comes from."""
    term = term.inner
    if term.op == "fact" and term.name in ("time_ms", "height"):
        return {term.name}
    if term.op == "binary" and term.name == "-" and all(_units(each, units) for each in term.parts):
        return set()  # a duration
    if term.op == "binary" and term.name in ("+", "-"):
        return set().union(*(_units(each, units) for each in term.parts))
    if term.op in ("load", "get", "field"):
        return units.get(term.name, set())
    return set()


def _odd_step(term: Term) -> str | None:
    """A number that is too large for blocks or too small for milliseconds."""
    for one, other in (term.parts, term.parts[::-1]):
        step, clock = constant(other), one.inner
        if clock.op != "fact" or step is None:
            continue
        if clock.name == "height" and step >= HOUR_MS:
            return "height + ms"
        if clock.name == "time_ms" and 1 < step < SHORTEST_MS:
            return "ms + seconds"
    return None
