"""What the compiler refuses: each with file, line, column, what is wrong and how to fix it; all of a file at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xianglian.errors import Misused


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One refusal. Lines and columns count from 1."""

    file: Path
    line: int
    column: int
    what: str
    fix: str
    source: str = ""
    """The offending line."""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {self.what}"
        if self.source.strip():
            text += f"\n    {self.source.rstrip()}\n    {' ' * (self.column - 1)}^"
        return f"{text}\n  fix: {self.fix}"


class CompileError(Misused):
    """The contract is outside the language or breaks its rules."""

    code = "XL-CONTRACT-REFUSED"

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = sorted(set(diagnostics))
        places = [
            {"file": str(d.file), "line": d.line, "column": d.column, "what": d.what, "fix": d.fix}
            for d in self.diagnostics
        ]
        super().__init__("\n".join(map(str, self.diagnostics)), diagnostics=places)


class LimitExceeded(Misused):
    """The compiled module is larger than a node accepts."""

    code = "XL-CONTRACT-TOO-LARGE"


class Refused(Exception):
    """Ends the statement being checked after its diagnostic was noted; never leaves the compiler."""
