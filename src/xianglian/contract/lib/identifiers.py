"""Identifiers of Chinese public administration: form and check character, one file for contracts, API and
forms.

Written in the contract language, so this very file compiles into contracts. A validator takes the bytes of an
identifier and returns 0 where nothing is wrong, else the number of the first problem;
`xianglian.solutions.validators` names the problems and words them for people.
"""

from __future__ import annotations

OK = 0
LENGTH = 1
CHARACTER = 2
CHECK = 3
DATE = 4
REGION = 5
REGISTRAR = 6
INNER_CODE = 7
PREFIX = 8
VERSION = 9
SHAPE = 10
PERSONAL = 11

ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
USCC_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
HEX_UPPER = b"0123456789ABCDEF"
CITIZEN_CHECKS = b"10X98765432"
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
PROVINCES = (
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46,
    50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83,
)  # fmt: skip
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LICENCE_PREFIX = b"1.2.156.3005.2."
SERIAL_MAX = 20


def is_digits(code: bytes) -> bool:
    """Whether every byte is an ASCII digit."""
    for byte in code:
        if not 48 <= byte <= 57:
            return False
    return True


def is_made_of(code: bytes, alphabet: bytes) -> bool:
    """Whether every byte occurs in `alphabet`."""
    for byte in code:
        if alphabet.find(byte) < 0:
            return False
    return True


def number_of(digits: bytes) -> int:
    """The value of decimal digits; call `is_digits` first."""
    value = 0
    for byte in digits:
        value = value * 10 + byte - 48
    return value


def date(code: bytes) -> int:
    """YYYYMMDD of the Gregorian calendar, 1800 to 2999 (GB/T 7408 basic form)."""
    if len(code) != 8:
        return LENGTH
    if not is_digits(code):
        return CHARACTER
    year = number_of(code[0:4])
    month = number_of(code[4:6])
    day = number_of(code[6:8])
    if year < 1800 or year > 2999 or month < 1 or month > 12 or day < 1:
        return DATE
    last = MONTH_DAYS[month - 1]
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        last = 29
    return OK if day <= last else DATE


def region(code: bytes) -> int:
    """Six digits whose first two name a province (GB/T 2260). 529999 is unassigned: synthetic data lives
    there.
    """
    if len(code) != 6:
        return LENGTH
    if not is_digits(code):
        return CHARACTER
    province = number_of(code[0:2])
    for known in PROVINCES:
        if known == province:
            return OK
    return REGION


def gb11714(code: bytes) -> int:
    """Organisation code, 8 characters and a check character (GB 11714)."""
    if len(code) != 9:
        return LENGTH
    if not is_made_of(code, ALPHANUMERIC):
        return CHARACTER
    total = 0
    for i in range(8):
        total += ALPHANUMERIC.find(code[i]) * ORGANISATION_WEIGHTS[i]
    check = 11 - total % 11
    wanted = 88 if check == 10 else 48 if check == 11 else 48 + check
    return OK if code[8] == wanted else CHECK


def uscc(code: bytes) -> int:
    """Unified social credit code (GB 32100), the organisation code inside included. 100000 is the national
    level.
    """
    if len(code) != 18:
        return LENGTH
    if not is_made_of(code, USCC_ALPHABET):
        return CHARACTER
    if b"123456789ANY".find(code[0]) < 0 or not 49 <= code[1] <= 57:
        return REGISTRAR
    if code[2:8] != b"100000" and region(code[2:8]) != OK:
        return REGION
    total = 0
    weight = 1
    for i in range(17):
        total += USCC_ALPHABET.find(code[i]) * weight
        weight = weight * 3 % 31
    if code[17] != USCC_ALPHABET[(31 - total % 31) % 31]:
        return CHECK
    return OK if gb11714(code[8:17]) == OK else INNER_CODE


def gb11643(code: bytes) -> int:
    """Citizen number (GB 11643): region, a birth date that exists, sequence, check character."""
    if len(code) != 18:
        return LENGTH
    if not is_digits(code[0:17]) or CITIZEN_CHECKS.find(code[17]) < 0:
        return CHARACTER
    if region(code[0:6]) != OK:
        return REGION
    if date(code[6:14]) != OK:
        return DATE
    total = 0
    for i in range(17):
        total += (code[i] - 48) * CITIZEN_WEIGHTS[i]
    return OK if code[17] == CITIZEN_CHECKS[total % 11] else CHECK


