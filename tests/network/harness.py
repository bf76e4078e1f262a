"""A real network of real processes for a test or a script: made, up, and gone afterwards."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xianglian.deployment import operations
from xianglian.deployment.create import new_network
from xianglian.deployment.layout import NetworkFolder
from xianglian.deployment.plan import Plan


@contextlib.contextmanager
def network(organisations: int = 4, folder: Path | None = None) -> Iterator[NetworkFolder]:
    """A fresh network that is up; stopped and, where nothing failed, removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="xl-test-")) if folder is None else folder
    made = new_network(home / "network", Plan.of_size(organisations))
    try:
        operations.up(made)
        yield made
    except BaseException:
        sys.stderr.write(f"logs stay in {made.path}\n")
        operations.down(made)
        raise
    operations.down(made)
    shutil.rmtree(home, ignore_errors=True)


def rows(found: NetworkFolder) -> dict[str, dict[str, Any]]:
    """Name -> row of `network status`."""
    return {row["name"]: row for row in operations.status(found)["nodes"]}


def until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Waits for `condition`; how long it took. Fails naming `what`."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - start


def roots_agree(found: NetworkFolder, seconds: float = 20) -> bool:
    """Whether all nodes come to stand at one height with one root."""

    def settled() -> bool:
        seen = rows(found).values()
        return (
            all(row["healthy"] for row in seen)
            and len({(row["height"], row["state_root"]) for row in seen}) == 1
        )

    with contextlib.suppress(AssertionError):
        until(settled, seconds, "one height and root everywhere")
        return True
    return False


def report(document: dict[str, Any]) -> None:
    """The result of a script: one JSON document."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def processes(found: NetworkFolder) -> list[int]:
    """Pids of all nodes."""
    return [int(row["pid"]) for row in rows(found).values() if row["pid"] is not None]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
