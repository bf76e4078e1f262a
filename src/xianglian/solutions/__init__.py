"""Solutions: a contract, what it says about itself, and the story that shows it working on a real network.

`SOLUTIONS` lists them. Identifier validators for forms are in `validators`, words for proof files in
`explain`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xianglian.solutions.declaration import Alarm, Role, Solution, Step, Words

__all__ = ["SOLUTIONS", "Alarm", "Role", "Solution", "Step", "Words"]


class _Solutions(Mapping[str, Solution]):
    """By name; a declaration is loaded when it is asked for."""

    _names = ("elicence",)

    def __getitem__(self, name: str) -> Solution:
        """The declaration. Raises `KeyError`."""
        if name != "elicence":
            raise KeyError(name)
        from xianglian.solutions.elicence.solution import SOLUTION

        return SOLUTION

    def __iter__(self) -> Iterator[str]:
        """Names."""
        return iter(self._names)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._names)


SOLUTIONS: Mapping[str, Solution] = _Solutions()
