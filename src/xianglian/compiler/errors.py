"""What the compiler refuses: each with file, line, column, what is wrong and how to fix it; all of a file at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xianglian.compiler.wording import in_chinese
from xianglian.errors import Misused

_WIDE = 0x2E7F
"""Letters after this one take two columns of a terminal."""


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
        return self._told(self.what, f"fix: {self.fix}")

    @property
    def chinese(self) -> str:
        """The same in Chinese."""
        return self._told(in_chinese(self.what), f"改法: {in_chinese(self.fix)}")

    def _told(self, what: str, fix: str) -> str:
        text = f"{self.file}:{self.line}:{self.column}: {what}"
        if self.source.strip():
            # The caret stands below its place also after tabs and letters that are two columns wide.
            before = "".join("\t" if c == "\t" else "\u3000" if ord(c) > _WIDE else " " for c in self._before)
            text += f"\n    {self.source.rstrip()}\n    {before}^"
        return f"{text}\n  {fix}"

    @property
    def _before(self) -> str:
        return self.source[: self.column - 1]


TOO_DEEP = (
    "nested too deeply",
    "split it: name parts in locals, and use shorter chains and fewer layers of calls",
)
"""What is said where the source is deeper than this compiler goes, and how to fix it."""


class CompileError(Misused):
    """The contract is outside the language or breaks its rules."""

    code = "XL-CONTRACT-LANGUAGE"

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = sorted(set(diagnostics))
        places = [
            {
                "file": str(d.file),
                "line": d.line,
                "column": d.column,
                "what": d.what,
                "fix": d.fix,
                "what_zh": in_chinese(d.what),
                "fix_zh": in_chinese(d.fix),
            }
            for d in self.diagnostics
        ]
        super().__init__("\n".join(map(str, self.diagnostics)), diagnostics=places)

    @property
    def reason_zh(self) -> str:
        """The refusals in Chinese."""
        return "\n".join(each.chinese for each in self.diagnostics)


class SourceUnreadable(Misused):
    """There is no such file or folder, or it cannot be read as text."""

    code = "XL-CONTRACT-SOURCE"


class LimitExceeded(Misused):
    """The compiled module is larger than a node accepts."""

    code = "XL-CONTRACT-TOO-LARGE"


class Refused(Exception):
    """Ends the statement being checked after its diagnostic was noted; never leaves the compiler."""
