"""Blocking calls of the core, away from the event loop, in bounded number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from xianglian.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")


class NativePool:
    """`threads` calls run at once, `queue` more may wait; above that callers hear `Busy` at once."""

    def __init__(self, threads: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="native")
        self._limit = threads + queue
        self.inside = 0

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `call` from a thread of the pool. Raises `Busy`, and whatever it raises."""
        if self.inside >= self._limit:
            raise Busy(limit=self._limit)
        self.inside += 1
        work = self._executor.submit(call, *args, **kwargs)
        work.add_done_callback(lambda _: self._left())
        return await asyncio.wrap_future(work)

    def close(self) -> None:
        """Takes nothing more."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _left(self) -> None:
        self.inside -= 1
