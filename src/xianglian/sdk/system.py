"""The system contracts as the client calls them: argument tuples and events of
`crates/execution/src/system`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from xianglian._core import account_to_text, address_to_bytes, contract_address, contract_to_text
from xianglian.errors import Misused
from xianglian.sdk import actions

ACCOUNTS = "system:accounts"
CONTRACTS = "system:contracts"
GOVERNANCE = "system:governance"
NAMES = (ACCOUNTS, CONTRACTS, GOVERNANCE)


def _fixed(size: int, name: str) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        try:
            raw = bytes.fromhex(value) if isinstance(value, str) else bytes(value)
        except ValueError as error:
            raise Misused(f"{name} is hex or bytes") from error
        if len(raw) != size:
            raise Misused(f"{name} has {size} bytes, got {len(raw)}")
        return raw

    return encode


def _counted(value: Any) -> bytes:
    raw = value.encode() if isinstance(value, str) else bytes(value)
    return struct.pack("<I", len(raw)) + raw


def _list(value: Any) -> bytes:
    items = value.split(",") if isinstance(value, str) else list(value)
    return struct.pack("<I", len(items)) + b"".join(_counted(item) for item in items)


def _account(value: Any) -> bytes:
    return address_to_bytes(value) if isinstance(value, str) else bytes(value)


def _boolean(value: Any) -> bytes:
    if value in (True, False, "true", "false"):
        return bytes([value in (True, "true")])
    raise Misused(f"{value!r} is not true or false")


def _number(size: str) -> Callable[[Any], bytes]:
    def encode(value: Any) -> bytes:
        try:
            return struct.pack(size, int(value))
        except (ValueError, TypeError, struct.error) as error:
            raise Misused(f"{value!r} is no such number") from error

    return encode


_KEY = _fixed(33, "a public key")
_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "organisation": _counted,
    "name": _counted,
    "role": _counted,
    "roles": _list,
    "key": _KEY,
    "account": _account,
    "code": _counted,
    "interface": _counted,
    "arguments": _counted,
    "events": _list,
    "layout": actions.layout,
    "migrated": actions.fields,
    "action": actions.action,
    "title": _counted,
    "tool": _counted,
    "code_hash": actions.digest,
    "report_hash": lambda value: actions.digest(value, "report_hash"),
    "verdict": lambda value: actions.one_of(str(value), actions.VERDICTS, "verdict"),
    "version": _number("<I"),
    "id": _number("<I"),
    "valid_until_ms": _number("<Q"),
    "yes": _boolean,
}
METHODS: dict[tuple[str, str], tuple[str, ...]] = {
    (ACCOUNTS, "admit"): ("organisation", "key", "roles"),
    (ACCOUNTS, "add_key"): ("account", "key"),
    (ACCOUNTS, "revoke_key"): ("account", "key"),
    (ACCOUNTS, "suspend"): ("account",),
    (ACCOUNTS, "resume"): ("account",),
    (ACCOUNTS, "grant"): ("account", "role"),
    (ACCOUNTS, "revoke"): ("account", "role"),
    (CONTRACTS, "deploy"): ("name", "code", "interface", "layout"),
    (CONTRACTS, "deploy_evm"): ("name", "code", "arguments", "interface", "events"),
    (CONTRACTS, "stage"): ("code", "interface", "layout"),
    (CONTRACTS, "stage_evm"): ("code", "arguments", "interface", "events"),
    (CONTRACTS, "unstage"): ("code_hash",),
    (CONTRACTS, "upgrade"): ("name", "version", "code_hash", "migrated"),
    (CONTRACTS, "freeze"): ("name",),
    (CONTRACTS, "audit"): ("code_hash", "report_hash", "verdict", "tool", "valid_until_ms"),
    (GOVERNANCE, "propose"): ("action", "title", "valid_until_ms"),
    (GOVERNANCE, "vote"): ("id", "yes"),
}
_CHANGED = (("contract", "contract"), ("name", "text"), ("by", "account"))
_EVENTS: dict[str, tuple[tuple[str, str], ...]] = {
    "AccountAdmitted": (("account", "account"), ("organisation", "text"), ("key", "key"), ("roles", "texts")),
    "KeyAdded": (("account", "account"), ("key", "key")),
    "KeyRevoked": (("account", "account"), ("key", "key")),
    "AccountSuspended": (("account", "account"),),
    "AccountResumed": (("account", "account"),),
    "RoleGranted": (("account", "account"), ("role", "text")),
    "RoleRevoked": (("account", "account"), ("role", "text")),
    "ContractDeployed": (
        ("contract", "contract"),
        ("name", "text"),
        ("owner", "account"),
        ("code_hash", "hash"),
    ),
    "ContractUpgraded": (
        ("contract", "contract"),
        ("name", "text"),
        ("version", "u32"),
        ("code_hash", "hash"),
    ),
    "ContractFrozen": _CHANGED,
    "ContractUnfrozen": _CHANGED,
    "ContractDestroyed": _CHANGED,
    "CodeStaged": (("code_hash", "hash"), ("owner", "account"), ("interface_hash", "hash")),
    "CodeUnstaged": (("code_hash", "hash"), ("owner", "account")),
    "CodeAudited": (
        ("code_hash", "hash"),
        ("auditor", "account"),
        ("verdict", "verdict"),
        ("report_hash", "hash"),
        ("valid_until_ms", "u64"),
    ),
    "ProposalMade": (
        ("id", "u32"),
        ("proposer", "account"),
        ("kind", "text"),
        ("name", "text"),
        ("title", "text"),
        ("valid_until_ms", "u64"),
    ),
    "ProposalVoted": (("id", "u32"), ("organisation", "text"), ("yes", "bool")),
    "ProposalRejected": (("id", "u32"),),
    "ProposalEnacted": (("id", "u32"),),
    "ContractPolicySet": (
        ("deploy", "deployers"),
        ("upgrade", "upgraders"),
        ("audit_required", "bool"),
        ("audit_independent", "bool"),
        ("auditor", "text"),
    ),
}


def is_system(contract: str) -> bool:
    """Whether `contract` names a system contract."""
    return contract in NAMES


def name_of(contract: str) -> str | None:
    """Which system contract an address or name means; None for all others."""
    return next((name for name in NAMES if contract in (name, contract_address(name))), None)


def encode(contract: str, method: str, arguments: dict[str, Any]) -> bytes:
    """Borsh of the argument tuple. Raises `Misused` naming what is missing or too much."""
    names = METHODS.get((contract, method))
    if names is None:
        known = [name for owner, name in METHODS if owner == contract]
        raise Misused(
            f"{contract} has no method {method!r}; it has {', '.join(known)}", method=method, known=known
        )
    if set(names) != set(arguments):
        reason = f"{contract}.{method} takes {', '.join(names)}; got {', '.join(arguments) or 'nothing'}"
        raise Misused(reason, expected=list(names), got=list(arguments))
    return b"".join(_ENCODERS[name](arguments[name]) for name in names)


def decode_output(contract: str, method: str, output: bytes) -> Any:
    """What a system contract's method returned."""
    if (contract, method) in {(GOVERNANCE, "propose"), (CONTRACTS, "upgrade")}:
        return int.from_bytes(output, "little")
    return output[4:].decode() if (contract, method) == (GOVERNANCE, "vote") else output


