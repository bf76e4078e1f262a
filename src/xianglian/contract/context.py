"""What a running call sees of the chain: `ctx`, events, hashes; and the interface that an engine's host
offers.

The names and meanings are those of the machine's host functions (`spec/`, host interface v1); `Host` is what
the test chain implements for both plain Python and compiled modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NoReturn, Protocol

from xianglian.contract import codec, crypto
from xianglian.contract.errors import ContractError, TooLong
from xianglian.contract.values import Address, Fixed, Hash, Sized, type_of, u64


class Aborted(Exception):
    """How a call ended that failed, as a receipt tells it: where no exception of the contract's own can."""

    def __init__(self, code: str, line: int, detail: bytes) -> None:
        super().__init__(f"{code} at line {line}")
        self.code, self.line, self.detail = code, line, detail


class Host(Protocol):
    """State and facts behind one call. Keys and values are the bytes that the chain stores."""

    caller: bytes
    origin: bytes
    self_address: bytes
    height: int
    time_ms: int
    tx_id: bytes
    read_only: bool

    def get(self, key: bytes) -> bytes | None:
        """The stored value, or None."""

    def put(self, key: bytes, value: bytes) -> None:
        """Stores a value."""

    def delete(self, key: bytes) -> None:
        """Removes a value; removing nothing is fine."""

    def emit(self, name: str, data: bytes) -> None:
        """Appends an event to the receipt."""

    def has_role(self, account: bytes, role: str) -> bool:
        """Whether the chain's account register gives `account` this role."""

    def organisation_of(self, account: bytes) -> str | None:
        """The organisation of an admitted account."""

    def call(self, contract: bytes, method: str, arguments: bytes) -> bytes:
        """What an entry or view of another contract returned. Raises `Aborted`; then it has left nothing."""


running_host: ContextVar[Host] = ContextVar("host")
"""Set by engines while a call runs."""


def current_host() -> Host:
    """The host of the running call. Raises `RuntimeError` outside one."""
    try:
        return running_host.get()
    except LookupError:
        raise RuntimeError("no call is running: deploy the contract on a contract.testing.Chain") from None


class Context:
    """The facts of the running call."""

    @property
    def caller(self) -> Address:
        """Who calls: the account that signed the transaction (in a view: that asks), or the contract that
        calls this one.
        """
        return Address(current_host().caller)

    @property
    def origin(self) -> Address:
        """The account that signed the transaction, whichever contract calls."""
        return Address(current_host().origin)

    @property
    def self_address(self) -> Address:
        """This contract's own address."""
        return Address(current_host().self_address)

    @property
    def height(self) -> u64:
        """The height of the block that holds the call."""
        return u64(current_host().height)

    @property
    def time_ms(self) -> u64:
        """The block's time, UTC milliseconds; never a machine's clock."""
        return u64(current_host().time_ms)

    @property
    def tx_id(self) -> Hash:
        """The transaction's id."""
        return Hash(current_host().tx_id)

    def has_role(self, account: Address, role: str) -> bool:
        """Whether the account holds `role` on this chain."""
        return current_host().has_role(account, role)

    def organisation_of(self, account: Address) -> str | None:
        """The organisation of an account, None if the chain does not know it."""
        return current_host().organisation_of(account)


ctx = Context()


def emit(event: object) -> None:
    """Appends an event to the receipt."""
    host = current_host()
    if host.read_only:
        raise TypeError("a view emits no event")
    host.emit(type(event).__name__, codec.encode(type_of(type(event)), event))


def require(condition: bool, error: type[ContractError] | ContractError) -> None:
    """Raises `error` unless `condition` holds."""
    if not condition:
        refuse(error)


def bounded(turns: int) -> Iterator[int]:
    """0, 1, 2, ... for a loop that leaves by itself within so many turns; one turn more is `TooLong`."""
    yield from range(turns)
    raise TooLong


def refuse(error: type[ContractError] | ContractError) -> NoReturn:
    """Raises `error`."""
    raise error


def sm3(*parts: bytes | str) -> Hash:
    """SM3 of the parts joined without separators; text as UTF-8. `encode` gives a part a length where it
    needs one.
    """
    return Hash(
        crypto.sm3_digest(b"".join(part.encode() if isinstance(part, str) else part for part in parts))
    )


def encode(value: Any) -> bytes:
    """The canonical (borsh) bytes of a sized number, text, bytes, address, hash, enum or record."""
    match value:
        case bool():
            return codec.encode(type_of(bool), value)
        case Sized() | Fixed():
            return codec.encode(value.spec, value)
        case str():
            data = value.encode()
            return len(data).to_bytes(4, "little") + data
        case bytes():
            return len(value).to_bytes(4, "little") + value
        case _:
            return codec.encode(type_of(type(value)), value)


def sm2_verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an SM2 signature (64 bytes) by a key (SEC1 compressed, 33 bytes) is good for `message`."""
    return len(public_key) == 33 and crypto.sm2_is_valid(public_key, signature, message)
