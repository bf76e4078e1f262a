"""What every request to the console and the public pages passes: origin, session, sizes, headers. Pure ASGI, since the
framework's own middleware does not see web sockets.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, quote

from starlette.requests import ClientDisconnect

from xianglian.console import i18n
from xianglian.console.asgi import (
    App,
    Bounded,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    cookie_of,
    same_origin,
    wants_html,
)
from xianglian.console.public import screens
from xianglian.console.sessions import COOKIE, StaffSession, StaffSessions

HOME = "/console"
SOCKET = "_nicegui_ws"
PAGES_OPEN_MAX = 400
NOT_OURS = ("/v1", "/openapi.json", "/docs", "/healthz", "/readyz", "/metrics")

STRICT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
STAFF = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""The framework compiles templates in the browser, hence `unsafe-eval`: on signed-in pages only."""
_SCRIPT = re.compile(rb"(?m)^(\s*)<script")


class Shield:
    """ASGI: lets through what may pass and dresses what comes back."""

    def __init__(self, app: App, *, sessions: StaffSessions, open_pages: Callable[[], int]) -> None:
        self._app = app
        self._sessions = sessions
        self._open_pages = open_pages
        self.owners: dict[str, str] = {}
        """Page (client id) -> session: a socket must come from the session that its page was built for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event of the server."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] != "http" or _is_under(scope["path"], NOT_OURS):
            await self._app(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    def session_of(self, scope: Scope) -> StaffSession | None:
        """The live session of a request's cookie."""
        return self._sessions.find(cookie_of(scope, COOKIE))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = self.session_of(scope)
        page = parse_qs(scope["query_string"].decode("latin-1")).get("client_id", [""])[0]
        if session is None or not same_origin(scope, needed=True) or self.owners.get(page) != session.id:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        i18n.ask(cookie_of(scope, i18n.COOKIE))
        dressed = self._dressed(scope, send)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not same_origin(scope, needed=False):
            await answer(dressed, 403, screens.problem(scope, 403, "foreign"))
            return
        if not _is_under(scope["path"], (HOME,)):
            await self._within_bounds(scope, receive, dressed)
            return
        session = self.session_of(scope)
        if session is None:
            await self._turn_away(scope, dressed)
            return
        if SOCKET in scope["path"]:
            page = parse_qs(scope["query_string"].decode("latin-1")).get("client_id", [""])[0]
            if self.owners.get(page) != session.id:
                await answer(dressed, 403, b"", kind=b"text/plain")
                return
        elif _builds(scope) and (not session.may_build() or self._open_pages() >= PAGES_OPEN_MAX):
            await answer(dressed, 429, screens.problem(scope, 429, "many"), [(b"retry-after", b"20")])
            return
        await self._within_bounds(scope, receive, dressed)

    async def _within_bounds(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Bounded(receive, scope)
        try:
            if not body.exceeded:
                await self._app(scope, body, send)
                return
        except ClientDisconnect:
            if not body.exceeded:
                return  # the visitor left; there is nobody to answer
        await answer(send, 413, screens.problem(scope, 413, "large"))

    async def _turn_away(self, scope: Scope, send: Send) -> None:
        if scope["method"] != "GET" or not wants_html(scope):
            await answer(send, 401, b"", kind=b"text/plain")
            return
        target = scope["path"]
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        await answer(send, 303, b"", [(b"location", f"/login?next={quote(target, safe='')}".encode())])

    def _dressed(self, scope: Scope, send: Send) -> Send:
        """`send` that adds headers; pages of the framework get a nonce, refusals the platform's face."""
        staff = _is_under(scope["path"], (HOME,))
        held: Message = {}
        parts: list[bytes] = []

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                refused = message["status"] >= 400 and wants_html(scope) and scope["method"] == "GET"
                if b"text/html" in kind or (refused and b"json" in kind):
                    held.update(message)
                else:
                    await send({**message, "headers": [*message["headers"], *_PLAIN]})
                return
            if not held:
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            await _send_page(send, scope, held, b"".join(parts), staff=staff)
            held.clear()

        if staff:  # a compressed page could not be given its nonce
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"] if (
                "/_nicegui/" not in scope["path"]
            ) else scope["headers"]  # fmt: skip
        return dressed


_PLAIN = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]


async def _send_page(send: Send, scope: Scope, start: Message, body: bytes, *, staff: bool) -> None:
    status = start["status"]
    headers = [pair for pair in start["headers"] if pair[0] not in (b"content-length", b"cache-control")]
    policy = STRICT
    if status >= 400 and b'class="problem"' not in body:
        body = screens.problem(scope, status, "missing" if status == 404 else "failed")
        headers = [(b"content-type", b"text/html; charset=utf-8")]
    elif staff and b'class="problem"' not in body:
        nonce = secrets.token_urlsafe(16)
        policy = STAFF.format(nonce=nonce)
        if i18n.ask(cookie_of(scope, i18n.COOKIE)) == "en":
            body = body.replace(b'<html lang="zh-CN"', b'<html lang="en"', 1)
        body = _SCRIPT.sub(rb'\1<script nonce="' + nonce.encode() + b'"', body)
    headers += [
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", policy.encode()),
        (b"x-frame-options", b"DENY"),
        *_PLAIN,
    ]
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _builds(scope: Scope) -> bool:
    return scope["method"] == "GET" and "/_nicegui/" not in scope["path"]


def _is_under(path: str, roots: tuple[str, ...]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)
