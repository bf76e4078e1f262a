"""Compiled contracts, of whichever language: a module `NAME.wasm` and its interface description."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xianglian import _core
from xianglian.contract.abi import Interface
from xianglian.errors import Misused


class NoInterface(Misused):
    """A module without an interface description that fits it: nobody could call the contract by names."""

    code = "XL-INTERFACE"


class Deployable(Protocol):
    """What the chain is given, whoever compiled it."""

    @property
    def wasm(self) -> bytes: ...
    @property
    def interface_json(self) -> bytes: ...
    @property
    def code_hash(self) -> str: ...


@dataclass(frozen=True)
class Module:
    """A compiled module, checked as nodes check it."""

    wasm: bytes
    interface_json: bytes
    code_hash: str
    """SM3, hex."""


def deployable(source: Path, interface: Path | None) -> Deployable:
    """What is to be deployed: a compiled module as it is, anything else compiled."""
    if source.suffix == ".wasm":
        return read_module(source, interface)
    if interface is not None:
        raise Misused("--interface is for a compiled module (.wasm)", option="--interface")
    from xianglian.compiler import build

    return build(source)


def read_module(source: Path, interface: Path | None = None) -> Module:
    """A module with its description: `interface`, or `NAME.interface.json` beside `NAME.wasm`.

    Raises `NoInterface` where there is none or it does not fit, `ContractRefused` for bad code.
    """
    described = interface or source.with_suffix(".interface.json")
    try:
        code = source.read_bytes()
    except OSError as error:
        raise Misused(f"{source} cannot be read: {error}", path=str(source)) from error
    checked = json.loads(_core.check_contract(code))
    try:
        text = described.read_bytes()
        parsed = Interface.parse(text)
    except (OSError, ValueError) as error:
        reason = f"{source} needs its interface description, and {described} is none: {error}"
        raise NoInterface(reason, module=str(source), interface=str(described)) from error
    wanted = [*parsed.methods, *(kind for kind in ("init", "migrate") if parsed.document[kind])]
    if missing := sorted(set(wanted) - set(checked["exports"])):
        reason = f"{described} describes {', '.join(missing)}, which {source} does not export"
        raise NoInterface(reason, module=str(source), interface=str(described), missing=missing)
    return Module(code, text, checked["code_hash"])
