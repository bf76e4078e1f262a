"""Entries that are made, changed and stopped: overwriting, existence, switches, events, personal data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xianglian.checker.flow import Step, Term
from xianglian.checker.lints.model import (
    Contract,
    Found,
    atoms_of,
    constant,
    is_right,
    loads,
    speaks_of_caller,
)
from xianglian.compiler.frontend.declarations import Declared, StructDecl
from xianglian.contract import spec


def overwritten_records(contract: Contract) -> Iterator[Found]:
    """XL-LINT-07."""
    for method in contract.entries:
        for step in contract.writes(method):
            if step.kind == "delete" or not step.keys or step.value is None:
                continue
            value = step.value.inner
            owns = value.op == "make" or is_owner_value(value)
            if not owns or loads(value, step.name) or contract.tested(step, step.name, step.keys):
                continue
            if _is_taken_elsewhere(contract, step):
                continue
            if any(map(speaks_of_caller, step.keys)) or any(map(_is_fresh, step.keys)):
                continue
            if speaks_of_caller(value) or not any(map(is_right, step.guards)):
                yield Found("XL-LINT-07", step.line, f"{method.name}: {step.name}")


def _is_taken_elsewhere(contract: Contract, step: Step) -> bool:
    """Whether another map or set was asked that something of the key is new."""
    own = {each for key in step.keys for each in key.walk() if each.op == "argument"}
    for guard in step.guards:
        for term in guard.condition.walk():
            is_set = term.op == "in" and contract.state[term.name].kind == "set"
            if is_set and own & {each for part in term.parts for each in part.walk()}:
                return True
        for atom in atoms_of(guard):
            parts = {each for part in atom.term.parts for each in part.walk()}
            if atom.term.op == "in" and not atom.truth and own & parts:
                return True
    return False


def is_owner_value(value: Term) -> bool:
    """Whether an address or digest is stored as it is."""
    return isinstance(value.type, spec.FixedType) and value.op in ("fact", "argument")


def _is_fresh(key: Term) -> bool:
    """Whether a key part is a counter, or of this transaction only."""
    return any(
        (each.op == "load" and not each.parts) or (each.op == "fact" and each.name == "tx_id")
        or (each.op in ("load", "field") and isinstance(each.type, spec.IntType))
        for each in key.walk()
    )  # fmt: skip


def unknown_entries(contract: Contract) -> Iterator[Found]:
    """XL-LINT-08."""
    registries = {
        step.name
        for method in contract.entries
        for step in contract.writes(method)
        if step.value is not None and step.value.inner.op == "make" and len(step.keys) == 1
    }
    for method in contract.entries:
        for step in contract.writes(method):
            if step.kind == "delete" or not step.keys or step.name in registries:
                continue
            for key in step.keys:
                if key.inner.op != "argument" or key.type == spec.ADDRESS:
                    continue
                fitting = [name for name in registries if _key_of(contract, name) == key.inner.type]
                known = any(contract.tested(step, name, (key,)) for name in fitting)
                own = contract.tested(step, step.name, step.keys) and contract.step_of(step) is None
                if fitting and not known and not own:
                    yield Found("XL-LINT-08", step.line, f"{method.name}: {step.name}, {fitting[0]}")
                    break


def _key_of(contract: Contract, name: str) -> spec.Type | None:
    key = contract.state[name].key
    return key[0].type if key and len(key) == 1 else None


_SWITCHES = (
    "paused",
    "suspended",
    "frozen",
    "stopped",
    "halted",
    "closed",
    "blocked",
    "blacklisted",
    "disabled",
)


def switches_not_asked(contract: Contract) -> Iterator[Found]:
    """XL-LINT-30."""
    for name, declared in contract.state.items():
        if declared.value.type != spec.BOOL or not any(word in name.split("_") for word in _SWITCHES):
            continue
        if not contract.writers[name]:
            continue
        guarded = {
            step.name
            for method in contract.entries
            for step in contract.writes(method)
            if step.name != name and any(loads(guard.condition, name) for guard in step.guards)
        }
        if not guarded:
            first = contract.writers[name][0]
            yield Found("XL-LINT-30", first[1].line, f"{name}: nothing asks")
            continue
        for method in contract.entries:
            for step in contract.writes(method):
                if step.name not in guarded or any(loads(guard.condition, name) for guard in step.guards):
                    continue
                if not any(map(is_right, step.guards)):
                    yield Found("XL-LINT-30", step.line, f"{method.name}: {name}")
                    break


def silent_changes(contract: Contract) -> Iterator[Found]:
    """XL-LINT-21."""
    if not any(method.of("emit") for method in contract.entries):
        return
    for method in contract.entries:
        writes = contract.writes(method)
        if writes and not method.of("emit"):
            yield Found("XL-LINT-21", writes[0].line, method.name)


def stale_events(contract: Contract) -> Iterator[Found]:
    """XL-LINT-22."""
    for method in contract.entries:
        writes = contract.writes(method)
        for step in method.of("emit"):
            value = step.value
            if value is None or not isinstance(value.type, spec.RecordType):
                continue
            position = method.steps.index(step)
            for (name, _), part in zip(value.type.fields, value.inner.parts, strict=False):
                if _is_named_after(name, part.inner) and _is_stale(
                    part.inner, [each for each in writes if method.steps.index(each) < position]
                ):
                    yield Found("XL-LINT-22", step.line, f"{method.name}: {name}")


def _is_named_after(name: str, term: Term) -> bool:
    """Whether an event's field claims to be the state that it was read from."""
    return term.name.rstrip("s") == name.rstrip("s") and term.op in ("field", "load", "get")


