"""Routes about contracts' lives: versions, staged code and audits, governance, dry runs of upgrades."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from xianglian._core import Node
from xianglian.errors import NotFound
from xianglian.gateway import examples
from xianglian.gateway.pool import NativePool
from xianglian.gateway.reads import PAGE_MAX, Name, as_json, found, session_of

DRY_RUN_GAS_MAX = 4_000_000_000
STAGE_BYTES_MAX = 500_000
"""Largest arguments of `stage`: what a transaction could carry."""
FIELDS_MAX = 256

CodeHash = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SM3 of the code, hex")]
Number = Annotated[int, Path(ge=1, le=2**32 - 1, description="The proposal's number")]


class DryRunBody(BaseModel):
    """An upgrade to staged code (`code_hash`), or to code that is not on the chain yet (`stage_arguments`:
    Borsh of what `stage` would be called with, in hex).
    """

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code_hash": examples.HASH, "migrated": ["balances"]}}
    )
    code_hash: str = Field(default="", pattern="^([0-9a-f]{64})?$")
    stage_arguments: str = Field(default="", pattern="^([0-9a-f]{2})*$", max_length=2 * STAGE_BYTES_MAX)
    migrated: list[Annotated[str, Field(max_length=64)]] = Field(default=[], max_length=FIELDS_MAX)
    gas_limit: int = Field(default=DRY_RUN_GAS_MAX, ge=1, le=DRY_RUN_GAS_MAX)


def lifecycle_routes(node: Node, pool: NativePool) -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/v1")

    @router.get(
        "/contracts/{name}/versions",
        operation_id="contractVersions",
        tags=["contracts"],
        summary="Its versions, oldest first, and how its state is kept",
        responses=examples.described(examples.VERSIONS, "Versions"),
    )
    async def versions(name: Name) -> Response:
        return as_json(found(await pool.run(node.contract_versions, name), "contract", name))

    @router.post(
        "/contracts/{name}/upgrade/dry-run",
        operation_id="dryRunUpgrade",
        tags=["contracts"],
        summary="What an upgrade would do on the committed state; nothing happens",
        responses=examples.described(
            examples.DRY_RUN, "Attested by this node; a refused upgrade is status `failed`"
        ),
    )
    async def dry_run(name: Name, body: DryRunBody, request: Request) -> Response:
        request.state.what = f"{name} dry run of an upgrade"
        return as_json(
            await pool.run(
                node.dry_run_upgrade,
                session_of(request).account,
                name,
                body.code_hash,
                bytes.fromhex(body.stage_arguments),
                body.migrated,
                body.gas_limit,
            )
        )

    @router.get(
        "/code/{code_hash}",
        operation_id="code",
        tags=["contracts"],
        summary="Whether a code is staged, and what auditors say of it",
        responses=examples.described(examples.CODE, "What the chain knows of it"),
    )
    async def code(code_hash: CodeHash) -> Response:
        return as_json(await pool.run(node.code, code_hash))

    @router.get(
        "/code/{code_hash}/interface",
        operation_id="stagedInterface",
        tags=["contracts"],
        summary="The interface description of staged code",
        responses=examples.described({"name": "Points", "entries": []}, "The interface"),
    )
    async def staged_interface(code_hash: CodeHash) -> Response:
        raw = await pool.run(node.staged_interface, code_hash)
        if raw is None:
            raise NotFound(f"no code {code_hash} is staged", code_hash=code_hash)
        return as_json(raw)

    @router.get(
        "/governance",
        operation_id="governance",
        tags=["governance"],
        summary="The rules for contracts, and what a proposal needs",
        responses=examples.described(examples.GOVERNANCE, "Rules and threshold"),
    )
    async def governance() -> Response:
        return as_json(await pool.run(node.governance))

    @router.get(
        "/governance/proposals",
        operation_id="proposals",
        tags=["governance"],
        summary="Proposals, newest first",
        responses=examples.described({"total": 1, "proposals": [examples.PROPOSAL]}, "A page"),
    )
    async def proposals(
        before: Annotated[int | None, Query(ge=1, le=2**32 - 1)] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    ) -> Response:
        return as_json(await pool.run(node.proposals, before, limit))

    @router.get(
        "/governance/proposals/{number}",
        operation_id="proposal",
        tags=["governance"],
        summary="One proposal with its votes",
        responses=examples.described(examples.PROPOSAL, "The proposal"),
    )
    async def proposal(number: Number) -> Response:
        return as_json(found(await pool.run(node.proposal, number), "proposal", str(number)))

    return router
