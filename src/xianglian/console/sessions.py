"""Who is signed in: a table in this process; the cookie holds a random name and nothing else.

Signing in unlocks a profile of the network folder, on loopback only, and asks the node for a session as that account.
The key stays in this process behind `Signer`; a page gets answers and receipts, never the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from pathlib import Path

from xianglian.console.settings import ConsoleSettings, network_folder
from xianglian.errors import Busy, LoginRefused, XianglianError
from xianglian.keys import Profiles
from xianglian.sdk import AsyncClient
from xianglian.sdk.connection import Connection

COOKIE = "xl_console"
SESSION_S = 8 * 3600
IDLE_S = 3600
SESSIONS_MAX = 64
FAILURES_A_MINUTE = 12
"""Wrong passphrases, all callers together; at most two key derivations run at once."""
MADE_MAX = 16
BUILDS_A_MINUTE = 90
"""Pages that one session may have built; an open page costs memory on the server."""


@dataclass(eq=False)
class StaffSession:
    """Somebody who signed in. `client` acts as their account."""

    id: str
    client: AsyncClient
    profile: str
    account: str
    organisation: str
    roles: tuple[str, ...]
    began: float = field(default_factory=time.monotonic)
    seen: float = field(default_factory=time.monotonic)
    builds: deque[float] = field(default_factory=deque)
    made: OrderedDict[str, tuple[str, bytes]] = field(default_factory=OrderedDict)
    """Files made for this person alone, kept until signing out: name of the link -> (file name, content)."""

    @property
    def live(self) -> bool:
        """Neither too old nor idle for too long."""
        now = time.monotonic()
        return now - self.began < SESSION_S and now - self.seen < IDLE_S

    def offer(self, name: str, content: bytes) -> str:
        """Keeps a file for download by this session; the link."""
        link = secrets.token_urlsafe(18)
        self.made[link] = (name, content)
        while len(self.made) > MADE_MAX:
            self.made.popitem(last=False)
        return f"/console/files/made/{link}"

    def may_build(self) -> bool:
        """Counts one more page; False where there were too many within a minute."""
        now = time.monotonic()
        while self.builds and now - self.builds[0] > 60:
            self.builds.popleft()
        if len(self.builds) >= BUILDS_A_MINUTE:
            return False
        self.builds.append(now)
        return True


class StaffSessions:
    """The table, and signing in."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self._settings = settings
        self._rows: dict[str, StaffSession] = {}
        self._failures: deque[float] = deque()
        self._unlocking = asyncio.Semaphore(2)

    @property
    def network(self) -> Path | None:
        """The network folder whose profiles may sign here."""
        return network_folder(self._settings)

    def profiles(self) -> list[str]:
        """Names of the profiles that may sign in here; none away from a network folder."""
        folder = self.network
        return [] if folder is None else Profiles(folder / "profiles", bytes).names()

    async def sign_in(self, profile: str, passphrase: bytes, purpose: str) -> StaffSession:
        """A session as `profile`. Raises `WrongPassphrase`, `UnknownProfile`, `LoginRefused`, `Busy`, `Unreachable`."""
        folder = self.network
        if folder is None or profile not in self.profiles():
            raise LoginRefused("this node has no such profile", profile=profile)
        profiles = Profiles(folder / "profiles", lambda: passphrase)
        async with self._unlocking:
            self._refuse_guessing()
            try:
                key = await asyncio.to_thread(profiles.key, profile)
            except XianglianError:
                self._failures.append(time.monotonic())
                raise
        who = profiles.profile(profile)
        connection = Connection(
            url=f"http://{self._settings.authority}",
            chain_id=self._settings.chain_id,
            account=who.account,
            organisation=who.organisation,
            key=key,
            node_key=self._settings.node_key,
            purpose=purpose,
        )
        client = AsyncClient(connection)
        try:
            record = await client.account_record()
        except BaseException:
            await client.close()
            raise
        return await self.add(client, profile, record["organisation"], tuple(record["roles"]))

    async def add(
        self, client: AsyncClient, profile: str, organisation: str, roles: tuple[str, ...]
    ) -> StaffSession:
        """Puts a signed-in client into the table. Raises `Busy`."""
        await self.sweep()
        if len(self._rows) >= SESSIONS_MAX:
            raise Busy(limit=SESSIONS_MAX)
        session = StaffSession(
            secrets.token_urlsafe(32), client, profile, client.account, organisation, roles
        )
        self._rows[session.id] = session
        return session

    def find(self, name: str | None) -> StaffSession | None:
        """The live session of a cookie's value."""
        session = self._rows.get(name) if name else None
        if session is None or not session.live:
            return None
        session.seen = time.monotonic()
        return session

    def any_live(self) -> StaffSession | None:
        """A session that the poller may read as: the one seen last."""
        rows = [row for row in self._rows.values() if row.live]
        return max(rows, key=lambda row: row.seen, default=None)

    async def close(self, session: StaffSession) -> None:
        """Signs out; the key is forgotten."""
        if self._rows.pop(session.id, None) is not None:
            with contextlib.suppress(XianglianError):
                await session.client.close()

    async def close_all(self) -> None:
        """At the end of the process."""
        for session in list(self._rows.values()):
            await self.close(session)

    async def sweep(self) -> None:
        """Ends what has expired."""
        for session in [row for row in self._rows.values() if not row.live]:
            await self.close(session)

    def _refuse_guessing(self) -> None:
        now = time.monotonic()
        while self._failures and now - self._failures[0] > 60:
            self._failures.popleft()
        if len(self._failures) >= FAILURES_A_MINUTE:
            raise Busy("too many wrong passphrases within a minute", limit=FAILURES_A_MINUTE)


def is_loopback(host: str | None) -> bool:
    """Whether a caller sits on this machine."""
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
