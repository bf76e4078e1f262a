"""Sends on schedule whether or not the chain keeps up (open loop), and follows blocks to see what became of
it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from xianglian.errors import Busy, NotFound, Rejected, Unreachable, XianglianError
from xianglian.evaluation.bench.ledger import Ledger
from xianglian.evaluation.bench.workload import Signed
from xianglian.sdk import AsyncClient

TICK_S = 0.02
"""Whatever fell due in a tick goes out as one batch."""
BATCH_MAX = 2_000
IN_FLIGHT_MAX = 32
FOLLOW_S = 2.0


async def send(client: AsyncClient, book: Ledger, schedule: Sequence[Signed], start_s: float) -> None:
    """Sends `schedule` from `start_s` (monotonic seconds) on; returns when the last answer is there."""
    tasks: set[asyncio.Task[None]] = set()
    gate = asyncio.Semaphore(IN_FLIGHT_MAX)
    at = 0
    while at < len(schedule):
        now_s = time.monotonic() - start_s
        end = at
        while end < len(schedule) and end - at < BATCH_MAX and schedule[end].due_s <= now_s:
            end += 1
        if end == at:
            await asyncio.sleep(max(TICK_S, schedule[at].due_s - now_s))
            continue
        batch = schedule[at:end]
        for item in batch:
            book.due(item.tx_id, start_s + item.due_s)
        await gate.acquire()
        task = asyncio.create_task(_deliver(client, book, batch))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        task.add_done_callback(lambda _: gate.release())
        at = end
        await asyncio.sleep(TICK_S)
    if tasks:
        await asyncio.gather(*tasks)


async def _deliver(client: AsyncClient, book: Ledger, batch: Sequence[Signed]) -> None:
    try:
        answers = await client.submit_many([item.data for item in batch])
    except (Busy, Rejected) as error:
        for item in batch:
            book.turned_away(item.tx_id, error.code)
        return
    except XianglianError:
        book.unknown += len(batch)  # they stay open: blocks will tell
        return
    for item, (admitted, code) in zip(batch, answers, strict=True):
        if not admitted:
            book.turned_away(item.tx_id, code)


class Follower:
    """Reads the results of block after block into the book."""

    def __init__(self, client: AsyncClient, book: Ledger, height: int) -> None:
        self._client = client
        self._book = book
        self.height = height
        self.blocks = 0
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stop.is_set():
            try:
                results = await self._client.block_results(self.height + 1, wait_s=FOLLOW_S)
            except (NotFound, Unreachable, Busy):
                continue
            self.height += 1
            self.blocks += 1
            self._book.block(results, time.monotonic())

    def stop(self) -> None:
        """Ends after the current read."""
        self._stop.set()
