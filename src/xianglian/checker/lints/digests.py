"""Signatures and digests: unused results, replay, ambiguous and guessable preimages."""

from __future__ import annotations

from collections.abc import Iterator

from xianglian.checker.flow import Method, Term
from xianglian.checker.lints.model import Contract, Found, is_argument, speaks_of_caller
from xianglian.contract import spec


def unused_signature_checks(contract: Contract) -> Iterator[Found]:
    """XL-LINT-17."""
    for method in contract.entries:
        for term in _all(method, "sm2"):
            asked = any(
                term in guard.condition.walk()
                for step in method.steps
                for guard in step.guards
                if step.kind != "read"
            )
            kept = any(
                step.value is not None and term in step.value.walk() for step in method.of("write", "emit")
            )
            if not asked and not kept:
                yield Found("XL-LINT-17", term.line, method.name)


def _all(method: Method, op: str) -> list[Term]:
    found: dict[Term, None] = {}
    for top in method.terms:
        if top.op == op:
            found[top] = None
    return list(found)


def replayed_signatures(contract: Contract) -> Iterator[Found]:
    """XL-LINT-18."""
    for method in contract.entries:
        if not contract.writes(method):
            continue
        for term in _all(method, "sm2"):
            message = term.parts[2]
            lacks = []
            if not message.has("fact", "self_address"):
                lacks.append("ctx.self_address")
            if not _is_once(contract, method, term):
                lacks.append("once")
            if lacks:
                yield Found("XL-LINT-18", term.line, f"{method.name}: {', '.join(lacks)}")


def _is_once(contract: Contract, method: Method, signature: Term) -> bool:
    """Whether the message or signature is used up: a stored number in it, or an entry kept for it."""
    message = set(signature.parts[2].walk()) | {signature.parts[1].inner}
    counters = {each.name for each in message if each.op == "load" and isinstance(each.type, spec.IntType)}
    written = {step.name for step in contract.writes(method)}
    if counters & written:
        return True
    for step in method.of("write", "read"):
        if step.name.split(".")[0] not in contract.state or step.kind != "read":
            continue
        by = {key.inner for key in step.keys}
        marks = {each for each in message if each.op == "argument" or each.op in ("sm3", "join", "encode")}
        named = step.value is not None and step.value.op in ("in", "load", "get")
        if named and by & marks and step.name in {*written, *_sets_written(method)}:
            return True
    return False


def _sets_written(method: Method) -> set[str]:
    return {step.name for step in method.of("write")}


def joined_without_length(contract: Contract) -> Iterator[Found]:
    """XL-LINT-19."""
    for method in contract.methods:
        for term in _all(method, "sm3"):
            open_ended = [part for part in _joined(term) if _is_open_ended(part)]
            if len(open_ended) > 1:
                yield Found("XL-LINT-19", term.line, method.name)


def _joined(term: Term) -> Iterator[Term]:
    for part in term.parts:
        inner = part
        while inner.op in ("retype", "bound"):
            inner = inner.parts[0]
        if inner.op == "join":
            yield from _joined(inner)
        else:
            yield inner


def _is_open_ended(part: Term) -> bool:
    if part.op in ("encode", "data", "loosen", "fix", "slice"):
        return False
    return isinstance(part.type, spec.VarType)


def guessable_commitments(contract: Contract) -> Iterator[Found]:
    """XL-LINT-24."""
    for method in contract.entries:
        for guard in method.guards:
            for compare in guard.condition.walk():
                if compare.op != "compare" or compare.name not in ("==", "!="):
                    continue
                sides = [each.inner for each in compare.parts]
                digests = [each for each in sides if each.op == "sm3"]
                stored = [each for each in sides if each.op in ("load", "field", "unwrap", "get")]
                own = any(map(speaks_of_caller, stored))
                if digests and own and not any(map(_is_salt, digests[0].walk())):
                    yield Found("XL-LINT-24", digests[0].line, method.name)


def _is_salt(term: Term) -> bool:
    """An argument with room for what nobody guesses."""
    if not is_argument(term):
        return False
    of = term.type
    if isinstance(of, spec.FixedType):
        return of.name in ("hash", "ref")
    return isinstance(of, spec.VarType) and (of.limit is None or of.limit >= 16)
