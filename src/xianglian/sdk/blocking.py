"""`Client`: the asynchronous client, one call at a time, on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from xianglian.keys import Key
from xianglian.sdk.client import AsyncClient
from xianglian.sdk.connection import Connection, find_connection
from xianglian.sdk.lifecycle import Lifecycle
from xianglian.types import MEMBER, Call, Event, Receipt

T = TypeVar("T")


class Client(Lifecycle):
    """See `AsyncClient`; every method here waits for its result. Usable from several threads.

    with Client.connect("xl-network") as client:
        client.call("points", "transfer", target=friend, amount=5)
    """

    def __init__(self, connection: Connection) -> None:
        self._async: AsyncClient = AsyncClient(connection)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="xianglian-client", daemon=True)
        self._thread.start()

    @classmethod
    def connect(
        cls, target: str | Path, profile: str | Path = "admin", *, role: str = MEMBER, purpose: str = "sdk"
    ) -> Self:
        """A client for a network folder or a URL, acting as `profile`. See `AsyncClient.connect`."""
        return cls(find_connection(target, profile, role=role, purpose=purpose))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes."""
        self.close()

    def close(self) -> None:
        """Signs out, closes the connections and ends the thread. Idempotent."""
        if self._loop.is_closed():
            return
        self._run(self._async.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def account(self) -> str:
        """The account that acts, `xl1...`."""
        return self._async.account

    @property
    def connection(self) -> Connection:
        """Whom this client talks to, and as whom."""
        return self._async.connection

    def sign(self, call: Call) -> tuple[str, bytes]:
        """(transaction id, signed bytes) of a call, not yet sent."""
        return self._run(self._async.sign(call))

    def submit(self, call: Call) -> str:
        """Signs and sends; the transaction's hash."""
        return self._run(self._async.submit(call))

    def submit_signed(self, tx_hash: str, signed: bytes) -> None:
        """Sends bytes of `sign`; sending them again is the same transaction."""
        self._run(self._async.submit_signed(tx_hash, signed))

    def submit_many(self, signed: Sequence[bytes]) -> list[tuple[bool, str]]:
        """Sends many at once: (True, hash) or (False, code) for each."""
        return self._run(self._async.submit_many(signed))

    def wait(self, tx_hash: str, *, timeout: float = 30) -> Receipt:
        """The final receipt. Raises `TransactionFailed`, or `WaitedTooLong` after `timeout` seconds."""
        return self._run(self._async.wait(tx_hash, timeout=timeout))

    def receipt(self, tx_hash: str, *, timeout: float = 0) -> Receipt:
        """The final receipt, of a failed transaction too. Raises `WaitedTooLong`."""
        return self._run(self._async.receipt(tx_hash, timeout=timeout))

    def call(
        self, contract: str, method: str, /, *, gas_limit: int | None = None, **arguments: Any
    ) -> Receipt:
        """Submits and waits for finality."""
        return self._run(self._async.call(contract, method, gas_limit=gas_limit, **arguments))

    def query(self, contract: str, method: str, /, **arguments: Any) -> Any:
        """The value of a view on the committed state."""
        return self._run(self._async.query(contract, method, **arguments))

    def status(self) -> dict[str, Any]:
        """The node's status."""
        return self._run(self._async.status())

    def transaction(self, tx_hash: str) -> dict[str, Any]:
        """A final transaction with its receipt, as JSON."""
        return self._run(self._async.transaction(tx_hash))

    def replay(self, tx_hash: str) -> dict[str, Any]:
        """What happens when a final transaction runs again on the state it met."""
        return self._run(self._async.replay(tx_hash))

    def block(self, block: int | str) -> dict[str, Any]:
        """A block by height or hash."""
        return self._run(self._async.block(block))

    def blocks(self, *, before: int | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Blocks, newest first."""
        return self._run(self._async.blocks(before=before, limit=limit))

    def account_record(self, account: str | None = None) -> dict[str, Any]:
        """An account's record, by default one's own."""
        return self._run(self._async.account_record(account))

    def accounts(self, *, offset: int = 0, limit: int = 100) -> dict[str, Any]:
        """A page of accounts."""
        return self._run(self._async.accounts(offset=offset, limit=limit))

    def organisations(self) -> list[dict[str, Any]]:
        """The members."""
        return self._run(self._async.organisations())

    def contracts(self) -> list[dict[str, Any]]:
        """Every contract."""
        return self._run(self._async.contracts())

    def contract(self, name: str) -> dict[str, Any]:
        """A contract's record."""
        return self._run(self._async.contract(name))

    def interface(self, contract: str, version: int | None = None) -> bytes:
        """The interface description of a contract's version, by default of the one that runs."""
        return self._run(self._async.interface(contract, version))

    def events(
        self, *, contract: str | None = None, name: str | None = None, cursor: int = 0
    ) -> Iterator[Event]:
        """Events after `cursor`, then those to come, for ever; reconnects by itself and loses none."""
        stream = self._async.events(contract=contract, name=name, cursor=cursor)
        try:
            while True:
                yield self._run(_next(stream))
        finally:
            self._run(_close(stream))

    def events_page(
        self, *, contract: str | None = None, name: str | None = None, cursor: int = 0, limit: int = 100
    ) -> tuple[list[Event], int]:
        """(events after `cursor`, the next cursor) as they are now."""
        return self._run(self._async.events_page(contract=contract, name=name, cursor=cursor, limit=limit))

    def proof(self, tx_hash: str | None = None, *, key: bytes | None = None) -> bytes:
        """A proof file: of a transaction's receipt, or of the value (or absence) of a full state `key`."""
        return self._run(self._async.proof(tx_hash, key=key))

    def admit(self, key: Key, *, organisation: str | None = None, roles: Sequence[str] = ()) -> str:
        """Admits an account (as its organisation's administrator); its id."""
        return self._run(self._async.admit(key, organisation=organisation, roles=roles))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise


async def _next(stream: AsyncIterator[Event]) -> Event:
    return await anext(stream)


async def _close(stream: AsyncIterator[Event]) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
