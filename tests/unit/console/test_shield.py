"""What does not pass: strangers, foreign pages, sockets without a session, large bodies. How pages look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect

from xianglian.console.asgi import BODY_BYTES_MAX
from xianglian.console.public.routes import local_path, public_routes
from xianglian.console.sessions import (
    BUILDS_A_MINUTE,
    COOKIE,
    FAILURES_A_MINUTE,
    IDLE_S,
    StaffSession,
    StaffSessions,
    is_loopback,
)
from xianglian.console.shield import Shield

HOST = "127.0.0.1:9000"


class NoClient:
    """Nobody asks anything here."""

    account = "xl1nobody"

    async def close(self) -> None:
        """Nothing to close."""


class Inner:
    """The application behind the shield: says what reached it."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.body = b""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(f"{scope['type']} {scope['path']}")
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                break
        kind = b"application/json" if scope["path"] == "/gone" else b"text/html; charset=utf-8"
        status = 404 if scope["path"] == "/gone" else 200
        page = b"<html>\n  <script>a</script>\n<p>&lt;script and x<script>not ours</script></html>"
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": page})


class Around:
    """A shield with one session."""

    def __init__(self, folder: Path) -> None:
        class Settings:
            authority, chain_id, node_key, genesis = HOST, bytes(32), bytes(33), b""

        Settings.folder = folder  # type: ignore[attr-defined]
        self.inner = Inner()
        self.sessions = StaffSessions(Settings())  # type: ignore[arg-type]
        self.shield = Shield(self.inner, sessions=self.sessions, open_pages=lambda: 0)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.shield), base_url=f"http://{HOST}")

    async def sign_in(self) -> StaffSession:
        session = await self.sessions.add(NoClient(), "admin", "org1", ())  # type: ignore[arg-type]
        self.http.cookies.set(COOKIE, session.id)
        return session

    async def socket(self, *, cookie: str | None, origin: str | None, page: str) -> str:
        """How a socket's opening is answered."""
        headers = [(b"host", HOST.encode())]
        if cookie:
            headers.append((b"cookie", f"{COOKIE}={cookie}".encode()))
        if origin:
            headers.append((b"origin", origin.encode()))
        scope = {"type": "websocket", "path": "/console/_nicegui_ws/socket.io/", "headers": headers,
                 "query_string": f"client_id={page}".encode()}  # fmt: skip
        said: list[str] = []

        async def receive() -> dict[str, str]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            said.append(message["type"])

        await self.shield(scope, receive, send)
        return said[0]


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(tmp_path / "d" / "nodes" / "access-1")


