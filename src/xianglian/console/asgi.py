"""What is asked of a raw request: cookies, origin, size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_BYTES_MAX = 6 * 1024 * 1024
"""Uploads: a proof, a picture of a QR code, a licence file."""


def cookie_of(scope: Scope, name: str) -> str | None:
    """A cookie's value."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                return None
            if found is not None:
                return found.value
    return None


def same_origin(scope: Scope, *, needed: bool) -> bool:
    """Whether a request was made by a page of this site; without `needed`, also one that names no origin and was not
    made by another site.
    """
    headers: dict[bytes, bytes] = dict(scope["headers"])
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.partition(b"://")[2] == headers.get(b"host", b"")
    if needed:
        return False
    return headers.get(b"sec-fetch-site", b"none") in (b"same-origin", b"none")


def wants_html(scope: Scope) -> bool:
    """Whether a person's browser asks for a page."""
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


class Bounded:
    """`receive` that hangs up on a body above `BODY_BYTES_MAX`; `exceeded` says that it did."""

    def __init__(self, receive: Receive, scope: Scope) -> None:
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        self._receive = receive
        self._seen = 0
        self.exceeded = not declared.isdigit() or int(declared) > BODY_BYTES_MAX

    async def __call__(self) -> Message:
        """The next event."""
        if self.exceeded:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self.exceeded = self._seen > BODY_BYTES_MAX
        return {"type": "http.disconnect"} if self.exceeded else message


async def answer(
    send: Send, status: int, body: bytes, more: list[tuple[bytes, bytes]] | None = None, *,
    kind: bytes = b"text/html; charset=utf-8",
) -> None:  # fmt: skip
    """A whole answer."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
