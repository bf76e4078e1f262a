"""The network: its picture, heights, health, what is wrong, the latest blocks; live."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.here import console
from xianglian.console.i18n import Catalogue, language, moment, number
from xianglian.console.live import NodeView, Snapshot
from xianglian.console.look import markup

W = Catalogue(
    "network",
    {
        "title": ("网络总览", "Network"),
        "sub": ("验证节点排序并执行, 接入节点服务用户", "Validators order and execute, access nodes serve users"),
        "height": ("区块高度", "Block height"),
        "height.delta": ("最近一块 {time}", "last block {time}"),
        "height.none": ("还没有区块", "no block yet"),
        "recent": ("近 {blocks} 块的交易", "Transactions in {blocks} blocks"),
        "recent.delta": ("成功 {ok}, 失败 {failed}", "{ok} succeeded, {failed} failed"),
        "pool": ("等待入块", "Waiting for a block"),
        "pool.delta": ("{bytes} 字节", "{bytes} bytes"),
        "nodes": ("正常节点", "Healthy nodes"),
        "all": ("全部正常", "All healthy"),
        "lost": ("失联 {count}", "{count} lost"),
        "tx": ("笔", "tx"),
        "picture": ("网络拓扑", "Network map"),
        "picture.hint": ("虚线圈是最近一块的出块节点", "The dashed ring is the leader of the last block"),
        "sync": ("高度一致", "In step"),
        "behind": ("有节点落后", "A node is behind"),
        "down": ("有节点失联", "A node is lost"),
        "unknown": ("等待数据", "Waiting"),
        "group.application": ("应用链 · 验证节点", "Application chain · validators"),
        "group.access": ("接入节点", "Access nodes"),
        "group.height": ("高度 {height}", "height {height}"),
        "lost.value": ("失联", "lost"),
        "fault.value": ("已停止", "halted"),
        "alarms": ("告警", "Alarms"),
        "alarms.none": ("没有告警", "No alarms"),
        "alarm.lost": ("{name} 没有应答", "{name} does not answer"),
        "alarm.lost.why": ("还可以再坏 {spare} 个验证节点; 先看该节点的日志", "{spare} more validators may fail; look at its log first"),
        "alarm.fault": ("{name} 自行停止: {fault}", "{name} halted itself: {fault}"),
        "alarm.behind": ("{name} 落后 {blocks} 块", "{name} is {blocks} blocks behind"),
        "alarm.quorum": ("在线验证节点不足, 链不能出块", "Too few validators are up: the chain cannot decide"),
        "alarm.evidence": ("发现 {count} 份双签证据", "Evidence of {count} double votes"),
        "alarm.api": ("读取节点状态失败: {reason}", "The node's status cannot be read: {reason}"),
        "critical": ("紧急", "Critical"),
        "warning": ("警告", "Warning"),
        "chain": ("这条链", "This chain"),
        "chain.id": ("链标识", "Chain id"),
        "chain.root": ("状态根", "State root"),
        "chain.epoch": ("验证者任期", "Epoch"),
        "chain.quorum": ("定序票数", "Votes that decide"),
        "chain.quorum.value": ("{quorum} / {validators}", "{quorum} of {validators}"),
        "chain.genesis": ("创世时间", "Genesis"),
        "blocks": ("最新区块", "Latest blocks"),
        "blocks.hint": ("新的在前", "Newest first"),
        "blocks.none": ("还没有区块: 发一笔交易, 这里就会出现第一块", "No block yet: send a transaction and the first appears"),
        "chart": ("近 {blocks} 块每块交易数", "Transactions of the last {blocks} blocks"),
    },
)  # fmt: skip
KINDS = (("application", "#2f7fd6"), ("access", "#c98a2b"))
BEHIND = 3
"""Blocks; fewer are on their way."""


@kit.page("/", room="network", words=W)
async def network() -> None:
    snapshot = console().live.latest or await console().live.look()
    with kit.columns(even=True):
        figures = [kit.kpi("", "") for _ in range(4)]
    with kit.columns():
        with kit.card(W("picture"), W("picture.hint"), span=8):
            state = kit.put(_state(snapshot))
            picture = kit.topology(_groups(snapshot), W("picture"), _live(snapshot))
        with kit.column(4):
            with kit.card(W("alarms")):
                alarms = kit.put(_alarms(snapshot))
            with kit.card(W("chain")):
                chain = kit.put(_chain(snapshot))
    with kit.card(W("blocks"), W("blocks.hint")):
        ticker = kit.put(_ticker(snapshot))
        bars = kit.put(_bars(snapshot))

    def tell(found: Snapshot) -> None:
        for piece, content in zip(figures, _figures(found), strict=True):
            piece.show(content)
        state.show(_state(found))
        picture.patch(_live(found))
        alarms.show(_alarms(found))
        chain.show(_chain(found))
        ticker.show(_ticker(found))
        bars.show(_bars(found))

    tell(snapshot)
    kit.follow(tell, picture)


def _figures(found: Snapshot) -> list[Markup]:
    pool = found.status.get("pool", {"transactions": 0, "bytes": 0})
    rows = [tx for block in found.blocks for tx in block["transactions"]]
    failed = sum(1 for tx in rows if tx["status"] != "success")
    well = sum(1 for node in found.nodes if node.healthy)
    lost = len(found.nodes) - well
    last = found.blocks[0]["header"]["time_ms"] if found.blocks else None
    return [
        markup.kpi(W("height"), number(found.height), "",
                   W("height.delta", time=moment(last)[11:19]) if last else W("height.none")),
        markup.kpi(W("recent", blocks=len(found.blocks)), number(len(rows)), W("tx"),
                   W("recent.delta", ok=len(rows) - failed, failed=failed)),
        markup.kpi(W("pool"), number(pool["transactions"]), W("tx"), W("pool.delta", bytes=number(pool["bytes"]))),
        markup.kpi(W("nodes"), well, f"/ {len(found.nodes)}",
                   markup.pill("ok", W("all")) if not lost else markup.pill("bad", W("lost", count=lost))),
    ]  # fmt: skip


def _state(found: Snapshot) -> Markup:
    heights = [node.height for node in found.nodes if node.height is not None]
    if not found.nodes:
        return markup.pill("idle", W("unknown"))
    if any(not node.connected for node in found.nodes):
        return markup.pill("bad", W("down"))
    if heights and max(heights) - min(heights) > BEHIND:
        return markup.pill("warn", W("behind"))
    return markup.pill("ok", W("sync"))


def _groups(found: Snapshot) -> list[dict[str, Any]]:
    groups = []
    for kind, colour in KINDS:
        nodes = [node for node in found.nodes if node.kind == kind]
        if nodes:
            groups.append(
                {
                    "id": kind,
                    "title": W(f"group.{kind}"),
                    "colour": colour,
                    "nodes": [
                        {"id": node.name, "name": node.name, "org": node.org, "mark": _mark(node)}
                        for node in nodes
                    ],
                }
            )
    return groups


def _mark(node: NodeView) -> str:
    if language() == "zh":
        return {"application": "验", "access": "接"}.get(node.kind, "服")
    return {"application": "V", "access": "A"}.get(node.kind, "S")


def _live(found: Snapshot) -> dict[str, Any]:
    top = max((node.height or 0 for node in found.nodes), default=0)
    nodes: dict[str, Any] = {}
    for node in found.nodes:
        behind = 0 if node.height is None else top - node.height
        health, value = "ok", "" if node.height is None else number(node.height)
        if not node.connected:
            health, value = "bad", W("lost.value")
        elif node.fault is not None:
            health, value = "bad", W("fault.value")
        elif behind > BEHIND:
            health, value = "warn", f"−{behind}"
        leads = bool(node.key) and node.key == found.status.get("leader") and found.height > 0
        nodes[node.name] = {"health": health, "value": value, "leads": leads}
    return {
        "nodes": nodes,
        "groups": {kind: W("group.height", height=number(top)) for kind, _ in KINDS[:1]},
        "flow": any(node.healthy for node in found.nodes),
    }


def _alarms(found: Snapshot) -> Markup:
    rows: list[Markup] = []
    validators = int(found.status.get("validators", 0))
    up = int(found.status.get("validators_up", 0))
    spare = max(0, up - _quorum(validators)) if validators else 0
    if validators and up < _quorum(validators):
        rows.append(markup.note("bad", "", title=W("alarm.quorum")))
    top = max((node.height or 0 for node in found.nodes), default=0)
    for node in found.nodes:
        if not node.connected:
            rows.append(
                markup.note("bad", W("alarm.lost.why", spare=spare), title=W("alarm.lost", name=node.name))
            )
        elif node.fault is not None:
            rows.append(markup.note("bad", "", title=W("alarm.fault", name=node.name, fault=node.fault)))
        elif node.height is not None and top - node.height > BEHIND:
            rows.append(
                markup.note("warn", "", title=W("alarm.behind", name=node.name, blocks=top - node.height))
            )
    if evidence := int(found.status.get("evidence", 0)):
        rows.append(markup.note("bad", "", title=W("alarm.evidence", count=evidence)))
    if found.error is not None:
        rows.append(markup.note("warn", W("alarm.api", reason=found.error.reason)))
    return markup.join(rows) if rows else markup.note("ok", W("alarms.none"))


def _chain(found: Snapshot) -> Markup:
    status = found.status
    if not status:
        return markup.empty_state(W("unknown"))
    validators = int(status["validators"])
    return markup.facts(
        [
            (W("chain.id"), markup.digest(status["chain_id"])),
            (W("chain.root"), markup.digest(status["state_root"])),
            (W("chain.quorum"), W("chain.quorum.value", quorum=_quorum(validators), validators=validators)),
            (W("chain.epoch"), number(status["epoch"])),
            (W("chain.genesis"), moment(status["genesis_time_ms"])),
        ]
    )


def _ticker(found: Snapshot) -> Markup:
    if not found.blocks:
        return markup.empty_state(W("blocks.none"))
    cells = markup.join(
        Markup('<a class="blk" href="/console/blocks/{h}"><span>{time}</span><b>{height}</b>{n} {tx} · {hash}</a>').format(
            h=block["height"], time=moment(block["header"]["time_ms"])[11:19], height=number(block["height"]),
            n=len(block["transactions"]), tx=W("tx"), hash=block["block_hash"][:6],
        )
        for block in found.blocks[:12]
    )  # fmt: skip
    return Markup('<div class="ticker">{}</div>').format(cells)


def _bars(found: Snapshot) -> Markup:
    if len(found.blocks) < 2:
        return Markup("")
    counts = [(number(block["height"]), len(block["transactions"])) for block in reversed(found.blocks)]
    head = Markup('<div class="small muted">{}</div>').format(W("chart", blocks=len(counts)))
    return Markup("{}{}").format(head, markup.bars(counts, unit=W("tx")))


def _quorum(validators: int) -> int:
    return 2 * validators // 3 + 1
