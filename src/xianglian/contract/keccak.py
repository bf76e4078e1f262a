"""Keccak-256, which Solidity makes selectors and event names with; `hashlib` has only its relative SHA-3.

Source: the Keccak reference, version 3.0: rate 1088, padding 01. Slow, for a few short texts.
"""

from __future__ import annotations

_RATE = 136
_MASK = (1 << 64) - 1
_ROTATIONS = (
    (0, 36, 3, 41, 18),
    (1, 44, 10, 45, 2),
    (62, 6, 43, 15, 61),
    (28, 55, 25, 21, 56),
    (27, 20, 39, 8, 14),
)
"""By column x, then row y."""


def keccak256(data: bytes) -> bytes:
    """32 bytes."""
    padded = bytearray(data + b"\x01")
    padded.extend(bytes(-len(padded) % _RATE))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for block in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            at = block + 8 * place
            lanes[place % 5][place // 5] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lanes[place % 5][place // 5].to_bytes(8, "little") for place in range(4))


def _turned(lane: int, by: int) -> int:
    return ((lane << by) | (lane >> (64 - by))) & _MASK


def _permuted(a: list[list[int]]) -> list[list[int]]:
    state = 1
    for _ in range(24):
        columns = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        effect = [columns[(x - 1) % 5] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            for y in range(5):
                b[y][(2 * x + 3 * y) % 5] = _turned(a[x][y] ^ effect[x], _ROTATIONS[x][y])
        a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        for bit in range(7):
            # The round constants are the bits of a shift register.
            if state & 1:
                a[0][0] ^= 1 << ((1 << bit) - 1)
            state = (state << 1) ^ ((state >> 7) * 0x171)
    return a
