"""The transport against answers that a hostile or struggling server would give."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from xianglian.errors import AnswerForged, NetworkDown, NoSession, Rejected
from xianglian.keys import Key
from xianglian.sdk import transport as transport_module
from xianglian.sdk.connection import Connection
from xianglian.sdk.transport import TRIES, Transport

CHAIN = bytes(32)
NODE = Key.generate().public_key
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "FIRST_PAUSE_S", 0.001)


def transport_to(answer: Answer, **changes: Any) -> Transport:
    key = Key.generate()
    values: dict[str, Any] = {
        "url": "http://node:1",
        "chain_id": CHAIN,
        "account": key.account("org1"),
        "organisation": "org1",
        "key": key,
        "node_key": None,
    }
    made = Transport(Connection(**(values | changes)))
    made._http = httpx.AsyncClient(base_url="http://node:1", transport=httpx.MockTransport(answer))
    return made


def signing_in(request: httpx.Request, *, node: bytes = NODE, chain: bytes = CHAIN) -> httpx.Response | None:
    if request.url.path == "/v1/session/challenge":
        return httpx.Response(200, json={"nonce": "00" * 16, "chain_id": chain.hex(), "node": node.hex()})
    if request.url.path == "/v1/session":
        return httpx.Response(200, json={"token": "t", "session": "11" * 16})
    return None


async def test_the_same_bytes_are_sent_again_while_the_node_is_busy() -> None:
    bodies = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        if len(bodies) < 3:
            return httpx.Response(
                503, json={"error": {"code": "XL-BUSY", "reason": "", "retry": True, "facts": {}}}
            )
        return httpx.Response(202, json={"tx_id": "00"})

    await transport_to(answer).submit(b"signed")
    assert bodies == [b"signed"] * 3


async def test_a_refusal_is_not_repeated() -> None:
    count = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return httpx.Response(
            422, json={"error": {"code": "XL-TX-EXPIRED", "reason": "", "retry": False, "facts": {}}}
        )

    with pytest.raises(Rejected) as refused:
        await transport_to(answer).submit(b"signed")
    assert (count, refused.value.code) == (1, "XL-TX-EXPIRED")


async def test_no_connection_is_tried_a_few_times_and_then_told() -> None:
    count = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(NetworkDown):
        await transport_to(answer).submit(b"signed")
    assert count == TRIES


async def test_an_answer_without_the_nodes_signature_is_not_believed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return signing_in(request) or httpx.Response(200, json={"height": 9})

    with pytest.raises(AnswerForged):
        await transport_to(answer).read("/v1/status")


async def test_an_answer_signed_by_somebody_else_is_not_believed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"xl-height": "1", "xl-block": "00" * 32, "xl-signature": Key.generate().sign(b"x").hex()}
        node = Key.generate().public_key
        return signing_in(request, node=node) or httpx.Response(200, json={}, headers=headers)

    with pytest.raises(AnswerForged):
        await transport_to(answer).read("/v1/status")


@pytest.mark.parametrize("change", [{"chain": b"\1" * 32}, {"node": b"\3" * 33}])
async def test_another_chain_or_node_is_not_signed_in_to(change: dict[str, bytes]) -> None:
    claims = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/session":
            claims.append(request)
        return signing_in(request, **change) or httpx.Response(500)

    with pytest.raises(AnswerForged):
        await transport_to(answer, node_key=NODE).read("/v1/status")
    assert not claims


async def test_a_lost_session_is_opened_again_once() -> None:
    logins = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal logins
        logins += request.url.path == "/v1/session"
        lost = {"error": {"code": "XL-SESSION", "reason": "", "retry": False, "facts": {}}}
        return signing_in(request) or httpx.Response(401, json=lost)

    with pytest.raises(NoSession):
        await transport_to(answer).read("/v1/status")
    assert logins == 2


async def test_what_is_signed_is_what_is_asked() -> None:
    seen: dict[str, Any] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        if (early := signing_in(request)) is not None:
            if request.url.path == "/v1/session":
                seen["claim"] = json.loads(request.content)
            return early
        seen["read"] = base64.urlsafe_b64decode(request.headers["xl-read"])
        return httpx.Response(200, json={})

    with pytest.raises(AnswerForged):
        await transport_to(answer, purpose="对账").read("/v1/events", query={"cursor": 3}, wait_s=1)
    assert (seen["claim"]["host"], seen["claim"]["purpose"]) == ("node:1", "对账")
    assert b"GET /v1/events?cursor=3\n0\n" in seen["read"]
