"""One measurement: prepare, warm up (or find saturation first), measure, drain, account for every
transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import time
from dataclasses import asdict, dataclass
from typing import Any

from xianglian import __version__, _core
from xianglian.deployment import operations
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import Misused, NetworkDown
from xianglian.evaluation.bench import counters
from xianglian.evaluation.bench.ledger import Ledger, percentile
from xianglian.evaluation.bench.load import TICK_S, Follower, send
from xianglian.evaluation.bench.prepare import CONTRACT, prepare
from xianglian.evaluation.bench.view import View
from xianglian.evaluation.bench.workload import Signed, Transfers, ramp, steady
from xianglian.sdk import AsyncClient

WARM_UP_S = 5.0
RAMP_S = 10.0
SHARE = 0.95
"""Of saturation, where no rate was given."""
HEALTHY_S = 10.0
DRAIN_S = 90.0
"""Longer than a transaction stays valid after it is due: whatever is open then was lost."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked for."""

    workload: str = "transfer"
    seconds: float = 30
    rate: float | None = None
    accounts: int = 100
    ramp_to: float = 8_000
    seed: int = 1

    def check(self) -> None:
        """Raises `Misused`."""
        if self.workload != "transfer":
            raise Misused(f"unknown workload {self.workload!r}; there is: transfer", workload=self.workload)
        if self.accounts < 2 or self.seconds < 1 or (self.rate is not None and self.rate < 1):
            raise Misused("at least 2 accounts, 1 second and 1 transaction per second")


@dataclass(frozen=True, slots=True)
class _Sample:
    """Counters at one moment."""

    at_s: float
    validators_cpu_s: float
    access_cpu_s: float
    client_cpu_s: float
    disk: int


def _healthy(network: NetworkFolder) -> dict[str, dict[str, Any]]:
    """Status of each node, once all are healthy: `xl network up` returns when a quorum is.

    Raises: NetworkDown: some are not after `HEALTHY_S`.
    """
    until = time.monotonic() + HEALTHY_S
    while True:
        rows = {row["name"]: row for row in operations.status(network)["nodes"]}
        down = [name for name, row in rows.items() if not row["healthy"]]
        if not down:
            return rows
        if time.monotonic() > until:
            raise NetworkDown(f"not healthy: {', '.join(down)}; xl network up first", nodes=down)
        time.sleep(0.2)