def mod37_36_character(text: bytes) -> int:
    """The check character (a byte) of letters and digits by ISO 7064 MOD 37,36; -1 for another character."""
    p = 36
    for byte in text:
        value = ALPHANUMERIC.find(byte)
        if value < 0:
            return -1
        value = (value + p) % 36
        if value == 0:
            value = 36
        p = 2 * value % 37
    return ALPHANUMERIC[(37 - p) % 36]


def mod37_36(code: bytes) -> int:
    """Letters and digits that end with their MOD 37,36 check character."""
    if len(code) < 2:
        return LENGTH
    if not is_made_of(code, ALPHANUMERIC):
        return CHARACTER
    return OK if mod37_36_character(code[0 : len(code) - 1]) == code[len(code) - 1] else CHECK


def licence_type(code: bytes) -> int:
    """Type code of an electronic licence: the definer's unified social credit code and three digits (GB/T
    36904).
    """
    if len(code) != 21:
        return LENGTH
    problem = uscc(code[0:18])
    if problem != OK:
        return problem
    return OK if is_digits(code[18:21]) else CHARACTER


def serial(code: bytes) -> int:
    """Serial number of a licence: 1 to 20 letters and digits that are no citizen number."""
    if len(code) < 1 or len(code) > SERIAL_MAX:
        return LENGTH
    if not is_made_of(code, ALPHANUMERIC):
        return CHARACTER
    return PERSONAL if gb11643(code) == OK else OK


def licence_id(code: bytes) -> int:
    """Licence identifier (GB/T 36904): prefix, type 21, issuer 18, serial, version 3, check character, with
    dots.

    The check character runs over type, issuer, serial and version without dots and prefix. Of several
    problems the forged check character is told first, since the parts cannot be trusted then.
    """
    size = len(code)
    if size < 63 or size > 62 + SERIAL_MAX:
        return LENGTH
    if code[0:15] != LICENCE_PREFIX:
        return PREFIX
    if code[36] != 46 or code[55] != 46 or code[size - 6] != 46 or code[size - 2] != 46:
        return SHAPE
    kind = code[15:36]
    issuer = code[37:55]
    number = code[56 : size - 6]
    version = code[size - 5 : size - 2]
    check = mod37_36_character(kind + issuer + number + version)
    if check < 0:
        return CHARACTER
    if check != code[size - 1]:
        return CHECK
    problem = licence_type(kind)
    if problem != OK:
        return problem
    problem = uscc(issuer)
    if problem != OK:
        return problem
    problem = serial(number)
    if problem != OK:
        return problem
    return OK if is_digits(version) and number_of(version) >= 1 else VERSION


def licence_kind_of(code: bytes) -> bytes:
    """The type code inside a valid licence identifier."""
    return code[15:36]


def licence_issuer_of(code: bytes) -> bytes:
    """The issuer's unified social credit code inside a valid licence identifier."""
    return code[37:55]


def licence_serial_of(code: bytes) -> bytes:
    """The serial number inside a valid licence identifier."""
    return code[56 : len(code) - 6]


def licence_version_of(code: bytes) -> int:
    """The version, 1..999, inside a valid licence identifier."""
    return number_of(code[len(code) - 5 : len(code) - 2])


def matter_code(code: bytes) -> int:
    """Code of a government service matter, the purpose of a use: 6 to 31 letters and digits, no citizen
    number.
    """
    if len(code) < 6 or len(code) > 31:
        return LENGTH
    if not is_made_of(code, ALPHANUMERIC):
        return CHARACTER
    return PERSONAL if gb11643(code) == OK else OK


def certificate_sn(code: bytes) -> int:
    """Serial number of a seal certificate: 2 to 40 upper-case hex digits, whole bytes (X.509, GB/T 38540)."""
    if len(code) < 2 or len(code) > 40 or len(code) % 2 != 0:
        return LENGTH
    return OK if is_made_of(code, HEX_UPPER) else CHARACTER


def attribute_name(code: bytes) -> int:
    """Name of an attribute of a licence: 1 to 32 small letters, digits and underscores, a letter first."""
    if len(code) < 1 or len(code) > 32:
        return LENGTH
    if not 97 <= code[0] <= 122:
        return CHARACTER
    return OK if is_made_of(code, b"abcdefghijklmnopqrstuvwxyz0123456789_") else CHARACTER


def text_without_person(code: bytes) -> int:
    """Words that anyone may read: no run of 18 characters inside is a citizen number."""
    if len(code) == 0:
        return LENGTH
    for i in range(len(code) - 17):
        if gb11643(code[i : i + 18]) == OK:
            return PERSONAL
    return OK
