"""`xl node start|stop`."""

from __future__ import annotations

from typing import Annotated

import typer

from xianglian.cli.common import Network, group, network_of
from xianglian.cli.output import say, show

node = group()
Name = Annotated[str, typer.Argument(help="节点名 / the node's name")]


@node.command()
def start(name: Name, network: Network = None) -> None:
    """启动节点 / Start a node and wait until its health answers; done already where it runs."""
    from xianglian.deployment import operations

    row = operations.start_node(network_of(network), name)
    show(row, say(f"{name} 已运行, 高度 {row['height']}", f"{name} runs, height {row['height']}"))


@node.command()
def stop(name: Name, network: Network = None) -> None:
    """停止节点 / Stop a node; the supervisor leaves it down."""
    from xianglian.deployment import operations

    operations.stop_node(network_of(network), name)
    show({"node": name, "stopped": True}, say(f"{name} 已停止", f"{name} stopped"))
