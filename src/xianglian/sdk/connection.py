"""Whom to talk to, as whom: a network folder or a URL, and a profile."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from xianglian.errors import InvalidConfiguration, Misused, NoNetwork
from xianglian.keys import Profiles, Signer, find_passphrase
from xianglian.types import MEMBER

NETWORK_FILE = "network.toml"


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything that a client needs to know before it speaks."""

    url: str
    """`http://host:port`."""
    chain_id: bytes
    account: str
    organisation: str
    key: Signer
    node_key: bytes | None
    """Identity of the node that must sign answers; None: the one that answers the sign-in."""
    role: str = MEMBER
    purpose: str = "sdk"

    @property
    def authority(self) -> str:
        """`host:port` as it stands in what is signed."""
        return urlsplit(self.url).netloc


def find_connection(
    target: str | Path, profile: str | Path = "admin", *, role: str = MEMBER, purpose: str = "sdk"
) -> Connection:
    """The connection to a network folder (profile by name) or a URL (profile by folder).

    Raises `NoNetwork`, `UnknownProfile`, `NoPassphrase`, `WrongPassphrase`, `InvalidConfiguration`.
    """
    if "://" in str(target):
        return _by_url(str(target), Path(profile), role, purpose)
    folder = Path(target).absolute()
    try:
        network = tomllib.loads((folder / NETWORK_FILE).read_text())
        access = next(node for node in network["nodes"] if node["api"])
        url, node_key = f"http://{access['api']}", bytes.fromhex(access["key"])
    except FileNotFoundError as error:
        raise NoNetwork(f"{folder} holds no network", path=str(folder)) from error
    except StopIteration as error:
        raise InvalidConfiguration(f"{folder}: no node serves users", path=str(folder)) from error
    except (KeyError, ValueError) as error:
        raise InvalidConfiguration(f"{folder / NETWORK_FILE}: {error}", path=str(folder)) from error
    profiles = Profiles(folder / "profiles", lambda: find_passphrase(folder))
    return _with(profiles, str(profile), url, node_key, role, purpose)


def _by_url(url: str, profile: Path, role: str, purpose: str) -> Connection:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
        raise Misused(f"{url} is not http(s)://host:port", url=url)
    profiles = Profiles(
        profile.absolute().parent, lambda: find_passphrase(profile.parent, profile.parent.parent)
    )
    return _with(profiles, profile.name, f"{parts.scheme}://{parts.netloc}", None, role, purpose)


def _with(
    profiles: Profiles, name: str, url: str, node_key: bytes | None, role: str, purpose: str
) -> Connection:
    found = profiles.profile(name)
    key = profiles.key(name)
    return Connection(url, found.chain_id, found.account, found.organisation, key, node_key, role, purpose)
