"""What people see of a chain: staff pages (NiceGUI, signed in only) and public pages (plain HTML).

`mount` puts both into the application of an access node. Pages are made of the 15 components of `kit` and speak to the
node over HTTP like everyone else, as the person who signed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastapi import FastAPI

    from xianglian.console.settings import ConsoleSettings


def mount(app: FastAPI, settings: ConsoleSettings) -> Any:
    """Adds the console's routes to the gateway's application; loads the framework only then."""
    from xianglian.console.mounting import mount_console

    return mount_console(app, settings)
