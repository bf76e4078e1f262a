"""Client identities: `profiles/<name>/profile.toml` says who and where, the sealed key beside it signs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xianglian.errors import InvalidConfiguration, Misused, UnknownProfile
from xianglian.keys import toml
from xianglian.keys.files import private_folder, write_atomic
from xianglian.keys.key import Key
from xianglian.keys.store import VAULT, KeyStore

FILE = "profile.toml"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Profile:
    """Who signs and which chain is spoken to."""

    name: str
    account: str
    organisation: str
    public_key: bytes
    chain_id: bytes


class Profiles:
    """The profiles of a folder: one key store, unlocked when the first key is needed."""

    def __init__(self, folder: Path, passphrase: Callable[[], bytes]) -> None:
        self.folder = folder
        self._passphrase = passphrase
        self._store: KeyStore | None = None

    def names(self) -> list[str]:
        """In alphabetical order."""
        return sorted(path.parent.name for path in self.folder.glob(f"*/{FILE}"))

    def profile(self, name: str) -> Profile:
        """What `profiles/<name>/profile.toml` says. Raises `UnknownProfile`, `InvalidConfiguration`."""
        path = self.folder / name / FILE
        try:
            values = tomllib.loads(path.read_text())
            return Profile(
                name=name,
                account=str(values["account"]),
                organisation=str(values["organisation"]),
                public_key=bytes.fromhex(values["public_key"]),
                chain_id=bytes.fromhex(values["chain_id"]),
            )
        except FileNotFoundError as error:
            known = self.names()
            reason = f"no profile {name!r} in {self.folder}; there are: {', '.join(known[:20]) or 'none'}"
            raise UnknownProfile(reason, profile=name, known=known[:20]) from error
        except (KeyError, ValueError) as error:
            raise InvalidConfiguration(f"{path}: {error}", path=str(path)) from error

    def key(self, name: str) -> Key:
        """The key of a profile. Raises `WrongPassphrase`, `DamagedKeyStore`."""
        return self._unlocked().get(f"{name}/key")

    def add(self, profile: Profile, key: Key) -> None:
        """Writes a new profile. Raises `Misused` for a name that cannot be a folder or is taken."""
        if not NAME.fullmatch(profile.name):
            raise Misused(
                f"{profile.name!r} cannot name a profile: letters, digits, . _ - only", profile=profile.name
            )
        home = self.folder / profile.name
        if (home / FILE).exists():
            raise Misused(f"profile {profile.name} exists already", profile=profile.name)
        private_folder(home)
        self.replace_key(profile, key)

    def replace_key(self, profile: Profile, key: Key) -> None:
        """Seals `key` for an existing or new profile and records its public half."""
        self._unlocked().put(f"{profile.name}/key", key)
        text = toml.dump(
            {
                "account": profile.account,
                "organisation": profile.organisation,
                "public_key": key.public_key.hex(),
                "chain_id": profile.chain_id.hex(),
            }
        )
        write_atomic(self.folder / profile.name / FILE, text.encode())

    def create_store(self, *, fast: bool) -> None:
        """Makes the folder's key store; once, by `network new`."""
        self._store = KeyStore.create(self.folder, self._passphrase(), fast=fast)

    def _unlocked(self) -> KeyStore:
        if self._store is None:
            if not (self.folder / VAULT).exists():
                raise UnknownProfile(f"{self.folder} holds no profiles", path=str(self.folder))
            self._store = KeyStore.unlock(self.folder, self._passphrase())
        return self._store
