"""Puts the console into the application of an access node."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from xianglian.console.asgi import App
from xianglian.console.here import Console, install
from xianglian.console.live import Live
from xianglian.console.look.markup import LOGO_FILE
from xianglian.console.public.routes import public_routes
from xianglian.console.sessions import StaffSessions
from xianglian.console.settings import ConsoleSettings
from xianglian.console.shield import HOME, Shield

PAGES = (
    "network", "blocks", "transactions", "contracts", "proposals", "accounts",
    "elicence.catalogue", "elicence.issue", "elicence.mine", "elicence.authorise", "elicence.verify",
    "elicence.usage",
)  # fmt: skip


def mount_console(app: FastAPI, settings: ConsoleSettings) -> Console:
    """Routes, pages and the shield around them. Call it before the application starts."""
    # The framework keeps per-user files there if asked to; the console asks for none.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", tempfile.gettempdir() + f"/xl-console-{os.getpid()}")
    from nicegui import Client, ui

    from xianglian.console.files import staff_routes

    sessions = StaffSessions(settings)
    console = Console(settings, sessions, Live(settings, sessions))
    install(console)
    load_pages()
    app.include_router(public_routes(settings, sessions))
    app.include_router(staff_routes(sessions))

    class Shielded(Shield):
        """Known to the console as soon as the framework makes it."""

        def __init__(self, app: App) -> None:
            super().__init__(app, sessions=sessions, open_pages=lambda: len(Client.instances))
            console.shield = self

    app.add_middleware(Shielded)
    ui.run_with(
        app,
        title="享链",
        favicon=LOGO_FILE,
        language="zh-CN",
        mount_path=HOME,
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=10,
        binding_refresh_interval=None,
        gzip_middleware_factory=None,
    )
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def with_end(running: FastAPI) -> AsyncIterator[object]:
        async with inner(running) as state:
            yield state
        await console.live.close()
        await sessions.close_all()

    app.router.lifespan_context = with_end  # type: ignore[assignment]
    return console


def load_pages() -> None:
    """Loads the staff pages and tells the framework of them."""
    from xianglian.console.kit.shell import register_pages

    for name in PAGES:
        importlib.import_module(f"xianglian.console.pages.{name}")
    register_pages()
