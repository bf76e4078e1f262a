"""The order of the keys of an `OrderedMap`: a B+ tree of rows in contract state.

`OrderedKeys` is written in the contract language: plain Python runs it, and the compiler compiles this very
text once for each ordered map of a contract, with `K` its key type. So both worlds store the same bytes.

A row holds up to `WIDTH` steps in order. In the last level a step is a key; above, a step leads to a row of
the next level, whose keys are not below the step's key (the first step of a row takes all smaller keys too).
The rows of a level hold `LEAST` to `WIDTH` steps, but for the top one, so the depth is at most
log8(entries) + 1: that bounds the reads and writes of every operation. State keys: `NAME.rows/` and the u32
number of a row; `NAME.tree` for the record `Tree`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from xianglian.contract.values import List, u8, u32, u64

if TYPE_CHECKING:
    from xianglian.contract.state import Map

K = TypeVar("K", bound=Any)

WIDTH = 32
"""The most steps of a row."""
HALF = 16
MOST = 24
"""Two neighbours that hold no more are joined; and what stays in a full row where keys come in rising
order.
"""
LEAST = 8
"""A row with fewer steps, other than the top one, takes some of a neighbour's."""
LEVELS = 12
"""More levels than 2^32 rows of `LEAST` steps can have."""


@dataclass(frozen=True, kw_only=True)
class Step(Generic[K]):
    """A key of the last level (`row` is 0), or the row to take for this key and those above it."""

    key: K
    row: u32


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The top row, the number of levels above the last, the next free row, the number of keys."""

    top: u32
    height: u8
    free: u32
    size: u64


class OrderedKeys(Generic[K]):
    """Keys in order. Who calls knows whether a key is present: the entries themselves are kept elsewhere."""

    rows: Map[u32, List[Step[K], WIDTH]]
    tree: Tree | None

    def _tree(self) -> Tree:
        known = self.tree
        return known if known is not None else Tree(top=u32(0), height=u8(0), free=u32(1), size=u64(0))

    def _rank(self, row: List[Step[K], WIDTH], key: K) -> int:
        """How many steps of a row have a key up to `key`."""
        low = 0
        high = len(row)
        for _ in range(WIDTH):
            if low >= high:
                break
            middle = (low + high) // 2
            if row[middle].key <= key:
                low = middle + 1
            else:
                high = middle
        return low

    def _path(self, tree: Tree, key: K) -> List[u32, LEVELS]:
        """The rows from the top one down to that of the last level where `key` is, or would be."""
        path = List[u32, LEVELS](tree.top)
        node = tree.top
        for _ in range(tree.height):
            row = self.rows[node]
            node = row[max(self._rank(row, key), 1) - 1].row
            path = path + [node]
        return path

    def size(self) -> u64:
        """How many keys there are."""
        return self._tree().size

    def insert(self, key: K) -> None:
        """Adds a key that is absent."""
        tree = self._tree()
        path = self._path(tree, key)
        step = Step(key=key, row=u32(0))
        free = tree.free
        for level in range(len(path) - 1, -1, -1):
            row = self.rows[path[level]]
            at = self._rank(row, step.key)
            if level < tree.height:
                at = max(at, 1)
            if len(row) < WIDTH:
                self.rows[path[level]] = row[:at] + [step] + row[at:]
                self.tree = replace(tree, free=free, size=tree.size + 1)
                return
            middle = MOST if at == WIDTH else HALF
            left = row[:middle]
            right = row[middle:]
            if at <= middle:
                left = left[:at] + [step] + left[at:]
            else:
                right = right[: at - middle] + [step] + right[at - middle :]
            self.rows[path[level]] = left
            self.rows[free] = right
            step = Step(key=right[0].key, row=free)
            free += 1
        self.rows[free] += [Step(key=step.key, row=tree.top), step]
        self.tree = Tree(top=free, height=tree.height + 1, free=free + 1, size=tree.size + 1)

    def remove(self, key: K) -> None:
        """Takes a key away that is present."""
        tree = self._tree()
        path = self._path(tree, key)
        level = len(path) - 1
        row = self.rows[path[level]]
        at = self._rank(row, key)
        row = row[: at - 1] + row[at:]
        for _ in range(LEVELS):
            if level == 0 or len(row) >= LEAST:
                break
            level -= 1
            above = self.rows[path[level]]
            place = max(self._rank(above, key), 1) - 1
            first = max(place - 1, 0)
            left = row if place == 0 else self.rows[above[first].row]
            right = self.rows[above[1].row] if place == 0 else row
            if len(left) + len(right) <= MOST:
                self.rows[above[first].row] = left + right
                del self.rows[above[first + 1].row]
                row = above[: first + 1] + above[first + 2 :]
            else:
                if len(left) > len(right):
                    kept = len(left) - (len(left) - len(right)) // 2
                    right = left[kept:] + right
                    left = left[:kept]
                else:
                    moved = (len(right) - len(left)) // 2
                    left = left + right[:moved]
                    right = right[moved:]
                self.rows[above[first].row] = left
                self.rows[above[first + 1].row] = right
                step = Step(key=right[0].key, row=above[first + 1].row)
                row = above[: first + 1] + [step] + above[first + 2 :]
        if level == 0 and tree.height > 0 and len(row) == 1:
            del self.rows[tree.top]
            tree = replace(tree, top=row[0].row, height=tree.height - 1)
        elif len(row) == 0:
            del self.rows[tree.top]
        else:
            self.rows[path[level]] = row
        self.tree = replace(tree, size=tree.size - 1)

    def run(self, key: K, after: bool) -> List[Step[K], WIDTH]:
        """Some keys in order, from `key` on (`after`: without it); empty only if there is none."""
        tree = self._tree()
        node = tree.top
        beside = u32(0)
        below = 0
        for level in range(tree.height):
            row = self.rows[node]
            place = max(self._rank(row, key), 1)
            if place < len(row):
                beside = row[place].row
                below = int(tree.height) - level
            node = row[place - 1].row
        last = self.rows[node]
        at = self._rank(last, key)
        if not after and at > 0 and last[at - 1].key == key:
            at -= 1
        if at < len(last) or below == 0:
            return last[at:]
        for _ in range(below - 1):
            beside = self.rows[beside][0].row
        return self.rows[beside]

    def next_after(self, key: K) -> K | None:
        """The least key above `key`."""
        found = self.run(key, True)
        return found[0].key if len(found) > 0 else None

    def last_before(self, key: K) -> K | None:
        """The greatest key below `key`."""
        tree = self._tree()
        node = tree.top
        beside = u32(0)
        below = 0
        for level in range(tree.height):
            row = self.rows[node]
            place = max(self._rank(row, key), 1) - 1
            if place > 0:
                beside = row[place - 1].row
                below = int(tree.height) - level
            node = row[place].row
        last = self.rows[node]
        at = self._rank(last, key)
        if at > 0 and last[at - 1].key == key:
            at -= 1
        if at > 0:
            return last[at - 1].key
        if below == 0:
            return None
        for _ in range(below - 1):
            beside = self.rows[beside][-1].row
        return self.rows[beside][-1].key

    def first(self) -> K | None:
        """The least key."""
        tree = self._tree()
        node = tree.top
        for _ in range(tree.height):
            node = self.rows[node][0].row
        row = self.rows[node]
        return row[0].key if len(row) > 0 else None

    def last(self) -> K | None:
        """The greatest key."""
        tree = self._tree()
        node = tree.top
        for _ in range(tree.height):
            node = self.rows[node][-1].row
        row = self.rows[node]
        return row[-1].key if len(row) > 0 else None
