"""`xl console`."""

from __future__ import annotations

from typing import Annotated

import typer

from xianglian.cli.common import Folder, network_of, single
from xianglian.cli.output import show

console = single()


@console.command()
def open_console(
    folder: Folder = None,
    browse: Annotated[bool, typer.Option("--open", help="打开浏览器 / open a browser")] = False,
) -> None:
    """控制台地址 / Where the console of a network is; starts the network if it is down."""
    from xianglian.deployment import operations

    network = network_of(folder)
    operations.up(network)
    url = console_url(network.access.api)
    if browse:
        typer.launch(url)
    show({"console": url}, url)


def console_url(api: str) -> str:
    """The console's address at an access node's `host:port`."""
    return f"http://{api}/console/"
