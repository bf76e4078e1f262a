"""Offline verification of proof files: no network, no server, nobody to trust but genesis."""

from __future__ import annotations

import json
from typing import Any

from xianglian import _core


def verify(
    proof: bytes, *, genesis: bytes | None = None, checkpoint: tuple[int, bytes] | None = None
) -> dict[str, Any]:
    """What a proof file proves. Raises `ProofRefused` with the reason.

    Args:
        proof: the bytes that `xl proof export` or `Client.proof` gave.
        genesis: canonical genesis that you trust; without it the one in the file is used, and you must
        compare
            `chain_id` yourself.
        checkpoint: height and block hash known from elsewhere; makes the strong statement (protocol 24).

    Returns:
        `{"chain_id", "height", "block_hash", "time_ms", "state_root", "validator_set", "validators",
        "signers",
        "strength": "unanchored" | "validator-set" | "checkpoint", "fact"}`.
    """
    height, digest = checkpoint or (0, None)
    result: dict[str, Any] = json.loads(_core.verify_proof(proof, genesis, height, digest))
    return result
