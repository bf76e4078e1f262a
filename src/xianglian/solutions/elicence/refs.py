"""Salted digests that stand for personal data on the chain; the salt stays with its owner (protocol 23)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from xianglian.contract.crypto import sm3_digest

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """A value with its salt: what an owner keeps, and shows to whom it chooses."""

    value: str
    salt: bytes

    @property
    def ref(self) -> bytes:
        """SM3(salt ‖ value), 32 bytes: what the chain holds."""
        return reference(self.salt, self.value)

    def to_json(self) -> dict[str, str]:
        """`{"value", "salt"}`, the salt in hex."""
        return {"value": self.value, "salt": self.salt.hex()}

    @classmethod
    def from_json(cls, document: dict[str, str]) -> Secret:
        """The inverse of `to_json`. Raises `KeyError`, `ValueError`."""
        return cls(document["value"], bytes.fromhex(document["salt"]))


def reference(salt: bytes, value: str) -> bytes:
    """SM3(salt ‖ value). Raises `ValueError` for a salt that is not 32 bytes: a short one could be guessed
    through.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, got {len(salt)}")
    return sm3_digest(salt + value.encode())


def conceal(value: str) -> Secret:
    """A value under a fresh random salt."""
    return Secret(value, secrets.token_bytes(SALT_BYTES))
