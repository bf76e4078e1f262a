"""Speaking to a network's supervisor: one JSON line each way over a unix socket in the network folder."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xianglian.errors import NetworkDown, from_json

SOCKET = "control.sock"
SUPERVISOR_LOCK = "supervisor.lock"


@contextlib.contextmanager
def socket_path(folder: Path) -> Iterator[str]:
    """A path for the control socket that is short enough for the system, however deep the folder lies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)


def ask(folder: Path, operation: str, *, timeout_s: float = 30.0, **arguments: Any) -> dict[str, Any]:
    """One request and its answer. Raises `NetworkDown` where no supervisor listens, or what the supervisor
    answers.
    """
    try:
        with socket_path(folder) as path, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(timeout_s)
            line.connect(path)
            line.sendall(json.dumps({"operation": operation, **arguments}).encode() + b"\n")
            with line.makefile("rb") as answers:
                text = answers.readline()
    except (OSError, TimeoutError) as error:
        raise NetworkDown(f"the network in {folder} is not running", path=str(folder)) from error
    if not text:
        raise NetworkDown(f"the supervisor of {folder} went away", path=str(folder))
    answer: dict[str, Any] = json.loads(text)
    if "error" in answer:
        raise from_json(answer["error"])
    return answer
