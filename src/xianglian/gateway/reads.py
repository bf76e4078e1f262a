"""Routes that read: what the node tells goes out as it is (JSON of the border); a session is needed."""

from __future__ import annotations

import time
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from xianglian._core import Node
from xianglian.errors import NotFound
from xianglian.gateway import examples
from xianglian.gateway.finality import Finality
from xianglian.gateway.pool import NativePool
from xianglian.gateway.session import Session

VIEW_GAS_MAX = 200_000_000
WAIT_MS_MAX = 60_000
PAGE_MAX = 500
BLOCKS_MAX = 100

TxId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Transaction id, hex")]
WaitMs = Annotated[int, Query(ge=0, le=WAIT_MS_MAX, description="Wait so long for finality")]
Name = Annotated[str, Path(max_length=100, description="Name of the contract, or its address")]


class ViewBody(BaseModel):
    """A call of a view; `arguments` is Borsh of the argument tuple in hex."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"method": "supply", "arguments": ""}}
    )
    method: str = Field(min_length=1, max_length=64)
    arguments: str = Field(default="", pattern="^([0-9a-f]{2})*$", max_length=131_072)
    gas_limit: int = Field(default=50_000_000, ge=1, le=VIEW_GAS_MAX)


class Octets(Response):
    """An answer in bytes."""

    media_type = "application/octet-stream"


def session_of(request: Request) -> Session:
    """The session that the door found."""
    return cast("Session", request.state.session)


def read_routes(node: Node, pool: NativePool, finality: Finality) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1")

    @router.get(
        "/status",
        operation_id="status",
        tags=["chain"],
        summary="This node and what it knows of its peers",
        responses=examples.described(examples.STATUS, "Status"),
    )
    async def status() -> Response:
        return as_json(node.status())

    @router.get(
        "/transactions/{tx_id}",
        operation_id="transaction",
        tags=["transactions"],
        summary="A final transaction and its receipt",
        responses=examples.described(examples.RECEIPT, "Final and durable on this node"),
    )
    async def transaction(tx_id: TxId, wait_ms: WaitMs = 0) -> Response:
        raw = bytes.fromhex(tx_id)
        deadline = time.monotonic() + wait_ms / 1000
        while True:
            height = finality.height
            text = await pool.run(node.transaction, raw)
            left_s = deadline - time.monotonic()
            if text is not None or left_s <= 0:
                break
            await finality.beyond(height, left_s)
        if text is None:
            pending = await pool.run(node.pool_contains, raw)
            state = "waits in the pool" if pending else "is not known here"
            raise NotFound(f"transaction {tx_id} {state}", tx_id=tx_id, pending=pending, retry=pending)
        return as_json(text)

    @router.get(
        "/transactions/{tx_id}/replay",
        operation_id="replay",
        tags=["transactions"],
        summary="Run a final transaction again on the state it met",
        responses=examples.described(examples.REPLAY, "What happened"),
    )
    async def replay(tx_id: TxId) -> Response:
        return as_json(found(await pool.run(node.replay, bytes.fromhex(tx_id)), "transaction", tx_id))

    @router.get(
        "/blocks",
        operation_id="blocks",
        tags=["chain"],
        summary="Blocks, newest first",
        responses=examples.described({"blocks": [examples.BLOCK]}, "Blocks"),
    )
    async def blocks(
        before: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=BLOCKS_MAX)] = 20,
    ) -> Response:
        top = finality.height if before is None else min(before - 1, finality.height)

        def page() -> list[str]:
            texts = (node.block(height) for height in range(top, max(0, top - limit), -1))
            return [text for text in texts if text is not None]

        return as_json('{"blocks":[' + ",".join(await pool.run(page)) + "]}")

    @router.get(
        "/blocks/{block}",
        operation_id="block",
        tags=["chain"],
        summary="A block by height or digest",
        responses=examples.described(examples.BLOCK, "The block"),
    )
    async def block(block: Annotated[str, Path(pattern="^([0-9]{1,19}|[0-9a-f]{64})$")]) -> Response:
        if len(block) == 64:
            text = await pool.run(node.block_by_hash, bytes.fromhex(block))
        else:
            text = await pool.run(node.block, int(block))
        return as_json(found(text, "block", block))

    @router.get(
        "/blocks/{height}/results",
        operation_id="blockResults",
        tags=["chain"],
        summary="What became of a block's transactions, compact",
        response_class=Octets,
        responses=examples.binary("33 bytes each, in order: transaction id, then 0 (success) or 1 (failed)"),
    )
    async def block_results(height: Annotated[int, Path(ge=1)], wait_ms: WaitMs = 0) -> Response:
        deadline = time.monotonic() + wait_ms / 1000
        while finality.height < height and (left_s := deadline - time.monotonic()) > 0:
            await finality.beyond(finality.height, left_s)
        results = await pool.run(node.block_results, height)
        if results is None:
            raise NotFound(f"no block {height} yet", height=height)
        return as_bytes(results)

    @router.get(
        "/organisations",
        operation_id="organisations",
        tags=["identity"],
        summary="The members",
        responses=examples.described(
            [{"id": "org1", "name": "政务服务局", "admins": [examples.ACCOUNT]}], "Members"
        ),
    )
    async def organisations() -> Response:
        return as_json(await pool.run(node.organisations))

    @router.get(
        "/accounts",
        operation_id="accounts",
        tags=["identity"],
        summary="Accounts in the order of admission",
        responses=examples.described({"total": 1, "accounts": [examples.ACCOUNT_RECORD]}, "A page"),
    )
    async def accounts(
        offset: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100
    ) -> Response:
        return as_json(await pool.run(node.accounts, offset, limit))

    @router.get(
        "/accounts/{address}",
        operation_id="account",
        tags=["identity"],
        summary="One account",
        responses=examples.described(examples.ACCOUNT_RECORD, "The account"),
    )
    async def account(address: Annotated[str, Path(max_length=100)]) -> Response:
        return as_json(found(await pool.run(node.account, address), "account", address))

    @router.get(
        "/contracts",
        operation_id="contracts",
        tags=["contracts"],
        summary="Every contract",
        responses=examples.described([examples.CONTRACT], "Contracts in the order of deployment"),
    )
    async def contracts() -> Response:
        return as_json(await pool.run(node.contracts))

    @router.get(
        "/contracts/{name}",
        operation_id="contract",
        tags=["contracts"],
        summary="One contract",
        responses=examples.described(examples.CONTRACT, "The contract"),
    )
    async def contract(name: Name) -> Response:
        return as_json(found(await pool.run(node.contract, name), "contract", name))

    @router.get(
        "/contracts/{name}/interface",
        operation_id="contractInterface",
        tags=["contracts"],
        summary="The interface description of a version, by default of the one that runs",
        responses=examples.described({"name": "Points", "entries": []}, "The interface"),
    )
    async def interface(
        name: Name, version: Annotated[int | None, Query(ge=1, le=2**32 - 1)] = None
    ) -> Response:
        raw = await pool.run(node.contract_interface, name, version)
        if raw is None:
            which = name if version is None else f"{name} version {version}"
            raise NotFound(f"no contract {which}", contract=name)
        return as_json(raw)

    @router.post(
        "/contracts/{name}/query",
        operation_id="query",
        tags=["contracts"],
        summary="Run a view on the committed state",
        responses=examples.described(
            examples.VIEW, "Attested by this node; a failed view is status `failed`"
        ),
    )
    async def query(name: Name, body: ViewBody, request: Request) -> Response:
        request.state.what = f"{name}.{body.method}"
        caller = session_of(request).account
        raw = bytes.fromhex(body.arguments)
        return as_json(await pool.run(node.query, caller, name, body.method, raw, body.gas_limit))

    @router.get(
        "/proofs/receipt/{tx_id}",
        operation_id="receiptProof",
        tags=["proofs"],
        summary="A file that proves a receipt offline",
        response_class=Octets,
        responses=examples.binary("Proof file"),
    )
    async def receipt_proof(tx_id: TxId) -> Response:
        proof = await pool.run(node.receipt_proof, bytes.fromhex(tx_id))
        if proof is None:
            raise NotFound(f"no final transaction {tx_id}", tx_id=tx_id)
        return as_bytes(proof)

    @router.get(
        "/proofs/state/{key}",
        operation_id="stateProof",
        tags=["proofs"],
        summary="A file that proves the value, or absence, of a state key",
        response_class=Octets,
        responses=examples.binary("Proof file"),
    )
    async def state_proof(
        key: Annotated[str, Path(pattern="^([0-9a-f]{2}){20,276}$", description="Contract id then key, hex")],
    ) -> Response:
        return as_bytes(await pool.run(node.state_proof, bytes.fromhex(key)))

    return router


def as_json(text: str | bytes) -> Response:
    """`text` is JSON already."""
    return Response(text, media_type="application/json", headers={"cache-control": "no-store"})


def as_bytes(data: bytes) -> Response:
    """Bytes that nobody may cache."""
    return Octets(data, headers={"cache-control": "no-store"})


def found(text: str | None, what: str, which: str) -> str:
    """`text`, or `NotFound` naming what was asked for."""
    if text is None:
        raise NotFound(f"no {what} {which}", what=what, which=which)
    return text
