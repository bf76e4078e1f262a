"""Waiting for finality and following events."""

import asyncio
import json
import time

import httpx

from xianglian.gateway.app import Gateway

from .conftest import StandInNode, signed_in

TX = "cd" * 32


def _row(cursor: int, name: str = "Issued", contract: str = "xlc1x") -> dict[str, object]:
    return {"cursor": str(cursor), "name": name, "contract": contract, "data": ""}


async def test_a_waiting_request_answers_with_the_block(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    request = asyncio.create_task(http.get(f"/v1/transactions/{TX}?wait_ms=5000", headers=headers))
    await asyncio.sleep(0.1)
    assert not request.done()
    node.finals[TX] = json.dumps({"tx_id": TX})
    node.height += 1
    start = time.monotonic()
    assert (await request).json() == {"tx_id": TX}
    assert time.monotonic() - start < 1


async def test_waiting_ends(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    start = time.monotonic()
    answer = await http.get(f"/v1/transactions/{TX}?wait_ms=200", headers=headers)
    assert answer.status_code == 404
    assert 0.15 < time.monotonic() - start < 2


async def test_many_waiters_take_no_threads(
    http: httpx.AsyncClient, node: StandInNode, gateway: Gateway
) -> None:
    headers = await signed_in(http, node)
    waiting = [
        asyncio.create_task(http.get(f"/v1/transactions/{TX}?wait_ms=3000", headers=headers))
        for _ in range(50)
    ]
    await asyncio.sleep(0.5)
    assert gateway.pool.inside == 0
    assert (await http.get("/v1/status", headers=headers)).status_code == 200
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_page_of_events_is_filtered_and_moves_its_cursor(
    http: httpx.AsyncClient, node: StandInNode
) -> None:
    node.event_rows = [_row(1), _row(2, "Other"), _row(3)]
    headers = await signed_in(http, node)
    got = (await http.get("/v1/events?name=Issued&cursor=1", headers=headers)).json()
    assert [row["cursor"] for row in got["events"]] == ["3"]
    assert got["next_cursor"] == "3"


async def test_a_page_waits_for_the_first_event(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    request = asyncio.create_task(http.get("/v1/events?wait_ms=5000", headers=headers))
    await asyncio.sleep(0.1)
    node.event_rows = [_row(7)]
    node.height += 1
    assert (await request).json()["next_cursor"] == "7"