def reason(code: str, detail: bytes) -> str:
    """A refusal's code with what it is about, where it names something: a field, a rule of the machine."""
    try:
        about = detail.decode("ascii")
    except UnicodeDecodeError:
        return code
    return f"{code}: {about}" if about.isprintable() and about else code


def decode_event(name: str, data: bytes) -> dict[str, Any] | None:
    """The fields of a system contract's event; None for an event of a later version."""
    shape = _EVENTS.get(name)
    if shape is None:
        return None
    at = 0

    def take(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    def text() -> str:
        return take(struct.unpack("<I", take(4))[0]).decode()

    readers: dict[str, Callable[[], Any]] = {
        "account": lambda: account_to_text(take(20)),
        "contract": lambda: contract_to_text(take(20)),
        "key": lambda: take(33),
        "hash": lambda: take(32),
        "u32": lambda: int.from_bytes(take(4), "little"),
        "u64": lambda: int.from_bytes(take(8), "little"),
        "bool": lambda: take(1) == b"\x01",
        "verdict": lambda: actions.VERDICTS[take(1)[0]],
        "deployers": lambda: actions.DEPLOYERS[take(1)[0]],
        "upgraders": lambda: actions.UPGRADERS[take(1)[0]],
        "text": text,
        "texts": lambda: [text() for _ in range(struct.unpack("<I", take(4))[0])],
    }
    return {field: readers[kind]() for field, kind in shape}
