"""Values that cross component borders: receipts, events, and the bytes of a sign-in."""

from __future__ import annotations

import struct
import time
from dataclasses import dataclass, field
from typing import Any

LOGIN_TAG = b"xl:login:1......"
"""Opens the signed bytes of a sign-in (registry of domain tags)."""
LOGIN_WINDOW_MS = 60_000
"""How old a challenge, and how far off the caller's clock, may be."""
MEMBER = "member"
"""The role that every active account has."""


def now_ms() -> int:
    """UTC, milliseconds."""
    return time.time_ns() // 1_000_000


def login_message(
    *, chain_id: bytes, host: str, account: str, role: str, purpose: str, nonce: bytes, time_ms: int
) -> bytes:
    """What an account's key signs to open a session: tag ‖ chain id ‖ host ‖ account ‖ role ‖ purpose ‖ nonce
    ‖ time.

    Texts carry a u32 little-endian byte length, the time is u64 little endian. `host` is the authority that
    the caller dialled (`127.0.0.1:9000`), so that a sign-in cannot be forwarded to another site.
    """
    texts = b"".join(
        struct.pack("<I", len(raw)) + raw for raw in (t.encode() for t in (host, account, role, purpose))
    )
    return LOGIN_TAG + chain_id + texts + nonce + struct.pack("<Q", time_ms)


def read_query(method: str, target: str, body: bytes, digest: bytes) -> bytes:
    """The `query` of a signed read (protocol 22) over HTTP: method, path with query string, SM3 of the body
    (32 bytes).
    """
    assert len(digest) == 32, "SM3 of the body"
    return f"{method} {target}\n{len(body)}\n".encode() + digest


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a contract, ready to be signed. `contract` is a name or an `xlc1...` address."""

    contract: str
    method: str
    arguments: dict[str, Any] = field(default_factory=dict)
    gas_limit: int | None = None
    """Gas units; None takes the client's default."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a contract reported."""

    contract: str
    name: str
    data: bytes
    fields: dict[str, Any] | None = None
    """`data` read by the contract's interface; None where the interface is not at hand."""
    height: int = 0
    tx_hash: str = ""
    time_ms: int = 0
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """The final, durable result of a transaction."""

    tx_hash: str
    height: int
    index: int
    block_hash: str
    time_ms: int
    status: str
    """`success` or `failed`."""
    code: str
    """Empty on success; else the contract's error name or `XL-...`."""
    gas_used: int
    output: bytes
    result: Any
    """`output` read by the contract's interface."""
    events: tuple[Event, ...]
    line: int = 0
    path: tuple[tuple[str, str], ...] = ()
    detail: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return self.status == "success"


def plain(value: Any) -> Any:
    """`value` as JSON of the house rules: bytes in lower-case hex, integers beyond 2^53 as strings."""
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 1 << 53 else str(int(value))
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
