"""HTTP to one access node: signs in, repeats what may be repeated, and believes only what the node has
signed.

Repeated are reads, and submissions of the same signed bytes: the same transaction twice is one transaction.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
import secrets
from typing import Any
from urllib.parse import urlencode

import httpx

from xianglian import _core, errors
from xianglian.sdk.connection import Connection
from xianglian.types import login_message, now_ms, read_query

TRIES = 5
FIRST_PAUSE_S = 0.05
TIMEOUT_S = 20.0
READ_MS = 60_000
"""How long a signed read stays good."""


class Transport:
    """One HTTP connection pool, one session."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._http: httpx.AsyncClient | None = None
        self._token: str | None = None
        self._session = b""
        self._node = connection.node_key or b""
        self._signing_in = asyncio.Lock()

    async def close(self) -> None:
        """Ends the session and the connections."""
        if self._http is None:
            return
        if self._token is not None:
            try:
                await self._http.delete("/v1/session", headers=self._bearer())
            except httpx.HTTPError:
                self._token = None
        await self._http.aclose()
        self._http = None

    def forget_session(self) -> None:
        """Signs in anew before the next read."""
        self._token = None

    async def submit(self, signed: bytes) -> None:
        """Sends a signed transaction. Raises `Rejected`, or `Unreachable` where its fate is unknown."""
        await self._send("POST", "/v1/transactions", signed)

    async def submit_batch(self, frames: bytes) -> bytes:
        """Sends many; 33 bytes for each."""
        return (await self._send("POST", "/v1/transactions/batch", frames)).content

    async def read(
        self,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        wait_s: float = 0,
        height: int = 0,
    ) -> bytes:
        """A signed read and its verified answer. `height`: the answering node must be at least there."""
        target = path + ("?" + urlencode(query) if query else "")
        method, raw = ("GET", b"") if body is None else ("POST", json.dumps(body).encode())
        for last in (False, True):
            await self._sign_in()
            request = self._signed_read(method, target, raw, height, wait_s)
            headers = {**self._bearer(), "XL-Read": base64.urlsafe_b64encode(request).decode()}
            try:
                response = await self._send(method, target, raw, headers, timeout_s=TIMEOUT_S + wait_s)
            except errors.NoSession:
                self._token = None
                if last:
                    raise
                continue
            self._check_answer(request, response)
            return response.content
        raise AssertionError("the loop returns or raises")

    async def stream(self, path: str, query: dict[str, Any], last_event_id: int) -> httpx.Response:
        """Opens an event stream from a cursor."""
        await self._sign_in()
        http = self._open()
        headers = {**self._bearer(), "Accept": "text/event-stream", "Last-Event-ID": str(last_event_id)}
        request = http.build_request(
            "GET", path, params=query, headers=headers, timeout=httpx.Timeout(TIMEOUT_S, read=60)
        )
        try:
            response = await http.send(request, stream=True)
        except httpx.TransportError as error:
            raise self._unreachable() from error
        if response.status_code != 200:
            await response.aread()
            await response.aclose()
            raise error_of(response)
        return response

    async def _send(
        self,
        method: str,
        target: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> httpx.Response:
        pause_s = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                response = await self._open().request(
                    method, target, content=body, headers=headers, timeout=timeout_s
                )
            except httpx.TransportError as problem:
                error: errors.XianglianError = self._unreachable()
                error.__cause__ = problem
            else:
                if response.status_code < 400:
                    return response
                error = error_of(response)
                if not error.retry or not isinstance(error, errors.Busy | errors.Unreachable):
                    raise error
            if left == 0:
                raise error
            await asyncio.sleep(pause_s * (0.5 + random.random()))  # noqa: S311 - spreads retries, guards nothing
            pause_s *= 2
        raise AssertionError("the loop returns or raises")

    def _open(self) -> httpx.AsyncClient:
        if self._http is None:
            # No proxy from the environment: an access node is a member's own, mostly on loopback.
            self._http = httpx.AsyncClient(
                base_url=self.connection.url,
                trust_env=False,
                limits=httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=20),
                headers={"content-type": "application/json"},
            )
        return self._http

    async def _sign_in(self) -> None:
        async with self._signing_in:
            if self._token is not None:
                return
            me = self.connection
            asked = await self._send(
                "POST", "/v1/session/challenge", json.dumps({"account": me.account}).encode()
            )
            challenge = asked.json()
            node = bytes.fromhex(challenge["node"])
            if bytes.fromhex(challenge["chain_id"]) != me.chain_id or (me.node_key and node != me.node_key):
                raise errors.AnswerForged("another chain or another node answers here", url=me.url)
            claim: dict[str, Any] = {"host": me.authority, "account": me.account, "role": me.role}
            claim |= {"purpose": me.purpose, "time_ms": now_ms()}
            message = login_message(chain_id=me.chain_id, nonce=bytes.fromhex(challenge["nonce"]), **claim)
            claim |= {"nonce": challenge["nonce"], "key": me.key.public_key.hex()}
            claim["signature"] = me.key.sign(message).hex()
            opened = (await self._send("POST", "/v1/session", json.dumps(claim).encode())).json()
            self._node, self._token = node, opened["token"]
            self._session = bytes.fromhex(opened["session"])

    def _signed_read(self, method: str, target: str, body: bytes, height: int, wait_s: float) -> bytes:
        me = self.connection
        return me.key.read(
            chain_id=me.chain_id,
            node=self._node,
            session=self._session,
            role=me.role,
            purpose=me.purpose,
            query=read_query(method, target, body, _core.sm3(body)),
            minimum_height=height,
            expires_ms=now_ms() + READ_MS + int(wait_s * 1000),
            nonce=secrets.token_bytes(16),
        )

    def _check_answer(self, request: bytes, response: httpx.Response) -> None:
        try:
            height = int(response.headers["xl-height"])
            block = bytes.fromhex(response.headers["xl-block"])
            signature = bytes.fromhex(response.headers["xl-signature"])
            _core.verify_answer(self._node, request, height, block, response.content, signature)
        except (KeyError, ValueError, errors.InvalidSignature) as error:
            raise errors.AnswerForged(url=self.connection.url) from error

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _unreachable(self) -> errors.XianglianError:
        return errors.NetworkDown(
            f"no answer from {self.connection.url}: is the network up?", url=self.connection.url
        )


def error_of(response: httpx.Response) -> errors.XianglianError:
    """The typed error of an answer; the HTTP status gives the family of codes without a class."""
    family: type[errors.XianglianError] = errors.Rejected
    if response.status_code in (502, 503, 504):
        family = errors.Unreachable
    elif response.status_code in (400, 404, 405, 413):
        family = errors.Misused
    try:
        return errors.from_json(response.json()["error"], otherwise=family)
    except (ValueError, KeyError, TypeError):
        return family(f"HTTP {response.status_code} from {response.url}", status=response.status_code)
