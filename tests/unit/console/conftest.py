"""Staff pages over a chain in memory: the e-licence contract run as plain Python; no node, no browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from nicegui.testing import User, user_simulation

from xianglian import solutions
from xianglian.compiler import build
from xianglian.console import here, mounting
from xianglian.console.here import Console
from xianglian.console.live import Live
from xianglian.console.sessions import COOKIE, StaffSession, StaffSessions
from xianglian.contract import abi, bech32
from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Deployed
from xianglian.errors import NotFound, TransactionFailed
from xianglian.sdk.interfaces import natural
from xianglian.solutions.elicence.contract import ELicence
from xianglian.solutions.elicence.data import DAY_MS, TYPES, Generator
from xianglian.types import Receipt, now_ms

ORGANISATIONS = {"org1": "政务服务局", "org2": "市场监督管理局"}
ROLES = {
    "keeper": ("org1", ("catalogue-manager",)),
    "clerk": ("org2", ("issuer",)),
    "holder": ("org2", ("holder",)),
    "verifier": ("org1", ("verifier",)),
}


@dataclass(frozen=True)
class Settings:
    """What a node tells its console."""

    folder: Path
    authority: str = "127.0.0.1:1"
    chain_id: bytes = bytes(32)
    node_key: bytes = bytes(33)
    genesis: bytes = b""


@dataclass
class Town:
    """The chain and its people."""

    chain: Chain
    elicence: Deployed
    interface: bytes
    people: dict[str, Any]
    uscc: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """(method, arguments) of every call that was signed."""

    def address(self, who: str) -> str:
        """`xl1...`"""
        return bech32.encode("xl", bytes(self.people[who]))


class Person:
    """The part of `AsyncClient` that pages use, as one account of the town."""

    def __init__(self, town: Town, who: str) -> None:
        self._town, self._who = town, who
        self._parsed = abi.Interface.parse(town.interface)
        self.account = town.address(who)

    async def close(self) -> None:
        """Nothing to close."""

    async def contract(self, name: str) -> dict[str, Any]:
        if name != "elicence":
            raise NotFound
        return {"name": name, "address": "xlc1town"}

    async def contracts(self) -> list[dict[str, Any]]:
        return []

    async def interface(self, _: str) -> bytes:
        return self._town.interface

    async def status(self) -> dict[str, Any]:
        raise NotFound("this town has no node")

    async def organisations(self) -> list[dict[str, Any]]:
        return [{"id": key, "name": name, "admins": []} for key, name in ORGANISATIONS.items()]

    async def blocks(self, **_: Any) -> list[dict[str, Any]]:
        return []

    async def accounts(self, **_: Any) -> dict[str, Any]:
        rows = [
            {
                "account": self._town.address(who),
                "organisation": org,
                "roles": list(roles),
                "suspended": False,
            }
            for who, (org, roles) in ROLES.items()
        ]
        return {"total": len(rows), "accounts": rows}

    async def query(self, _: str, method: str, /, **arguments: Any) -> Any:
        return self._run(method, arguments, read_only=True)

    async def call(self, _: str, method: str, /, **arguments: Any) -> Receipt:
        result = self._run(method, arguments, read_only=False)
        self._town.sent.append((method, arguments))
        return Receipt(
            tx_hash="ab" * 32, height=self._town.chain.height, index=0,
            block_hash="cd" * 32, time_ms=now_ms(),
            status="success", code="", gas_used=1, output=b"", result=result, events=(),
        )  # fmt: skip

    def _run(self, method: str, arguments: dict[str, Any], *, read_only: bool) -> Any:
        data = self._parsed.encode_arguments(method, arguments)
        self._town.chain.time_ms = max(self._town.chain.time_ms, now_ms())
        caller = self._town.people[self._who]
        try:
            raw = self._town.chain.run(self._town.elicence, method, data, by=caller, read_only=read_only)
        except ContractError as refusal:
            raise TransactionFailed("refused", code=type(refusal).__name__, contract="elicence") from refusal
        return natural(self._parsed.method(method).returns, self._parsed.decode_output(method, raw))


@pytest.fixture(scope="session")
def interface() -> bytes:
    """The description that the contract is deployed with."""
    return build(Path(solutions.__file__).parent / "elicence").interface_json


@pytest.fixture
def town(interface: bytes) -> Town:
    """A chain with two organisations, one licence type that org2 may issue, and nobody's licence."""
    chain = Chain(time_ms=now_ms() - DAY_MS)
    people = {who: chain.account(who, organisation=org, roles=roles) for who, (org, roles) in ROLES.items()}
    elicence = chain.deploy(ELicence, by=people["keeper"])
    made = Town(chain, elicence, interface, people)
    data = Generator(5)
    for org, name in ORGANISATIONS.items():
        made.uscc[org] = data.uscc("11")
        elicence.register_organisation(org, made.uscc[org], name, by=people["keeper"])
    kind = TYPES[1]
    code = kind.code(made.uscc["org1"])
    elicence.define_type(code, kind.name, list(kind.attributes), by=people["keeper"])
    elicence.authorise_issuer(code, made.uscc["org2"], True, by=people["keeper"])
    return made


@dataclass
class Desk:
    """A page opened by somebody."""

    user: User
    town: Town
    sessions: StaffSessions

    async def sign_in(self, who: str, language: str = "zh") -> StaffSession:
        """As that person."""
        org, roles = ROLES[who]
        session = await self.sessions.add(Person(self.town, who), who, org, roles)  # type: ignore[arg-type]
        self.user.http_client.cookies.set(COOKIE, session.id)
        self.user.http_client.cookies.set("xl_lang", language)
        return session


@pytest.fixture
async def desk(town: Town, tmp_path: Path) -> AsyncIterator[Desk]:
    """Staff pages without a browser."""
    folder = tmp_path / "network" / "nodes" / "access-1"
    folder.mkdir(parents=True)
    settings = Settings(folder)
    async with user_simulation(root=lambda: None) as user:
        sessions = StaffSessions(settings)
        here.install(Console(settings, sessions, Live(settings, sessions)))
        mounting.load_pages()
        yield Desk(user, town, sessions)
        await here.console().live.close()
        await sessions.close_all()
