"""`xl bench`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from xianglian.cli.common import Folder, network_of, single
from xianglian.cli.output import say, show

bench = single()


@bench.command()
def run_bench(
    folder: Folder = None,
    workload: Annotated[str, typer.Option(help="负载 / workload: transfer")] = "transfer",
    seconds: Annotated[float, typer.Option(min=1, help="测量秒数 / seconds measured")] = 30,
    rate: Annotated[
        float | None, typer.Option(help="每秒交易数, 缺省先找饱和点 / per second; else 95 % of saturation")
    ] = None,
    accounts: Annotated[int, typer.Option(min=2, help="账户数 / accounts")] = 100,
    ramp_to: Annotated[float, typer.Option(help="爬坡上限 / top of the ramp, per second")] = 8000,
    seed: Annotated[int, typer.Option(help="随机种子 / who pays whom")] = 1,
) -> None:
    """压测: 开环、每笔交易上链核对 / Open-loop load; every transaction is looked for on the chain."""
    import asyncio

    from xianglian.evaluation.bench.run import Run, Settings
    from xianglian.evaluation.bench.view import View

    settings = Settings(workload, seconds, rate, accounts, ramp_to, seed)
    document = asyncio.run(Run(network_of(folder), settings, View()).measure())
    show(document, _text(document))
    if document["lost"]:
        raise typer.Exit(1)


def _text(document: dict[str, Any]) -> str:
    latency = document["latency_ms"]
    committed, blocks = document["committed"], document["blocks"]
    validators, access = document["cpu_s_per_1000_tx"], document["access_cpu_s_per_1000_tx"]
    return "\n".join(
        (
            say(
                f"{document['tx_per_s']} 笔/秒, 共确认 {committed} 笔, 区块 {blocks}",
                f"{document['tx_per_s']} tx/s, {committed} committed in {blocks} blocks",
            ),
            say("时延", "latency")
            + f" p50 {latency['p50']} p95 {latency['p95']} p99 {latency['p99']} max {latency['max']} ms",
            say(
                f"每千笔 CPU 秒: 验证节点合计 {validators}, 接入节点 {access}",
                f"CPU s per 1000: validators {validators}, access {access}",
            ),
            say(
                f"被拒 {document['refused']}, 失败 {document['failed']}, 丢失 {document['lost']}",
                f"refused {document['refused']}, failed {document['failed']}, lost {document['lost']}",
            ),
        )
    )
