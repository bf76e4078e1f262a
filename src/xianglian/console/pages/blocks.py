"""Blocks: the list, and one block with its header, signers and transactions."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.calls import Directory
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, moment, number

W = Catalogue(
    "blocks",
    {
        "title": ("区块", "Blocks"),
        "sub": ("新的在前", "Newest first"),
        "height": ("高度", "Height"),
        "time": ("时间", "Time"),
        "transactions": ("交易", "Transactions"),
        "failed": ("失败 {count}", "{count} failed"),
        "gas": ("燃料", "Gas"),
        "signers": ("签名", "Signers"),
        "hash": ("区块摘要", "Block hash"),
        "root": ("状态根", "State root"),
        "none": ("还没有区块", "No block yet"),
        "older": ("更早的区块", "Older blocks"),
        "newest": ("最新", "Newest"),
        "one": ("区块 {height}", "Block {height}"),
        "header": ("区块头", "Header"),
        "parent": ("上一块", "Parent"),
        "tx.root": ("交易根", "Transaction root"),
        "receipts.root": ("回执根", "Receipts root"),
        "epoch": ("任期 / 轮次", "Epoch / view"),
        "leader": ("出块节点公钥", "Leader's key"),
        "final": ("最终确认", "Finality"),
        "final.at": ("由高度 {height} 的证书确认", "by the certificate at height {height}"),
        "version": ("协议版本", "Protocol version"),
        "tx": ("交易号", "Transaction"),
        "call": ("调用", "Call"),
        "sender": ("签名账户", "Sender"),
        "result": ("结果", "Result"),
        "ok": ("成功", "Success"),
        "previous": ("前一块", "Previous"),
        "next": ("后一块", "Next"),
    },
)
PAGE = 20


@kit.page("/blocks", room="block", words=W)
async def blocks(before: int = 0) -> None:
    found = await visitor().client.blocks(before=before or None, limit=PAGE)
    with kit.card():
        kit.table(
            [W("height"), W("time"), W("transactions"), W("gas"), W("signers"), W("hash")],
            [_row(block) for block in found],
            empty=W("none"),
        )
        with kit.actions():
            if before:
                kit.anchor(W("newest"), "/console/blocks")
            if found and int(found[-1]["height"]) > 1:
                kit.anchor(W("older"), f"/console/blocks?before={found[-1]['height']}", icon="next")


@kit.page("/blocks/{which}", room="block", words=W)
async def block(which: str) -> None:
    client = visitor().client
    found = await client.block(which)
    height, header = int(found["height"]), found["header"]
    kit.retitle(W("one", height=number(height)), moment(header["time_ms"]))
    directory = Directory(visitor())
    rows = [await transaction_row(directory, tx) for tx in found["transactions"]]
    with kit.columns():
        with kit.column(8), kit.card(W("transactions"), number(len(rows))):
            kit.table([W("tx"), W("call"), W("sender"), W("gas"), W("result")], rows)
        with kit.column(4):
            with kit.card(W("header")):
                kit.facts(_header(found, header))
            with kit.card(W("final"), W("final.at", height=number(found["certificate_height"]))):
                kit.put(kit.join((kit.pill("ok", name) for name in found["signers"]), " "))
            with kit.actions():
                if height > 1:
                    kit.anchor(W("previous"), f"/console/blocks/{height - 1}", icon="back")
                if height < int((await client.status())["height"]):
                    kit.anchor(W("next"), f"/console/blocks/{height + 1}", icon="next")


def _row(block: dict[str, Any]) -> list[Any]:
    failed = sum(1 for tx in block["transactions"] if tx["status"] != "success")
    count = Markup("{} {}").format(
        number(len(block["transactions"])), kit.pill("bad", W("failed", count=failed)) if failed else ""
    )
    return [
        kit.link(f"/console/blocks/{block['height']}", number(block["height"])),
        moment(block["header"]["time_ms"]),
        count,
        number(block["header"]["gas_used"]),
        len(block["signers"]),
        kit.digest(block["block_hash"]),
    ]


async def transaction_row(directory: Directory, tx: dict[str, Any]) -> list[Any]:
    """Hash, call, sender, gas and result of a transaction as a block lists it."""
    name = await directory.name(tx["contract"])
    title = await directory.title(tx["contract"], tx["method"])
    result = kit.pill("ok", W("ok")) if tx["status"] == "success" else kit.pill("bad", tx["code"])
    return [
        kit.digest(tx["tx_id"], href=f"/console/transactions/{tx['tx_id']}", size=6),
        Markup('{} <span class="muted mono small">{}.{}</span>').format(title, name, tx["method"]),
        kit.digest(tx["sender"], href=f"/console/accounts/{tx['sender']}", size=6),
        number(tx["gas_used"]),
        result,
    ]


def _header(found: dict[str, Any], header: dict[str, Any]) -> list[tuple[str, Any]]:
    parent = int(found["height"]) - 1
    return [
        (W("time"), moment(header["time_ms"])),
        (W("hash"), kit.digest(found["block_hash"])),
        (W("parent"), kit.digest(header["parent"], href=f"/console/blocks/{parent}" if parent > 0 else None)),
        (W("root"), kit.digest(header["state_root"])),
        (W("tx.root"), kit.digest(header["tx_root"])),
        (W("receipts.root"), kit.digest(header["receipts_root"])),
        (W("leader"), kit.digest(header["leader"])),
        (W("epoch"), f"{header['epoch']} / {header['view']}"),
        (W("gas"), number(header["gas_used"])),
        (W("version"), header["protocol_version"]),
    ]
