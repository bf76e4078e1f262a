"""Transactions: the latest, and one with its nine stations, decoded call, events, receipt, reason and proof."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.calls import Directory, failure_words, replayed, source_place
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, label, moment, number
from xianglian.console.look import markup
from xianglian.console.pages.blocks import transaction_row
from xianglian.console.values import field_label, value
from xianglian.contract import abi
from xianglian.errors import NotFound
from xianglian.sdk import system

W = Catalogue(
    "transactions",
    {
        "title": ("交易", "Transactions"),
        "sub": ("最近区块中的交易, 新的在前", "Of the latest blocks, newest first"),
        "all": ("全部", "All"),
        "only.failed": ("只看失败", "Failed only"),
        "older": ("更早", "Older"),
        "none": ("没有交易。用 xl call 或本控制台发一笔试试", "No transactions. Send one with xl call or from this console"),
        "none.failed": ("这些区块里没有失败的交易", "No failed transactions in these blocks"),
        "block": ("区块", "Block"),
        "time": ("时间", "Time"),
        "tx": ("交易号", "Transaction"),
        "call": ("调用", "Call"),
        "sender": ("签名账户", "Sender"),
        "gas": ("燃料", "Gas"),
        "result": ("结果", "Result"),
        "one": ("交易详情", "Transaction"),
        "stations": ("九站旅程", "Nine stations"),
        "final": ("已最终确认", "Final"),
        "st.submit": ("账户签名", "signed by the account"),
        "st.accept": ("接入节点接收", "taken by an access node"),
        "st.admit": ("验签、核权限", "signature, rights"),
        "st.execute": ("燃料 {gas}", "gas {gas}"),
        "st.decide": ("第 {height} 块, {signers} 票", "block {height}, {signers} votes"),
        "st.commit": ("状态根 {root}", "state root {root}"),
        "st.receipt.ok": ("成功", "success"),
        "st.event": ("{count} 条", "{count}"),
        "st.show": ("本页", "this page"),
        "decoded": ("调用内容", "Decoded call"),
        "field": ("字段", "Field"),
        "name": ("接口名", "Name"),
        "value": ("值", "Value"),
        "no.arguments": ("没有参数", "No arguments"),
        "receipt": ("回执", "Receipt"),
        "status": ("结果", "Result"),
        "ok": ("成功", "Success"),
        "failed": ("失败", "Failed"),
        "place": ("位置", "Place"),
        "place.value": ("第 {height} 块, 第 {index} 笔", "block {height}, number {index}"),
        "key": ("签名公钥", "Signing key"),
        "gas.value": ("{used} / 上限 {limit}", "{used} of {limit}"),
        "until": ("有效至", "Valid until"),
        "replay": ("重放核对", "Replay"),
        "replay.same": ("与回执一致", "Same as the receipt"),
        "replay.differs": ("与回执不一致", "Differs from the receipt"),
        "replay.gone": ("当时的状态已清理", "The state it met is gone"),
        "why": ("失败原因", "Why it failed"),
        "why.code": ("代码 {code}", "Code {code}"),
        "path": ("调用路径", "Call path"),
        "source": ("合约源码", "Contract source"),
        "source.line": ("{file} 第 {line} 行", "{file}, line {line}"),
        "source.none": ("本机没有与这个合约相同的源码, 只知道位置", "No source on this machine compiles to this contract: only the place is known"),
        "events": ("事件", "Events"),
        "events.none": ("没有事件", "No events"),
        "event": ("事件", "Event"),
        "content": ("内容", "Content"),
        "proof": ("证明", "Proof"),
        "proof.text": ("一个文件证明这份回执: 区块、签名和路径都在其中, 可离线核验。", "One file proves this receipt: block, signatures and path are in it; it is verified offline."),
        "proof.get": ("下载证明", "Download the proof"),
        "code": ("同样的调用, 用代码写", "The same call as code"),
        "unknown": ("没有这笔交易", "No such transaction"),
        "unknown.pending": ("还在等待入块, 稍后刷新", "It waits for a block: look again shortly"),
        "unknown.text": ("交易号 {tx} 不在这个节点的区块中。请核对, 或等它入块后再看。", "{tx} is in no block of this node. Check it, or look again once it is included."),
    },
)  # fmt: skip
BLOCKS = 12
ROWS_MAX = 200


@kit.page("/transactions", room="transaction", words=W)
async def transactions(before: int = 0, failed: int = 0) -> None:
    found = await visitor().client.blocks(before=before or None, limit=BLOCKS * (4 if failed else 1))
    directory = Directory(visitor())
    rows: list[list[Any]] = []
    for block in found:
        for tx in reversed(block["transactions"]):
            if failed and tx["status"] == "success":
                continue
            if len(rows) < ROWS_MAX:
                height = kit.link(f"/console/blocks/{block['height']}", number(block["height"]))
                rows.append(
                    [height, moment(block["header"]["time_ms"])[:19], *await transaction_row(directory, tx)]
                )
    with kit.card(
        W("only.failed") if failed else W("all"),
        right=kit.link("/console/transactions" if failed else "/console/transactions?failed=1",
                       W("all") if failed else W("only.failed")),
    ):  # fmt: skip
        kit.table(
            [W("block"), W("time"), W("tx"), W("call"), W("sender"), W("gas"), W("result")], rows,
            empty=W("none.failed") if failed else W("none"),
        )  # fmt: skip
        if found and int(found[-1]["height"]) > 1:
            with kit.actions():
                more = f"/console/transactions?before={found[-1]['height']}" + ("&failed=1" if failed else "")
                kit.anchor(W("older"), more, icon="next")


@kit.page("/transactions/{tx_hash}", room="transaction", words=W)
async def transaction(tx_hash: str) -> None:
    session = visitor()
    kit.retitle(W("one"), tx_hash)
    try:
        raw = await session.client.transaction(tx_hash)
    except NotFound as error:
        text = (
            W("unknown.pending") if error.facts.get("pending") else W("unknown.text", tx=tx_hash[:16] + "…")
        )
        kit.note("warn", text, title=W("unknown"))
        return
    directory = Directory(session, int(raw["height"]))
    block = await session.client.block(int(raw["height"]))
    call, receipt = raw["transaction"], raw["receipt"]
    interface = await directory.interface(call["contract"])
    name = await directory.name(call["contract"])
    ok = receipt["status"] == "success"
    with kit.card(W("stations"), moment(raw["time_ms"]), right=kit.pill("ok", W("final"))):
        kit.stations(_told(raw, block), failed=None if ok else "receipt")
    if not ok:
        await _why(directory, raw)
    with kit.columns():
        with kit.column(8):
            title = await directory.title(call["contract"], call["method"])
            with kit.card(W("decoded"), f"{title} · {name}.{call['method']}"):
                _call(interface, call)
            with kit.card(W("events"), number(len(receipt["events"]))):
                await _events(directory, receipt["events"])
        with kit.column(4):
            same = await replayed(session, tx_hash)
            with kit.card(
                W("receipt"), right=kit.pill("ok", W("ok")) if ok else kit.pill("bad", W("failed"))
            ):
                kit.facts(_receipt(raw, same))
            with kit.card(W("proof")):
                kit.put(Markup("<div>{}</div>").format(W("proof.text")))
                kit.anchor(
                    W("proof.get"), f"/console/files/receipt/{tx_hash}", icon="download", kind="", save=True
                )
            with kit.card(W("code"), "Python"):
                kit.code(_code(interface, name, call))


def _told(raw: dict[str, Any], block: dict[str, Any]) -> dict[str, str]:
    receipt = raw["receipt"]
    return {
        "submit": W("st.submit"),
        "accept": W("st.accept"),
        "admit": W("st.admit"),
        "execute": W("st.execute", gas=number(receipt["gas_used"])),
        "decide": W("st.decide", height=number(raw["height"]), signers=len(block["signers"])),
        "commit": W("st.commit", root=block["header"]["state_root"][:8]),
        "receipt": W("st.receipt.ok") if receipt["status"] == "success" else receipt["code"],
        "event": W("st.event", count=len(receipt["events"])),
        "show": W("st.show"),
    }


async def _why(directory: Directory, raw: dict[str, Any]) -> None:
    receipt = raw["receipt"]
    reason = await failure_words(directory.session, raw)
    with kit.card(W("why")):
        kit.note("bad", W("why.code", code=receipt["code"]), title=reason)
        path = receipt.get("path") or []
        if path:
            steps = [f"{await directory.name(step['contract'])}.{step['method']}" for step in path]
            kit.facts([(W("path"), kit.mono(" → ".join(steps)))])
        interface = await directory.interface((path or [raw["transaction"]])[-1]["contract"])
        place = (
            await source_place(interface, int(receipt.get("line") or 0)) if interface is not None else None
        )
        if place is not None:
            kit.facts([(W("source"), W("source.line", file=place.file, line=place.line))])
            if place.text is None:
                kit.note("info", W("source.none"))
            else:
                kit.code(place.around)


def _call(interface: abi.Interface | None, call: dict[str, Any]) -> None:
    rows: list[list[Any]] = []
    raw = bytes.fromhex(call["arguments"])
    if interface is not None:
        arguments = interface.decode_arguments(call["method"], raw)
        rows = [
            [field_label(each), kit.name(each["name"]), value(interface, each, arguments[each["name"]])]
            for each in interface.method(call["method"]).description["args"]
        ]
    elif raw:
        rows.append(
            ["Borsh", kit.name("arguments"), kit.mono(raw.hex()[:400] + ("…" if len(raw) > 200 else ""))]
        )
    kit.table([W("field"), W("name"), W("value")], rows, empty=W("no.arguments"))


async def _events(directory: Directory, events: list[dict[str, Any]]) -> None:
    rows = []
    for event in events:
        interface = await directory.interface(event["contract"])
        data = bytes.fromhex(event["data"])
        known = () if interface is None else interface.document["events"]
        described = next((each for each in known if each["name"] == event["name"]), None)
        if interface is not None and described is not None:
            fields = interface.decode_event(event["name"], data)
            content = markup.facts(
                [
                    (field_label(each), value(interface, each, fields[each["name"]]))
                    for each in described["fields"]
                ]
            )
            title = Markup('{}<br><span class="mono muted small">{}</span>').format(
                label(described["label"]),
                event["name"],
            )
        else:
            fields = system.decode_event(event["name"], data) or {}
            content = markup.facts(
                [
                    (field_label({"name": key, "label": {"zh": key, "en": key}}),
                     kit.mono(each.hex() if isinstance(each, bytes) else ", ".join(each) if isinstance(each, list) else each))
                    for key, each in fields.items()
                ]
            )  # fmt: skip
            title = kit.name(event["name"])
        rows.append([title, content])
    kit.table([W("event"), W("content")], rows, empty=W("events.none"))


def _receipt(raw: dict[str, Any], same: bool | None) -> list[tuple[str, Any]]:
    call, receipt = raw["transaction"], raw["receipt"]
    replay = {True: kit.pill("ok", W("replay.same")), False: kit.pill("bad", W("replay.differs"))}
    height = number(raw["height"])
    return [
        (W("place"), kit.link(f"/console/blocks/{raw['height']}",
                              W("place.value", height=height, index=int(raw["index"]) + 1))),
        (W("sender"), kit.digest(call["sender"], href=f"/console/accounts/{call['sender']}")),
        (W("key"), kit.digest(call["key"])),
        (W("gas"), W("gas.value", used=number(receipt["gas_used"]), limit=number(call["gas_limit"]))),
        (W("until"), moment(call["valid_until_ms"])),
        (W("replay"), replay[same] if same is not None else kit.pill("idle", W("replay.gone"))),
    ]  # fmt: skip


def _code(interface: abi.Interface | None, name: str, call: dict[str, Any]) -> str:
    if interface is None:
        return f'client.call("{name}", "{call["method"]}", ...)'
    arguments = interface.decode_arguments(call["method"], bytes.fromhex(call["arguments"]))
    lines = "".join(f"\n    {key}={each!r}," for key, each in arguments.items())
    return f'receipt = client.call(\n    "{name}", "{call["method"]}",{lines}\n)'
