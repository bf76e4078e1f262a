"""State proofs, finality and proof files: spec 06, 08 and 09 in a second implementation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .borsh import Malformed, Reader
from .sm2 import sm3, verify
from .wire import check_transaction, founding_validators, included, read_header, tag, tagged, validators_hash

ZERO = bytes(32)


class Refused(Exception):
    """The code says what does not hold."""


def bit(path: bytes, depth: int) -> int:
    return path[depth // 8] >> (7 - depth % 8) & 1


def state_root(entries: dict[bytes, bytes]) -> bytes:
    """XL-STATE-2."""

    def root(leaves: list[tuple[bytes, bytes]], depth: int) -> bytes:
        if not leaves:
            return ZERO
        if len(leaves) == 1:
            return sm3(leaves[0][0], leaves[0][1], b"\0")
        sides = [[leaf for leaf in leaves if bit(leaf[0], depth) == side] for side in (0, 1)]
        return sm3(root(sides[0], depth + 1), root(sides[1], depth + 1), b"\1")

    return root([(sm3(key), sm3(value)) for key, value in entries.items()], 0)


def read_state_proof(r: Reader) -> tuple[list[bytes], tuple[bytes, bytes] | None]:
    """XL-STATE-4."""
    depth = r.number(2)
    if depth > 256:
        raise Malformed("depth")
    bitmap = r.take((depth + 7) // 8)
    if any(bit(bitmap, i) for i in range(depth, len(bitmap) * 8)):
        raise Malformed("unused bits")
    siblings = [r.take(32) if bit(bitmap, i) else ZERO for i in range(depth)]
    if any(sibling == ZERO and bit(bitmap, i) for i, sibling in enumerate(siblings)):
        raise Malformed("zero sibling")
    end = r.number(1)
    if end > 1:
        raise Malformed("terminal")
    return siblings, (r.take(32), r.take(32)) if end else None


def check_state(root: bytes, key: bytes, value: bytes | None, proof: tuple[list[bytes], Any]) -> None:
    """XL-STATE-5: `Refused` with the code of what the proof shows instead."""
    siblings, leaf = proof
    path = sm3(key)
    on_path = leaf is not None and leaf[0] == path
    if value is not None and not on_path:
        raise Refused("XL-STATE-P2")
    if value is not None and leaf[1] != sm3(value):
        raise Refused("XL-STATE-P4")
    if value is None and on_path:
        raise Refused("XL-STATE-P3")
    if leaf is not None and any(bit(leaf[0], d) != bit(path, d) for d in range(len(siblings))):
        raise Refused("XL-STATE-P5")
    found = ZERO if leaf is None else sm3(*leaf, b"\0")
    for depth, sibling in reversed(list(enumerate(siblings))):
        found = sm3(sibling, found, b"\1") if bit(path, depth) else sm3(found, sibling, b"\1")
    if found != root:
        raise Refused("XL-STATE-P6")


def leb128(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def vote_preimage(chain_id: bytes, c: dict[str, Any]) -> bytes:
    """XL-FINALITY-2."""
    namespace = tag("vote") + chain_id + b"_FINALIZE"
    numbers = b"".join(leb128(c[name]) for name in ("epoch", "view", "parent_view"))
    return leb128(len(namespace)) + namespace + numbers + c["digest"]


def read_finality(r: Reader) -> dict[str, Any]:
    path = r.list(256, read_header)
    certificate = {name: r.number(8) for name in ("epoch", "view", "parent_view")}
    certificate |= {"digest": r.take(32), "signers": r.list(256, lambda r: r.number(2))}
    certificate["signatures"] = r.list(256, lambda r: r.take(64))
    return {"path": path, "certificate": certificate}


def check_finality(proof: dict[str, Any], chain_id: bytes, validators: list[bytes]) -> dict[str, Any]:
    """XL-FINALITY-3 to 6: the target header."""
    path, c = proof["path"], proof["certificate"]
    if not path:
        raise Refused("XL-PROOF-FINALITY")
    ours = (chain_id, validators_hash(validators))
    chained = all(b["parent"] == a["digest"] and b["height"] == a["height"] + 1 for a, b in pairwise(path))
    signers, quorum = c["signers"], len(validators) - (len(validators) - 1) // 3
    votes = vote_preimage(chain_id, c)
    holds = (
        all((header["chain_id"], header["validators_hash"]) == ours for header in path)
        and chained
        and (c["digest"], c["epoch"]) == (path[-1]["digest"], path[-1]["epoch"])
        and all(a < b for a, b in pairwise(signers))
        and all(signer < len(validators) for signer in signers)
        and len(signers) == len(c["signatures"]) >= quorum
        and all(verify(validators[i], votes, s) for i, s in zip(signers, c["signatures"], strict=True))
    )
    if not holds:
        raise Refused("XL-PROOF-FINALITY")
    return dict(path[0])


def read_inclusion(r: Reader) -> tuple[int, int, list[bytes]]:
    return r.number(4), r.number(4), r.list(32, lambda r: r.take(32))


def read_fact(r: Reader) -> dict[str, Any]:
    kind = r.number(1)
    if kind == 0:
        key, value = r.bytes(276), r.option(lambda r: r.bytes(65_535))
        return {
            "kind": "absence" if value is None else "state",
            "key": key,
            "value": value,
            "proof": read_state_proof(r),
        }
    if kind != 1:
        raise Malformed("fact")
    transaction, receipt = r.bytes(512 * 1024), r.bytes(65_535 + 64 * (4096 + 256) + 4096)
    places = read_inclusion(r), read_inclusion(r)
    return {"kind": "receipt", "transaction": transaction, "receipt": receipt, "places": places}


def verify_file(data: bytes, genesis: bytes) -> dict[str, Any]:
    """XL-PROOF-3."""
    chain_id = tagged("chain", genesis)
    try:
        r = Reader(data)
        if r.take(16) != tag("proof-file"):
            raise Malformed("magic")
        founding = r.bytes(1 << 20)
        transitions = r.list(1024, lambda r: (read_finality(r), r.list(256, lambda r: r.take(33))))
        finality, fact = read_finality(r), read_fact(r)
        r.end()
    except Malformed:
        raise Refused("XL-PROOF-MALFORMED") from None
    if tagged("chain", founding) != chain_id:
        raise Refused("XL-PROOF-CHAIN")
    validators = founding_validators(founding)
    for step, following in transitions:
        boundary = check_finality(step, chain_id, validators)
        if following != sorted(set(following)) or boundary["next_validators_hash"] != validators_hash(
            following
        ):
            raise Refused("XL-PROOF-TRANSITION")
        validators = following
    header = check_finality(finality, chain_id, validators)
    if fact["kind"] != "receipt":
        try:
            check_state(header["state_root"], fact["key"], fact["value"], fact["proof"])
        except Refused:
            raise Refused("XL-PROOF-STATE") from None
    else:
        place, receipt_place = fact["places"]
        if not included(header["tx_root"], fact["transaction"], *place) or (
            receipt_place[0] != place[0]
            or not included(header["receipts_root"], fact["receipt"], *receipt_place)
        ):
            raise Refused("XL-PROOF-INCLUSION")
        try:
            identity = check_transaction(fact["transaction"], chain_id)
        except Malformed:
            raise Refused("XL-PROOF-TRANSACTION") from None
        if fact["receipt"][:32] != identity:
            raise Refused("XL-PROOF-RECEIPT")
    return {
        "kind": fact["kind"],
        "chain_id": chain_id.hex(),
        "height": str(header["height"]),
        "block_hash": header["digest"].hex(),
        "validator_set": len(transitions),
        "signers": len(finality["certificate"]["signers"]),
        "vote_preimage": vote_preimage(chain_id, finality["certificate"]).hex(),
    }
