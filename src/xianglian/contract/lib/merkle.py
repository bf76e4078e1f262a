"""Merkle trees over SM3: one digest on the chain stands for a batch, and a short path proves that an item is
in it.

Leaf = SM3(00 ‖ data), node = SM3(01 ‖ left ‖ right), so that no node can be shown as a leaf; a last node
without a partner moves up as it is. `xianglian.contract.merkle` builds trees and paths outside the chain.
"""

from __future__ import annotations

from xianglian.contract import Hash, List, sm3


def leaf_of(data: bytes) -> Hash:
    """The leaf of an item."""
    return sm3(b"\x00", data)


def node_of(left: Hash, right: Hash) -> Hash:
    """The node above two others."""
    return sm3(b"\x01", left, right)


def is_in_batch(root: Hash, count: int, leaf: Hash, index: int, path: List[Hash, 32]) -> bool:
    """Whether `leaf` is number `index` (from 0) of the `count` leaves under `root`.

    The length of the path follows from `index` and `count`, so a path proves one place only.
    """
    if not 0 <= index < count:
        return False
    node = leaf
    at = index
    width = count
    used = 0
    for _ in range(33):
        if width == 1:
            break
        if at % 2 == 1 or at + 1 < width:
            if used == len(path):
                return False
            other = path[used]
            used += 1
            node = node_of(other, node) if at % 2 == 1 else node_of(node, other)
        at = at // 2
        width = (width + 1) // 2
    return width == 1 and used == len(path) and node == root