async def test_a_stranger_is_sent_to_sign_in(around: Around) -> None:
    answer = await around.http.get("/console/blocks?before=3", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fconsole%2Fblocks%3Fbefore%3D3"
    assert (await around.http.get("/console/_nicegui/1/static/x.js")).status_code == 401
    assert (await around.http.post("/console/_nicegui/client/c/upload/1")).status_code == 401
    assert around.inner.reached == []


async def test_sockets_need_the_session_that_the_page_was_built_for(around: Around) -> None:
    mine, other = await around.sign_in(), await around.sign_in()
    around.shield.owners["page"] = mine.id
    good, bad = "websocket.accept", "websocket.close"
    own = f"http://{HOST}"
    assert await around.socket(cookie=mine.id, origin=own, page="page") == good
    assert await around.socket(cookie=None, origin=own, page="page") == bad
    assert await around.socket(cookie="made-up", origin=own, page="page") == bad
    assert await around.socket(cookie=mine.id, origin="http://evil.example", page="page") == bad
    assert await around.socket(cookie=mine.id, origin=None, page="page") == bad
    assert await around.socket(cookie=other.id, origin=own, page="page") == bad
    assert await around.socket(cookie=mine.id, origin=own, page="another") == bad
    await around.sessions.close(mine)
    assert await around.socket(cookie=mine.id, origin=own, page="page") == bad
    assert around.inner.reached == ["websocket /console/_nicegui_ws/socket.io/"]


async def test_polling_is_guarded_like_the_socket(around: Around) -> None:
    session = await around.sign_in()
    around.shield.owners["page"] = "somebody else"
    path = "/console/_nicegui_ws/socket.io/?client_id=page"
    assert (await around.http.get(path)).status_code == 403
    around.shield.owners["page"] = session.id
    assert (await around.http.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
async def test_posts_of_other_sites_are_refused(around: Around, headers: dict[str, str]) -> None:
    await around.sign_in()
    for path in ("/login", "/verify", "/logout", "/console/_nicegui/client/c/upload/1"):
        assert (await around.http.post(path, headers=headers)).status_code == 403
    assert around.inner.reached == []
    assert (await around.http.post("/verify", headers={"origin": f"http://{HOST}"})).status_code == 200


async def test_pages_are_dressed(around: Around) -> None:
    await around.sign_in()
    public = await around.http.get("/verify")
    policy = public.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert public.headers["x-frame-options"] == "DENY"
    assert public.headers["cache-control"] == "no-store"
    first, second = [await around.http.get("/console/") for _ in range(2)]
    nonce = first.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
    assert f'<script nonce="{nonce}">a' in first.text
    assert "x<script>not ours" in first.text, "only the framework's own scripts get the nonce"
    assert nonce not in second.text
    scripts = first.headers["content-security-policy"].split("script-src")[1].split(";")[0]
    assert "unsafe-inline" not in scripts


async def test_refusals_have_the_platforms_face_for_people_only(around: Around) -> None:
    page = await around.http.get("/gone", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert (await around.http.get("/gone")).headers["content-type"] == "application/json"
    english = await around.http.get("/gone", headers={"accept": "text/html", "cookie": "xl_lang=en"})
    assert "There is no such page" in english.text


async def test_large_bodies_are_cut_off(around: Around) -> None:
    async def chunks() -> Any:
        for _ in range(8):
            yield bytes(1024 * 1024)

    answer = await around.http.post("/verify", content=chunks())
    assert answer.status_code == 413
    assert "内容过大" in answer.text
    assert len(around.inner.body) <= BODY_BYTES_MAX
    reached = len(around.inner.reached)
    answer = await around.http.post("/verify", content=bytes(BODY_BYTES_MAX + 1))
    assert answer.status_code == 413
    assert len(around.inner.reached) == reached, "a declared length is refused unread"


async def test_pages_built_are_counted(around: Around) -> None:
    await around.sign_in()
    answers = [(await around.http.get("/console/")).status_code for _ in range(BUILDS_A_MINUTE + 1)]
    assert answers == [200] * BUILDS_A_MINUTE + [429]


async def test_the_api_is_left_alone(around: Around) -> None:
    answer = await around.http.post("/v1/session", headers={"origin": "http://evil.example"})
    assert around.inner.reached == ["http /v1/session"]
    assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize(
    ("target", "there"),
    [("/console/blocks", "/console/blocks"), ("//evil.example", "/console/"),
     ("https://evil.example", "/console/"),
     ("/\\evil.example", "/console/"), ("", "/console/"), ("/a\r\nset-cookie: x", "/console/")],
)  # fmt: skip
def test_after_signing_in_one_stays_here(target: str, there: str) -> None:
    assert local_path(target) == there


def test_only_this_machine_signs_in() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("10.0.0.4")
    assert not is_loopback(None)


async def test_a_remote_visitor_gets_no_sign_in_form(around: Around) -> None:
    from fastapi import FastAPI

    app = FastAPI()
    app.include_router(public_routes(around.sessions._settings, around.sessions))
    for client, status in ((("10.0.0.9", 1), 403), (("127.0.0.1", 1), 200)):
        transport = httpx.ASGITransport(app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
            assert (await http.get("/login")).status_code == status
            posted = await http.post("/login", data={"profile": "admin"})
            assert posted.status_code == (403 if status == 403 else 401)


async def test_idle_sessions_end(around: Around) -> None:
    session = await around.sign_in()
    assert around.sessions.find(session.id) is session
    session.seen -= IDLE_S + 1
    assert around.sessions.find(session.id) is None


async def test_guessing_the_passphrase_is_slowed_and_no_session_opens(tmp_path: Path) -> None:
    from xianglian.deployment.create import new_network
    from xianglian.deployment.plan import Plan
    from xianglian.errors import Busy, LoginRefused, WrongPassphrase

    network = new_network(tmp_path / "network", Plan.of_size(4))
    around = Around(network.path / "nodes" / "access-1")
    assert "admin" in around.sessions.profiles()
    for _ in range(FAILURES_A_MINUTE):
        with pytest.raises(WrongPassphrase):
            await around.sessions.sign_in("admin", b"guess", "test")
    with pytest.raises(Busy):
        await around.sessions.sign_in("admin", (network.path / "passphrase").read_bytes().strip(), "test")
    with pytest.raises(LoginRefused):
        await around.sessions.sign_in("../../nodes/validator-1", b"guess", "test")
    assert around.sessions.any_live() is None
