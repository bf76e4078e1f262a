"""Counters with limits: at most so much for one subject in a window of time."""

from __future__ import annotations

from xianglian.contract import ContractError, Hash, Map, Time, component, ctx, record, require, u64


class LimitReached(ContractError):
    """超出限额 / The limit of this window is reached."""

    left: u64
    next_window: Time


@record
class Window:
    """时间窗 / How much was taken in a window"""

    number: u64
    taken: u64


@component
class Limits:
    """限额 / What was taken in the running window, by subject.

    Keeps: in no window [n * length, (n + 1) * length) of block time more than `most` is taken for a
    subject. Windows are fixed as calendar days are, so around a boundary two limits may follow each other
    closely.
    """

    windows: Map[Hash, Window]

    def _left(self, subject: Hash, length_ms: u64, most: u64) -> u64:
        window = self.windows.get(subject)
        if window is None or window.number != ctx.time_ms // length_ms:
            return most
        return most - min(window.taken, most)

    def _take(self, subject: Hash, amount: u64, length_ms: u64, most: u64) -> None:
        number = ctx.time_ms // length_ms
        left = self._left(subject, length_ms, most)
        require(amount <= left, LimitReached(left=left, next_window=(number + 1) * length_ms))
        self.windows[subject] = Window(number=number, taken=most - left + amount)
