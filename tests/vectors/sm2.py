"""SM2 verification (GB/T 32918.2 and .5) on plain integers, and SM3 from OpenSSL: slow and independent."""

from __future__ import annotations

import hashlib

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTIFIER = b"1234567812345678"

Point = tuple[int, int] | None


def sm3(*parts: bytes) -> bytes:
    digest = hashlib.new("sm3")
    for part in parts:
        digest.update(part)
    return digest.digest()


def add(a: Point, b: Point) -> Point:
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (
        (3 * a[0] * a[0] + A) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    )
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k: int, point: Point) -> Point:
    result: Point = None
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def decompress(key: bytes) -> Point:
    x = int.from_bytes(key[1:], "big")
    square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if x >= P or y * y % P != square:
        return None
    return x, y if y & 1 == key[0] & 1 else P - y


def verify(key: bytes, message: bytes, signature: bytes) -> bool:
    """XL-CRYPTO-3 and 4."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    point = decompress(key)
    t = (r + s) % N
    if len(signature) != 64 or not (0 < r < N and 0 < s < N) or t == 0 or point is None:
        return False
    numbers = b"".join(n.to_bytes(32, "big") for n in (A, B, *G, *point))
    z = sm3((len(IDENTIFIER) * 8).to_bytes(2, "big"), IDENTIFIER, numbers)
    e = int.from_bytes(sm3(z, message), "big")
    found = add(times(s, G), times(t, point))
    return found is not None and (e + found[0]) % N == r
