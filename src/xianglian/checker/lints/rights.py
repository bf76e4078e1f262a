"""Who may do what: missing, wrong and contradictory checks of rights."""

from __future__ import annotations

from collections.abc import Iterator

from xianglian.checker.flow import Guard, Method, Step, Term
from xianglian.checker.lints.model import (
    Atom,
    Contract,
    Found,
    atoms_of,
    is_argument,
    is_caller,
    is_right,
    loads,
    negation_normal,
    speaks_of_caller,
)
from xianglian.contract import spec


def unprotected_writes(contract: Contract) -> Iterator[Found]:
    """XL-LINT-01."""
    for method in contract.entries:
        for step in contract.writes(method):
            if step.kind == "delete" or contract.has_right(step):
                continue
            value = step.value
            assert value is not None
            if step.name in contract.rights_fields:
                if step.keys:
                    yield Found("XL-LINT-01", step.line, f"{method.name}: {step.name}")
            elif not step.keys:
                fresh = any(map(is_argument, value.walk())) and not loads(value, step.name)
                if (fresh and not speaks_of_caller(value)) or _others_ask(contract, method, step):
                    yield Found("XL-LINT-01", step.line, f"{method.name}: {step.name}")
            elif _credits_from_nothing(contract, method, step) or (
                _others_ask(contract, method, step) and not speaks_of_caller(value)
            ):
                yield Found("XL-LINT-01", step.line, f"{method.name}: {step.name}")


def _others_ask(contract: Contract, method: Method, step: Step) -> bool:
    """Whether another entry changes the same field in the same way only for those who have the right."""
    if contract.step_of(step) is not None:
        return False
    others = [each for each in contract.writers[step.name] if each[0] is not method]
    asking = [each for _, each in others if any(map(is_right, each.guards))]
    return bool(asking) and len(asking) == len(others) and not step.guards


def _credits_from_nothing(contract: Contract, method: Method, step: Step) -> bool:
    change = contract.step_of(step)
    if change is None or change[0] != "+" or not any(map(is_argument, change[1].walk())):
        return False
    takes = [each for each in method.of("write") if (contract.step_of(each) or ("", None))[0] == "-"]
    spent = any((contract.step_of(each) or ("", None))[0] == "-" for _, each in contract.writers[step.name])
    lowered = any(each.name == step.name and each is not step for each in method.of("write"))
    return spent and not takes and not lowered


def unprotected_deletes(contract: Contract) -> Iterator[Found]:
    """XL-LINT-28."""
    for method in contract.entries:
        for step in contract.writes(method):
            by_argument = all(is_argument(key) or key.inner.op in ("const", "data") for key in step.keys)
            if step.kind == "delete" and by_argument and not contract.has_right(step):
                yield Found("XL-LINT-28", step.line, f"{method.name}: {step.name}")


def origin_instead_of_caller(contract: Contract) -> Iterator[Found]:
    """XL-LINT-02."""
    for method in contract.methods:
        for guard in method.guards:
            if guard.condition.has("fact", "origin"):
                yield Found("XL-LINT-02", guard.line, method.name)


def rights_by_argument(contract: Contract) -> Iterator[Found]:
    """XL-LINT-03."""
    for method in contract.entries:
        for step in contract.writes(method):
            if any(map(is_right, step.guards)):
                continue
            for guard in step.guards:
                if any(_claims(contract, atom) for atom in atoms_of(guard)):
                    yield Found("XL-LINT-03", guard.line, method.name)
                    break


def _claims(contract: Contract, atom: Atom) -> bool:
    """Whether an argument stands where the caller should."""
    term = atom.term
    if term.op == "compare" and atom.op == "==":
        sides = [each.inner for each in term.parts]
        claimed = [each for each in sides if each.op == "argument" and each.type == spec.ADDRESS]
        stored = [each for each in sides if each.op in ("load", "field") and each.type == spec.ADDRESS]
        return bool(claimed and stored)
    if term.op == "role":
        return is_argument(term.parts[0])
    flags = {name for name in contract.rights_fields if contract.state[name].key}
    is_flag = term.op in ("load", "in") and (term.op == "in" or term.type == spec.BOOL)
    is_list_of_rights = term.name in flags or any(
        word in term.name for word in ("admin", "owner", "operator", "manager", "minter", "allowed", "issuer")
    )
    on_address = len(term.parts) == 1 and term.parts[0].type == spec.ADDRESS and is_argument(term.parts[0])
    return is_flag and is_list_of_rights and on_address and atom.truth


