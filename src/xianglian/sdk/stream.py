"""Following events over SSE; a broken connection resumes at the last cursor."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from xianglian.errors import Busy, NoSession, Unreachable
from xianglian.sdk.transport import Transport

PAUSE_S_MAX = 5.0


async def follow(
    transport: Transport, *, contract: str | None, name: str | None, cursor: int
) -> AsyncIterator[dict[str, Any]]:
    """Rows of events after `cursor`, for ever. Raises what is not worth another try."""
    query = {key: value for key, value in (("contract", contract), ("name", name)) if value is not None}
    pause_s = 0.1
    while True:
        try:
            response = await transport.stream("/v1/events", query, cursor)
            try:
                async for row in _rows(response):
                    cursor, pause_s = int(row["cursor"]), 0.1
                    yield row
            finally:
                await response.aclose()
        except NoSession:
            transport.forget_session()
        except (Unreachable, Busy, httpx.TransportError):
            await asyncio.sleep(pause_s)
            pause_s = min(PAUSE_S_MAX, pause_s * 2)


async def _rows(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    kind, data = "", ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        match field:
            case "event":
                kind = value
            case "data":
                data = value
            case "" if not value:
                if kind == "event" and data:
                    yield json.loads(data)
                if kind == "expired":
                    raise NoSession
                kind, data = "", ""
