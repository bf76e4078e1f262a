"""What the node process tells the console; the gateway's settings have these fields."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class ConsoleSettings(Protocol):
    """The part of the gateway's settings that the console reads."""

    @property
    def authority(self) -> str:
        """`host:port` that users dial."""

    @property
    def chain_id(self) -> bytes:
        """32 bytes."""

    @property
    def node_key(self) -> bytes:
        """Identity of the node that answers here, 33 bytes."""

    @property
    def genesis(self) -> bytes:
        """Canonical genesis: what public verification trusts."""

    @property
    def folder(self) -> Path:
        """The node's folder, `D/nodes/<name>` where it lies in a network folder."""


def network_folder(settings: ConsoleSettings) -> Path | None:
    """The network folder around the node's folder, if there is one."""
    candidate = settings.folder.absolute().parent.parent
    return candidate if (candidate / "network.toml").exists() else None
