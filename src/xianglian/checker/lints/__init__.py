"""Known weaknesses of contracts, looked for in what the methods do.

A finding is a question, not a verdict: `# accept XL-LINT-nn: reason` on its line, or on the line above,
answers it in the source. `flow` (all that a method does) → `model` → the lints → `catalogue` (their words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianglian.checker.lints import amounts, clock, digests, records, rights, upkeep
from xianglian.checker.lints.catalogue import LINTS, Lint
from xianglian.checker.lints.model import Contract, Found
from xianglian.compiler.frontend import Checked

__all__ = ["LINTS", "Finding", "Found", "Lint", "lint"]

_ALL: tuple[Callable[[Contract], Iterator[Found]], ...] = (
    rights.unprotected_writes,
    rights.unprotected_deletes,
    rights.origin_instead_of_caller,
    rights.rights_by_argument,
    rights.wrong_boolean,
    rights.alike_roles,
    rights.handover_in_one_step,
    rights.owner_for_anyone,
    amounts.stale_writes,
    amounts.unchecked_amounts,
    amounts.supply_left_behind,
    amounts.rounding_first,
    amounts.lists_that_fill,
    amounts.loops_by_strangers,
    amounts.uncounted_uses,
    records.overwritten_records,
    records.unknown_entries,
    records.switches_not_asked,
    records.silent_changes,
    records.stale_events,
    records.personal_data,
    records.expiry_never_asked,
    clock.boundaries,
    clock.mixed_units,
    digests.unused_signature_checks,
    digests.replayed_signatures,
    digests.joined_without_length,
    digests.guessable_commitments,
    upkeep.ignored_results,
    upkeep.unused_parts,
    upkeep.no_choice,
)
_ACCEPT = re.compile(r"#\s*accept\s+(XL-LINT-\d\d)\b:?\s*(.*)")
_LINES_PER_FILE = 100_000
_BROKEN = "XL-LINT-33"
"""Its place is the `def`; an acceptance may stand above the decorator."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A weakness at a place of the source; `accepted` is the reason why it stands."""

    lint: str
    file: Path
    line: int
    what: str
    accepted: str | None = None

    @property
    def about(self) -> Lint:
        """Its words."""
        return LINTS[self.lint]

    def to_json(self) -> dict[str, Any]:
        """For reports; the file by name only, so that a report is the same on every machine."""
        return {
            "lint": self.lint,
            "severity": self.about.severity,
            "file": self.file.name,
            "line": self.line,
            "what": self.what,
            "accepted": self.accepted,
        }


def lint(checked: Checked, broken: Iterable[Found] = ()) -> list[Finding]:
    """All findings, by file and line, those of proofs (`broken`) among them. Accepted ones are in it, with
    their reason.
    """
    contract = Contract(checked)
    found = {each for check in _ALL for each in check(contract)} | set(broken)
    accepts = _accepts(checked)
    findings: list[Finding] = []
    used: set[tuple[int, int]] = set()
    for each in sorted(found, key=lambda each: (each.line, each.lint, each.what)):
        index, line = divmod(each.line, _LINES_PER_FILE)
        reason = None
        for at in (line, line - 1, line - 2)[: 3 if each.lint == _BROKEN else 2]:
            given = accepts.get((index, at))
            if given is not None and given[0] == each.lint:
                used.add((index, at))
                reason = given[1]
        findings.append(Finding(each.lint, checked.modules[index].path, line, each.what, reason or None))
    for (index, line), (name, reason) in sorted(accepts.items()):
        if not reason or (index, line) not in used:
            findings.append(Finding("XL-LINT-00", checked.modules[index].path, line, name))
    return findings


def _accepts(checked: Checked) -> dict[tuple[int, int], tuple[str, str]]:
    """Acceptances by file and line: the lint and the reason."""
    found = {}
    for module in checked.modules:
        for number, text in enumerate(module.source, 1):
            if match := _ACCEPT.search(text):
                found[module.index, number] = (match[1], match[2].strip())
    return found
