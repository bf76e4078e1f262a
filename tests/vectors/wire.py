"""Transaction, block, receipt, genesis: spec 02 to 05 in a second implementation."""

from __future__ import annotations

from typing import Any

from .borsh import Malformed, Reader, blob, items, text, u8, u16, u32, u64
from .sm2 import N, sm3, verify

TX_BYTES_MAX = 512 * 1024
ADDRESS_CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def tag(name: str) -> bytes:
    """XL-CODEC-6."""
    return f"xl:{name}:1".ljust(16, ".").encode()


def tagged(name: str, *parts: bytes) -> bytes:
    return sm3(tag(name), *parts)


def h(value: str) -> bytes:
    return bytes.fromhex(value)


def bech32m(prefix: str, data: bytes) -> str:
    """XL-ID-3: BIP 350."""
    bits = int.from_bytes(data, "big")
    groups = [(bits >> shift) & 31 for shift in range(len(data) * 8 - 5, -5, -5)]
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in [*expanded, *groups, 0, 0, 0, 0, 0, 0]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 0x2BC830A3
    groups += [(check >> 5 * (5 - i)) & 31 for i in range(6)]
    return prefix + "1" + "".join(ADDRESS_CHARACTERS[group] for group in groups)


# --- genesis (05) ----------------------------------------------------------------------------------------


def genesis(g: dict[str, Any]) -> bytes:
    p = g["parameters"]
    roles = lambda a: items(a["roles"], text)  # noqa: E731
    return b"".join(
        (
            u8(g["format"]),
            text(g["name"]),
            u64(g["time_ms"]),
            u64(p["lifetime_ms_max"]),
            u32(p["block_bytes_max"]),
            u32(p["block_count_max"]),
            u64(p["block_gas_max"]),
            u32(p["organisation_share_permille"]),
            u64(p["epoch_blocks"]),
            u32(p["leader_timeout_ms"]),
            u64(p["heartbeat_ms"]),
            items(g["organisations"], lambda o: text(o["id"]) + text(o["name"])),
            items(g["accounts"], lambda a: text(a["organisation"]) + h(a["key"]) + roles(a)),
            items(
                g["nodes"],
                lambda n: (
                    text(n["name"])
                    + text(n["organisation"])
                    + u8(["access", "application"].index(n["kind"]))
                    + h(n["key"])
                ),
            ),
            *(u16(number) for share in (g["governance"], g["recovery"]) for number in share),
        )
    )


def founding_validators(data: bytes) -> list[bytes]:
    """Keys of the nodes of kind application, ascending (XL-GENESIS-6); consumes every byte."""
    r = Reader(data)
    if r.number(1) != 1:
        raise Malformed("format")
    r.text(128)
    r.take(8 + 8 + 4 + 4 + 8 + 4 + 8 + 4 + 8)
    r.list(256, lambda r: (r.text(32), r.text(128)))
    r.list(1024, lambda r: (r.text(32), r.take(33), r.list(16, lambda r: r.text(32))))
    nodes = r.list(256, lambda r: (r.text(32), r.text(32), r.number(1), r.take(33)))
    r.take(8)
    r.end()
    return sorted(key for *_, kind, key in nodes if kind == 1)


def validators_hash(keys: list[bytes]) -> bytes:
    """XL-GENESIS-7."""
    return tagged("validators", items(sorted(keys), bytes))


# --- transaction (02) ------------------------------------------------------------------------------------


def body(b: dict[str, Any]) -> bytes:
    return b"".join(
        (
            u8(b["format"]),
            h(b["chain_id"]),
            h(b["sender"]),
            h(b["contract"]),
            text(b["method"]),
            blob(h(b["arguments"])),
            u64(b["gas_limit"]),
            u64(b["valid_until_ms"]),
            h(b["salt"]),
        )
    )


def tx_id(body_bytes: bytes) -> bytes:
    """XL-TX-4."""
    return tagged("tx", body_bytes[1:33], body_bytes)


