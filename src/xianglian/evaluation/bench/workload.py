"""Transfers, signed before they are due, so that signing does not disturb what is measured."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from xianglian.keys import Key
from xianglian.types import now_ms

SLACK_MS = 60_000
"""A transaction stays valid so long after it is due; its chain allows 120 s."""


@dataclass(frozen=True, slots=True)
class Payer:
    """An account under load."""

    key: Key
    account: str
    address: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """One transaction and when it is due, in seconds from the start of its phase."""

    due_s: float
    tx_id: bytes
    data: bytes


def steady(rate: float, seconds: float) -> list[float]:
    """Moments at an even rate."""
    return [number / rate for number in range(int(rate * seconds))]


def ramp(rate_max: float, seconds: float) -> list[float]:
    """Moments at a rate that grows evenly from 0 to `rate_max`.

    >>> moments = ramp(100, 10)
    >>> len(moments), round(moments[125], 1)
    (500, 5.0)
    """
    count = int(rate_max * seconds / 2)
    return [(2 * number * seconds / rate_max) ** 0.5 for number in range(count)]


class Transfers:
    """Signs `points.transfer` of 1 between payers chosen by a seed."""

    def __init__(
        self,
        payers: Sequence[Payer],
        *,
        chain_id: bytes,
        contract: str,
        encode: Callable[[bytes], bytes],
        gas_limit: int,
        seed: int,
    ) -> None:
        """`encode` gives the argument bytes for a target's address."""
        self._payers = payers
        self._chain_id = chain_id
        self._contract = contract
        self._arguments = [encode(payer.address) for payer in payers]
        self._gas_limit = gas_limit
        self._random = random.Random(seed)  # noqa: S311 - a workload, not a secret

    def sign(self, moments: Sequence[float], *, until_start_s: float) -> list[Signed]:
        """Signs one transfer for each moment of a phase that begins in `until_start_s`; on all cores."""
        start_ms = now_ms() + int(until_start_s * 1000)
        jobs = []
        for number, due_s in enumerate(moments):
            target = self._random.randrange(len(self._payers))
            jobs.append((due_s, number % len(self._payers), target))
        size = max(1, len(jobs) // 64)
        pieces = [jobs[at : at + size] for at in range(0, len(jobs), size)]
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            done = pool.map(lambda piece: [self._one(job, start_ms) for job in piece], pieces)
        return [signed for piece in done for signed in piece]

    def _one(self, job: tuple[float, int, int], start_ms: int) -> Signed:
        due_s, source, target = job
        payer = self._payers[source]
        tx_id, data = payer.key.transaction(
            chain_id=self._chain_id,
            sender=payer.account,
            contract=self._contract,
            method="transfer",
            arguments=self._arguments[target],
            gas_limit=self._gas_limit,
            valid_until_ms=start_ms + int(due_s * 1000) + SLACK_MS,
        )
        return Signed(due_s, tx_id, data)
