"""Free TCP ports on loopback, outside the range that the system hands to outgoing connections."""

from __future__ import annotations

import secrets
import socket

from xianglian.errors import Misused

LOW, HIGH = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """`count` different ports that nobody listens on now. Raises `Misused` where there are not enough."""
    found: list[int] = []
    for _ in range(count * 50):
        if len(found) == count:
            return found
        port = LOW + secrets.randbelow(HIGH - LOW)
        if port not in found and _is_free(port):
            found.append(port)
    raise Misused(f"no {count} free ports between {LOW} and {HIGH}", wanted=count, found=len(found))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
