"""Plain routes for people who are signed in: search, and files to take along."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from xianglian.console import elicence
from xianglian.console.sessions import COOKIE, StaffSession, StaffSessions
from xianglian.errors import NotFound, XianglianError


def staff_routes(sessions: StaffSessions) -> APIRouter:
    """The router; the shield has turned away whoever has no session."""
    router = APIRouter(prefix="/console", include_in_schema=False)

    def session_of(request: Request) -> StaffSession:
        session = sessions.find(request.cookies.get(COOKIE))
        if session is None:
            raise NotFound("the session has ended")
        return session

    @router.head("/alive")
    async def alive() -> Response:
        return Response(status_code=204)

    @router.get("/search")
    async def search(request: Request, q: str = "") -> Response:
        return RedirectResponse(await place_of(session_of(request), q.strip()[:200]), 303)

    @router.get("/files/receipt/{tx_hash}")
    async def receipt_proof(request: Request, tx_hash: str) -> Response:
        proof = await session_of(request).client.proof(tx_hash)
        return _file(proof, f"receipt-{tx_hash[:16]}.xlp")

    @router.get("/files/licence/{licence_id}")
    async def licence_proof(request: Request, licence_id: str) -> Response:
        proof = await elicence.licence_proof(session_of(request), licence_id)
        return _file(proof, f"licence-{'-'.join(licence_id.split('.')[-3:])}.xlp")

    @router.get("/files/made/{link}")
    async def made(request: Request, link: str) -> Response:
        found = session_of(request).made.get(link)
        if found is None:
            raise NotFound("there is no such file, or it has been dropped")
        return _file(found[1], found[0])

    return router


async def place_of(session: StaffSession, asked: str) -> str:
    """The page for what somebody looks for."""
    lowered = asked.lower().removeprefix("0x")
    if asked.isdigit():
        return f"/console/blocks/{int(asked)}"
    if len(lowered) == 64 and set(lowered) <= set("0123456789abcdef"):
        try:
            await session.client.transaction(lowered)
        except XianglianError:
            return f"/console/blocks/{lowered}"
        return f"/console/transactions/{lowered}"
    if asked.startswith("xl1"):
        return f"/console/accounts/{asked}"
    if asked.startswith("1.2.156."):
        return f"/console/elicence/licence/{asked}"
    if asked.replace("-", "").replace("_", "").isalnum() and asked:
        return f"/console/contracts/{asked}"
    return "/console/transactions"


def _file(content: bytes, name: str) -> Response:
    safe = "".join(letter for letter in name if letter.isalnum() or letter in ".-_")
    headers = {"content-disposition": f'attachment; filename="{safe}"', "cache-control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)
