"""Examples of the API's description, in the shapes of the border (`_core.pyi`); every operation has one."""

from __future__ import annotations

from typing import Any

HASH = "3b" * 32
ACCOUNT = "xl1q9s4gkq0n0c0v0m8l3yq5m6j0y8k2x4p7r3d5f"
ERROR = {"error": {"code": "XL-NOT-FOUND", "reason": "no transaction 3b3b…", "retry": False, "facts": {}}}
CHALLENGE = {"nonce": "00" * 16, "expires_ms": "1790000060000", "chain_id": HASH, "node": "02" + "7a" * 32}
SESSION = {
    "token": "opaque",
    "session": "00" * 16,
    "expires_ms": "1790000900000",
    "organisation": "org1",
    "roles": ["admin"],
}
SUBMITTED = {"tx_id": HASH}
RECEIPT = {
    "tx_id": HASH,
    "height": 42,
    "index": 0,
    "time_ms": 1790000000000,
    "block_hash": HASH,
    "transaction": {"sender": ACCOUNT, "contract": "xlc1…", "method": "transfer", "arguments": "00"},
    "receipt": {
        "status": "success",
        "code": "",
        "line": 0,
        "path": [],
        "detail": "",
        "output": "",
        "gas_used": 41230,
        "events": [{"contract": "xlc1…", "name": "Transferred", "data": "00"}],
    },
}
BLOCK = {
    "height": 42,
    "block_hash": HASH,
    "header": {"time_ms": 1790000000000, "state_root": HASH},
    "transactions": [],
    "certificate_height": 42,
    "signers": ["validator-1", "validator-2", "validator-3"],
}
STATUS = {
    "name": "access-1",
    "org": "org1",
    "kind": "access",
    "height": 42,
    "block_hash": HASH,
    "healthy": True,
}
ACCOUNT_RECORD = {
    "account": ACCOUNT,
    "organisation": "org1",
    "roles": ["admin"],
    "keys": [{"key": "02" + "7a" * 32, "added_height": 0, "revoked_height": None}],
    "suspended": False,
    "admitted_height": 0,
}
CONTRACT = {
    "name": "points",
    "address": "xlc1…",
    "owner": ACCOUNT,
    "organisation": "org1",
    "status": "active",
    "version": 2,
    "code_hash": HASH,
    "code_bytes": 2048,
    "interface_hash": HASH,
    "interface_bytes": 4096,
    "deployed_height": 3,
    "changed_height": 17,
}
VERSIONS = {
    "name": "points",
    "address": "xlc1…",
    "status": "active",
    "version": 1,
    "layout": [{"field": "balances", "digest": HASH}],
    "versions": [
        {
            "version": 1,
            "code_hash": HASH,
            "code_bytes": 2048,
            "interface_hash": HASH,
            "interface_bytes": 4096,
            "height": 3,
            "by": ACCOUNT,
            "proposal": None,
            "audit": None,
        }
    ],
}
CODE = {
    "code_hash": HASH,
    "staged": {
        "code_hash": HASH,
        "owner": ACCOUNT,
        "organisation": "org1",
        "machine": "wasm",
        "code_bytes": 2048,
        "interface_hash": HASH,
        "interface_bytes": 4096,
        "layout": [{"field": "balances", "digest": HASH}],
        "height": 15,
    },
    "audits": [
        {
            "auditor": ACCOUNT,
            "organisation": "org2",
            "report_hash": HASH,
            "verdict": "positive",
            "tool": "xl contract check",
            "valid_until_ms": 1800000000000,
            "height": 16,
        }
    ],
}
GOVERNANCE = {
    "policy": {
        "deploy": "developers",
        "upgrade": "governance",
        "audit_required": False,
        "audit_independent": False,
        "auditor": "auditor",
    },
    "threshold": [2, 3],
    "organisations": 4,
    "needed": 3,
    "proposals": 1,
}
PROPOSAL = {
    "id": 1,
    "action": {"kind": "freeze", "name": "points", "version": 1},
    "title": "a wrong total was seen",
    "proposer": ACCOUNT,
    "organisation": "org1",
    "height": 15,
    "time_ms": 1790000000000,
    "valid_until_ms": 1790604800000,
    "status": "open",
    "decided_height": None,
    "votes": [{"organisation": "org1", "by": ACCOUNT, "yes": True, "height": 16}],
}
DRY_RUN = {
    "height": 42,
    "block_hash": HASH,
    "time_ms": 1790000000000,
    "code_hash": HASH,
    "status": "failed",
    "version": None,
    "code": "XL-UPGRADE-LAYOUT",
    "line": 0,
    "detail": "62616c616e636573",
    "audit": None,
    "gas_used": 60000000,
    "writes": 0,
    "events": [],
}
VIEW = {
    "height": 42,
    "block_hash": HASH,
    "time_ms": 1790000000000,
    "status": "success",
    "output": "0500",
    "code": "",
    "line": 0,
    "detail": "",
    "gas_used": 1200,
}
EVENTS = {
    "events": [
        {
            "cursor": "77",
            "height": 42,
            "index": 0,
            "tx_id": HASH,
            "contract": "xlc1…",
            "name": "Transferred",
            "data": "00",
            "time_ms": 1790000000000,
        }
    ],
    "next_cursor": "78",
}
REPLAY = {
    "status": "failed",
    "code": "InsufficientBalance",
    "line": 31,
    "height": 42,
    "same_as_receipt": True,
}


def described(example: Any, description: str, *, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses of an operation: one success with its example, and the error shape."""
    return {
        status: {"description": description, "content": {"application/json": {"example": example}}},
        "default": {"description": "What was wrong", "content": {"application/json": {"example": ERROR}}},
    }


def binary(description: str, *, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The same for an answer in bytes."""
    schema = {"type": "string", "format": "binary"}
    return {
        status: {"description": description, "content": {"application/octet-stream": {"schema": schema}}},
        "default": {"description": "What was wrong", "content": {"application/json": {"example": ERROR}}},
    }
