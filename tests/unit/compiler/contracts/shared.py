"""Declarations that `everything.py` imports from a sibling file."""

from __future__ import annotations

from xianglian.contract import ContractError, Enum, Public, Ref, Text, Time, record, u8, u64, u128

ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LIMIT = 3 * 4 + 1


class Status(Enum):
    """状态 / Status"""

    VALID = 0, "有效 / Valid"
    SUSPENDED = 1, "暂停 / Suspended"
    REVOKED = 7, "吊销 / Revoked"


@record
class Licence:
    """证照 / Licence"""

    status: Status
    holder: Ref
    number: Public[Text[40]]
    until: Time | None
    weight: u128
    level: u8
    next: Ref | None


class WrongState(ContractError):
    """状态不允许 / The state does not allow this."""

    status: Status
    at: u64
    note: Public[Text[12]]


def check_character(text: bytes) -> int:
    """ISO 7064 MOD 37,36 over letters and digits; -1 for another character."""
    p = 36
    for byte in text:
        v = ALPHABET.find(byte)
        if v < 0:
            return -1
        v = (v + p) % 36
        if v == 0:
            v = 36
        p = 2 * v % 37
    return ALPHABET[(37 - p) % 36]


def citizen_check(code: bytes) -> bool:
    """GB 11643 check character."""
    if len(code) != 18:
        return False
    total = 0
    for i in range(17):
        digit = code[i] - 48
        if not 0 <= digit <= 9:
            return False
        total += digit * WEIGHTS[i]
    return code[17] == b"10X98765432"[total % 11]
