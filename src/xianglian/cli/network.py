"""`xl network new|up|down|status`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from xianglian.cli import output
from xianglian.cli.common import Folder, group, network_of
from xianglian.cli.output import note, say, short, show, table
from xianglian.errors import Misused

network = group()


@network.command()
def new(
    folder: Annotated[Path, typer.Argument(help="新目录 / folder to make")],
    orgs: Annotated[int, typer.Option(help="机构数 / organisations, each with one validator")] = 4,
    plan: Annotated[Path | None, typer.Option(help="规划文件 / plan file (TOML)")] = None,
) -> None:
    """新建网络: 机构, 密钥, 节点配置与创世块 / Make a network: organisations, keys, node configurations,
    genesis.
    """
    from xianglian.deployment.create import new_network
    from xianglian.deployment.plan import Plan

    made = new_network(folder, Plan.read(plan) if plan else Plan.of_size(orgs))
    if made.development:
        note(
            f"未给口令, 已随机生成 {made.path}/passphrase (0600): 这是开发网络, 不可用于生产",
            f"no passphrase was given, a random one is in {made.path}/passphrase (0600): "
            "this is a DEVELOPMENT network",
        )
    rows = [(node.name, node.org, node.kind, node.listen, node.api_url) for node in made.nodes]
    head = say("节点 机构 类型 互联地址 接口", "node org kind peers api").split()
    text = f"{say('链', 'chain')} {made.chain_id}\n{table(head, rows)}\n" + say(
        f"下一步: xl network up {folder} --detach", f"next: xl network up {folder} --detach"
    )
    document = {
        "network": str(made.path),
        "chain": made.chain_id,
        "development": made.development,
        "nodes": [{"name": n.name, "org": n.org, "kind": n.kind, "api": n.api_url} for n in made.nodes],
        "profiles": sorted(path.name for path in made.profiles.iterdir() if path.is_dir()),
    }
    show(document, text)


@network.command()
def up(
    folder: Folder = None,
    detach: Annotated[bool, typer.Option(help="后台运行 / return once it works")] = False,
) -> None:
    """启动网络 / Start the network; returns (or says so) when a transaction can be finalised."""
    from xianglian.deployment import operations

    if output.AS_JSON and not detach:
        raise Misused("--json needs --detach here")
    found = network_of(folder)
    operations.up(found)
    document = operations.status(found)
    if detach:
        show(document, _status_text(document))
        return
    note(_status_text(document), _status_text(document))
    note("按 Ctrl-C 停止网络", "Ctrl-C stops the network")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    note("正在停止…", "stopping…")
    operations.down(found)


@network.command()
def down(folder: Folder = None) -> None:
    """停止网络 / Stop every node and the supervisor."""
    from xianglian.deployment import operations

    found = network_of(folder)
    operations.down(found)
    show({"network": str(found.path), "stopped": True}, say("网络已停止", "stopped"))


@network.command()
def status(folder: Folder = None) -> None:
    """网络状态 / How every node is."""
    from xianglian.deployment import operations

    document = operations.status(network_of(folder))
    show(document, _status_text(document))


def _status_text(document: dict[str, Any]) -> str:
    head = say(
        "节点 机构 类型 进程 高度 状态根 对端 健康 接口",
        "node org kind pid height state-root peers healthy api",
    ).split()
    rows = [
        (
            node["name"],
            node["org"],
            node["kind"],
            node["pid"],
            node["height"],
            short(node["state_root"]),
            node["peers"],
            node["healthy"],
            node["api"],
        )
        for node in document["nodes"]
    ]
    return f"{say('链', 'chain')} {document['chain']}\n{table(head, rows)}"
