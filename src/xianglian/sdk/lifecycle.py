"""The life of contracts as clients act on it: deploy, stage, upgrade, freeze, audit, propose, vote, rehearse.

`AsyncLifecycle` is the part of `AsyncClient`, `Lifecycle` the same of `Client`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from xianglian.contract.crypto import sm3_digest
from xianglian.contract.solidity import Artefact
from xianglian.sdk import actions, system
from xianglian.sdk.interfaces import Interfaces
from xianglian.types import Receipt, now_ms

T = TypeVar("T")
PROPOSAL_MS = 7 * 24 * 3_600_000
"""How long a proposal takes votes where nobody says otherwise: a week."""
GAS_DRY_RUN = 2_000_000_000


class AsyncLifecycle(ABC):
    """What `AsyncClient` does about contracts' lives."""

    _interfaces: Interfaces

    @abstractmethod
    async def call(
        self, contract: str, method: str, /, *, gas_limit: int | None = None, **arguments: Any
    ) -> Receipt:
        """Submits and waits for finality."""

    @abstractmethod
    async def interface(self, contract: str, version: int | None = None) -> bytes:
        """The interface description of a version, by default of the one that runs."""

    @abstractmethod
    async def _json(
        self, path: str, *, query: dict[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]: ...

    async def deploy(self, name: str, code: bytes, interface: bytes) -> Receipt:
        """Deploys a compiled contract under `name`; how its state is kept is read from the interface."""
        return await self.call(
            system.CONTRACTS,
            "deploy",
            name=name,
            code=code,
            interface=interface,
            layout=actions.layout_of(interface),
        )

    async def deploy_solidity(self, name: str, artefact: Artefact, /, **arguments: Any) -> Receipt:
        """Deploys a compiler's artefact of a Solidity contract, with the arguments of its constructor."""
        return await self.call(
            system.CONTRACTS,
            "deploy_evm",
            name=name,
            code=artefact.creation_code,
            arguments=artefact.constructor_arguments(arguments),
            interface=artefact.interface_json,
            events=artefact.events,
        )

    async def stage(self, code: bytes, interface: bytes) -> str:
        """Keeps code on the chain for an upgrade or a vote; its SM3 in hex. Whoever stages may remove it."""
        layout = actions.layout_of(interface)
        await self.call(system.CONTRACTS, "stage", code=code, interface=interface, layout=layout)
        return sm3_digest(code).hex()

    async def stage_solidity(self, artefact: Artefact, /, **arguments: Any) -> str:
        """Keeps an artefact's code with its constructor's arguments for a vote; the code's SM3 in hex. The
        constructor runs in the name of who staged it.
        """
        await self.call(
            system.CONTRACTS,
            "stage_evm",
            code=artefact.creation_code,
            arguments=artefact.constructor_arguments(arguments),
            interface=artefact.interface_json,
            events=artefact.events,
        )
        return sm3_digest(artefact.creation_code).hex()

    async def unstage(self, code_hash: str) -> Receipt:
        """Removes code that this account staged."""
        return await self.call(system.CONTRACTS, "unstage", code_hash=code_hash)

    async def upgrade(
        self, name: str, code_hash: str, *, version: int, migrated: Sequence[str] = ()
    ) -> Receipt:
        """Brings staged code in after `version`, as the owner; only where the chain's policy lets owners."""
        receipt = await self.call(
            system.CONTRACTS,
            "upgrade",
            name=name,
            version=version,
            code_hash=code_hash,
            migrated=list(migrated),
        )
        self._interfaces.forget()
        return receipt

    async def freeze(self, name: str) -> Receipt:
        """Refuses a contract's transactions from now on, as its owner or as its organisation's
        administrator.
        """
        return await self.call(system.CONTRACTS, "freeze", name=name)

    async def audit(
        self, code_hash: str, *, report_hash: str, verdict: str, tool: str, valid_until_ms: int
    ) -> Receipt:
        """Records what an audit found, `positive` or `negative`, as an auditor."""
        return await self.call(
            system.CONTRACTS,
            "audit",
            code_hash=code_hash,
            report_hash=report_hash,
            verdict=verdict,
            tool=tool,
            valid_until_ms=valid_until_ms,
        )

    async def propose(
        self, action: Mapping[str, Any], *, title: str = "", valid_until_ms: int | None = None
    ) -> int:
        """Puts an action to the vote; the proposal's number. See `xianglian.sdk.actions` for actions."""
        receipt = await self.call(
            system.GOVERNANCE,
            "propose",
            action=dict(action),
            title=title,
            valid_until_ms=now_ms() + PROPOSAL_MS if valid_until_ms is None else valid_until_ms,
        )
        return int(receipt.result)

    async def vote(self, proposal: int, yes: bool) -> str:
        """Votes for one's organisation; `open`, `enacted` or `rejected`. The deciding vote carries it out."""
        receipt = await self.call(system.GOVERNANCE, "vote", id=proposal, yes=yes)
        self._interfaces.forget()
        return str(receipt.result)

    async def versions(self, name: str) -> dict[str, Any]:
        """A contract's versions, oldest first, and how its state is kept. Raises `NotFound`."""
        return await self._json(f"/v1/contracts/{name}/versions")

    async def interface_at(self, contract: str, height: int) -> bytes:
        """The interface description of the version that ran after the block at `height`: by it a receipt of
        that block is read. Raises `NotFound`.
        """
        rows = (await self.versions(contract))["versions"]
        ran = [row["version"] for row in rows if row["height"] <= height] or [rows[0]["version"]]
        return await self.interface(contract, ran[-1])

    async def code(self, code_hash: str) -> dict[str, Any]:
        """What the chain knows of a code: `{"staged", "audits"}`."""
        return await self._json(f"/v1/code/{code_hash}")

    async def governance(self) -> dict[str, Any]:
        """The rules for contracts, and how many organisations a proposal needs."""
        return await self._json("/v1/governance")

    async def proposals(self, *, before: int | None = None, limit: int = 50) -> dict[str, Any]:
        """Proposals, newest first: `{"total", "proposals"}`."""
        query = {"limit": limit} | ({} if before is None else {"before": before})
        return await self._json("/v1/governance/proposals", query=query)

    async def proposal(self, proposal: int) -> dict[str, Any]:
        """One proposal with its votes. Raises `NotFound`."""
        return await self._json(f"/v1/governance/proposals/{proposal}")

    async def dry_run_upgrade(
        self,
        name: str,
        code_hash: str | None = None,
        *,
        code: bytes = b"",
        interface: bytes = b"",
        migrated: Sequence[str] = (),
    ) -> dict[str, Any]:
        """What an upgrade would do on the state as it is, `migrate` included; nothing happens.

        Either `code_hash` of staged code, or `code` with its `interface`. `status` is `success`, or `failed`
        with `code`; `audit` is the code of what the policy on audits still wants.
        """
        staging = b""
        if code_hash is None:
            layout = actions.layout_of(interface)
            arguments = {"code": code, "interface": interface, "layout": layout}
            staging = system.encode(system.CONTRACTS, "stage", arguments)
        body = {
            "code_hash": code_hash or "",
            "stage_arguments": staging.hex(),
            "migrated": list(migrated),
            "gas_limit": GAS_DRY_RUN,
        }
        answer = await self._json(f"/v1/contracts/{name}/upgrade/dry-run", body=body)
        detail = bytes.fromhex(answer["detail"])
        answer["reason"] = (
            await self._interfaces.reason(name, answer["code"], detail) if answer["code"] else ""
        )
        return answer


class Lifecycle(ABC):
    """What `Client` does about contracts' lives; see `AsyncLifecycle`."""

    _async: AsyncLifecycle

    @abstractmethod
    def _run(self, work: Coroutine[Any, Any, T]) -> T: ...

    def deploy(self, name: str, code: bytes, interface: bytes) -> Receipt:
        """Deploys a compiled contract under `name`."""
        return self._run(self._async.deploy(name, code, interface))

    def deploy_solidity(self, name: str, artefact: Artefact, /, **arguments: Any) -> Receipt:
        """Deploys a compiler's artefact of a Solidity contract, with the arguments of its constructor."""
        return self._run(self._async.deploy_solidity(name, artefact, **arguments))

    def stage(self, code: bytes, interface: bytes) -> str:
        """Keeps code on the chain for an upgrade or a vote; its SM3 in hex."""
        return self._run(self._async.stage(code, interface))

    def stage_solidity(self, artefact: Artefact, /, **arguments: Any) -> str:
        """Keeps an artefact's code with its constructor's arguments for a vote; the code's SM3 in hex."""
        return self._run(self._async.stage_solidity(artefact, **arguments))

    def unstage(self, code_hash: str) -> Receipt:
        """Removes code that this account staged."""
        return self._run(self._async.unstage(code_hash))

    def upgrade(self, name: str, code_hash: str, *, version: int, migrated: Sequence[str] = ()) -> Receipt:
        """Brings staged code in after `version`, as the owner."""
        return self._run(self._async.upgrade(name, code_hash, version=version, migrated=migrated))

    def freeze(self, name: str) -> Receipt:
        """Refuses a contract's transactions from now on."""
        return self._run(self._async.freeze(name))

    def audit(
        self, code_hash: str, *, report_hash: str, verdict: str, tool: str, valid_until_ms: int
    ) -> Receipt:
        """Records what an audit found, as an auditor."""
        work = self._async.audit(
            code_hash, report_hash=report_hash, verdict=verdict, tool=tool, valid_until_ms=valid_until_ms
        )
        return self._run(work)

    def propose(
        self, action: Mapping[str, Any], *, title: str = "", valid_until_ms: int | None = None
    ) -> int:
        """Puts an action to the vote; the proposal's number."""
        return self._run(self._async.propose(action, title=title, valid_until_ms=valid_until_ms))

    def vote(self, proposal: int, yes: bool) -> str:
        """Votes for one's organisation; `open`, `enacted` or `rejected`."""
        return self._run(self._async.vote(proposal, yes))

    def versions(self, name: str) -> dict[str, Any]:
        """A contract's versions, oldest first, and how its state is kept."""
        return self._run(self._async.versions(name))

    def interface_at(self, contract: str, height: int) -> bytes:
        """The interface description of the version that ran after the block at `height`."""
        return self._run(self._async.interface_at(contract, height))

    def code(self, code_hash: str) -> dict[str, Any]:
        """What the chain knows of a code: `{"staged", "audits"}`."""
        return self._run(self._async.code(code_hash))

    def governance(self) -> dict[str, Any]:
        """The rules for contracts, and how many organisations a proposal needs."""
        return self._run(self._async.governance())

    def proposals(self, *, before: int | None = None, limit: int = 50) -> dict[str, Any]:
        """Proposals, newest first."""
        return self._run(self._async.proposals(before=before, limit=limit))

    def proposal(self, proposal: int) -> dict[str, Any]:
        """One proposal with its votes."""
        return self._run(self._async.proposal(proposal))

    def dry_run_upgrade(
        self,
        name: str,
        code_hash: str | None = None,
        *,
        code: bytes = b"",
        interface: bytes = b"",
        migrated: Sequence[str] = (),
    ) -> dict[str, Any]:
        """What an upgrade would do on the state as it is; nothing happens."""
        work = self._async.dry_run_upgrade(name, code_hash, code=code, interface=interface, migrated=migrated)
        return self._run(work)
