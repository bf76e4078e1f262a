"""A gateway over a stand-in for the node: what is tested here is the gateway's own logic, not the chain."""

import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from xianglian import _core
from xianglian.errors import ReadRefused
from xianglian.gateway.app import Gateway, GatewaySettings
from xianglian.keys import Key
from xianglian.types import login_message, now_ms

CHAIN = bytes(range(32))
AUTHORITY = "127.0.0.1:8000"


class StandInNode:
    """One height, one account, no chain. Counts what reaches it."""

    def __init__(self) -> None:
        self.key = Key.generate()
        self.member = Key.generate()
        self.account_id = self.member.account("org1")
        self.roles = ["clerk"]
        self.suspended = False
        self.height = 5
        self.submitted: list[bytes] = []
        self.finals: dict[str, str] = {}
        self.event_rows: list[dict[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def status(self) -> str:
        return json.dumps(
            {
                "name": "access-1",
                "org": "org1",
                "kind": "access",
                "height": self.height,
                "block_hash": "ab" * 32,
                "validators": 4,
                "peers": [],
                "pool": {"transactions": 0, "bytes": 0},
                "healthy": True,
                "fault": None,
            }
        )

    def wait_height(self, height: int, timeout_ms: int) -> int:
        threading.Event().wait(min(timeout_ms, 20) / 1000)
        return self.height

    def account(self, address: str) -> str | None:
        if address != self.account_id:
            return None
        record = {
            "account": address,
            "organisation": "org1",
            "roles": self.roles,
            "suspended": self.suspended,
        }
        return json.dumps(record)

    def check_login(self, message: bytes, key: bytes, signature: bytes, account: str) -> str:
        _core.sm2_verify(key, message, signature)
        record = self.account(account)
        if record is None or key != self.member.public_key:
            raise ReadRefused("not a key of the account")
        return record

    def submit(self, signed: bytes) -> bytes:
        self.gate.wait(5)
        self.submitted.append(signed)
        return _core.sm3(signed)

    def submit_batch(self, frames: bytes) -> bytes:
        self.submitted.append(frames)
        return bytes(33)

    def transaction(self, tx_id: bytes) -> str | None:
        return self.finals.get(tx_id.hex())

    def pool_contains(self, tx_id: bytes) -> bool:
        return False

    def block(self, height: int) -> str | None:
        return json.dumps({"height": height}) if height <= self.height else None

    def contract(self, name: str) -> str | None:
        return None

    def events(self, cursor: int, limit: int, timeout_ms: int) -> str:
        rows = [row for row in self.event_rows if int(row["cursor"]) > cursor][:limit]
        return json.dumps({"events": rows, "next_cursor": rows[-1]["cursor"] if rows else str(cursor)})

    def query(self, caller: str, contract: str, method: str, arguments: bytes, gas_limit: int) -> str:
        return json.dumps({"caller": caller, "status": "success", "output": arguments.hex()})


@pytest.fixture
def node() -> StandInNode:
    return StandInNode()


@pytest.fixture
async def gateway(node: StandInNode, tmp_path: Path) -> AsyncIterator[Gateway]:
    settings = GatewaySettings(
        authority=AUTHORITY,
        chain_id=CHAIN,
        node_key=node.key.public_key,
        genesis=b"",
        folder=tmp_path,
        threads=2,
        queue=2,
        console=False,
    )
    made = Gateway(node, settings)  # type: ignore[arg-type]
    made.finality.start()
    yield made
    made.finality.stop()
    made.pool.close()


@pytest.fixture
async def http(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=gateway)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{AUTHORITY}") as client:
        yield client


async def claim(http: httpx.AsyncClient, node: StandInNode, **changes: Any) -> dict[str, Any]:
    """A good sign-in, with changes made before it is signed (`signed_*`) or after."""
    challenge = (await http.post("/v1/session/challenge", json={"account": node.account_id})).json()
    values: dict[str, Any] = {
        "host": AUTHORITY,
        "account": node.account_id,
        "role": "clerk",
        "purpose": "testing",
        "time_ms": now_ms(),
    }
    values |= {
        key.removeprefix("signed_"): value for key, value in changes.items() if key.startswith("signed_")
    }
    nonce = bytes.fromhex(challenge["nonce"])
    signature = node.member.sign(login_message(chain_id=CHAIN, nonce=nonce, **values))
    values |= {"nonce": nonce.hex(), "key": node.member.public_key.hex(), "signature": signature.hex()}
    return values | {key: value for key, value in changes.items() if not key.startswith("signed_")}


async def signed_in(http: httpx.AsyncClient, node: StandInNode, **changes: Any) -> dict[str, str]:
    """Headers of a fresh session."""
    answer = await http.post("/v1/session", json=await claim(http, node, **changes))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}
