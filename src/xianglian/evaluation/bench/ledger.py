"""What became of every transaction: scheduled, admitted or refused, committed. Times are seconds of one
monotonic clock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


def percentile(ordered: list[float], share: float) -> float:
    """The value below which `share` (0..1) of an ascending list lies, by the nearest rank; 0 for none.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([5.0], 0.99), percentile([], 0.5)
    (2.0, 5.0, 0.0)
    """
    if not ordered:
        return 0.0
    rank = max(1, -(-len(ordered) * share // 1))
    return ordered[min(len(ordered), int(rank)) - 1]


@dataclass(slots=True)
class Ledger:
    """The book of one run."""

    scheduled: dict[bytes, float] = field(default_factory=dict)
    """Transaction id -> when it was due."""
    committed: dict[bytes, float] = field(default_factory=dict)
    """Transaction id -> when the access node told that its block is final."""
    failed: set[bytes] = field(default_factory=set)
    """Included, without effect."""
    refused: Counter[str] = field(default_factory=Counter)
    """Code -> transactions turned away at admission; they are not in `scheduled` any more."""
    unknown: int = 0
    """Sent, and no answer came."""
    others: int = 0
    """Transactions of somebody else in the same blocks."""

    def due(self, tx_id: bytes, at_s: float) -> None:
        """A transaction is sent, or should be."""
        self.scheduled[tx_id] = at_s

    def turned_away(self, tx_id: bytes, code: str) -> None:
        """Admission refused it."""
        self.scheduled.pop(tx_id, None)
        self.refused[code] += 1

    def block(self, results: bytes, now_s: float) -> int:
        """Takes the results of a block; how many transactions were ours."""
        ours = 0
        for at in range(0, len(results), 33):
            tx_id = results[at : at + 32]
            if tx_id not in self.scheduled:
                self.others += 1
                continue
            ours += 1
            self.committed[tx_id] = now_s
            if results[at + 32]:
                self.failed.add(tx_id)
        return ours

    @property
    def open(self) -> int:
        """Sent and neither refused nor committed."""
        return len(self.scheduled) - len(self.committed)

    def within(self, start_s: float, end_s: float) -> list[bytes]:
        """Ids of those committed in a window."""
        return [tx_id for tx_id, at_s in self.committed.items() if start_s <= at_s < end_s]

    def latencies_ms(self, ids: list[bytes]) -> list[float]:
        """From the scheduled moment to the news of finality, ascending."""
        return sorted((self.committed[tx_id] - self.scheduled[tx_id]) * 1000 for tx_id in ids)

    def saturation(self, sent_until_s: float, lag_s: float = 1.0) -> float | None:
        """Committed per second while the chain lagged behind its schedule by more than `lag_s`; None if it
        never did.

        From the first transaction that came so late to the last one: all that time there was more to do than
        was done, so the rate is what the chain can do, however unevenly its blocks arrive. What came after
        `sent_until_s` is left out where that makes it less: taking transactions in is work, too.
        """
        due = self.scheduled
        late = [at_s for tx_id, at_s in self.committed.items() if at_s - due[tx_id] > lag_s]
        if not late:
            return None
        first, times = min(late), sorted(self.committed.values())
        rates = []
        for end_s in (sent_until_s, times[-1]):
            counted = [at_s for at_s in times if first < at_s <= end_s]
            if counted and counted[-1] - first > lag_s:
                rates.append(len(counted) / (counted[-1] - first))
        return min(rates, default=None)
