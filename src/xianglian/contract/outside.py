"""Calls of one contract by another: `@interface` classes, whose methods run at the address that they are
given.

    @interface
    class Token:
        @entry
        def transfer(self, target: Address, amount: u128) -> None: ...

    Token(self.token).transfer(ctx.caller, amount)

The callee sees the calling contract as its caller. Its failure is the error `CallFailed` of the caller,
unless that catches it; a result that is no encoding of the promised type is `BadResult`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from xianglian.contract import codec, spec
from xianglian.contract.context import Aborted, current_host
from xianglian.contract.errors import BadResult, CallFailed
from xianglian.contract.signatures import Signature, interface_id
from xianglian.contract.values import Address, coerce, type_of

C = TypeVar("C")


def signature(function: Any) -> tuple[dict[str, spec.Type], spec.Type]:
    """The argument types, in order, and the result type of an entry or view."""
    hints = inspect.get_annotations(function, eval_str=True)
    result = type_of(hints.pop("return", None))
    return {name: type_of(hint) for name, hint in hints.items()}, result


def interface(cls: type[C]) -> type[C]:
    """The methods of another contract, to be called there; their bodies are `...`."""

    def at(self: Any, address: Address) -> None:
        self.address = coerce(spec.ADDRESS, address)

    setattr(cls, "__init__", at)  # noqa: B010
    for name, function in list(vars(cls).items()):
        if getattr(function, "__kind__", None) in ("entry", "view"):
            setattr(cls, name, _outside(name, function))
    return cls


def signatures_of(cls: type) -> list[Signature]:
    """The entries and views of a contract or `@interface` class, inherited ones included."""
    found = []
    for name in dir(cls):
        kind = getattr(getattr(cls, name), "__kind__", None)
        if kind in ("entry", "view"):
            shapes, result = signature(getattr(cls, name))
            found.append(Signature(kind, name, tuple(shapes.values()), result))
    return found


def id_of(cls: type) -> str:
    """The interface id of a contract or `@interface` class, as in the interface description."""
    return interface_id(signatures_of(cls))


def _outside(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *arguments: Any) -> Any:
        shapes, result = signature(function)
        values = zip(shapes.values(), arguments, strict=True)
        data = b"".join([codec.encode(shape, coerce(shape, value)) for shape, value in values])
        host = current_host()
        kind = getattr(function, "__kind__", None)
        if kind == "entry" and host.read_only:
            raise TypeError(f"a view calls only views of other contracts, and {name} is an entry")
        try:
            answer = host.call(self.address, name, data)
        except Aborted as failure:
            raise CallFailed(code=failure.code) from failure
        try:
            return codec.decode(result, answer)
        except codec.DecodeError as error:
            raise BadResult from error

    for each in ("__name__", "__doc__", "__kind__", "__annotations__", "__module__", "__wrapped__"):
        setattr(call, each, getattr(function, each))
    return call
