"""Where a passphrase comes from: XL_PASSPHRASE_FILE, a systemd credential, a development network's own file,
a prompt.
"""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from pathlib import Path

from xianglian.errors import NoPassphrase
from xianglian.keys.files import write_atomic

VARIABLE = "XL_PASSPHRASE_FILE"
CREDENTIAL = "xl-passphrase"
"""Name of the systemd credential (`LoadCredential=xl-passphrase:...`)."""
DEVELOPMENT_FILE = "passphrase"
"""What `network new` writes where nobody gave a passphrase."""


def configured_passphrase() -> bytes | None:
    """The passphrase that the environment names, if it names one. Raises `NoPassphrase` if it names an
    unreadable file.
    """
    if named := os.environ.get(VARIABLE):
        return _read(Path(named), VARIABLE)
    if folder := os.environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(folder) / CREDENTIAL
        if credential.exists():
            return _read(credential, "the systemd credential")
    return None


def find_passphrase(*folders: Path, ask: bool = True) -> bytes:
    """The passphrase of the key stores in a network or node folder.

    Order: XL_PASSPHRASE_FILE, the systemd credential, the file `passphrase` of a development network in one
    of `folders`, then a prompt where there is a terminal and `ask`. Raises `NoPassphrase`.
    """
    if (found := configured_passphrase()) is not None:
        return found
    for folder in folders:
        file = folder / DEVELOPMENT_FILE
        if file.exists():
            return _read(file, "the development passphrase")
    if ask and sys.stdin.isatty():
        return getpass.getpass("口令 / passphrase: ").encode()
    raise NoPassphrase(variable=VARIABLE)


def development_passphrase(folder: Path) -> bytes:
    """Writes a random passphrase (256 bits) to `folder`, mode 0600, and returns it."""
    passphrase = secrets.token_hex(32).encode()
    write_atomic(folder / DEVELOPMENT_FILE, passphrase + b"\n", private=True)
    return passphrase


def _read(path: Path, source: str) -> bytes:
    try:
        passphrase = path.read_bytes().strip()
    except OSError as error:
        raise NoPassphrase(f"{source} names {path}: {error.strerror}", path=str(path)) from error
    if not passphrase:
        raise NoPassphrase(f"{source} is empty: {path}", path=str(path))
    return passphrase
