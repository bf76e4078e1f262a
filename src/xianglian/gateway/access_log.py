"""Who read what, in which role and for which purpose: one JSON line a read, each holding the digest of the
line before.

A removed or changed line breaks the chain of digests (`verify_log`). Arguments and results never stand here.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from xianglian._core import sm3
from xianglian.errors import Damaged
from xianglian.gateway.session import Session
from xianglian.types import now_ms

FIRST = bytes(32).hex()


class AccessLog:
    """`reads-YYYYMMDD.jsonl` in a folder, appended to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._day = ""
        self._handle = -1
        self._previous = _last_digest(folder)

    def write(self, session: Session, operation: str, target: str, status: int) -> None:
        """Appends a line; it is with the system before the answer leaves."""
        now = datetime.now(UTC)
        day = now.strftime("%Y%m%d")
        if day != self._day:
            self._open(day)
        line = json.dumps(
            {
                "time_ms": now_ms(),
                "account": session.account,
                "organisation": session.organisation,
                "role": session.role,
                "purpose": session.purpose,
                "session": session.id.hex(),
                "operation": operation,
                "target": target,
                "status": status,
                "previous": self._previous,
            },
            ensure_ascii=False,
        ).encode()
        os.write(self._handle, line + b"\n")
        self._previous = sm3(line).hex()

    def _open(self, day: str) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        path = self._folder / f"reads-{day}.jsonl"
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._day = day


def verify_log(folder: Path) -> int:
    """Walks the chain of digests over all files; the number of lines. Raises `Damaged` naming the line."""
    previous, count = FIRST, 0
    for path in sorted(folder.glob("reads-*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if json.loads(line).get("previous") != previous:
                raise Damaged(f"{path}:{number} does not follow the line before", path=str(path), line=number)
            previous, count = sm3(line).hex(), count + 1
    return count


def _last_digest(folder: Path) -> str:
    for path in sorted(folder.glob("reads-*.jsonl"), reverse=True):
        lines = path.read_bytes().splitlines()
        if lines:
            return sm3(lines[-1]).hex()
    return FIRST
