"""submit → accept: raw routes over one native call. A transaction carries its own signature, so no session is
asked for.

Sending the same transaction twice is the same transaction: the id is that of its body (protocol 11).
"""

from __future__ import annotations

from xianglian._core import Node
from xianglian.gateway.answers import App, Receive, Scope, Send, send_bytes
from xianglian.gateway.door import bounded
from xianglian.gateway.pool import NativePool
from xianglian.gateway.signed import whole_body

TX_BYTES_MAX = 512 * 1024
BATCH_BYTES_MAX = 4 * 1024 * 1024


def single(node: Node, pool: NativePool) -> App:
    """`POST /v1/transactions`: signed bytes in, 202 and `{"tx_id": hex}` out."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        body = await whole_body(bounded(scope, receive, TX_BYTES_MAX))
        tx_id = await pool.run(node.submit, body)
        await send_bytes(send, 202, b'{"tx_id":"%s"}' % tx_id.hex().encode(), b"application/json")

    return route


def batch(node: Node, pool: NativePool) -> App:
    """`POST /v1/transactions/batch`: frames (u32 little-endian length, bytes) in, 33 bytes for each out."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        body = await whole_body(bounded(scope, receive, BATCH_BYTES_MAX))
        answers = await pool.run(node.submit_batch, body)
        await send_bytes(send, 200, answers, b"application/octet-stream")

    return route
