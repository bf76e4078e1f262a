"""Receipts and events as values, read by the interfaces of the contracts they come from."""

from __future__ import annotations

from typing import Any

from xianglian.sdk.interfaces import Interfaces
from xianglian.types import Event, Receipt


async def read_receipt(document: dict[str, Any], interfaces: Interfaces) -> Receipt:
    """The `Receipt` of what `GET /v1/transactions/{id}` answers."""
    raw, call = document["receipt"], document["transaction"]
    output = bytes.fromhex(raw.get("output") or "")
    success = raw["status"] == "success"
    height = int(document["height"])
    events = [
        await read_event(
            {**row, "height": document["height"], "tx_id": document["tx_id"], "time_ms": document["time_ms"]},
            interfaces,
        )
        for row in raw["events"]
    ]
    return Receipt(
        tx_hash=document["tx_id"],
        height=height,
        index=int(document["index"]),
        block_hash=document["block_hash"],
        time_ms=int(document["time_ms"]),
        status=raw["status"],
        code=raw.get("code") or "",
        gas_used=int(raw["gas_used"]),
        output=output,
        result=await interfaces.decode_output(call["contract"], call["method"], output, height)
        if success
        else None,
        events=tuple(events),
        line=int(raw.get("line") or 0),
        path=tuple((step["contract"], step["method"]) for step in raw.get("path") or ()),
        detail=bytes.fromhex(raw.get("detail") or ""),
    )


async def read_event(row: dict[str, Any], interfaces: Interfaces) -> Event:
    """The `Event` of a row of `GET /v1/events` or of a receipt."""
    data = bytes.fromhex(row["data"])
    height = int(row.get("height") or 0)
    return Event(
        contract=row["contract"],
        name=row["name"],
        data=data,
        fields=await interfaces.decode_event(row["contract"], row["name"], data, height or None),
        height=height,
        tx_hash=row.get("tx_id") or "",
        time_ms=int(row.get("time_ms") or 0),
        cursor=int(row.get("cursor") or 0),
    )
