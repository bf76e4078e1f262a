"""SM3 and SM2 verification for contracts that run as plain Python.

Only tests come here: on the chain the node's implementation answers. SM3 uses the interpreter's OpenSSL where
it has it. Sources: GB/T 32905 (SM3), GB/T 32918.2 (SM2 signatures), GB/T 32918.5 (curve).
"""

from __future__ import annotations

import hashlib

_MASK = 0xFFFFFFFF
_START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_Point = tuple[int, int] | None


def sm3_digest(data: bytes) -> bytes:
    """SM3 of `data`, 32 bytes."""
    if "sm3" in hashlib.algorithms_available:
        return hashlib.new("sm3", data).digest()
    return _sm3(data)


def _rotate(value: int, by: int) -> int:
    by %= 32
    return ((value << by) | (value >> (32 - by))) & _MASK


def _sm3(data: bytes) -> bytes:
    padded = data + b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    state = list(_START)
    for at in range(0, len(padded), 64):
        words = [int.from_bytes(padded[at + i : at + i + 4], "big") for i in range(0, 64, 4)]
        for j in range(16, 68):
            x = words[j - 16] ^ words[j - 9] ^ _rotate(words[j - 3], 15)
            words.append(x ^ _rotate(x, 15) ^ _rotate(x, 23) ^ _rotate(words[j - 13], 7) ^ words[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            constant = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = _rotate((_rotate(a, 12) + e + _rotate(constant, j)) & _MASK, 7)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + (ss1 ^ _rotate(a, 12)) + (words[j] ^ words[j + 4])) & _MASK
            tt2 = ((gg & _MASK) + h + ss1 + words[j]) & _MASK
            a, b, c, d = tt1, a, _rotate(b, 9), c
            e, f, g, h = tt2 ^ _rotate(tt2, 9) ^ _rotate(tt2, 17), e, _rotate(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def sm2_is_valid(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (r ‖ s, 64 bytes) by `public_key` (SEC1, 33 or 65 bytes) is good for `message`.

    Default identifier 1234567812345678; r, s in 1..n-1 and r + s != 0 mod n (protocol 15).
    """
    key = _point(public_key)
    if key is None or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % _N
    if not (0 < r < _N and 0 < s < _N and t):
        return False
    identity = b"\x00\x80" + b"1234567812345678"
    curve = b"".join(v.to_bytes(32, "big") for v in (_P - 3, _B, *_G, *key))
    digest = int.from_bytes(sm3_digest(sm3_digest(identity + curve) + message), "big")
    at = _add(_multiply(s, _G), _multiply(t, key))
    return at is not None and (digest + at[0]) % _N == r


def _point(data: bytes) -> _Point:
    if len(data) == 65 and data[0] == 4:
        x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    elif len(data) == 33 and data[0] in (2, 3):
        x = int.from_bytes(data[1:], "big")
        y = pow(x**3 - 3 * x + _B, (_P + 1) // 4, _P)
        y = y if y % 2 == data[0] % 2 else _P - y
    else:
        return None
    good = x < _P and y < _P and (y * y - x**3 + 3 * x - _B) % _P == 0
    return (x, y) if good else None


def _add(p: _Point, q: _Point) -> _Point:
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % _P == 0:
            return None
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, _P) % _P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, _P) % _P
    x = (slope * slope - p[0] - q[0]) % _P
    return x, (slope * (p[0] - x) - p[1]) % _P


def _multiply(factor: int, point: _Point) -> _Point:
    total: _Point = None
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total
