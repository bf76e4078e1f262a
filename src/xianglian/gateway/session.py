"""Signed sessions: a challenge, a signature by an account's key over it, a token for fifteen minutes.

The token is a random name of a row in this table, so revoking is deleting. A session says in which role and
for which purpose its reads are made; both were signed.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from xianglian.errors import Busy, LoginRefused, NoSession
from xianglian.types import LOGIN_WINDOW_MS, MEMBER, login_message, now_ms

TOKEN_MS = 15 * 60_000
SESSION_MS = 8 * 3_600_000
SESSIONS_MAX = 10_000
ACCOUNT_SESSIONS_MAX = 64
CHALLENGES_MAX = 10_000
RECHECK_MS = 2_000
"""An account's status is asked again after this time, so that a suspended one soon reads nothing."""
PURPOSE_MAX = 200


@dataclass(slots=True)
class Session:
    """Somebody who signed in."""

    id: bytes
    """16 bytes; stands in signed reads and in the access log. Not the token."""
    account: str
    organisation: str
    roles: tuple[str, ...]
    role: str
    purpose: str
    expires_ms: int
    ends_ms: int
    checked_ms: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """What a caller claims when signing in."""

    host: str
    account: str
    role: str
    purpose: str
    nonce: bytes
    time_ms: int


@dataclass
class Sessions:
    """The table. Bounded; the oldest session of an account makes room for its newest."""

    chain_id: bytes
    hosts: frozenset[str]
    _challenges: OrderedDict[bytes, tuple[str, int]] = field(default_factory=OrderedDict)
    _rows: OrderedDict[str, Session] = field(default_factory=OrderedDict)

    def challenge(self, account: str) -> tuple[bytes, int]:
        """A single-use nonce for `account` and when it ends. Raises `Busy`."""
        now = now_ms()
        while self._challenges:
            _, (_, ends_ms) = first = next(iter(self._challenges.items()))
            if ends_ms > now:
                break
            del self._challenges[first[0]]
        if len(self._challenges) >= CHALLENGES_MAX:
            raise Busy(limit=CHALLENGES_MAX)
        nonce = secrets.token_bytes(16)
        self._challenges[nonce] = (account, now + LOGIN_WINDOW_MS)
        return nonce, now + LOGIN_WINDOW_MS

    def message(self, login: Login) -> bytes:
        """The bytes that must have been signed; consumes the challenge. Raises `LoginRefused` with the
        reason.
        """
        now = now_ms()
        challenged, ends_ms = self._challenges.pop(login.nonce, ("", 0))
        if challenged != login.account or ends_ms < now:
            raise LoginRefused(
                "the challenge is unknown, used or older than a minute: ask for a new one", retry=True
            )
        if abs(login.time_ms - now) > LOGIN_WINDOW_MS:
            reason = f"your clock is {login.time_ms - now} ms off this node's"
            raise LoginRefused(reason, time_ms=login.time_ms, node_time_ms=now)
        if login.host not in self.hosts:
            reason = f"signed for {login.host}, this is {', '.join(sorted(self.hosts))}"
            raise LoginRefused(reason, host=login.host, hosts=sorted(self.hosts))
        if not 1 <= len(login.purpose) <= PURPOSE_MAX:
            raise LoginRefused(
                f"say in 1 to {PURPOSE_MAX} characters what you read for", purpose=login.purpose
            )
        return login_message(
            chain_id=self.chain_id,
            host=login.host,
            account=login.account,
            role=login.role,
            purpose=login.purpose,
            nonce=login.nonce,
            time_ms=login.time_ms,
        )

    def open(self, login: Login, organisation: str, roles: tuple[str, ...]) -> tuple[str, Session]:
        """A token and its session, the signature being good. Raises `LoginRefused` where the role is not
        held.
        """
        if login.role != MEMBER and login.role not in roles:
            reason = f"the account does not have the role {login.role!r}"
            raise LoginRefused(reason, role=login.role, roles=list(roles))
        now = now_ms()
        self._make_room(login.account, now)
        token = secrets.token_urlsafe(32)
        session = Session(
            id=secrets.token_bytes(16),
            account=login.account,
            organisation=organisation,
            roles=roles,
            role=login.role,
            purpose=login.purpose,
            expires_ms=now + TOKEN_MS,
            ends_ms=now + SESSION_MS,
            checked_ms=now,
        )
        self._rows[token] = session
        return token, session

    def resolve(self, token: str | None) -> Session:
        """The session behind a token. Raises `NoSession`."""
        session = self._rows.get(token) if token else None
        if session is None:
            raise NoSession
        if session.expires_ms < now_ms():
            self.close(token)
            raise NoSession("the session has expired: sign in again")
        return session

    def refresh(self, token: str | None) -> Session:
        """Fifteen more minutes, up to eight hours from the sign-in. Raises `NoSession`."""
        session = self.resolve(token)
        session.expires_ms = min(now_ms() + TOKEN_MS, session.ends_ms)
        return session

    def close(self, token: str | None) -> None:
        """Ends a session, if there is one."""
        if token is not None:
            self._rows.pop(token, None)

    def __len__(self) -> int:
        return len(self._rows)

    def _make_room(self, account: str, now: int) -> None:
        for token in [token for token, row in self._rows.items() if row.expires_ms < now]:
            del self._rows[token]
        own = [token for token, row in self._rows.items() if row.account == account]
        if len(own) >= ACCOUNT_SESSIONS_MAX:
            del self._rows[own[0]]
        if len(self._rows) >= SESSIONS_MAX:
            raise Busy(limit=SESSIONS_MAX)


def allowed_hosts(authority: str) -> frozenset[str]:
    """The authorities that a sign-in may name: the configured one, and on loopback its other spellings."""
    host, _, port = authority.rpartition(":")
    loopback = ("127.0.0.1", "localhost")
    return frozenset(f"{name}:{port}" for name in loopback) if host in loopback else frozenset([authority])
