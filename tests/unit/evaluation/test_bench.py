import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianglian.errors import Busy, NotFound
from xianglian.evaluation.bench import counters
from xianglian.evaluation.bench.ledger import Ledger, percentile
from xianglian.evaluation.bench.load import Follower, send
from xianglian.evaluation.bench.workload import Signed, ramp, steady


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_a_value_with_that_share_at_or_below(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-6
    assert found in ordered


@given(st.integers(10, 5000), st.integers(1, 20))
def test_a_ramp_rises_from_nothing_to_its_top(rate: int, seconds: int) -> None:
    moments = ramp(rate, seconds)
    assert moments == sorted(moments)
    assert all(0 <= moment <= seconds for moment in moments)
    assert abs(len(moments) - rate * seconds / 2) <= 1
    last = sum(moment >= seconds * 0.9 for moment in moments)
    assert abs(last - rate * seconds * 0.095) <= 2


def test_a_steady_rate_is_even() -> None:
    assert steady(4, 1) == [0.0, 0.25, 0.5, 0.75]


def test_the_ledger_accounts_for_every_transaction() -> None:
    book = Ledger()
    for number in range(4):
        book.due(bytes([number]) * 32, float(number))
    book.turned_away(bytes([3]) * 32, "XL-POOL-FULL")
    ours = book.block(bytes([0]) * 32 + b"\0" + bytes([1]) * 32 + b"\1" + bytes([9]) * 32 + b"\0", 5.0)
    assert (ours, book.others, book.open) == (2, 1, 1)
    assert book.failed == {bytes([1]) * 32}
    assert book.refused == {"XL-POOL-FULL": 1}
    assert book.latencies_ms(book.within(0, 10)) == [4000.0, 5000.0]
    assert book.within(0, 5) == []


def test_saturation_is_the_rate_while_the_chain_lags_however_its_blocks_come() -> None:
    """100 a second are asked for, blocks of 80 come every two seconds: the chain can do 40."""
    book = Ledger()
    for number in range(1000):
        book.due(number.to_bytes(32), number / 100)
    for number in range(960):
        book.committed[number.to_bytes(32)] = 2.0 * (number // 80 + 1)
    found = book.saturation(10.0)
    assert found is not None
    assert found == pytest.approx(40, rel=0.05)


def test_a_chain_that_keeps_up_was_not_saturated() -> None:
    book = Ledger()
    for number in range(100):
        book.due(number.to_bytes(32), number / 100)
        book.committed[number.to_bytes(32)] = number / 100 + 0.3
    assert book.saturation(1.0) is None


class Slow:
    """A node that takes half a second for each batch, whatever is due."""

    def __init__(self) -> None:
        self.arrived: list[float] = []

    async def submit_many(self, signed: list[bytes]) -> list[tuple[bool, str]]:
        self.arrived.append(time.monotonic())
        await asyncio.sleep(0.5)
        return [(True, "")] * len(signed)


async def test_the_loop_is_open_a_slow_node_does_not_slow_the_schedule() -> None:
    node: Any = Slow()
    book = Ledger()
    start_s = time.monotonic()
    schedule = [Signed(number * 0.01, number.to_bytes(32), b"") for number in range(60)]
    await send(node, book, schedule, start_s)
    assert len(book.scheduled) == 60
    assert max(node.arrived) - start_s < 1.2  # 0.6 s of schedule, not 30 s of node
    assert book.scheduled[(59).to_bytes(32)] == pytest.approx(start_s + 0.59)


async def test_refusals_are_counted_by_code() -> None:
    class Full:
        async def submit_many(self, signed: list[bytes]) -> list[tuple[bool, str]]:
            if len(signed) == 1:
                raise Busy
            return [(number == 0, "XL-POOL-FULL") for number in range(len(signed))]

    node: Any = Full()
    book = Ledger()
    await send(node, book, [Signed(0, bytes([n]) * 32, b"") for n in range(3)], time.monotonic())
    await send(node, book, [Signed(0, b"z" * 32, b"")], time.monotonic())
    assert book.refused == {"XL-POOL-FULL": 2, "XL-BUSY": 1}
    assert book.open == 1


async def test_the_follower_reads_every_block_once() -> None:
    class Chain:
        def __init__(self) -> None:
            self.blocks = {height: height.to_bytes(32) + b"\0" for height in range(1, 6)}

        async def block_results(self, height: int, *, wait_s: float) -> bytes:
            await asyncio.sleep(0)
            if height not in self.blocks:
                await asyncio.sleep(0.01)
                raise NotFound
            return self.blocks[height]

    chain: Any = Chain()
    book = Ledger()
    for height in range(1, 6):
        book.due(height.to_bytes(32), 0)
    follower = Follower(chain, book, 0)
    running = asyncio.create_task(follower.run())
    while book.open:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    follower.stop()
    await running
    assert (follower.height, follower.blocks, book.others) == (5, 5, 0)


def test_counters_count_this_process(tmp_path: Path) -> None:
    before = counters.cpu_s(os.getpid())
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    assert counters.cpu_s(os.getpid()) - before >= 0.03
    assert counters.rss_mb(os.getpid()) > 5
    (tmp_path / "file").write_bytes(bytes(100_000))
    assert counters.disk_bytes([tmp_path]) >= 100_000
    assert counters.cpu_s(2**22 + 1) == 0
