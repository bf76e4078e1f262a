"""The stage of the story: the people of a network with their clients, and many transactions sent at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xianglian.errors import Rejected, WaitedTooLong
from xianglian.keys import Key, Profile, Profiles, find_passphrase
from xianglian.sdk import AsyncClient, system
from xianglian.types import Call, Receipt

CONTRACT = "elicence"
AT_ONCE = 16
"""Receipts waited for at the same time."""
BATCH = 250
"""Transactions sent in one request."""
ADMIN = "admin"


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
    """What became of an act: a final receipt, or a refusal before any block."""

    act: Act
    tx_hash: str
    code: str
    """Empty on success."""
    receipt: Receipt | None

    @property
    def ok(self) -> bool:
        """Whether it took effect."""
        return self.code == ""

    @property
    def place(self) -> tuple[int, int]:
        """(height, index in the block): the order of the chain."""
        assert self.receipt is not None
        return self.receipt.height, self.receipt.index


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

    @property
    def profiles(self) -> Profiles:
        """The network's profiles, unlocked once."""
        if self._profiles is None:
            self._profiles = Profiles(self.network / "profiles", lambda: find_passphrase(self.network))
        return self._profiles

    def client(self, who: str) -> AsyncClient:
        """The client of a profile."""
        if who not in self.clients:
            self.clients[who] = AsyncClient.connect(self.network, who, purpose="xl solution accept")
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

    async def sign(self, act: Act) -> tuple[str, bytes]:
        """(hash, signed bytes)."""
        return await self.client(act.who).sign(Call(act.contract, act.method, act.arguments))

    async def play(self, acts: Sequence[Act]) -> list[Outcome]:
        """Signs all, sends them together, waits until each is final or refused."""
        signed = [await self.sign(act) for act in acts]
        return await self.send(acts, signed)

    async def send(self, acts: Sequence[Act], signed: Sequence[tuple[str, bytes]]) -> list[Outcome]:
        """Sends signed transactions together; outcomes in the same order."""
        desk = self.client(ADMIN)
        answers: list[tuple[bool, str]] = []
        for at in range(0, len(signed), BATCH):
            answers += await desk.submit_many([data for _, data in signed[at : at + BATCH]])
        self.sent += len(signed)
        gate = asyncio.Semaphore(AT_ONCE)

        async def outcome(act: Act, tx_hash: str, answer: tuple[bool, str]) -> Outcome:
            admitted, code = answer
            if not admitted:
                return Outcome(act, tx_hash, code, None)
            async with gate:
                receipt = await desk.receipt(tx_hash, timeout=60)
            return Outcome(act, tx_hash, receipt.code if not receipt.ok else "", receipt)

        rows = zip(acts, signed, answers, strict=True)
        return list(await asyncio.gather(*(outcome(act, sent[0], answer) for act, sent, answer in rows)))

    async def must(self, acts: Sequence[Act]) -> list[Outcome]:
        """Like `play`, where every act must succeed. Raises `Unexpected` naming the first that did not."""
        if not acts:
            return []
        outcomes = await self.play(acts)
        for each in outcomes:
            if not each.ok:
                reason = f"{each.act.who} {each.act.contract}.{each.act.method}: {each.code}"
                raise Unexpected(reason, tx_id=each.tx_hash, refusal=each.code)
        return outcomes

    async def ask(self, who: str, method: str, **arguments: Any) -> Any:
        """A view's answer, asked by a person."""
        return await self.client(who).query(CONTRACT, method, **arguments)

    async def settle_until(self, time_ms: int) -> None:
        """Waits until the wall clock has passed `time_ms`. Raises `WaitedTooLong` beyond a minute."""
        from xianglian.types import now_ms

        left_ms = time_ms - now_ms()
        if left_ms > 60_000:
            raise WaitedTooLong(f"{left_ms} ms are too long to wait", time_ms=time_ms)
        await asyncio.sleep(max(0, left_ms) / 1000)


def admin_of(organisation: str) -> str:
    """The profile of an organisation's administrator."""
    return f"admin-{organisation}"


def chunks(items: Iterable[Any], size: int) -> Iterable[list[Any]]:
    """`items` in lists of at most `size`."""
    held: list[Any] = []
    for item in items:
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held
