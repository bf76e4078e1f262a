"""How long the solver may think: in steps of its own, so that no answer depends on the machine."""

from __future__ import annotations

from typing import Any

STEPS_PER_MS = 5_000
"""Steps that z3 takes in a millisecond of an idle core, about; measured on arithmetic: 5 400 to 6 500."""
_SLOWEST = 20
"""A clock stops it as well, that many times later: a step that takes for ever would not count itself."""


def bound(solver: Any, effort_ms: int) -> None:
    """Lets a question take what an idle core does in about `effort_ms`; beyond that the answer is unknown."""
    solver.set("rlimit", effort_ms * STEPS_PER_MS)
    solver.set("timeout", effort_ms * _SLOWEST)
