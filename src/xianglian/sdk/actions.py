"""What proposals of `system:governance` do, as the client writes them, and state layouts: Borsh of
`crates/primitives/src/governance.rs` and `contract.rs`.

An action is a dict with its `kind`: `{"kind": "freeze", "name": "points", "version": 1}`; `upgrade` has
`code_hash` and `migrated` besides, `deploy` has `name` and `code_hash`, `policy` has the policy's fields.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

from xianglian._core import address_to_bytes, contract_address
from xianglian.errors import Misused

DEPLOYERS = ("developers", "administrators", "governance")
UPGRADERS = ("owner", "governance")
VERDICTS = ("positive", "negative")
KINDS = ("policy", "deploy", "upgrade", "freeze", "unfreeze", "destroy")
"""Actions in the order of their numbers on the wire."""
POLICY = {
    "deploy": "developers",
    "upgrade": "governance",
    "audit_required": False,
    "audit_independent": False,
    "auditor": "auditor",
}
"""The rules for contracts at height 0."""


def proposal_key(number: int) -> bytes:
    """Full state key of a proposal: what a proof of it is asked for with."""
    return address_to_bytes(contract_address("system:governance")) + b"#/" + number.to_bytes(4, "big")


def policy_key() -> bytes:
    """Full state key of the rules for contracts."""
    return address_to_bytes(contract_address("system:governance")) + b"p"


def text(value: str | bytes) -> bytes:
    """`text<N>` or `bytes<N>`."""
    raw = value.encode() if isinstance(value, str) else bytes(value)
    return struct.pack("<I", len(raw)) + raw


def digest(value: str | bytes, name: str = "code_hash") -> bytes:
    """A hash, given as hex or bytes. Raises `Misused`."""
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) else bytes(value)
    except ValueError as error:
        raise Misused(f"{name} is hex", argument=name) from error
    if len(raw) != 32:
        raise Misused(f"{name} has 32 bytes, got {len(raw)}", argument=name)
    return raw


def one_of(value: str, known: Sequence[str], name: str) -> bytes:
    """A closed set's number. Raises `Misused` naming what there is."""
    if value not in known:
        raise Misused(f"{name} is one of {', '.join(known)}, not {value!r}", argument=name, known=list(known))
    return bytes([known.index(value)])


def fields(value: str | Sequence[str]) -> bytes:
    """`list<text<64>, 256>` of state fields; commas on a command line."""
    names = [each for each in value.split(",") if each] if isinstance(value, str) else list(value)
    return struct.pack("<I", len(names)) + b"".join(text(name) for name in names)


def layout(value: Sequence[Mapping[str, str]]) -> bytes:
    """`list<(text<64>, hash), 256>`: the `layout` of an interface description."""
    rows = (text(each["field"]) + digest(each["digest"], "layout") for each in value)
    return struct.pack("<I", len(value)) + b"".join(rows)


def layout_of(interface: bytes) -> list[dict[str, str]]:
    """The layout that an interface description states. Raises `Misused` where it states none."""
    try:
        found = json.loads(interface)["layout"]
    except (ValueError, KeyError, TypeError) as error:
        raise Misused("the interface description states no layout: build the contract again") from error
    return [{"field": str(each["field"]), "digest": str(each["digest"])} for each in found]


def policy(value: Mapping[str, Any]) -> bytes:
    """A contract policy; fields that are not given keep the rules of height 0. Raises `Misused`."""
    if unknown := set(value) - set(POLICY):
        raise Misused(f"a policy has no {', '.join(sorted(unknown))}", known=list(POLICY))
    full = {**POLICY, **value}
    return (
        one_of(str(full["deploy"]), DEPLOYERS, "deploy")
        + one_of(str(full["upgrade"]), UPGRADERS, "upgrade")
        + bytes([bool(full["audit_required"]), bool(full["audit_independent"])])
        + text(str(full["auditor"]))
    )


def action(value: Mapping[str, Any]) -> bytes:
    """What a proposal does. Raises `Misused` naming what is missing or too much."""
    kind = str(value.get("kind"))
    number = one_of(kind, KINDS, "kind")
    wanted = {
        "policy": {"policy"},
        "deploy": {"name", "code_hash"},
        "upgrade": {"name", "version", "code_hash", "migrated"},
    }.get(kind, {"name", "version"})
    given = set(value) - {"kind"}
    if given != wanted:
        raise Misused(
            f"{kind} takes {', '.join(sorted(wanted))}; got {', '.join(sorted(given)) or 'nothing'}",
            expected=sorted(wanted),
            got=sorted(given),
        )
    if kind == "policy":
        return number + policy(value["policy"])
    parts = number + text(str(value["name"]))
    if kind == "deploy":
        return parts + digest(value["code_hash"])
    parts += struct.pack("<I", int(value["version"]))
    if kind == "upgrade":
        parts += digest(value["code_hash"]) + fields(value["migrated"])
    return parts