def _is_stale(term: Term, writes: list[Step]) -> bool:
    base = term
    while base.op == "field":
        base = base.parts[0].inner
    if base.op not in ("load", "get"):
        return False
    keys = [each.inner for each in base.parts]
    later = [
        each
        for each in writes
        if each.name == base.name and each.epoch >= base.epoch and [key.inner for key in each.keys] == keys
    ]
    return bool(later) and not _keeps(later[-1], term, base) and not _numbers(later[-1], base)


def _numbers(write: Step, base: Term) -> bool:
    """Whether the value was the number of a new entry, and the write moves the counter on."""
    value = None if write.value is None else write.value.inner
    if value is None or value.op != "binary" or value.name != "+":
        return False
    return {each.inner for each in value.parts} >= {base} and any(constant(each) == 1 for each in value.parts)


def _keeps(write: Step, term: Term, base: Term) -> bool:
    """Whether the written record has the same value in the field that the event names."""
    if term is base or write.value is None or write.value.inner.op != "make":
        return False
    return any(part.inner is term for part in write.value.inner.parts)


_PERSONAL = re.compile(
    r"(^|_)(id_?card|id_?number|identity|passport|phone|mobile|telephone|tel|email|mail_address|wechat|birth|birthday"
    r"|birth_date|real_name|full_name|person_name|holder_name|patient|patient_name|customer_name|owner_name|student"
    r"|student_name|home_address|residence|bank_account|card_number|plate_number|diagnosis|medical_record|salary"
    r"|fingerprint|social_security|surname|citizen)($|_)"
)


def personal_data(contract: Contract) -> Iterator[Found]:
    """XL-LINT-20."""
    own = contract.checked.modules[0]
    for name, declared in contract.state.items():
        for what, part in ((name, declared.value), *((name, each) for each in declared.key or ())):
            if _is_personal(what, part):
                yield Found("XL-LINT-20", contract.line_of(name), name)
    for method in contract.checked.contract.methods.values():
        if method.kind in ("entry", "view"):
            for name, part in method.parameters.items():
                if _is_personal(name, part):
                    yield Found("XL-LINT-20", own.line(method.node), f"{method.name}: {name}")
    for module in contract.checked.modules:
        for found in module.names.values():
            if isinstance(found, StructDecl) and found.line // 100_000 == module.index:
                for name, part in found.fields.items():
                    if _is_personal(name, part):
                        yield Found("XL-LINT-20", found.line, f"{found.name}.{name}")


def _is_personal(name: str, part: Declared) -> bool:
    of = part.type.item if isinstance(part.type, spec.OptionType) else part.type
    readable = isinstance(of, spec.VarType) and not of.sealed and part.privacy == "public"
    return readable and (bool(_PERSONAL.search(name)) or part.validator == "gb11643")


_ENDS = (
    "until",
    "expires",
    "expiry",
    "deadline",
    "valid_to",
    "not_after",
    "expires_at",
    "expiry_ms",
    "ends",
    "due",
)


def expiry_never_asked(contract: Contract) -> Iterator[Found]:
    """XL-LINT-16."""
    compared: set[str] = set()
    for method in contract.methods:
        for top in (*(guard.condition for guard in method.guards), *method.terms):
            for term in top.walk():
                if term.op == "compare" or (term.op == "binary" and term.has("fact")):
                    compared |= {each.name for each in term.walk() if each.op in ("field", "load", "get")}
    for method in contract.entries:
        for step in contract.writes(method):
            for name, line in _ends_written(step):
                if name not in compared:
                    yield Found("XL-LINT-16", line, f"{method.name}: {name}")


def _ends_written(step: Step) -> Iterator[tuple[str, int]]:
    value = step.value
    if value is None:
        return
    is_number = isinstance(value.type, spec.IntType) and constant(value) is None
    if is_number and any(word in step.name for word in _ENDS):
        yield step.name, step.line
    made = value.inner
    if made.op == "make" and isinstance(made.type, spec.RecordType) and not loads(made, step.name):
        for (name, kind), part in zip(made.type.fields, made.parts, strict=True):
            number = kind.item if isinstance(kind, spec.OptionType) else kind
            is_end = any(
                name == word or name.startswith(word + "_") or name.endswith("_" + word) for word in _ENDS
            )
            if is_end and isinstance(number, spec.IntType) and constant(part) is None:
                yield name, step.line
