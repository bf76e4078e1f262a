"""The one JSON error shape, and which HTTP status each family has."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from xianglian import errors

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

_STATUS: tuple[tuple[type[errors.XianglianError], int], ...] = (
    (errors.NoSession, 401),
    (errors.LoginRefused, 401),
    (errors.ReadRefused, 403),
    (errors.NotFound, 404),
    (errors.HistoryPruned, 410),
    (errors.TooLarge, 413),
    (errors.Busy, 503),
    (errors.Rejected, 422),
    (errors.Unreachable, 503),
    (errors.Misused, 400),
)


def status_of(error: errors.XianglianError) -> int:
    """The HTTP status of an error: the first family in the table that it belongs to, else 500."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_body(error: errors.XianglianError) -> bytes:
    """`{"error": {"code", "reason", "retry", "facts"}}`."""
    return json.dumps({"error": error.to_json()}, ensure_ascii=False, default=str).encode()


async def send_error(send: Send, error: errors.XianglianError) -> None:
    """Answers with `error`."""
    more = [(b"www-authenticate", b"Bearer")] if isinstance(error, errors.NoSession) else []
    more += [(b"retry-after", b"1")] if error.retry else []
    await send_bytes(send, status_of(error), error_body(error), b"application/json", more)


async def send_bytes(send: Send, status: int, body: bytes, kind: bytes, more: Headers = ()) -> None:
    """Answers with `body`; nothing that leaves here may be cached."""
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *more]})
    await send({"type": "http.response.body", "body": body})
