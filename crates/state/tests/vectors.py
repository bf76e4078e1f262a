"""Write spec/vectors/state.json from the definition alone, by OpenSSL's SM3.

`python crates/state/tests/vectors.py` shares no code with the crate: the vectors are a second opinion.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

Leaves = list[tuple[bytes, bytes]]
ZERO = bytes(32)


def sm3(data: bytes) -> bytes:
    """SM3 (GB/T 32905-2016) of `data`."""
    return hashlib.new("sm3", data).digest()


def bit(path: bytes, depth: int) -> int:
    """Bit `depth` of a path, most significant first."""
    return path[depth // 8] >> (7 - depth % 8) & 1


def split(leaves: Leaves, depth: int) -> tuple[Leaves, Leaves]:
    """Leaves whose path has bit `depth` clear, and set."""
    return [x for x in leaves if not bit(x[0], depth)], [x for x in leaves if bit(x[0], depth)]


def root(leaves: Leaves, depth: int = 0) -> bytes:
    """XL-STATE-2: root of (path, value hash) pairs."""
    if not leaves:
        return ZERO
    if len(leaves) == 1:
        return sm3(leaves[0][0] + leaves[0][1] + b"\0")
    left, right = split(leaves, depth)
    return sm3(root(left, depth + 1) + root(right, depth + 1) + b"\1")


def proof(leaves: Leaves, path: bytes) -> bytes:
    """XL-STATE-4: encoded proof for `path`."""
    siblings: list[bytes] = []
    while len(leaves) > 1:
        halves = split(leaves, len(siblings))
        side = bit(path, len(siblings))
        leaves = halves[side]
        siblings.append(root(halves[1 - side], len(siblings) + 1))
    full = [sibling for sibling in siblings if sibling != ZERO]
    bits = "".join("0" if sibling == ZERO else "1" for sibling in siblings)
    bits += "0" * (-len(bits) % 8)
    bitmap = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    end = b"\1" + leaves[0][0] + leaves[0][1] if leaves else b"\0"
    return len(siblings).to_bytes(2, "little") + bitmap + b"".join(full) + end


def leaves_of(state: dict[bytes, bytes]) -> Leaves:
    """(path, value hash) of a map."""
    return [(sm3(key), sm3(value)) for key, value in state.items()]


def close_keys(bits: int) -> tuple[bytes, bytes]:
    """The first two of key0, key1, ... whose paths share at least `bits` bits."""
    seen: dict[int, bytes] = {}
    for number in range(1 << 20):
        key = f"key{number}".encode()
        prefix = int.from_bytes(sm3(key)[:8], "big") >> (64 - bits)
        if prefix in seen:
            return seen[prefix], key
        seen[prefix] = key
    raise LookupError("no two keys that close")


def case(name: str, state: dict[bytes, bytes], asked: Iterable[bytes]) -> dict[str, object]:
    """One state with its root and the proofs of the keys asked for."""
    leaves = leaves_of(state)
    values = {key: state[key].hex() if key in state else None for key in asked}
    proofs = [
        {"key": key.hex(), "value": value, "proof": proof(leaves, sm3(key)).hex()}
        for key, value in values.items()
    ]
    entries = [[key.hex(), value.hex()] for key, value in state.items()]
    return {"name": name, "entries": entries, "root": root(leaves).hex(), "proofs": proofs}


def main() -> None:
    """Write the file."""
    eight = {f"key{i}".encode(): f"value{i}".encode() for i in range(1, 9)}
    seven = {key: value for key, value in eight.items() if key != b"key5"}
    near = close_keys(28)
    many = {f"key{i}".encode(): bytes([i]) * (i * i % 50) for i in range(60)} | {b"long": b"x" * 1500}
    absent = [b"absent", b"key9"]
    states = [
        case("empty", {}, absent),
        case("one key", {b"key1": b"value1"}, [b"key1", *absent]),
        case("eight keys", eight, [*eight, *absent]),
        case("after removing key5", seven, [*eight, *absent]),
        case("an empty value is a value", {b"key1": b""}, [b"key1", b"key2"]),
        case("paths that part late", {key: b"v" for key in near}, [*near, b"absent", b"key1"]),
        case("sixty-one keys, one long value", many, [b"key0", b"key59", b"key60", b"long", b"absent"]),
    ]
    good, other = (proof(leaves_of(eight), sm3(key)) for key in (b"key1", b"key2"))
    gone = proof(leaves_of(eight), sm3(b"absent"))
    top = root(leaves_of(eight)).hex()

    def refused(name: str, code: str, key: bytes, value: bytes | None, encoded: bytes) -> dict[str, object]:
        shown = value.hex() if value is not None else None
        claim = {"name": name, "code": code, "root": top, "key": key.hex(), "value": shown}
        return {**claim, "proof": encoded.hex()}

    flipped = bytes([*good[:-70], good[-70] ^ 1, *good[-69:]])
    reject = [
        refused("a value is claimed where none is", "XL-STATE-P2", b"absent", b"v", gone),
        refused("absence is claimed of a present key", "XL-STATE-P3", b"key1", None, good),
        refused("another value", "XL-STATE-P4", b"key1", b"value2", good),
        refused("the leaf stands elsewhere", "XL-STATE-P5", b"key1", None, other),
        refused("an altered sibling", "XL-STATE-P6", b"key1", b"value1", flipped),
    ]
    malformed = [
        {"name": "cut", "proof": good[:-1].hex()},
        {"name": "a byte too many", "proof": (good + b"\0").hex()},
        {"name": "257 siblings", "proof": ((257).to_bytes(2, "little") + bytes(33) + b"\0").hex()},
        {"name": "a spare bit set", "proof": (b"\1\0\x40" + b"\0").hex()},
        {"name": "a zero sibling in full", "proof": (b"\1\0\x80" + ZERO + b"\0").hex()},
        {"name": "unknown end", "proof": (b"\0\0\2").hex()},
    ]
    about = "State root and proofs (XL-STATE). Bytes in lower-case hex; value null: the key is absent."
    document = {"about": about, "states": states, "refused": reject, "malformed": malformed}
    target = Path(__file__).parents[3] / "spec" / "vectors" / "state.json"
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
