"""One process per folder. The kernel holds the lock: a killed process leaves nothing to clean."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from xianglian.errors import FolderInUse

PATIENCE_S = 1.0
"""How long taking a lock is tried: a look at it (`holder`) holds it for an instant."""


class FolderLock:
    """An exclusive lock on a file, held until the process ends; the file holds the pid."""

    def __init__(self, path: Path) -> None:
        """Raises `FolderInUse` naming the process that holds it."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + PATIENCE_S
        while not _try(self._handle):
            if time.monotonic() > deadline:
                pid = _pid(self._handle)
                os.close(self._handle)
                reason = f"{path.parent} is in use by process {pid}"
                raise FolderInUse(reason, path=str(path.parent), pid=pid)
            time.sleep(0.05)
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Gives the folder free."""
        os.close(self._handle)


def holder(path: Path) -> int | None:
    """The process that holds the lock; None where nobody does."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _try(handle) else _pid(handle)
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pid(handle: int) -> int | None:
    text = os.pread(handle, 20, 0)
    return int(text) if text.isdigit() else None
