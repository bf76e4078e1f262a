"""The live view in a terminal."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque

from rich.console import Console
from rich.live import Live
from rich.table import Table

from xianglian.evaluation.bench.ledger import Ledger, percentile

BARS = " ▁▂▃▄▅▆▇█"
HISTORY = 60


class View:
    """Shows phase, rates and latency four times a second where stderr is a terminal; else says the phases."""

    def __init__(self) -> None:
        self.phase = ""
        self.book = Ledger()
        self.height = 0
        self._history: deque[int] = deque(maxlen=HISTORY)
        self._console = Console(stderr=True)

    def say(self, text: str) -> None:
        """The next phase."""
        self.phase = text
        if not sys.stderr.isatty():
            sys.stderr.write(f"bench: {text}\n")
            sys.stderr.flush()

    async def run(self) -> None:
        """Draws until cancelled."""
        if not sys.stderr.isatty():
            await asyncio.Event().wait()
        seen = 0
        second = time.monotonic()
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            while True:
                now = time.monotonic()
                if now - second >= 1:
                    self._history.append(len(self.book.committed) - seen)
                    seen, second = len(self.book.committed), now
                live.update(self._table())
                await asyncio.sleep(0.25)

    def _table(self) -> Table:
        book = self.book
        recent = list(book.committed)[-2000:]
        ordered = book.latencies_ms([tx_id for tx_id in recent if tx_id in book.scheduled])
        table = Table(show_header=False, box=None, pad_edge=False)
        top = max(self._history, default=0) or 1
        bars = "".join(BARS[min(8, value * 8 // top)] for value in self._history)
        rows = (
            ("阶段 phase", self.phase),
            ("高度 height", str(self.height)),
            ("已发送 sent", f"{len(book.scheduled):,}"),
            ("已确认 final", f"{len(book.committed):,}   {self._history[-1] if self._history else 0:,}/s"),
            ("未决 open", f"{book.open:,}"),
            ("被拒 refused", f"{sum(book.refused.values()):,}"),
            (
                "时延 latency",
                f"p50 {percentile(ordered, 0.5):.0f} ms   p99 {percentile(ordered, 0.99):.0f} ms",
            ),
            ("", bars),
        )
        for name, value in rows:
            table.add_row(name, value)
        return table
