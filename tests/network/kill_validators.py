"""Four validators under load: `kill -9` of any one ten times in turn, then of all nodes at once.

Nothing acknowledged is lost, roots are equal, commits resume within 10 s. As a script: prints one JSON
document; exit 1 where a promise was broken.

    .venv/bin/python tests/network/kill_validators.py [--rounds 10] [--rate 200]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import network, report, roots_agree, rows

from xianglian import _core
from xianglian.deployment.layout import NetworkFolder
from xianglian.evaluation.bench.ledger import Ledger
from xianglian.evaluation.bench.load import Follower, send
from xianglian.evaluation.bench.prepare import CONTRACT, prepare
from xianglian.evaluation.bench.workload import Transfers, steady
from xianglian.sdk import AsyncClient

RESUME_S = 10.0
ACCOUNTS = 12
SETTLE_S = 3.0
"""How long the chain is watched after everybody is back."""
CHUNK_S = 10.0
"""The load is signed in pieces: how long the faults take is not known before."""


@dataclass
class Book(Ledger):
    """A ledger that keeps every block's results as they were acknowledged, and when they came."""

    height: int = 0
    acknowledged: dict[int, bytes] = field(default_factory=dict)
    grown_s: list[float] = field(default_factory=list)
    """When each of them came, monotonic seconds."""

    def block(self, results: bytes, now_s: float) -> int:
        """Takes the next block."""
        self.height += 1
        self.acknowledged[self.height] = results
        self.grown_s.append(now_s)
        return super().block(results, now_s)

    def longest_pause_s(self, since_s: float) -> float:
        """The longest time without a new acknowledged block from `since_s` until now."""
        moments = [since_s, *(at_s for at_s in self.grown_s if at_s > since_s), time.monotonic()]
        return max(after - before for before, after in itertools.pairwise(moments))

    async def lost(self, client: AsyncClient) -> int:
        """Acknowledged blocks that the access node does not have, or has otherwise, now."""
        missing = 0
        for height, results in self.acknowledged.items():
            missing += await client.block_results(height) != results
        return missing


async def _load(client: AsyncClient, book: Ledger, transfers: Transfers, rate: float) -> None:
    """Keeps sending until cancelled."""
    while True:
        moments = steady(rate, CHUNK_S)
        schedule = await asyncio.to_thread(transfers.sign, moments, until_start_s=0)
        await send(client, book, schedule, time.monotonic())


async def run(found: NetworkFolder, rounds: int, rate: float) -> dict[str, Any]:
    """The faults one after another; what came of it."""
    prepared = await prepare(found, ACCOUNTS, lambda _: None)
    async with AsyncClient.connect(found.path, "admin", purpose="fault test") as client:
        amount = (
            await client.encode(CONTRACT, "transfer", {"target": prepared.payers[0].account, "amount": 1})
        )[20:]
        transfers = Transfers(
            prepared.payers,
            chain_id=client.connection.chain_id,
            contract=_core.contract_address(CONTRACT),
            encode=lambda address: address + amount,
            gas_limit=prepared.transfer_gas * 3 // 2,
            seed=7,
        )
        supply = await client.query(CONTRACT, "supply")
        book = Book(height=int((await client.status())["height"]))
        follower = Follower(client, book, book.height)
        following = asyncio.create_task(follower.run())
        loading = asyncio.create_task(_load(client, book, transfers, rate))
        await asyncio.sleep(2)
        resumed = [await _kill_one(found, book, number) for number in range(rounds)]
        resumed_all = await _kill_all(found, book)
        await asyncio.sleep(2)
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        agree = await asyncio.to_thread(roots_agree, found)
        follower.stop()
        await following
        lost = await book.lost(client)
        kept = await client.query(CONTRACT, "supply") == supply
    return {
        "rounds": rounds,
        "rate": rate,
        "longest_pause_s": [round(seconds, 2) for seconds in resumed],
        "longest_pause_all_s": round(resumed_all, 2),
        "acknowledged_blocks": len(book.acknowledged),
        "acknowledged_transactions": len(book.committed),
        "lost_blocks": lost,
        "roots_equal": agree,
        "supply_kept": kept,
        "ok": lost == 0 and agree and kept and max([*resumed, resumed_all]) <= RESUME_S,
    }


async def _kill_one(found: NetworkFolder, book: Book, number: int) -> float:
    name = found.validators[number % len(found.validators)].name
    before = (await asyncio.to_thread(rows, found))[name]
    killed_s = time.monotonic()
    os.kill(before["pid"], signal.SIGKILL)
    await _all_healthy(found)
    after = (await asyncio.to_thread(rows, found))[name]
    assert after["pid"] != before["pid"], f"{name} was not killed"
    await asyncio.sleep(SETTLE_S)
    return book.longest_pause_s(killed_s)


async def _kill_all(found: NetworkFolder, book: Book) -> float:
    pids = [row["pid"] for row in (await asyncio.to_thread(rows, found)).values()]
    killed_s = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    await _all_healthy(found)
    await asyncio.sleep(SETTLE_S)
    return book.longest_pause_s(killed_s)


async def _all_healthy(found: NetworkFolder) -> None:
    deadline = time.monotonic() + 60
    while not all(row["healthy"] for row in (await asyncio.to_thread(rows, found)).values()):
        assert time.monotonic() < deadline, "a node did not come back within 60 s"
        await asyncio.sleep(0.1)


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rate", type=float, default=200)
    options = parser.parse_args()
    with network() as found:
        document = asyncio.run(run(found, options.rounds, options.rate))
    report(document)
    return 0 if document["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
