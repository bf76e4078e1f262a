"""What most commands share: the network folder, the profile, a client, and argument values."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xianglian.errors import Misused

if TYPE_CHECKING:
    from xianglian.deployment.layout import NetworkFolder
    from xianglian.keys import Profiles
    from xianglian.sdk import Client

Network = Annotated[
    Path | None, typer.Option("--network", help="网络目录 / network folder ($XL_NETWORK, ./xl-network)")
]
Folder = Annotated[Path | None, typer.Argument(help="网络目录 / network folder ($XL_NETWORK, ./xl-network)")]
As = Annotated[str, typer.Option("--as", help="身份 / profile that acts")]
Arguments = Annotated[
    list[str] | None, typer.Option("--arg", help="NAME=VALUE; @profile is its account; JSON for lists")
]
ADMIN = "admin"


def group(**options: Any) -> typer.Typer:
    """A Typer application as all of ours are."""
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        **options,
    )


def single() -> typer.Typer:
    """The same for one command without subcommands."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def folder_of(given: Path | None) -> Path:
    """The network folder: given, $XL_NETWORK, or ./xl-network."""
    return given or Path(os.environ.get("XL_NETWORK") or "xl-network")


def network_of(given: Path | None) -> NetworkFolder:
    """The network in the folder. Raises `NoNetwork`."""
    from xianglian.deployment.layout import NetworkFolder

    return NetworkFolder.read(folder_of(given))


def profiles_of(network: NetworkFolder) -> Profiles:
    """The profiles of a network."""
    from xianglian.keys import Profiles, find_passphrase

    return Profiles(network.profiles, lambda: find_passphrase(network.path))


def client_of(given: Path | None, profile: str, *, purpose: str) -> Client:
    """A client that acts as `profile`; what it reads is logged with `purpose`."""
    from xianglian.sdk import Client

    return Client.connect(folder_of(given), profile, purpose=purpose)


def account_of(given: Path | None, text: str) -> str:
    """An account id: as given, or that of the profile `@name` (or plain `name`)."""
    if text.startswith("xl1"):
        return text
    return profiles_of(network_of(given)).profile(text.removeprefix("@")).account


def parsed(pairs: list[str] | None, given: Path | None) -> dict[str, Any]:
    """`NAME=VALUE` pairs as arguments. Raises `Misused` naming the pair."""
    found: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        if not equals or not name.isidentifier():
            raise Misused(f"--arg {pair!r} is not NAME=VALUE", argument=pair)
        if name in found:
            raise Misused(f"argument {name} stands twice", argument=name)
        found[name] = _value(value, given)
    return found


def _value(text: str, given: Path | None) -> Any:
    if text.startswith("@"):
        return account_of(given, text)
    if text[:1] in ("[", "{") or text in ("true", "false", "null"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
