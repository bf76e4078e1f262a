"""event: what contracts reported, from a cursor on; as one JSON page, or as a stream that resumes (SSE).

A stream carries `id: <cursor>`; a browser or the SDK that reconnects sends it back as `Last-Event-ID`, so
nothing is lost or seen twice. Subscribers are bounded; each reads from the chain at its own pace, so a slow
one holds no queue.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from xianglian._core import Node, contract_address
from xianglian.errors import Busy, InvalidRequest
from xianglian.gateway import examples
from xianglian.gateway.finality import Finality
from xianglian.gateway.pool import NativePool
from xianglian.gateway.reads import as_json, session_of
from xianglian.gateway.session import Session
from xianglian.types import now_ms

SUBSCRIBERS_MAX = 256
PAGE_MAX = 500
WAIT_MS_MAX = 30_000
HEARTBEAT_S = 15.0


class Filter:
    """Which events are wanted."""

    def __init__(self, contract: str | None, name: str | None) -> None:
        self._contract = contract
        self._address = (
            None if contract is None or contract.startswith("xlc1") else contract_address(contract)
        )
        self._name = name

    def wants(self, event: dict[str, Any]) -> bool:
        """Whether `event` passes."""
        if self._contract is not None and event["contract"] not in (self._contract, self._address):
            return False
        return self._name is None or event["name"] == self._name


def event_routes(node: Node, pool: NativePool, finality: Finality) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1", tags=["events"])
    subscribers = 0

    @router.get(
        "/events",
        operation_id="events",
        summary="Events after a cursor: JSON, or a stream with Accept: text/event-stream",
        responses=examples.described(
            examples.EVENTS, "`next_cursor` continues; as a stream, `Last-Event-ID` does"
        ),
    )
    async def events(
        request: Request,
        cursor: Annotated[int, Query(ge=0, description="0 starts with the first event of the chain")] = 0,
        contract: Annotated[str | None, Query(max_length=100)] = None,
        name: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        wait_ms: Annotated[int, Query(ge=0, le=WAIT_MS_MAX)] = 0,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        wanted = Filter(contract, name)
        if last_event_id is not None:
            if not last_event_id.isdigit():
                raise InvalidRequest("Last-Event-ID is not a cursor", last_event_id=last_event_id)
            cursor = int(last_event_id)
        if "text/event-stream" not in request.headers.get("accept", ""):
            return as_json(json.dumps(await page(cursor, limit, wait_ms / 1000, wanted)))
        if subscribers >= SUBSCRIBERS_MAX:
            raise Busy(limit=SUBSCRIBERS_MAX)
        return StreamingResponse(
            stream(cursor, wanted, session_of(request)),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def page(cursor: int, limit: int, wait_s: float, wanted: Filter) -> dict[str, Any]:
        deadline = time.monotonic() + wait_s
        while True:
            height = finality.height
            got = json.loads(await pool.run(node.events, cursor, limit, 0))
            chosen = [event for event in got["events"] if wanted.wants(event)]
            moved, cursor = int(got["next_cursor"]) > cursor, int(got["next_cursor"])
            left_s = deadline - time.monotonic()
            if chosen or left_s <= 0:
                return {"events": chosen, "next_cursor": str(cursor)}
            if not moved:  # else there may be more blocks to look through
                await finality.beyond(height, left_s)

    async def stream(cursor: int, wanted: Filter, session: Session) -> AsyncIterator[str]:
        nonlocal subscribers
        subscribers += 1
        try:
            yield "retry: 1000\n\n"
            while now_ms() < session.expires_ms:
                try:
                    got = await page(cursor, PAGE_MAX, HEARTBEAT_S, wanted)
                except Busy:
                    await asyncio.sleep(1)
                    continue
                for event in got["events"]:
                    yield f"id: {event['cursor']}\nevent: event\ndata: {json.dumps(event)}\n\n"
                if not got["events"]:
                    yield ": still here\n\n"
                cursor = int(got["next_cursor"])
            yield "event: expired\ndata: {}\n\n"
        finally:
            subscribers -= 1

    return router
