"""The stage of the story: the people of a network with their clients, and many transactions sent at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from xianglian._core import contract_address
from xianglian.contract import abi
from xianglian.errors import Rejected, WaitedTooLong
from xianglian.keys import Key, Profile, Profiles, find_passphrase
from xianglian.sdk import AsyncClient, system
from xianglian.sdk.connection import Connection, find_connection
from xianglian.types import Event, now_ms

CONTRACT = "elicence"
AT_ONCE = 16
"""Receipts waited for at the same time."""
BATCH = 250
"""Transactions sent in one request."""
ADMIN = "admin"
GAS_LIMIT = 5_000_000
"""Of every transaction of the story; the dearest takes a fifth of it."""
LIFETIME_MS = 60_000
WAIT_S = 60.0
EVENTS_PAGE = 500
CURSORS_OF_A_BLOCK = 1 << 24
"""A cursor is height * 2^24 + the event's position in its block."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the story is."""

    stage: str
    zh: str
    en: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Act:
    """One call by one person."""

    who: str
    """Profile."""
    method: str
    arguments: dict[str, Any]
    contract: str = CONTRACT


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act: final, or refused before any block."""

    act: Act
    tx_hash: str
    code: str
    """Empty on success."""
    events: tuple[Event, ...] = ()
    detail: bytes = b""
    """The facts of a refusal, encoded."""

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return self.code == ""

    @property
    def place(self) -> int:
        """Its place in the order of the chain, among successes."""
        return self.events[0].cursor

    @property
    def time_ms(self) -> int:
        """Time of its block."""
        return self.events[0].time_ms

    def told(self, name: str) -> dict[str, Any]:
        """The fields of its event of this name. Raises `StopIteration` where it has none."""
        return next(dict(event.fields or {}) for event in self.events if event.name == name)


class Unexpected(Rejected):
    """A step of the story that must succeed was refused."""

    code = "XL-STORY-UNEXPECTED"


@dataclass
class Stage:
    """A network and everyone who acts on it. `sent` counts transactions."""

    network: Path
    told: Callable[[Progress], None] | None = None
    sent: int = 0
    clients: dict[str, AsyncClient] = field(default_factory=dict)
    _profiles: Profiles | None = None
    _connection: Connection | None = None
    _interface: abi.Interface | None = None

    @property
    def profiles(self) -> Profiles:
        """The network's profiles, unlocked once."""
        if self._profiles is None:
            self._profiles = Profiles(self.network / "profiles", lambda: find_passphrase(self.network))
        return self._profiles

    def client(self, who: str) -> AsyncClient:
        """The client of a profile."""
        if who not in self.clients:
            if self._connection is None:
                self._connection = find_connection(self.network, ADMIN, purpose="xl solution accept")
            profile, key = self.profiles.profile(who), self.profiles.key(who)
            connection = replace(
                self._connection, account=profile.account, organisation=profile.organisation, key=key
            )
            self.clients[who] = AsyncClient(connection)
        return self.clients[who]

    def account(self, who: str) -> str:
        """The account of a profile."""
        return self.profiles.profile(who).account

    async def close(self) -> None:
        """Closes every client."""
        await asyncio.gather(*(client.close() for client in self.clients.values()))

    def say(self, stage: str, zh: str, en: str, done: int = 0, total: int = 0) -> None:
        """Tells how far the story is."""
        if self.told is not None:
            self.told(Progress(stage, zh, en, done, total))

    async def admit(self, people: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        """Admits (profile, organisation, roles) each, unless the profile is there already."""
        known = set(self.profiles.names())
        chain_id = self.profiles.profile(ADMIN).chain_id
        acts = []
        for who, organisation, roles in people:
            if who in known:
                continue
            key = Key.generate()
            account = key.account(organisation)
            self.profiles.add(Profile(who, account, organisation, key.public_key, chain_id), key)
            arguments = {"organisation": organisation, "key": key.public_key, "roles": list(roles)}
            acts.append(Act(admin_of(organisation), "admit", arguments, system.ACCOUNTS))
        await self.must(acts)

    async def interface(self) -> abi.Interface:
        """The interface of the solution's contract, read once."""
        if self._interface is None:
            self._interface = abi.Interface.parse(await self.client(ADMIN).interface(CONTRACT))
        return self._interface

    async def sign(self, act: Act) -> tuple[str, bytes]:
        """(hash, signed bytes), without a request: most people of the story only ever sign."""
        by = self.client(act.who).connection
        if act.contract == CONTRACT:
            arguments = (await self.interface()).encode_arguments(act.method, act.arguments)
        else:
            arguments = system.encode(act.contract, act.method, act.arguments)
        tx_id, signed = by.key.transaction(
            chain_id=by.chain_id,
            sender=by.account,
            contract=contract_address(act.contract),
            method=act.method,
            arguments=arguments,
            gas_limit=GAS_LIMIT,
            valid_until_ms=now_ms() + LIFETIME_MS,
        )
        return tx_id.hex(), signed

    async def play(self, acts: Sequence[Act]) -> list[Outcome]:
        """Signs all, sends them together, waits until each is final or refused."""
        return await self.send(acts, [await self.sign(act) for act in acts])

    async def send(self, acts: Sequence[Act], signed: Sequence[tuple[str, bytes]]) -> list[Outcome]:
        """Sends signed transactions together; outcomes in the same order, each by its receipt."""
        answers = await self._submit(signed)
        gate = asyncio.Semaphore(AT_ONCE)

        async def outcome(act: Act, tx_hash: str, answer: tuple[bool, str]) -> Outcome:
            admitted, code = answer
            if not admitted:
                return Outcome(act, tx_hash, code)
            async with gate:
                return await self._by_receipt(act, tx_hash)

        rows = zip(acts, signed, answers, strict=True)
        return list(await asyncio.gather(*(outcome(act, sent[0], answer) for act, sent, answer in rows)))

    async def must(self, acts: Sequence[Act]) -> list[Outcome]:
        """Like `play`, where every act must succeed. Raises `Unexpected` naming the first that did not.

        What succeeds leaves an event, so the outcomes are read from the event stream, hundreds at a time.
        """
        if not acts:
            return []
        desk = self.client(ADMIN)
        cursor = int((await desk.status())["height"]) * CURSORS_OF_A_BLOCK + CURSORS_OF_A_BLOCK - 1
        signed = [await self.sign(act) for act in acts]
        for act, (tx_hash, _), (admitted, code) in zip(acts, signed, await self._submit(signed), strict=True):
            if not admitted:
                raise _unexpected(Outcome(act, tx_hash, code))
        await desk.receipt(signed[-1][0], timeout=WAIT_S)
        found = await self._events(cursor, {tx_hash for tx_hash, _ in signed})
        outcomes = [
            Outcome(act, tx_hash, "", tuple(found[tx_hash]))
            if tx_hash in found
            else await self._by_receipt(act, tx_hash)
            for act, (tx_hash, _) in zip(acts, signed, strict=True)
        ]
        for each in outcomes:
            if not each.ok:
                raise _unexpected(each)
        return outcomes

    async def _submit(self, signed: Sequence[tuple[str, bytes]]) -> list[tuple[bool, str]]:
        answers: list[tuple[bool, str]] = []
        for at in range(0, len(signed), BATCH):
            batch = [data for _, data in signed[at : at + BATCH]]
            answers += await self.client(ADMIN).submit_many(batch)
        self.sent += len(signed)
        return answers

    async def _by_receipt(self, act: Act, tx_hash: str) -> Outcome:
        """Waits for one transaction; a success is completed with its events as the stream has them."""
        receipt = await self.client(ADMIN).receipt(tx_hash, timeout=WAIT_S)
        if not receipt.ok:
            return Outcome(act, tx_hash, receipt.code, detail=receipt.detail)
        before = receipt.height * CURSORS_OF_A_BLOCK
        return Outcome(act, tx_hash, "", tuple((await self._events(before, {tx_hash}))[tx_hash]))

    async def _events(self, cursor: int, wanted: set[str]) -> dict[str, list[Event]]:
        """Events after `cursor` by transaction, until all that are wanted are there or there are no more."""
        found: dict[str, list[Event]] = {}
        while not wanted <= found.keys():
            page, after = await self.client(ADMIN).events_page(cursor=cursor, limit=EVENTS_PAGE)
            for event in page:
                if event.tx_hash in wanted:
                    found.setdefault(event.tx_hash, []).append(event)
            if after == cursor or not page:
                break
            cursor = after
        return found

    async def ask(self, who: str, method: str, **arguments: Any) -> Any:
        """A view's answer, asked by a person."""
        return await self.client(who).query(CONTRACT, method, **arguments)

    async def settle_until(self, time_ms: int) -> None:
        """Waits until the wall clock has passed `time_ms`. Raises `WaitedTooLong` beyond a minute."""
        left_ms = time_ms - now_ms()
        if left_ms > 60_000:
            raise WaitedTooLong(f"{left_ms} ms are too long to wait", time_ms=time_ms)
        await asyncio.sleep(max(0, left_ms) / 1000)


def _unexpected(outcome: Outcome) -> Unexpected:
    act = outcome.act
    reason = f"{act.who} {act.contract}.{act.method}: {outcome.code}"
    return Unexpected(reason, tx_id=outcome.tx_hash, refusal=outcome.code)


def admin_of(organisation: str) -> str:
    """The profile of an organisation's administrator."""
    return f"admin-{organisation}"
