"""Routes under /v1/session: challenge, sign in, refresh, sign out."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from xianglian._core import Node, address_to_bytes
from xianglian.errors import LoginRefused, XianglianError
from xianglian.gateway import examples
from xianglian.gateway.pool import NativePool
from xianglian.gateway.session import Login, Session, Sessions

Token = Annotated[str | None, Header(alias="Authorization")]


class ChallengeBody(BaseModel):
    """Who wants to sign in."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"account": examples.ACCOUNT}})
    account: str = Field(max_length=100)


class SignInBody(BaseModel):
    """The signed challenge; `signature` is over `types.login_message`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "account": examples.ACCOUNT,
                "key": "02" + "7a" * 32,
                "role": "member",
                "purpose": "reconcile licences",
                "host": "127.0.0.1:8000",
                "nonce": "00" * 16,
                "time_ms": 1790000000000,
                "signature": "5c" * 64,
            }
        },
    )
    account: str = Field(max_length=100)
    key: str = Field(pattern="^[0-9a-f]{66}$")
    role: str = Field(max_length=32)
    purpose: str = Field(max_length=200)
    host: str = Field(max_length=200)
    nonce: str = Field(pattern="^[0-9a-f]{32}$")
    time_ms: int
    signature: str = Field(pattern="^[0-9a-f]{128}$")


def session_routes(node: Node, pool: NativePool, sessions: Sessions, node_key: bytes) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1/session", tags=["session"])

    @router.post(
        "/challenge",
        operation_id="challenge",
        summary="A nonce to sign",
        responses=examples.described(examples.CHALLENGE, "Valid for a minute, once"),
    )
    async def challenge(body: ChallengeBody) -> dict[str, Any]:
        address_to_bytes(body.account)
        nonce, expires_ms = sessions.challenge(body.account)
        return {
            "nonce": nonce.hex(),
            "expires_ms": str(expires_ms),
            "chain_id": sessions.chain_id.hex(),
            "node": node_key.hex(),
        }

    @router.post(
        "",
        operation_id="signIn",
        summary="Open a session",
        responses=examples.described(examples.SESSION, "A token for fifteen minutes"),
    )
    async def sign_in(body: SignInBody) -> dict[str, Any]:
        login = Login(
            body.host, body.account, body.role, body.purpose, bytes.fromhex(body.nonce), body.time_ms
        )
        message = sessions.message(login)
        try:
            text = await pool.run(
                node.check_login,
                message,
                bytes.fromhex(body.key),
                bytes.fromhex(body.signature),
                body.account,
            )
        except LoginRefused:
            raise
        except XianglianError as error:
            if error.retry:
                raise
            raise LoginRefused(error.reason, account=body.account) from error
        account = json.loads(text)
        token, session = sessions.open(login, account["organisation"], tuple(account["roles"]))
        return {"token": token, **_described(session)}

    @router.post(
        "/refresh",
        operation_id="refresh",
        summary="Fifteen more minutes",
        responses=examples.described(
            {k: v for k, v in examples.SESSION.items() if k != "token"}, "The same session"
        ),
    )
    async def refresh(authorization: Token = None) -> dict[str, Any]:
        return _described(sessions.refresh(_bearer(authorization)))

    @router.delete(
        "",
        operation_id="signOut",
        summary="End the session",
        status_code=204,
        responses={"default": examples.described({}, "")["default"]},
    )
    async def sign_out(authorization: Token = None) -> Response:
        sessions.close(_bearer(authorization))
        return Response(status_code=204)

    return router


def _bearer(header: str | None) -> str | None:
    return header.partition(" ")[2].strip() if header else None


def _described(session: Session) -> dict[str, Any]:
    return {
        "session": session.id.hex(),
        "expires_ms": str(session.expires_ms),
        "organisation": session.organisation,
        "roles": list(session.roles),
    }