class Run:
    """A run over one network that is up."""

    def __init__(self, network: NetworkFolder, settings: Settings, view: View) -> None:
        settings.check()
        self._network = network
        self._settings = settings
        self._view = view
        rows = _healthy(network)
        self._validators = [int(rows[node.name]["pid"]) for node in network.validators]
        self._access = int(rows[network.access.name]["pid"])
        self._data = [network.node_folder(node.name) / "data" for node in network.validators]

    async def measure(self) -> dict[str, Any]:
        """The document of design section 5."""
        drawing = asyncio.create_task(self._view.run())
        try:
            return await self._measure()
        finally:
            drawing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drawing

    async def _measure(self) -> dict[str, Any]:
        prepared = await prepare(self._network, self._settings.accounts, self._view.say)
        async with AsyncClient.connect(self._network.path, "admin", purpose="bench") as client:
            arguments = {"target": prepared.payers[0].account, "amount": 1}
            amount = (await client.encode(CONTRACT, "transfer", arguments))[20:]
            transfers = Transfers(
                prepared.payers,
                chain_id=client.connection.chain_id,
                contract=_core.contract_address(CONTRACT),
                encode=lambda address: address + amount,
                gas_limit=prepared.transfer_gas * 3 // 2,
                seed=self._settings.seed,
            )
            saturation = None
            rate = self._settings.rate
            if rate is None:
                saturation = await self._saturation(client, transfers)
                rate = saturation * SHARE
            document = await self._window(client, transfers, rate)
        document["settings"] |= {
            "saturation_tx_per_s": None if saturation is None else round(saturation, 1),
            "transfer_gas": prepared.transfer_gas,
        }
        return document

    async def _saturation(self, client: AsyncClient, transfers: Transfers) -> float:
        self._view.say("signing for the ramp")
        moments = ramp(self._settings.ramp_to, RAMP_S)
        schedule = await asyncio.to_thread(transfers.sign, moments, until_start_s=len(moments) * 1e-4)
        self._view.say(f"ramp to {self._settings.ramp_to:.0f}/s")
        book = Ledger()
        follower, following, start_s = await self._begin(client, book)
        await send(client, book, schedule, start_s)
        sent_until_s = time.monotonic()
        await self._drain(book)
        follower.stop()
        await following
        found = book.saturation(sent_until_s)
        if found is None:
            self._view.say(f"{self._settings.ramp_to:.0f}/s did not saturate the network: --ramp-to more")
            return self._settings.ramp_to
        return max(1.0, found)

    async def _window(self, client: AsyncClient, transfers: Transfers, rate: float) -> dict[str, Any]:
        seconds = self._settings.seconds
        self._view.say("signing")
        moments = steady(rate, WARM_UP_S + seconds)
        schedule: list[Signed] = await asyncio.to_thread(
            transfers.sign, moments, until_start_s=len(moments) * 1e-4
        )
        self._view.say(f"warm-up at {rate:.0f}/s")
        book = Ledger()
        follower, following, start_s = await self._begin(client, book)
        sending = asyncio.create_task(send(client, book, schedule, start_s))
        await asyncio.sleep(max(0.0, start_s + WARM_UP_S - time.monotonic()))
        first, blocks = self._sample(), follower.blocks
        self._view.say(f"measuring at {rate:.0f}/s")
        await asyncio.sleep(seconds)
        last, blocks = self._sample(), follower.blocks - blocks
        memory = [counters.rss_mb(pid) for pid in self._validators]
        self._view.say("draining")
        await sending
        await self._drain(book)
        follower.stop()
        await following
        return self._document(book, first, last, rate, blocks, sum(memory) / len(memory))

    async def _begin(self, client: AsyncClient, book: Ledger) -> tuple[Follower, asyncio.Task[None], float]:
        self._view.book = book
        height = int((await client.status())["height"])
        follower = Follower(client, book, height)
        return follower, asyncio.create_task(follower.run()), time.monotonic() + 0.1

    async def _drain(self, book: Ledger) -> None:
        deadline = time.monotonic() + DRAIN_S
        while book.open and time.monotonic() < deadline:  # noqa: ASYNC110 - blocks settle it, in bulk
            await asyncio.sleep(0.05)

    def _sample(self) -> _Sample:
        return _Sample(
            at_s=time.monotonic(),
            validators_cpu_s=sum(counters.cpu_s(pid) for pid in self._validators),
            access_cpu_s=counters.cpu_s(self._access),
            client_cpu_s=counters.cpu_s(os.getpid()),
            disk=counters.disk_bytes(self._data),
        )

    def _document(
        self, book: Ledger, first: _Sample, last: _Sample, rate: float, blocks: int, memory_mb: float
    ) -> dict[str, Any]:
        counted = book.within(first.at_s, last.at_s)
        committed = len(counted)
        window_s = last.at_s - first.at_s
        ordered = book.latencies_ms(counted)
        thousands = max(committed, 1) / 1000
        validators = len(self._validators)
        return {
            "committed": committed,
            "tx_per_s": round(committed / window_s, 1),
            "latency_ms": {
                "p50": round(percentile(ordered, 0.50), 1),
                "p95": round(percentile(ordered, 0.95), 1),
                "p99": round(percentile(ordered, 0.99), 1),
                "max": round(ordered[-1], 1) if ordered else 0.0,
            },
            "cpu_s_per_1000_tx": round((last.validators_cpu_s - first.validators_cpu_s) / thousands, 4),
            "access_cpu_s_per_1000_tx": round((last.access_cpu_s - first.access_cpu_s) / thousands, 4),
            "client_cpu_s": round(last.client_cpu_s - first.client_cpu_s, 2),
            "rss_mb_per_node": round(memory_mb, 1),
            "disk_bytes_per_tx": round((last.disk - first.disk) / validators / max(committed, 1), 1),
            "refused": sum(book.refused.values()),
            "lost": book.open,
            "failed": len(book.failed),
            "refused_by_code": dict(book.refused),
            "sent": len(book.scheduled) + sum(book.refused.values()),
            "blocks": blocks,
            "settings": {
                **asdict(self._settings),
                "rate": round(rate, 1),
                "warm_up_s": WARM_UP_S,
                "tick_s": TICK_S,
                "window_s": round(window_s, 2),
                "validators": validators,
                "chain": self._network.chain_id,
                "version": __version__,
                "python": platform.python_version(),
                "machine": f"{counters.processor()}, {os.cpu_count()} cores, {platform.platform()}",
                "load": "open loop, pre-signed, HTTP batches, latency from the scheduled moment to finality",
            },
        }
