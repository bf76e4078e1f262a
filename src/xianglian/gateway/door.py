"""The first thing that a request meets: sizes, load, then the session, before anything of it is parsed."""

from __future__ import annotations

import asyncio
import json
from http.cookies import CookieError, SimpleCookie

from xianglian._core import Node
from xianglian.errors import Busy, NoSession, TooLarge, WaitedTooLong, XianglianError
from xianglian.gateway.access_log import AccessLog
from xianglian.gateway.answers import App, Message, Receive, Scope, Send, send_error
from xianglian.gateway.pool import NativePool
from xianglian.gateway.session import RECHECK_MS, Session, Sessions
from xianglian.gateway.signed import HEADER, answer_signed
from xianglian.types import now_ms

IN_FLIGHT_MAX = 2_048
BODY_BYTES_MAX = 256 * 1024
CODE_BODY_BYTES_MAX = 1_100_000
"""The same where a contract's code and interface travel in hex."""
LOGIN_BYTES_MAX = 8 * 1024
BODY_S_MAX = 20.0
"""A body must be there within this time."""
COOKIE = "xl_session"


class Door:
    """ASGI: lets through what may pass."""

    def __init__(
        self,
        app: App,
        *,
        submit: dict[str, App],
        node: Node,
        pool: NativePool,
        sessions: Sessions,
        log: AccessLog,
    ) -> None:
        self._app = app
        self._submit = submit
        self._node = node
        self._pool = pool
        self._sessions = sessions
        self._log = log
        self.in_flight = 0
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event of the server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self.in_flight >= IN_FLIGHT_MAX:
            self.refused += 1
            await send_error(send, Busy(limit=IN_FLIGHT_MAX))
            return
        self.in_flight += 1
        try:
            await self._route(scope, receive, send)
        except XianglianError as error:
            await send_error(send, error)
        finally:
            self.in_flight -= 1

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["method"] == "POST" and (raw := self._submit.get(path)) is not None:
            await raw(scope, receive, send)
        elif not path.startswith("/v1/") or path == "/v1/session" or path.startswith("/v1/session/"):
            await self._app(
                scope, bounded(scope, receive, LOGIN_BYTES_MAX if path.startswith("/v1") else None), send
            )
        else:
            await self._read(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        session = await self.session(token_of(headers))
        scope.setdefault("state", {})["session"] = session
        carries_code = scope["path"].endswith("/upgrade/dry-run")
        receive = bounded(scope, receive, CODE_BODY_BYTES_MAX if carries_code else BODY_BYTES_MAX)

        async def logged(message: Message) -> None:
            if message["type"] == "http.response.start":
                what = scope["state"].get("what", scope["path"])
                self._log.write(session, scope["method"], what, message["status"])
            await send(message)

        if (signed := headers.get(HEADER)) is not None:
            await answer_signed(self._app, self._node, self._pool, session, scope, receive, logged, signed)
        else:
            await self._app(scope, receive, logged)

    async def session(self, token: str | None) -> Session:
        """The live session of a token; asks the chain again now and then. Raises `NoSession`."""
        session = self._sessions.resolve(token)
        now = now_ms()
        if now - session.checked_ms > RECHECK_MS:
            session.checked_ms = now
            text = await self._pool.run(self._node.account, session.account)
            account = json.loads(text) if text else None
            if account is None or account["suspended"]:
                self._sessions.close(token)
                raise NoSession("the account is suspended or gone")
            session.roles = tuple(account["roles"])
            if session.role not in (*session.roles, "member"):
                self._sessions.close(token)
                raise NoSession(f"the account no longer has the role {session.role}")
        return session


def token_of(headers: dict[bytes, bytes]) -> str | None:
    """The session token of a request: `Authorization: Bearer`, else the cookie of a browser."""
    if (value := headers.get(b"authorization")) is not None:
        kind, _, token = value.decode("latin-1").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None
    if (cookies := headers.get(b"cookie")) is not None:
        try:
            found = SimpleCookie(cookies.decode("latin-1")).get(COOKIE)
        except CookieError:
            return None
        return found.value if found else None
    return None


def bounded(scope: Scope, receive: Receive, limit: int | None) -> Receive:
    """`receive` that ends with `TooLarge` above `limit` bytes and with `WaitedTooLong` for a body that
    dribbles in.
    """
    if limit is None:
        return receive
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value) > limit):
            raise TooLarge(f"at most {limit} bytes", limit_bytes=limit)
    seen = 0
    complete = False

    async def counted() -> Message:
        nonlocal seen, complete
        if complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), BODY_S_MAX)
        except TimeoutError as error:
            raise WaitedTooLong("the body did not arrive in time", code="XL-SLOW-BODY") from error
        seen += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if seen > limit:
            raise TooLarge(f"at most {limit} bytes", limit_bytes=limit)
        return message

    return counted
