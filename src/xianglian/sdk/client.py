"""The asynchronous client: sign, send, wait for finality, read, follow, prove."""

from __future__ import annotations

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from xianglian import _core
from xianglian.errors import InvalidRequest, Misused, NotFound, TransactionFailed, WaitedTooLong
from xianglian.keys import Key
from xianglian.sdk import system
from xianglian.sdk.connection import Connection, find_connection
from xianglian.sdk.interfaces import Interfaces
from xianglian.sdk.lifecycle import AsyncLifecycle
from xianglian.sdk.receipts import read_event, read_receipt
from xianglian.sdk.stream import follow
from xianglian.sdk.transport import Transport
from xianglian.types import MEMBER, Call, Event, Receipt, now_ms

GAS_DEFAULT = 20_000_000
"""Gas limit of a call that names none."""
GAS_DEPLOY = 1_500_000_000
"""The same of one that may compile and run a contract's code: deployments, upgrades and the votes on them."""
GAS_VIEW = 100_000_000
LIFETIME_MS = 60_000
"""How long a transaction may wait for its block."""
WAIT_STEP_S = 20.0


class AsyncClient(AsyncLifecycle):
    """One account's view of one chain, over one access node.

    async with AsyncClient.connect("xl-network") as client:
        receipt = await client.call("points", "transfer", target=friend, amount=5)
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._transport = Transport(connection)
        self._interfaces = Interfaces(self)
        self._seen_height = 0

    @classmethod
    def connect(
        cls,
        target: str | Path,
        profile: str | Path = "admin",
        *,
        role: str = MEMBER,
        purpose: str = "sdk",
    ) -> Self:
        """A client for a network folder or a URL, acting as `profile` (a name in the folder, or a profile's
        folder).

        `role` and `purpose` stand in everything that is read and in the access log. Nothing is sent yet.
        Raises `NoNetwork`, `UnknownProfile`, `NoPassphrase`, `WrongPassphrase`.
        """
        return cls(find_connection(target, profile, role=role, purpose=purpose))

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes."""
        await self.close()

    async def close(self) -> None:
        """Signs out and closes the connections."""
        await self._transport.close()

    @property
    def account(self) -> str:
        """The account that acts, `xl1...`."""
        return self.connection.account

    # --- transactions ---------------------------------------------------------------------------------------

    async def sign(self, call: Call) -> tuple[str, bytes]:
        """(transaction id, signed bytes) of a call, not yet sent."""
        arguments = await self._interfaces.encode(call.contract, call.method, call.arguments)
        method = await self._interfaces.wire_method(call.contract, call.method)
        default = GAS_DEPLOY if brings_in_code(call.contract, call.method) else GAS_DEFAULT
        tx_id, signed = self.connection.key.transaction(
            chain_id=self.connection.chain_id,
            sender=self.account,
            contract=_address(call.contract),
            method=method,
            arguments=arguments,
            gas_limit=default if call.gas_limit is None else call.gas_limit,
            valid_until_ms=now_ms() + LIFETIME_MS,
        )
        return tx_id.hex(), signed

    async def encode(self, contract: str, method: str, arguments: dict[str, Any]) -> bytes:
        """The encoded arguments of a call. Raises `Misused` naming the argument."""
        return await self._interfaces.encode(contract, method, arguments)

    async def submit(self, call: Call) -> str:
        """Signs and sends; the transaction's hash. Taken in is not yet final: `wait`.

        Raises `Rejected` (nothing happened), `Unreachable` (ask by `facts["tx_id"]`), `Misused` (wrong
        arguments).
        """
        tx_hash, signed = await self.sign(call)
        await self.submit_signed(tx_hash, signed)
        return tx_hash

    async def submit_signed(self, tx_hash: str, signed: bytes) -> None:
        """Sends bytes of `sign`; sending them again is the same transaction."""
        try:
            await self._transport.submit(signed)
        except Exception as error:
            if getattr(error, "facts", None) is not None:
                error.facts.setdefault("tx_id", tx_hash)  # type: ignore[attr-defined]
            raise

    async def submit_many(self, signed: Sequence[bytes]) -> list[tuple[bool, str]]:
        """Sends many at once: (True, hash) or (False, code) for each."""
        frames = b"".join(struct.pack("<I", len(item)) + item for item in signed)
        answers = await self._transport.submit_batch(frames)
        rows = [answers[at : at + 33] for at in range(0, len(answers), 33)]
        return [
            (True, row[1:].hex()) if row[0] == 0 else (False, row[1:].rstrip(b"\0").decode()) for row in rows
        ]

    async def wait(self, tx_hash: str, *, timeout: float = 30) -> Receipt:  # noqa: ASYNC109 - the published name
        """The final receipt. Raises `TransactionFailed`, or `WaitedTooLong` after `timeout` seconds."""
        receipt = await self.receipt(tx_hash, timeout=timeout)
        if not receipt.ok:
            raise await self._failure(receipt)
        return receipt

    async def receipt(self, tx_hash: str, *, timeout: float = 0) -> Receipt:  # noqa: ASYNC109 - the published name
        """The final receipt, of a failed transaction too. Raises `WaitedTooLong`."""
        document = await self._final(tx_hash, timeout)
        receipt = await read_receipt(document, self._interfaces)
        self._seen_height = max(self._seen_height, receipt.height)
        return receipt

    async def call(
        self, contract: str, method: str, /, *, gas_limit: int | None = None, **arguments: Any
    ) -> Receipt:
        """Submits and waits for finality. Raises as `submit` and `wait`."""
        tx_hash = await self.submit(Call(contract, method, arguments, gas_limit))
        return await self.wait(tx_hash)

    # --- reads ----------------------------------------------------------------------------------------------

    async def query(self, contract: str, method: str, /, **arguments: Any) -> Any:
        """The value of a view on the committed state, attested by the node; at least as new as what this
        client saw.

        Raises `TransactionFailed` where the view refuses.
        """
        encoded = await self._interfaces.encode(contract, method, arguments)
        wire_method = await self._interfaces.wire_method(contract, method)
        body = {"method": wire_method, "arguments": encoded.hex(), "gas_limit": GAS_VIEW}
        answer = await self._json(f"/v1/contracts/{contract}/query", body=body)
        if answer["status"] != "success":
            detail = bytes.fromhex(answer.get("detail") or "")
            reason = await self._interfaces.reason(contract, answer["code"], detail)
            raise TransactionFailed(
                reason, code=answer["code"], line=answer["line"], contract=contract, method=method
            )
        return await self._interfaces.decode_output(contract, method, bytes.fromhex(answer["output"]))

    async def status(self) -> dict[str, Any]:
        """The node's status."""
        return await self._json("/v1/status")

    async def transaction(self, tx_hash: str) -> dict[str, Any]:
        """A final transaction with its receipt, as JSON. Raises `NotFound`."""
        return await self._json(f"/v1/transactions/{_digest(tx_hash)}")

    async def replay(self, tx_hash: str) -> dict[str, Any]:
        """What happens when a final transaction runs again on the state it met."""
        return await self._json(f"/v1/transactions/{_digest(tx_hash)}/replay")

    async def block(self, block: int | str) -> dict[str, Any]:
        """A block by height or hash. Raises `NotFound`."""
        return await self._json(f"/v1/blocks/{block}")

    async def block_results(self, height: int, *, wait_s: float = 0) -> bytes:
        """33 bytes for each transaction of a block: its id, then 0 (success) or 1 (failed). Raises
        `NotFound`.
        """
        query = {"wait_ms": int(wait_s * 1000)}
        return await self._transport.read(f"/v1/blocks/{height}/results", query=query, wait_s=wait_s)

    async def blocks(self, *, before: int | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Blocks, newest first."""
        query = {"limit": limit} | ({} if before is None else {"before": before})
        found: list[dict[str, Any]] = (await self._json("/v1/blocks", query=query))["blocks"]
        return found

    async def account_record(self, account: str | None = None) -> dict[str, Any]:
        """An account's record, by default one's own. Raises `NotFound`."""
        return await self._json(f"/v1/accounts/{account or self.account}")

    async def accounts(self, *, offset: int = 0, limit: int = 100) -> dict[str, Any]:
        """A page of accounts: `{"total", "accounts"}`."""
        return await self._json("/v1/accounts", query={"offset": offset, "limit": limit})

    async def organisations(self) -> list[dict[str, Any]]:
        """The members."""
        found: list[dict[str, Any]] = json.loads(await self._transport.read("/v1/organisations"))
        return found

    async def contracts(self) -> list[dict[str, Any]]:
        """Every contract."""
        found: list[dict[str, Any]] = json.loads(await self._transport.read("/v1/contracts"))
        return found

    async def contract(self, name: str) -> dict[str, Any]:
        """A contract's record. Raises `NotFound`."""
        return await self._json(f"/v1/contracts/{name}")

    async def interface(self, contract: str, version: int | None = None) -> bytes:
        """The interface description of a contract's version, by default of the one that runs. Raises
        `NotFound`.
        """
        query = {} if version is None else {"version": version}
        return await self._transport.read(
            f"/v1/contracts/{contract}/interface", query=query, height=self._seen_height
        )

    async def events(
        self, *, contract: str | None = None, name: str | None = None, cursor: int = 0
    ) -> AsyncIterator[Event]:
        """Events after `cursor`, then those to come, for ever; reconnects by itself and loses none."""
        async for document in follow(self._transport, contract=contract, name=name, cursor=cursor):
            yield await read_event(document, self._interfaces)

    async def events_page(
        self, *, contract: str | None = None, name: str | None = None, cursor: int = 0, limit: int = 100
    ) -> tuple[list[Event], int]:
        """(events after `cursor`, the next cursor) as they are now."""
        query: dict[str, Any] = {"cursor": cursor, "limit": limit}
        query |= {key: value for key, value in (("contract", contract), ("name", name)) if value is not None}
        got = await self._json("/v1/events", query=query)
        return [await read_event(row, self._interfaces) for row in got["events"]], int(got["next_cursor"])

    # --- proofs ---------------------------------------------------------------------------------------------

    async def proof(self, tx_hash: str | None = None, *, key: bytes | None = None) -> bytes:
        """A proof file: of a transaction's receipt, or of the value (or absence) of a full state `key`."""
        if (tx_hash is None) == (key is None):
            raise Misused("a proof is of a transaction or of a state key")
        path = f"receipt/{_digest(tx_hash)}" if tx_hash is not None else f"state/{(key or b'').hex()}"
        return await self._transport.read(f"/v1/proofs/{path}", height=self._seen_height)

    # --- identities -----------------------------------------------------------------------------------------

    async def admit(self, key: Key, *, organisation: str | None = None, roles: Sequence[str] = ()) -> str:
        """Admits an account (as its organisation's administrator); its id."""
        owner = organisation or self.connection.organisation
        await self.call(system.ACCOUNTS, "admit", organisation=owner, key=key.public_key, roles=list(roles))
        return key.account(owner)

    async def _json(
        self, path: str, *, query: dict[str, Any] | None = None, body: Any = None
    ) -> dict[str, Any]:
        raw = await self._transport.read(path, query=query, body=body, height=self._seen_height)
        document: dict[str, Any] = json.loads(raw)
        return document

    async def _final(self, tx_hash: str, timeout_s: float) -> dict[str, Any]:
        path = f"/v1/transactions/{_digest(tx_hash)}"
        deadline = time.monotonic() + timeout_s
        while True:
            step_s = max(0.0, min(WAIT_STEP_S, deadline - time.monotonic()))
            try:
                raw = await self._transport.read(path, query={"wait_ms": int(step_s * 1000)}, wait_s=step_s)
            except NotFound as error:
                if time.monotonic() >= deadline:
                    reason = f"transaction {tx_hash} is not final after {timeout_s:g} s"
                    raise WaitedTooLong(reason, tx_id=tx_hash, pending=error.facts.get("pending")) from error
                await asyncio.sleep(0)
            else:
                document: dict[str, Any] = json.loads(raw)
                return document

    async def _failure(self, receipt: Receipt) -> TransactionFailed:
        reason, source = receipt.code, None
        if receipt.path:
            contract = receipt.path[-1][0]
            reason = await self._interfaces.reason(contract, receipt.code, receipt.detail, receipt.height)
            source = await self._interfaces.place(contract, receipt.line, receipt.height)
        return TransactionFailed(
            reason,
            code=receipt.code,
            tx_id=receipt.tx_hash,
            height=receipt.height,
            line=receipt.line,
            source=source,
            path=[".".join(step) for step in receipt.path],
            detail=receipt.detail.hex(),
            gas_used=receipt.gas_used,
        )


def brings_in_code(contract: str, method: str) -> bool:
    """Whether a call of a system contract may compile code, and so needs much gas."""
    return (contract, method) in {
        (system.CONTRACTS, "deploy"),
        (system.CONTRACTS, "deploy_evm"),
        (system.CONTRACTS, "stage"),
        (system.CONTRACTS, "stage_evm"),
        (system.CONTRACTS, "upgrade"),
        (system.GOVERNANCE, "vote"),
    }


def _address(contract: str) -> str:
    return contract if contract.startswith("xlc1") else _core.contract_address(contract)


def _digest(text: str) -> str:
    lowered = text.lower().removeprefix("0x")
    if len(lowered) != 64 or not set(lowered) <= set("0123456789abcdef"):
        raise InvalidRequest(f"{text!r} is not a transaction hash: 64 hex digits", tx_hash=text)
    return lowered
