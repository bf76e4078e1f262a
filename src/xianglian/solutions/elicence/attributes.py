"""Selective disclosure: attributes as salted leaves of a Merkle tree whose root is on the chain.

leaf = SM3(00 ‖ salt32 ‖ borsh(name) ‖ borsh(value)), node = SM3(01 ‖ left ‖ right), 16 leaves in the order
of the type's attributes, missing ones 32 zero bytes. The work is split: the contract checks that a leaf at
its place belongs to the root of a licence and may be shown, since a leaf tells nothing; the verifier checks
offline that the leaf is made of the name, value and salt that the holder handed over, since values and
salts never go near the chain.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xianglian.contract import encode
from xianglian.contract.crypto import sm3_digest
from xianglian.solutions.elicence.refs import SALT_BYTES
from xianglian.solutions.elicence.rules import attribute_node
from xianglian.solutions.elicence.types import ATTRIBUTES_MAX, TREE_DEPTH

EMPTY = bytes(32)


@dataclass(frozen=True, slots=True)
class Opening:
    """One attribute as a holder hands it to a verifier: all that is needed to check it against a root."""

    index: int
    name: str
    value: str
    salt: bytes
    path: tuple[bytes, ...]

    @property
    def leaf(self) -> bytes:
        """The salted leaf."""
        return leaf_of(self.salt, self.name, self.value)

    def root(self) -> bytes:
        """The root that this opening leads to."""
        node, index = self.leaf, self.index
        for sibling in self.path:
            pair = (sibling, node) if index % 2 else (node, sibling)
            node = bytes(attribute_node(*pair))
            index //= 2
        return node

    def proves(self, root: bytes) -> bool:
        """Whether the value belongs to the attribute root of a licence."""
        return self.index < ATTRIBUTES_MAX and len(self.path) == TREE_DEPTH and self.root() == root

    def disclosure(self) -> dict[str, object]:
        """What goes to the chain: place, leaf and path, never name, value or salt."""
        return {"index": self.index, "leaf": self.leaf.hex(), "path": [each.hex() for each in self.path]}

    def to_json(self) -> dict[str, object]:
        """For a file or a QR code that the holder hands over."""
        path = [each.hex() for each in self.path]
        return {
            "index": self.index,
            "name": self.name,
            "value": self.value,
            "salt": self.salt.hex(),
            "path": path,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, object]) -> Opening:
        """The inverse of `to_json`. Raises `ValueError` for anything else."""
        match document:
            case {
                "index": int(index),
                "name": str(name),
                "value": str(value),
                "salt": str(salt),
                "path": [*path],
            } if len(document) == 5:
                return cls(
                    index, name, value, bytes.fromhex(salt), tuple(bytes.fromhex(str(each)) for each in path)
                )
        raise ValueError("an opening has index, name, value, salt and path")


@dataclass(frozen=True, slots=True)
class AttributeTree:
    """The attributes of one licence with their salts, in the order of its type. The holder keeps it."""

    items: tuple[tuple[str, str, bytes], ...]
    """(name, value, salt) each."""

    @classmethod
    def of(
        cls, order: Sequence[str], values: Mapping[str, str], salts: Sequence[bytes] | None = None
    ) -> AttributeTree:
        """Under fresh salts, or given ones. Raises `ValueError` where the names differ from the type's or
        salts are short.
        """
        if set(order) != set(values) or not 0 < len(order) <= ATTRIBUTES_MAX:
            raise ValueError(f"attributes of this type: {', '.join(order)}; got {', '.join(values)}")
        fresh = salts if salts is not None else [secrets.token_bytes(SALT_BYTES) for _ in order]
        if len(fresh) != len(order) or any(len(salt) != SALT_BYTES for salt in fresh):
            raise ValueError(f"each attribute has a salt of {SALT_BYTES} bytes")
        return cls(tuple((name, values[name], salt) for name, salt in zip(order, fresh, strict=True)))

    @property
    def root(self) -> bytes:
        """What the chain holds."""
        return self._levels()[-1][0]

    def open(self, name: str) -> Opening:
        """One attribute with its proof. Raises `KeyError`."""
        for index, (known, value, salt) in enumerate(self.items):
            if known == name:
                levels = self._levels()
                path = tuple(levels[depth][(index >> depth) ^ 1] for depth in range(TREE_DEPTH))
                return Opening(index, name, value, salt, path)
        raise KeyError(name)

    def _levels(self) -> list[list[bytes]]:
        level = [leaf_of(salt, name, value) for name, value, salt in self.items]
        levels = [level + [EMPTY] * (ATTRIBUTES_MAX - len(level))]
        while len(levels[-1]) > 1:
            below = levels[-1]
            levels.append([bytes(attribute_node(*below[i : i + 2])) for i in range(0, len(below), 2)])
        return levels


def leaf_of(salt: bytes, name: str, value: str) -> bytes:
    """The salted leaf of an attribute, 32 bytes."""
    return sm3_digest(b"\x00" + salt + encode(name) + encode(value))