def signing_bytes(identity: bytes) -> bytes:
    """XL-TX-5."""
    return tag("sign-tx") + identity


def check_transaction(signed: bytes, chain_id: bytes) -> bytes:
    """XL-TX-8: the identity, or `Malformed` with the code of the refusal."""
    try:
        r = Reader(signed)
        version, chain = r.number(1), r.take(32)
        r.take(20 + 20)
        r.text(64)
        r.bytes(TX_BYTES_MAX - 1024)
        r.take(8 + 8 + 16)
        body_bytes = signed[: r.at]
        key, signature = r.take(33), r.take(64)
        r.end()
        scalars = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        if key[0] not in (2, 3) or not all(0 < n < N for n in scalars) or sum(scalars) == N:
            raise Malformed("key or signature")
    except Malformed:
        raise Malformed("XL-TX-MALFORMED") from None
    if version != 1:
        raise Malformed("XL-TX-FORMAT")
    if chain != chain_id:
        raise Malformed("XL-TX-WRONG-CHAIN")
    identity = tx_id(body_bytes)
    if not verify(key, signing_bytes(identity), signature):
        raise Malformed("XL-TX-BAD-SIGNATURE")
    return identity


# --- receipt (04), lists, block (03) ---------------------------------------------------------------------


def receipt(r: dict[str, Any]) -> bytes:
    if "success" in r["status"]:
        status = u8(0) + blob(h(r["status"]["success"]["output"]))
    else:
        f = r["status"]["failed"]
        path = items(f["path"], lambda step: h(step["contract"]) + text(step["method"]))
        status = u8(1) + text(f["code"]) + u32(f["line"]) + path + blob(h(f["detail"]))
    events = items(r["events"], lambda e: h(e["contract"]) + text(e["name"]) + blob(h(e["data"])))
    return h(r["tx_id"]) + u64(r["gas_used"]) + status + events


def list_root(values: list[bytes]) -> bytes:
    """XL-BLOCK-5."""
    if not values:
        return bytes(32)
    if len(values) == 1:
        return sm3(b"\0", values[0])
    at = 1 << (len(values) - 1).bit_length() - 1
    return sm3(b"\1", list_root(values[:at]), list_root(values[at:]))


def included(root: bytes, item: bytes, index: int, count: int, siblings: list[bytes]) -> bool:
    """XL-BLOCK-6."""

    def fold(index: int, count: int, siblings: list[bytes]) -> bytes | None:
        if count == 1:
            return None if siblings else sm3(b"\0", item)
        if not siblings:
            return None
        at, top = 1 << (count - 1).bit_length() - 1, siblings[-1]
        below = fold(index, at, siblings[:-1]) if index < at else fold(index - at, count - at, siblings[:-1])
        if below is None:
            return None
        return sm3(b"\1", below, top) if index < at else sm3(b"\1", top, below)

    return index < count and fold(index, count, siblings) == root


HEADER = (
    ("format", 1),
    ("chain_id", 32),
    ("protocol_version", 4),
    ("height", 8),
    ("epoch", 8),
    ("view", 8),
    ("parent_view", 8),
    ("leader", 33),
    ("parent", 32),
    ("time_ms", 8),
    ("tx_root", 32),
    ("state_root", 32),
    ("receipts_root", 32),
    ("gas_used", 8),
    ("validators_hash", 32),
    ("next_validators_hash", 32),
)
"""XL-BLOCK-1: field and width; widths up to 8 are numbers."""


def header(fields: dict[str, Any]) -> bytes:
    parts = ((fields[name], width) for name, width in HEADER)
    return b"".join(h(v) if width > 8 else int(v).to_bytes(width, "little") for v, width in parts)


def read_header(r: Reader) -> dict[str, Any]:
    start = r.at
    fields: dict[str, Any] = {n: r.take(w) if w > 8 else r.number(w) for n, w in HEADER}
    if fields["leader"][0] not in (2, 3):
        raise Malformed("leader")
    return {**fields, "digest": tagged("header", r.data[start : r.at])}
