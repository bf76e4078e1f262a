"""`xl demo`: a fresh network of four organisations, two contracts, and the story of electronic licences on
it.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.cli.common import single
from xianglian.cli.console import console_url
from xianglian.cli.output import note, program, say, show
from xianglian.errors import Rejected

if TYPE_CHECKING:
    from xianglian.compiler import BuildResult
    from xianglian.deployment.layout import NetworkFolder

demo = single()
ORGANISATIONS = 4
POINTS = "points"
ELICENCE = "elicence"
SETTLE_S = 10.0
"""How long the nodes may take to reach the same height after the story."""


@demo.command()
def run_demo(
    once: Annotated[bool, typer.Option("--once", help="演示后停止 / stop after the story")] = False,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="网络目录 / folder; default: a temporary one")
    ] = None,
) -> None:
    """一键演示 / Make a network, play the licence story on it, and leave it running to look at (or stop with
    --once).
    """
    started_s = time.monotonic()
    temporary = None if folder is not None else Path(tempfile.mkdtemp(prefix="xl-demo-"))
    home = folder or (temporary or Path()) / "network"
    from xianglian.deployment import operations
    from xianglian.deployment.create import new_network
    from xianglian.deployment.plan import Plan

    network = new_network(home, Plan.of_size(ORGANISATIONS))
    note(f"网络目录 {network.path}: {ORGANISATIONS} 个机构", f"{network.path}: {ORGANISATIONS} organisations")
    kept = True
    try:
        document = _play(network, started_s)
        show(document, _text(document, network))
        if not once:
            _stay(network)
        kept = temporary is None
    finally:
        operations.down(network)
        if temporary is not None and not kept:
            shutil.rmtree(temporary, ignore_errors=True)
        elif kept:
            note(f"网络已停止, 目录保留: {network.path}", f"stopped; the folder stays: {network.path}")


def _play(network: NetworkFolder, started_s: float) -> dict[str, Any]:
    from xianglian.cli.solution import tell
    from xianglian.deployment import operations
    from xianglian.solutions.elicence import story

    with ThreadPoolExecutor(max_workers=1) as pool:
        building = pool.submit(_build)  # while the nodes find each other
        operations.up(network)
        note("网络已就绪", "the network is up")
        first_s = _first_transaction(network, building.result(), started_s)
    note(f"首笔交易已最终确认: {first_s:.1f} 秒", f"first transaction final after {first_s:.1f} s")
    report = story.run(network.path, progress=tell)
    broken = [check.name for check in report.checks if not check.ok]
    if broken:
        raise Rejected(f"the story does not hold: {', '.join(broken)}", checks=broken)
    rows = _settled(network)
    roots = {(row["height"], row["state_root"]) for row in rows}
    return {
        "nodes": [{key: row[key] for key in ("name", "kind", "org", "height", "state_root")} for row in rows],
        "state_roots_equal": len(roots) == 1,
        "contracts": [POINTS, ELICENCE],
        "licences": {"issued": report.issued, "presented": report.presented, "refused": report.refused},
        "first_final_tx_s": round(first_s, 2),
        "total_s": round(time.monotonic() - started_s, 2),
        "console": console_url(network.access.api),
        "network": str(network.path),
    }


def _build() -> BuildResult:
    from xianglian.compiler import build
    from xianglian.sdk.sources import points_folder

    return build(points_folder())


def _first_transaction(network: NetworkFolder, built: BuildResult, started_s: float) -> float:
    """Deploys Points; seconds from the start until that is final."""
    from xianglian.sdk import Client

    with Client.connect(network.path, purpose="xl demo") as client:
        client.deploy(POINTS, built.wasm, built.interface_json)
    return time.monotonic() - started_s


def _settled(network: NetworkFolder) -> list[dict[str, Any]]:
    """The nodes' rows once all stand at one height, or as they are after `SETTLE_S`."""
    from xianglian.deployment import operations

    deadline_s = time.monotonic() + SETTLE_S
    while True:
        rows: list[dict[str, Any]] = operations.status(network)["nodes"]
        if len({row["height"] for row in rows}) == 1 or time.monotonic() > deadline_s:
            return rows
        time.sleep(0.1)


def _stay(network: NetworkFolder) -> None:
    home = network.path
    xl = program()
    note("网络在运行。可以试试 (Ctrl-C 停止):", "The network is running. Things to try (Ctrl-C stops it):")
    for command in (
        f"{xl} network status {home}",
        f"{xl} contract list --network {home}",
        f"{xl} account add alice --network {home}",
        f"{xl} call points issue --arg target=@alice --arg amount=100 --network {home}",
        f"{xl} query points balance --arg owner=@alice --network {home}",
        f"{xl} event follow --network {home}",
        f"{xl} bench {home} --seconds 10",
    ):
        note(f"  {command}", f"  {command}")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    note("正在停止…", "stopping…")


def _text(document: dict[str, Any], network: NetworkFolder) -> str:
    licences = document["licences"]
    equal = say(
        "一致" if document["state_roots_equal"] else "不一致!", str(document["state_roots_equal"]).lower()
    )
    return "\n".join(
        (
            say(
                "证照: 签发 {issued}, 出示 {presented}, 依法拒绝 {refused}".format(**licences),
                "licences: {issued} issued, {presented} presented, {refused} refused".format(**licences),
            ),
            say(
                f"{len(network.nodes)} 个节点的状态根: {equal}",
                f"state roots of {len(network.nodes)} nodes equal: {equal}",
            ),
            say(
                f"首笔最终确认 {document['first_final_tx_s']} 秒, 共 {document['total_s']} 秒",
                f"first final tx after {document['first_final_tx_s']} s, all {document['total_s']} s",
            ),
            say(f"控制台: {document['console']}", f"console: {document['console']}"),
        )
    )
