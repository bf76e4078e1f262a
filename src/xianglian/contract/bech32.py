"""Addresses as text: bech32m (BIP 350) over 20 bytes, `xl1...` for accounts and `xlc1...` for contracts."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CONSTANT = 0x2BC830A3
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _checksum(prefix: str, words: list[int]) -> int:
    state = 1
    for word in [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + words:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ word
        for bit, generator in enumerate(_GENERATORS):
            state ^= generator if top >> bit & 1 else 0
    return state


def encode(prefix: str, data: bytes) -> str:
    """`prefix` ‖ 1 ‖ data ‖ checksum."""
    bits = int.from_bytes(data, "big")
    count = (len(data) * 8 + 4) // 5
    bits <<= count * 5 - len(data) * 8
    words = [bits >> 5 * (count - 1 - n) & 31 for n in range(count)]
    check = _checksum(prefix, words + [0] * 6) ^ _CONSTANT
    return prefix + "1" + "".join(_ALPHABET[w] for w in words + [check >> 5 * (5 - n) & 31 for n in range(6)])


def decode(text: str) -> tuple[str, bytes]:
    """Prefix and data. Raises `ValueError`: wrong letters, checksum or padding."""
    prefix, _, tail = text.rpartition("1")
    if not prefix or len(tail) < 6 or any(c not in _ALPHABET for c in tail):
        raise ValueError("not bech32m")
    words = [_ALPHABET.index(c) for c in tail]
    if _checksum(prefix, words) != _CONSTANT:
        raise ValueError("the checksum does not match")
    bits, count = 0, len(words) - 6
    for word in words[:-6]:
        bits = bits << 5 | word
    spare = count * 5 % 8
    if spare > 4 or bits & ((1 << spare) - 1):
        raise ValueError("wrong padding")
    return prefix, (bits >> spare).to_bytes(count * 5 // 8, "big")
