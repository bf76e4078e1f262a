"""Tells waiting requests that the chain has grown: one thread asks the node, many coroutines wait."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Protocol

from xianglian.errors import XianglianError

POLL_MS = 5_000
"""How long one question to the node lasts while nothing happens."""


class Heights(Protocol):
    """The part of `Node` that is followed."""

    def wait_height(self, height: int, timeout_ms: int) -> int:
        """Waits until the committed height reaches `height`; the height then."""


class Finality:
    """The committed height as a value that can be waited for."""

    def __init__(self, node: Heights) -> None:
        self._node = node
        self.height = node.wait_height(0, 0)
        self._grown: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begins to follow; call it inside the event loop."""
        self._loop = asyncio.get_running_loop()
        self._grown = self._loop.create_future()
        threading.Thread(target=self._follow, name="finality", daemon=True).start()

    def stop(self) -> None:
        """Ends following; waiters are woken."""
        self._stopped.set()
        self._advance(self.height)

    async def beyond(self, height: int, timeout_s: float) -> int:
        """The committed height once it is above `height`, or when `timeout_s` has passed."""
        if self.height > height or self._grown is None:
            return self.height
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._grown), timeout_s)
        return self.height

    def _follow(self) -> None:
        assert self._loop is not None
        height = self.height
        while not self._stopped.is_set():
            try:
                found = self._node.wait_height(height + 1, POLL_MS)
            except XianglianError:
                return  # the node has stopped; so will the process
            if found > height:
                height = found
                try:
                    self._loop.call_soon_threadsafe(self._advance, found)
                except RuntimeError:
                    return  # the loop is closed

    def _advance(self, height: int) -> None:
        self.height = height
        grown = self._grown
        if self._loop is not None:
            self._grown = self._loop.create_future()
        if grown is not None and not grown.done():
            grown.set_result(None)
