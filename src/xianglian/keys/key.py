"""A key in use. `Signer` is what the rest of the platform signs through; a soft key is its first
implementation.
"""

from __future__ import annotations

from typing import Protocol, TypedDict, Unpack

from xianglian import _core


class TransactionFields(TypedDict):
    """What a transaction says (protocol 11-12)."""

    chain_id: bytes
    sender: str
    contract: str
    method: str
    arguments: bytes
    gas_limit: int
    valid_until_ms: int


class ReadFields(TypedDict):
    """What a signed read says (protocol 22)."""

    chain_id: bytes
    node: bytes
    session: bytes
    role: str
    purpose: str
    query: bytes
    minimum_height: int
    expires_ms: int
    nonce: bytes


class Signer(Protocol):
    """Someone who can sign: a soft key here, a token or an m-of-n group elsewhere. The secret never leaves
    it.
    """

    @property
    def public_key(self) -> bytes:
        """33 bytes, compressed SEC1."""

    def sign(self, message: bytes) -> bytes:
        """Signature r ‖ s over `message`, 64 bytes (GB/T 32918.2, default identifier)."""

    def transaction(self, **fields: Unpack[TransactionFields]) -> tuple[bytes, bytes]:
        """(transaction id, signed bytes)."""

    def read(self, **fields: Unpack[ReadFields]) -> bytes:
        """A signed read."""


class Key:
    """An SM2 key in memory. Its representation never shows the secret.

    >>> key = Key.generate()
    >>> len(key.public_key), len(key.sign(b"hello"))
    (33, 64)
    """

    __slots__ = ("_public", "_secret")

    def __init__(self, secret: bytes) -> None:
        """`secret`: 32 bytes, big endian. Raises `InvalidKey`."""
        self._public = _core.sm2_public_key(secret)
        self._secret = secret

    @classmethod
    def generate(cls) -> Key:
        """A fresh key from the system's randomness."""
        return cls(_core.sm2_generate())

    @property
    def public_key(self) -> bytes:
        """33 bytes, compressed SEC1."""
        return self._public

    @property
    def secret(self) -> bytes:
        """The secret itself, for the key store and for `Node` only."""
        return self._secret

    def account(self, organisation: str) -> str:
        """The account (`xl1...`) that `organisation` opens with this key."""
        return _core.account_id(organisation, self._public)

    def sign(self, message: bytes) -> bytes:
        """Signature r ‖ s over `message`, 64 bytes (GB/T 32918.2, default identifier)."""
        return _core.sm2_sign(self._secret, message)

    def transaction(self, **fields: Unpack[TransactionFields]) -> tuple[bytes, bytes]:
        """(transaction id, signed bytes)."""
        return _core.sign_transaction(self._secret, **fields)

    def read(self, **fields: Unpack[ReadFields]) -> bytes:
        """A signed read."""
        return _core.read_request(self._secret, **fields)

    def __repr__(self) -> str:
        return f"Key(public_key={self._public.hex()})"
