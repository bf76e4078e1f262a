"""Puts the gateway together: door, raw submit routes, described routes, health, and the console where it is
installed.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from xianglian import __version__
from xianglian._core import Node
from xianglian.errors import InvalidRequest, NotFound, XianglianError
from xianglian.gateway import docs, examples, submit
from xianglian.gateway.access_log import AccessLog
from xianglian.gateway.answers import Receive, Scope, Send, error_body, status_of
from xianglian.gateway.console_host import ConsoleHost, belongs_to_api
from xianglian.gateway.door import Door
from xianglian.gateway.events import event_routes
from xianglian.gateway.finality import Finality
from xianglian.gateway.lifecycle import lifecycle_routes
from xianglian.gateway.metrics import prometheus
from xianglian.gateway.pool import NativePool
from xianglian.gateway.reads import read_routes
from xianglian.gateway.session import Sessions, allowed_hosts
from xianglian.gateway.sessions_api import session_routes

DESCRIPTION = (
    "享链接入节点 / Access node of a Xianglian chain. Reads need a signed session (POST "
    "/v1/session/challenge, then POST /v1/session); transactions carry their own signature."
)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What the node process tells its gateway."""

    authority: str
    """`host:port` that users dial; stands in what they sign."""
    chain_id: bytes
    node_key: bytes
    genesis: bytes
    folder: Path
    """The node's folder; the access log lies below it."""
    threads: int = 16
    queue: int = 2048
    console: bool = True


class Gateway:
    """An ASGI application over one node."""

    def __init__(self, node: Node, settings: GatewaySettings) -> None:
        self.node = node
        self.settings = settings
        self.pool = NativePool(settings.threads, settings.queue)
        self.finality = Finality(node)
        self.sessions = Sessions(settings.chain_id, allowed_hosts(settings.authority))
        self.app = self._described()
        self.door = Door(
            self.app,
            submit={
                "/v1/transactions": submit.single(node, self.pool),
                "/v1/transactions/batch": submit.batch(node, self.pool),
            },
            node=node,
            pool=self.pool,
            sessions=self.sessions,
            log=AccessLog(settings.folder / "access-log"),
        )
        self.console = ConsoleHost(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan" or belongs_to_api(scope.get("path", "")):
            await self.door(scope, receive, send)
        else:
            await self.console(scope, receive, send)

    def _described(self) -> FastAPI:
        @contextlib.asynccontextmanager
        async def lifespan(_: FastAPI) -> AsyncIterator[None]:
            self.finality.start()
            self.console.start()
            yield
            await self.console.stop()
            self.finality.stop()
            self.pool.close()

        app = FastAPI(
            title="享链 Xianglian",
            version=__version__,
            description=DESCRIPTION,
            docs_url=None,
            redoc_url=None,
            lifespan=lifespan,
        )
        app.include_router(session_routes(self.node, self.pool, self.sessions, self.settings.node_key))
        app.include_router(read_routes(self.node, self.pool, self.finality))
        app.include_router(lifecycle_routes(self.node, self.pool))
        app.include_router(event_routes(self.node, self.pool, self.finality))
        self._add_plain_routes(app)
        _add_error_handlers(app)
        _describe_raw_routes(app)
        return app

    def _add_plain_routes(self, app: FastAPI) -> None:
        @app.get("/healthz", include_in_schema=False)
        async def healthz() -> Response:
            fault = json.loads(self.node.status())["fault"]
            return Response(
                b"fault\n" if fault else b"ok\n", status_code=503 if fault else 200, media_type="text/plain"
            )

        @app.get("/readyz", include_in_schema=False)
        async def readyz() -> Response:
            ready = json.loads(self.node.status())["healthy"]
            text = b"ready\n" if ready else b"not connected to enough validators\n"
            return Response(text, status_code=200 if ready else 503, media_type="text/plain")

        @app.get("/metrics", include_in_schema=False)
        async def metrics() -> Response:
            more: dict[str, int | float] = {
                "gateway_in_flight": self.door.in_flight,
                "gateway_refused_busy": self.door.refused,
                "gateway_native_calls": self.pool.inside,
                "gateway_sessions": len(self.sessions),
            }
            return Response(
                prometheus(json.loads(self.node.status()), more), media_type="text/plain; version=0.0.4"
            )

        page = functools.cache(lambda: docs.render(app.openapi()))

        @app.get("/docs", include_in_schema=False)
        async def documentation() -> Response:
            return HTMLResponse(page())


def _add_error_handlers(app: FastAPI) -> None:
    def answer(error: XianglianError) -> Response:
        return Response(error_body(error), status_code=status_of(error), media_type="application/json")

    @app.exception_handler(XianglianError)
    async def ours(_: Request, error: XianglianError) -> Response:
        return answer(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return answer(InvalidRequest(f"{where}: {first['msg']}", where=where, problem=first["type"]))

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(NotFound(f"no such operation: {request.method} {request.url.path}"))
        made = answer(InvalidRequest(str(error.detail)))
        made.status_code = error.status_code
        return made


def _describe_raw_routes(app: FastAPI) -> None:
    """The raw routes never reach FastAPI; their description does."""
    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        if "/v1/transactions" not in document["paths"]:
            body = {"required": True, "content": {"application/octet-stream": {"schema": _BYTES}}}
            document["paths"]["/v1/transactions"] = {
                "post": {
                    "tags": ["transactions"],
                    "operationId": "submit",
                    "summary": "Submit a signed transaction",
                    "requestBody": {**body, "description": "Canonical signed transaction, at most 512 KiB"},
                    "responses": _texts(
                        examples.described(examples.SUBMITTED, "Admitted to the pool", status=202)
                    ),
                }
            }
            document["paths"]["/v1/transactions/batch"] = {
                "post": {
                    "tags": ["transactions"],
                    "operationId": "submitBatch",
                    "summary": "Submit many",
                    "requestBody": {
                        **body,
                        "description": "u32 little-endian length then bytes, repeated; 4 MiB",
                    },
                    "responses": _texts(examples.binary("33 bytes each: 0 and the id, or 1 and the code")),
                }
            }
        return document

    app.openapi = openapi  # type: ignore[method-assign]


_BYTES = {"type": "string", "format": "binary"}


def _texts(responses: dict[int | str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(status): answer for status, answer in responses.items()}
