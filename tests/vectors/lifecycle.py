"""Records and actions of contracts and governance (spec 13, 14) from their clauses alone."""

from __future__ import annotations

from typing import Any

from .borsh import items, text, u8, u32, u64
from .wire import h


def some(value: bytes | None) -> bytes:
    return b"\0" if value is None else b"\1" + value


def code(record: dict[str, Any]) -> bytes:
    """code_hash · code_bytes · interface_hash · interface_bytes, as two records have them."""
    return h(record["code_hash"]) + u32(record["code_bytes"]) + interface(record)


def interface(record: dict[str, Any]) -> bytes:
    return h(record["interface_hash"]) + u32(record["interface_bytes"])


def contract(record: dict[str, Any]) -> bytes:
    """XL-CONTRACT-1."""
    return (
        text(record["name"])
        + h(record["owner"])
        + text(record["organisation"])
        + u8(record["status"])
        + u32(record["version"])
        + u8(record["machine"])
        + code(record)
        + u32(record["instrumenter_version"])
        + u32(record["gas_schedule_version"])
        + u64(record["deployed_height"])
        + u64(record["changed_height"])
    )


def version(record: dict[str, Any]) -> bytes:
    """XL-CONTRACT-1."""
    audited, proposal = record["audit"], record["proposal"]
    return (
        code(record)
        + u64(record["height"])
        + h(record["by"])
        + some(None if proposal is None else u32(proposal))
        + some(None if audited is None else h(audited["auditor"]) + h(audited["report_hash"]))
    )


def staged(record: dict[str, Any]) -> bytes:
    """XL-CONTRACT-1."""
    return (
        h(record["owner"])
        + text(record["organisation"])
        + u32(record["code_bytes"])
        + interface(record)
        + u8(record["machine"])
        + (construction(record) if record["machine"] else layout(record))
        + u64(record["height"])
    )


def layout(record: dict[str, Any]) -> bytes:
    return items(record["layout"], lambda each: text(each["field"]) + h(each["digest"]))


def construction(record: dict[str, Any]) -> bytes:
    events = items(record["events"], lambda each: h(each["topic"]) + text(each["name"]))
    return h(record["arguments_hash"]) + u32(record["arguments_bytes"]) + events


def audit(record: dict[str, Any]) -> bytes:
    """XL-CONTRACT-1."""
    return (
        h(record["auditor"])
        + text(record["organisation"])
        + h(record["report_hash"])
        + u8(record["verdict"])
        + text(record["tool"])
        + u64(record["valid_until_ms"])
        + u64(record["height"])
    )


def policy(record: dict[str, Any]) -> bytes:
    """XL-GOV-2."""
    deploy = ("developers", "administrators", "governance").index(record["deploy"])
    upgrade = ("owner", "governance").index(record["upgrade"])
    flags = bytes([deploy, upgrade, record["audit_required"], record["audit_independent"]])
    return flags + text(record["auditor"])


def action(record: dict[str, Any]) -> bytes:
    """XL-GOV-3."""
    match record["kind"]:
        case "policy":
            return b"\0" + policy(record["policy"])
        case "deploy":
            return b"\1" + text(record["name"]) + h(record["code_hash"])
        case "upgrade":
            head = b"\2" + text(record["name"]) + u32(record["version"]) + h(record["code_hash"])
            return head + items(record["migrated"], text)
    index = ("freeze", "unfreeze", "destroy").index(record["kind"])
    return bytes([3 + index]) + text(record["name"]) + u32(record["version"])


def ballot(each: dict[str, Any]) -> bytes:
    return text(each["organisation"]) + h(each["by"]) + bytes([each["yes"]]) + u64(each["height"])


def proposal(record: dict[str, Any]) -> bytes:
    """XL-GOV-4."""
    decided = record["decided_height"]
    return (
        action(record["action"])
        + text(record["title"])
        + h(record["proposer"])
        + text(record["organisation"])
        + u64(record["height"])
        + u64(record["time_ms"])
        + u64(record["valid_until_ms"])
        + some(None if record["staged"] is None else h(record["staged"]))
        + items(record["votes"], ballot)
        + u8(record["status"])
        + (b"" if decided is None else u64(decided))
    )
