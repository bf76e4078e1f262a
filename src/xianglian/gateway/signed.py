"""Signed reads (protocol 22): a request that names its query, an answer that the node signs.

The header `XL-Read` carries the signed request in base64url; its `query` must be what is really asked
(`read_query`). The answer's headers `XL-Height`, `XL-Block`, `XL-Node` and `XL-Signature` bind node, height
and body to the request. State is at least as new as `XL-Height`; view answers are attested by this node,
facts with a proof need no trust.
"""

from __future__ import annotations

import base64
import binascii
import json

from xianglian._core import Node, sm3
from xianglian.errors import ReadRefused, TooLarge, XianglianError
from xianglian.gateway.answers import App, Message, Receive, Scope, Send, send_error
from xianglian.gateway.pool import NativePool
from xianglian.gateway.session import Session
from xianglian.types import read_query

HEADER = b"xl-read"
REQUEST_BYTES_MAX = 8 * 1024


async def answer_signed(
    app: App,
    node: Node,
    pool: NativePool,
    session: Session,
    scope: Scope,
    receive: Receive,
    send: Send,
    header: bytes,
) -> None:
    """Runs `app` for a signed read and signs what it answers."""
    body = await whole_body(receive)
    try:
        request = _decoded(header)
        checked = json.loads(await pool.run(node.check_read, request))
        target = scope["raw_path"].decode("ascii") if scope.get("raw_path") else scope["path"]
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("ascii")
        _compare(checked, session, read_query(scope["method"], target, body, sm3(body)))
        status = json.loads(node.status())
        if int(checked["minimum_height"]) > int(status["height"]):
            reason = f"this node is at height {status['height']}, {checked['minimum_height']} was asked for"
            raise ReadRefused(reason, code="XL-READ-BEHIND", retry=True, height=int(status["height"]))
    except XianglianError as error:
        await send_error(send, error)
        return
    start: Message = {}
    parts: list[bytes] = []

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, replay, collect)
    result = b"".join(parts)
    height, block = int(status["height"]), bytes.fromhex(status["block_hash"])
    digest = bytes.fromhex(checked["request_hash"])
    signature = await pool.run(node.sign_answer, digest, height, block, result)
    start["headers"] = [
        *start["headers"],
        (b"xl-height", str(height).encode()),
        (b"xl-block", block.hex().encode()),
        (b"xl-signature", signature.hex().encode()),
    ]
    await send(start)
    await send({"type": "http.response.body", "body": result})


async def whole_body(receive: Receive) -> bytes:
    """All of a request's body."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _decoded(header: bytes) -> bytes:
    if len(header) > REQUEST_BYTES_MAX:
        raise TooLarge(limit_bytes=REQUEST_BYTES_MAX)
    try:
        return base64.b64decode(header, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ReadRefused("XL-Read is not base64url", code="XL-READ-MALFORMED") from error


def _compare(checked: dict[str, str], session: Session, query: bytes) -> None:
    if checked["session"] != session.id.hex() or checked["account"] != session.account:
        raise ReadRefused("the read was signed for another session", code="XL-READ-SESSION")
    if checked["query"] != query.hex():
        raise ReadRefused("the signed query is not what was asked", code="XL-READ-QUERY")
