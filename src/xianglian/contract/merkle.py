"""Merkle trees and paths as `xianglian.contract.lib.merkle` checks them, built outside the chain.

>>> tree = MerkleTree([b"a", b"b", b"c"])
>>> len(tree.path(2)), len(tree.path(0))
(1, 2)
"""

from __future__ import annotations

from collections.abc import Sequence

from xianglian.contract.crypto import sm3_digest
from xianglian.contract.values import Hash


class MerkleTree:
    """The tree over some items. Raises `ValueError` without any."""

    def __init__(self, items: Sequence[bytes]) -> None:
        if not items:
            raise ValueError("a batch has at least one item")
        self._levels = [[Hash(sm3_digest(b"\x00" + item)) for item in items]]
        while len(below := self._levels[-1]) > 1:
            pairs = [below[n : n + 2] for n in range(0, len(below), 2)]
            self._levels.append(
                [Hash(sm3_digest(b"\x01" + p[0] + p[1])) if len(p) == 2 else p[0] for p in pairs]
            )

    @property
    def root(self) -> Hash:
        """What goes on the chain."""
        return self._levels[-1][0]

    def leaf(self, index: int) -> Hash:
        """The digest of an item."""
        return self._levels[0][index]

    def path(self, index: int) -> list[Hash]:
        """The digests beside the way from an item to the root."""
        found = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                found.append(level[index ^ 1])
            index //= 2
        return found
