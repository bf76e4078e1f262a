"""The console of this process, and who looks at the page that is being built or used."""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import context

from xianglian.console.live import Live
from xianglian.console.sessions import COOKIE, StaffSession, StaffSessions
from xianglian.console.settings import ConsoleSettings
from xianglian.console.shield import Shield
from xianglian.errors import NoSession


@dataclass(slots=True)
class Console:
    """What pages share: one of each in a process."""

    settings: ConsoleSettings
    sessions: StaffSessions
    live: Live
    shield: Shield | None = None


_console: Console | None = None


def install(console: Console) -> None:
    """Makes `console` the one of this process."""
    global _console  # noqa: PLW0603 - the framework's page functions have no other way to it
    _console = console


def console() -> Console:
    """The console of this process."""
    assert _console is not None, "mount the console first"
    return _console


def asked() -> dict[str, str]:
    """What the page's address asks for after its `?`."""
    return dict(context.client.request.query_params)


def visitor() -> StaffSession:
    """Who looks at this page, asked again in every handler. Raises `NoSession`."""
    found = console().sessions.find(context.client.request.cookies.get(COOKIE))
    if found is None:
        raise NoSession("the session has ended: sign in again")
    return found
