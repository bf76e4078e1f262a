import asyncio
import threading

import httpx
import pytest

from xianglian.gateway import door
from xianglian.gateway.app import Gateway
from xianglian.gateway.submit import TX_BYTES_MAX

from .conftest import StandInNode, claim, signed_in

SUBMIT = ("/v1/transactions", "/v1/transactions/batch")


async def test_every_operation_but_sign_in_and_submit_answers_401_before_it_parses(
    gateway: Gateway, http: httpx.AsyncClient
) -> None:
    """XL promise 3: walks the description, so that a new operation cannot be forgotten."""
    walked = 0
    for path, methods in gateway.app.openapi()["paths"].items():
        for method in methods:
            if path.startswith("/v1/session") or (path in SUBMIT and method == "post"):
                continue
            answer = await http.request(
                method, path.replace("{", "").replace("}", ""), content=b"\xff not json"
            )
            assert answer.status_code == 401, (method, path)
            assert answer.json()["error"]["code"] == "XL-SESSION"
            walked += 1
    assert walked >= 15
    assert (await http.get("/v1/nothing-there")).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer wrong", "Basic abc", ""])
async def test_no_token_is_no_session(http: httpx.AsyncClient, header: str) -> None:
    assert (await http.get("/v1/status", headers={"Authorization": header})).status_code == 401


async def test_a_session_opens_the_door(http: httpx.AsyncClient, node: StandInNode) -> None:
    answer = await http.get("/v1/status", headers=await signed_in(http, node))
    assert answer.json()["height"] == 5
    assert answer.headers["cache-control"] == "no-store"


async def test_a_browsers_cookie_is_a_session_too(http: httpx.AsyncClient, node: StandInNode) -> None:
    token = (await signed_in(http, node))["Authorization"].removeprefix("Bearer ")
    assert (await http.get("/v1/status", headers={"Cookie": f"a=1; xl_session={token}"})).status_code == 200


async def test_a_suspended_account_loses_its_session(
    http: httpx.AsyncClient, node: StandInNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "RECHECK_MS", 0)
    headers = await signed_in(http, node)
    assert (await http.get("/v1/status", headers=headers)).status_code == 200
    node.suspended = True
    await asyncio.sleep(0.01)
    assert (await http.get("/v1/status", headers=headers)).status_code == 401
    node.suspended = False
    assert (await http.get("/v1/status", headers=headers)).status_code == 401  # gone for good


async def test_a_role_that_was_taken_away_ends_the_session(
    http: httpx.AsyncClient, node: StandInNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "RECHECK_MS", 0)
    headers = await signed_in(http, node)
    node.roles = []
    await asyncio.sleep(0.01)
    assert (await http.get("/v1/status", headers=headers)).status_code == 401


async def test_a_body_above_the_bound_never_reaches_the_node(
    http: httpx.AsyncClient, node: StandInNode
) -> None:
    answer = await http.post("/v1/transactions", content=bytes(TX_BYTES_MAX + 1))
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "XL-TOO-LARGE"
    assert node.submitted == []

    async def unannounced() -> object:
        for _ in range(9):
            yield bytes(64 * 1024)

    answer = await http.post("/v1/transactions", content=unannounced())  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert node.submitted == []


async def test_submit_needs_no_session_and_is_idempotent(http: httpx.AsyncClient) -> None:
    first = await http.post("/v1/transactions", content=b"signed bytes")
    second = await http.post("/v1/transactions", content=b"signed bytes")
    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()


async def test_a_full_queue_refuses_politely_and_recovers(http: httpx.AsyncClient, node: StandInNode) -> None:
    node.gate = threading.Event()
    waiting = [asyncio.create_task(http.post("/v1/transactions", content=b"%d" % n)) for n in range(8)]
    await asyncio.sleep(0.2)
    node.gate.set()
    answers = [await task for task in waiting]
    assert (
        sorted(answer.status_code for answer in answers) == [202] * 4 + [503] * 4
    )  # 2 threads and 2 waiting
    busy = next(answer for answer in answers if answer.status_code == 503)
    assert busy.json()["error"]["code"] == "XL-BUSY"
    assert busy.json()["error"]["retry"] is True
    assert busy.headers["retry-after"] == "1"
    assert (await http.post("/v1/transactions", content=b"again")).status_code == 202


async def test_errors_have_one_shape(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    for path, status, code in (
        ("/v1/transactions/zz", 400, "XL-REQUEST"),
        (f"/v1/transactions/{'00' * 32}", 404, "XL-NOT-FOUND"),
        ("/v1/blocks/99", 404, "XL-NOT-FOUND"),
        ("/v1/nothing", 404, "XL-NOT-FOUND"),
        ("/v1/accounts?limit=0", 400, "XL-REQUEST"),
    ):
        answer = await http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), path
        assert set(answer.json()["error"]) == {"code", "reason", "retry", "facts"}


async def test_unknown_fields_are_refused(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    body = {"method": "m", "extra": 1}
    answer = await http.post("/v1/contracts/points/query", headers=headers, json=body)
    assert (answer.status_code, answer.json()["error"]["facts"]["where"]) == (400, "body.extra")


async def test_a_view_is_asked_as_the_sessions_account(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    answer = await http.post("/v1/contracts/points/query", headers=headers, json={"method": "supply"})
    assert answer.json()["caller"] == node.account_id


async def test_what_a_stranger_may_see_says_nothing_of_the_chain(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).text == "ok\n"
    assert (await http.get("/readyz")).text == "ready\n"
    assert 'xl_height{node="access-1"' in (await http.get("/metrics")).text


async def test_a_claim_cannot_be_larger_than_a_claim(http: httpx.AsyncClient, node: StandInNode) -> None:
    body = await claim(http, node, purpose="x" * 10_000)
    assert (await http.post("/v1/session", json=body)).status_code == 413


async def test_without_a_console_everything_else_is_not_there(
    gateway: Gateway, http: httpx.AsyncClient
) -> None:
    gateway.console.start()
    answer = await http.get("/console/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "XL-NOT-FOUND")


async def test_a_console_that_does_not_load_leaves_the_api_up(
    gateway: Gateway, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("no console today")

    monkeypatch.setattr(gateway.console, "_load", broken)
    gateway.console.start()
    assert (await http.get("/verify")).status_code == 404
    assert (await http.get("/healthz")).status_code == 200
