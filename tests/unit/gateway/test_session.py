from typing import Any

import httpx
import pytest

from xianglian.errors import NoSession
from xianglian.gateway import session as sessions_module
from xianglian.gateway.app import Gateway
from xianglian.gateway.session import ACCOUNT_SESSIONS_MAX, Login, Sessions, allowed_hosts
from xianglian.keys import Key
from xianglian.types import now_ms

from .conftest import StandInNode, claim, signed_in


async def test_signing_in_tells_role_and_organisation(http: httpx.AsyncClient, node: StandInNode) -> None:
    answer = (await http.post("/v1/session", json=await claim(http, node))).json()
    assert (answer["organisation"], answer["roles"]) == ("org1", ["clerk"])
    assert int(answer["expires_ms"]) - now_ms() <= 15 * 60_000


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "other.example:80"},
        {"signed_host": "other.example:80"},
        {"account": Key.generate().account("org1")},
        {"role": "auditor"},
        {"signed_role": "auditor"},
        {"purpose": "something else"},
        {"signed_purpose": ""},
        {"time_ms": 0},
        {"signed_time_ms": now_ms() - 120_000},
        {"nonce": "00" * 16},
        {"signature": "11" * 64},
        {"key": Key.generate().public_key.hex()},
    ],
)
async def test_a_claim_with_one_thing_changed_is_refused(
    http: httpx.AsyncClient, node: StandInNode, changes: dict[str, Any]
) -> None:
    answer = await http.post("/v1/session", json=await claim(http, node, **changes))
    assert answer.status_code == 401, answer.text
    assert answer.json()["error"]["code"] == "XL-SESSION-LOGIN"


async def test_every_account_may_read_as_a_member(http: httpx.AsyncClient, node: StandInNode) -> None:
    assert await signed_in(http, node, signed_role="member")


async def test_a_challenge_is_good_once(http: httpx.AsyncClient, node: StandInNode) -> None:
    body = await claim(http, node)
    assert (await http.post("/v1/session", json=body)).status_code == 200
    assert (await http.post("/v1/session", json=body)).status_code == 401


async def test_a_failed_attempt_uses_the_challenge_up(http: httpx.AsyncClient, node: StandInNode) -> None:
    body = await claim(http, node)
    assert (await http.post("/v1/session", json=body | {"signature": "11" * 64})).status_code == 401
    assert (await http.post("/v1/session", json=body)).status_code == 401


async def test_signing_out_ends_it(http: httpx.AsyncClient, node: StandInNode) -> None:
    headers = await signed_in(http, node)
    assert (await http.delete("/v1/session", headers=headers)).status_code == 204
    assert (await http.get("/v1/status", headers=headers)).status_code == 401


async def test_a_session_ends_after_a_quarter_of_an_hour_unless_refreshed(
    http: httpx.AsyncClient, node: StandInNode, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await signed_in(http, node)
    late = now_ms() + 10 * 60_000
    monkeypatch.setattr(sessions_module, "now_ms", lambda: late)
    assert (await http.post("/v1/session/refresh", headers=headers)).status_code == 200
    monkeypatch.setattr(sessions_module, "now_ms", lambda: late + 14 * 60_000)
    assert (await http.get("/v1/status", headers=headers)).status_code == 200
    monkeypatch.setattr(sessions_module, "now_ms", lambda: late + 16 * 60_000)
    assert (await http.get("/v1/status", headers=headers)).status_code == 401
    assert len(gateway.sessions) == 0


def _login(account: str = "a") -> Login:
    return Login("h", account, "member", "p", bytes(16), 0)


def test_an_account_has_a_bounded_number_of_sessions() -> None:
    table = Sessions(bytes(32), frozenset())
    tokens = [table.open(_login(), "o", ())[0] for _ in range(ACCOUNT_SESSIONS_MAX + 1)]
    with pytest.raises(NoSession):
        table.resolve(tokens[0])
    assert table.resolve(tokens[-1]).account == "a"
    assert len(table) == ACCOUNT_SESSIONS_MAX


def test_eight_hours_are_the_end_whatever_is_refreshed(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Sessions(bytes(32), frozenset())
    start = now_ms()
    token, opened = table.open(_login(), "o", ())
    for minutes in range(0, 480, 14):
        monkeypatch.setattr(sessions_module, "now_ms", lambda minutes=minutes: start + minutes * 60_000)
        table.refresh(token)
    assert opened.expires_ms <= opened.ends_ms


def test_loopback_may_be_spelt_both_ways() -> None:
    assert allowed_hosts("127.0.0.1:80") == {"127.0.0.1:80", "localhost:80"}
    assert allowed_hosts("chain.example:443") == {"chain.example:443"}