def wrong_boolean(contract: Contract) -> Iterator[Found]:
    """XL-LINT-04."""
    for method in contract.methods:
        for guard in method.guards:
            why = _odd(negation_normal(guard.condition, guard.truth))
            # The other side of a check is refused: only what is required here is judged.
            if why and _refuses_otherwise(method, guard):
                yield Found("XL-LINT-04", guard.line, f"{method.name}: {why}")


def _refuses_otherwise(method: Method, guard: Guard) -> bool:
    for step in method.of("raise"):
        if step.guards and step.guards[-1].condition is guard.condition:
            return step.guards[-1].truth is not guard.truth
    return False


def _odd(form: tuple[str, list[object]]) -> str | None:
    joint, parts = form
    atoms = [each for each in parts if isinstance(each, Atom)]
    for index, one in enumerate(atoms):
        for other in atoms[index + 1 :]:
            if joint == "or" and one.op == other.op == "!=" and _one_of_two(one, other):
                return "always true"
            if joint == "and" and one.op == other.op == "==" and _one_of_two(one, other):
                return "never true"
            if joint == "or" and _asks(one) != _asks(other) and {_asks(one), _asks(other)} == {1, -1}:
                return "a right, or the lack of another"
    for each in parts:
        if isinstance(each, tuple) and not isinstance(each, Atom) and (why := _odd(each)):
            return why
    return None


def _one_of_two(one: Atom, other: Atom) -> bool:
    """Whether both compare one value, with two different fixed ones."""
    left, right = [each.inner for each in one.term.parts], [each.inner for each in other.term.parts]
    shared = [each for each in left if each in right]
    rest = [each for each in (*left, *right) if each not in shared]
    fixed = ("const", "data", "load", "fact")
    return len(shared) == 1 and len(rest) == 2 and all(each.op in fixed for each in rest)


def _asks(atom: Atom) -> int:
    """1 for a right of the caller, -1 for the lack of one, 0 for anything else."""
    term = atom.term
    if not speaks_of_caller(term):
        return 0
    if term.op == "compare" and atom.op in ("==", "!="):
        return 1 if atom.op == "==" else -1
    if term.op == "role" or (term.op in ("load", "in") and (term.op == "in" or term.type == spec.BOOL)):
        return 1 if atom.truth else -1
    return 0


def alike_roles(contract: Contract) -> Iterator[Found]:
    """XL-LINT-23."""
    roles: dict[str, int] = {}
    for method in contract.methods:
        for top in method.terms:
            for term in top.walk():
                if term.op == "role" and term.name:
                    roles.setdefault(term.name, term.line)
    names = sorted(roles, key=lambda name: roles[name])
    for index, name in enumerate(names):
        if name != name.strip().lower() or " " in name:
            yield Found("XL-LINT-23", roles[name], name)
        for other in names[:index]:
            if 0 < _distance(name, other) <= 2 and min(len(name), len(other)) > 4:
                yield Found("XL-LINT-23", roles[name], f"{other}, {name}")


def _distance(left: str, right: str) -> int:
    """How many letters differ (Levenshtein)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def handover_in_one_step(contract: Contract) -> Iterator[Found]:
    """XL-LINT-26."""
    for method in contract.entries:
        for step in contract.writes(method):
            given = _is_owner(contract, step) and step.value is not None and is_argument(step.value)
            if given and any(_is_held_by_caller(guard, step.name) for guard in step.guards):
                yield Found("XL-LINT-26", step.line, f"{method.name}: {step.name}")


def _is_owner(contract: Contract, step: Step) -> bool:
    """Whether a single address that rights rest on is written."""
    return (
        step.kind == "write"
        and not step.keys
        and step.name in contract.rights_fields
        and contract.state[step.name].value.type == spec.ADDRESS
    )


def _is_held_by_caller(guard: Guard, field: str) -> bool:
    return any(
        atom.op == "==" and any(is_caller(each) for each in atom.term.parts) and loads(atom.term, field)
        for atom in atoms_of(guard)
    )


def owner_for_anyone(contract: Contract) -> Iterator[Found]:
    """XL-LINT-27."""
    for method in contract.entries:
        for step in contract.writes(method):
            if not _is_owner(contract, step) or any(map(is_right, step.guards)):
                continue
            once = [term for guard in step.guards for term in loads(guard.condition)]
            if not any(_is_closed(contract, method, term, step) for term in once):
                yield Found("XL-LINT-27", step.line, f"{method.name}: {step.name}")


def _is_closed(contract: Contract, method: Method, term: Term, step: Step) -> bool:
    """Whether a call closes the door that a check left open: it writes what was asked."""
    if term.name == step.name:
        return True
    return any(each.name == term.name for each in contract.writes(method))
