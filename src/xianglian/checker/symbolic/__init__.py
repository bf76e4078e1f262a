"""Declared invariants, decided by an SMT solver over the typed form: proved, or broken by a test that runs.

`values` ← `storage` ← `evaluate` ← `machine` (run the typed form) ← `logic` (reads invariants) ← `prove` ←
`replay`.
"""

from __future__ import annotations

from xianglian.checker.symbolic.prove import ROUNDS, TIMEOUT_MS, Obligation, Proof, obligations
from xianglian.checker.symbolic.replay import write_test
from xianglian.compiler.frontend import Checked

__all__ = ["ROUNDS", "TIMEOUT_MS", "Proof", "prove"]


def prove(
    checked: Checked, *, only: str | None = None, rounds: int = ROUNDS, timeout_ms: int = TIMEOUT_MS
) -> list[Proof]:
    """An answer for each invariant and each call (or `only` one) that must keep it; none if nothing is
    declared.

    Verdicts: `proved`; `bounded` (loops beyond `rounds` rounds were not looked at); `violated`, with a test
    that was seen to fail; `undecided` and `not-covered`, with the reason.
    """
    if not checked.contract.invariants:
        return []
    found: list[Proof] = []
    for method in obligations(checked):
        obligation = Obligation(checked, method, rounds, timeout_ms)
        if only in (None, obligation.name):
            found += obligation.prove()
    for each in found:
        if each.counterexample is not None:
            each.test = write_test(checked, each, rounds)
            each.verdict = "undecided" if each.test is None else "violated"
    return found
