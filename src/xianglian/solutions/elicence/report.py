"""What an acceptance run found: counts, checks that hold or not, refusals that came as they must."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold."""

    name: str
    zh: str
    en: str
    ok: bool
    detail: str = ""
    """What was seen, where it is not self-evident."""


@dataclass
class Report:
    """The outcome of the story."""

    issued: int = 0
    presented: int = 0
    refused: int = 0
    """Refusals that came, each for the expected reason."""
    changed: int = 0
    suspended: int = 0
    revoked: int = 0
    answers_right: int = 0
    """Presentations whose answer agrees with the order of the chain."""
    verified_offline: int = 0
    """Licences whose proof was verified without the platform."""
    transactions: int = 0
    seconds: float = 0.0
    first_height: int = 0
    last_height: int = 0
    checks: list[Check] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def check(self, name: str, zh: str, en: str, ok: bool, detail: object = "") -> None:
        """Adds a check."""
        self.checks.append(Check(name, zh, en, ok, str(detail)))

    def to_json(self) -> dict[str, Any]:
        """Counts and checks; `ok` first."""
        return {"ok": self.ok, **asdict(self), "seconds": round(self.seconds, 2)}
