"""Talking to a contract: a chain in memory, four accounts, the contract deployed by Alice, Python's prompt.

A refusal is told by its code, reason and line instead of a traceback; events are shown as they come. Input
may also be piped in, a statement a line.
"""

from __future__ import annotations

import code
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Deployed, Parties, load_contract


class NoContract(ValueError):
    """The file has no contract class, so there is nothing to talk to."""


def contract_class(module: ModuleType) -> type:
    """The `@contract` class of a file. Raises `NoContract`."""
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "__state__"):
            return value
    raise NoContract(f"{module.__file__} has no @contract class")


class Prompt(code.InteractiveConsole):
    """The prompt over one deployed contract; `names` is what can be typed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        module = load_contract(path)
        kind = contract_class(module)
        self.chain = Chain()
        self.parties = Parties.of(self.chain)
        self.contract: Deployed = self.chain.deploy(kind, by=self.parties.alice)
        self.seen = 0
        people = {name: getattr(self.parties, name) for name in ("alice", "bob", "carol", "dave")}
        public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
        self.names: dict[str, Any] = {**public, **people, "chain": self.chain, "c": self.contract}
        super().__init__(self.names)

    def banner(self) -> str:
        """What can be typed, with the contract's entries and views."""
        kind = self.contract.contract
        calls = [n for n in dir(kind) if getattr(getattr(kind, n), "__kind__", None) in ("entry", "view")]
        return (
            f"c is {kind.__name__}, deployed by alice; bob, carol and dave are there too.\n"
            f"c has {', '.join(calls)}. Entries take by=: c.{calls[0] if calls else 'name'}(..., by=alice)\n"
            "chain.advance(days=1), chain.grant(bob, 'role'), s = chain.snapshot(), chain.restore(s);"
            " ctrl-D ends."
        )

    def runsource(self, source: str, filename: str = "<input>", symbol: str = "single") -> bool:
        """One statement; then the events that it made."""
        more = super().runsource(source, filename, symbol)
        # After `chain.restore` there may be fewer events than were seen.
        for event in self.chain.events[min(self.seen, len(self.chain.events)) :]:
            self.write(f"  event {event.value!r}\n")
        self.seen = len(self.chain.events)
        return more

    def showtraceback(self) -> None:
        """A refusal in its own words; anything else as Python shows it."""
        refusal = self._refusal()
        if refusal is None:
            super().showtraceback()
        else:
            self.write(refusal)

    def _refusal(self) -> str | None:
        error = sys.exc_info()[1]
        if not isinstance(error, ContractError):
            return None
        frames = traceback.extract_tb(error.__traceback__)
        here = [frame for frame in frames if Path(frame.filename) == self.path]
        place = f" at {Path(here[-1].filename).name}:{here[-1].lineno}: {here[-1].line}" if here else ""
        facts = ", ".join(f"{name}={value!r}" for name, value in error.facts.items())
        zh, en = type(error).reason()
        return f"  refused: {type(error).__name__}({facts}) {zh} / {en}{place}\n"
