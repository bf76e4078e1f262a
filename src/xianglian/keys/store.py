"""Keys at rest: one vault (one key derivation) for a folder, each secret sealed under its own name."""

from __future__ import annotations

from pathlib import Path

from xianglian import _core
from xianglian.errors import DamagedKeyStore, FolderExists
from xianglian.keys.files import private_folder, write_atomic
from xianglian.keys.key import Key

VAULT = "vault"
SUFFIX = ".sealed"


class KeyStore:
    """The sealed keys of a folder, unlocked. An entry `alice/key` is the file `alice/key.sealed`."""

    def __init__(self, folder: Path, vault: _core.Vault) -> None:
        self.folder = folder
        self._vault = vault

    @classmethod
    def create(cls, folder: Path, passphrase: bytes, *, fast: bool = False) -> KeyStore:
        """A new store. `fast` where the passphrase is itself random (development). Raises `FolderExists`."""
        private_folder(folder)
        if (folder / VAULT).exists():
            raise FolderExists(f"{folder} holds a key store already", path=str(folder))
        vault = _core.Vault.create(passphrase, fast=fast)
        write_atomic(folder / VAULT, vault.header, private=True)
        return cls(folder, vault)

    @classmethod
    def unlock(cls, folder: Path, passphrase: bytes) -> KeyStore:
        """Opens the store in `folder`. Raises `WrongPassphrase`, `DamagedKeyStore`."""
        try:
            header = (folder / VAULT).read_bytes()
        except FileNotFoundError as error:
            raise DamagedKeyStore(f"{folder} holds no key store", path=str(folder)) from error
        return cls(folder, _core.Vault.unlock(header, passphrase))

    def put(self, name: str, key: Key) -> None:
        """Seals `key` under `name`, replacing what was there."""
        path = self._path(name)
        private_folder(path.parent)
        write_atomic(path, self._vault.seal(name, key.secret), private=True)

    def get(self, name: str) -> Key:
        """The key sealed under `name`. Raises `DamagedKeyStore`."""
        try:
            sealed = self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise DamagedKeyStore(
                f"no key {name} in {self.folder}", name=name, path=str(self.folder)
            ) from error
        return Key(self._vault.open(name, sealed))

    def _path(self, name: str) -> Path:
        return self.folder / (name + SUFFIX)
