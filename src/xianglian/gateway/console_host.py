"""The console beside the API: an application of its own, loaded once the API already serves.

A console that is not installed, or does not load, leaves the API as it is.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
from typing import Any

from fastapi import FastAPI

from xianglian.errors import NotFound
from xianglian.gateway.answers import Receive, Scope, Send, send_error

_LOG = logging.getLogger(__name__)
API_PATHS = ("/v1/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")
LOAD_S_MAX = 30.0
"""A request that comes before the console has loaded waits so long."""


class ConsoleHost:
    """ASGI: waits for the console and hands over to it."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self._app: FastAPI | None = None
        self._decided = asyncio.Event()
        self._stop = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to load; call it inside the event loop."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends the console's own tasks."""
        self._stop.set()
        if self._running is not None:
            await self._running

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event outside the API."""
        try:
            await asyncio.wait_for(self._decided.wait(), LOAD_S_MAX)
        except TimeoutError:
            _LOG.warning("console.slow: not loaded after %s s", LOAD_S_MAX)
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send_error(send, NotFound(f"no such operation: {scope['method']} {scope['path']}"))
        else:
            await send({"type": "websocket.close", "code": 1001})

    async def _run(self) -> None:
        try:
            app = await asyncio.to_thread(self._load)
            if app is None:
                return
            async with app.router.lifespan_context(app):
                self._app = app
                self._decided.set()
                await self._stop.wait()
        except Exception:  # noqa: BLE001 - whatever it is, it is logged and must not take the API with it
            _LOG.exception("console.failed: the API is served without it")
        finally:
            self._app = None
            self._decided.set()

    def _load(self) -> FastAPI | None:
        if not self._settings.console or importlib.util.find_spec("xianglian.console") is None:
            return None
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        importlib.import_module("xianglian.console").mount(app, self._settings)
        return app


def belongs_to_api(path: str) -> bool:
    """Whether a path is answered by the API; all others are the console's."""
    return path.startswith(API_PATHS)
