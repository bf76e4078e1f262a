"""What a network folder holds, and the typed node configuration (every key that a node knows).

D/network.toml       names, kinds and ports         D/genesis.xlg     canonical genesis
D/nodes/<name>/      node.toml, keys/, data/, node.log, node.lock
D/profiles/<name>/   profile.toml, key.sealed       D/passphrase      development networks only
D/supervisor.lock    D/control.sock                 D/supervisor.log
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from xianglian.errors import InvalidConfiguration, NoNetwork
from xianglian.keys import toml
from xianglian.keys.files import write_atomic

NETWORK_FILE = "network.toml"
NODE_FILE = "node.toml"
GENESIS_FILE = "genesis.xlg"
ACCESS = "access"


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node as the network folder knows it."""

    name: str
    org: str
    kind: str
    """`application` or `access`."""
    key: str
    """Identity key, hex."""
    listen: str
    """Where peers dial it, `host:port`."""
    operator: str
    """Where health and metrics answer, `127.0.0.1:port`."""
    api: str = ""
    """Where users are served, `host:port`; empty on validators."""

    @property
    def api_url(self) -> str | None:
        """Full URL of the API; None on validators."""
        return f"http://{self.api}" if self.api else None


@dataclass(frozen=True, slots=True)
class NodeConfiguration:
    """`node.toml`. Paths are relative to the node's folder."""

    name: str
    genesis: str
    """File with the canonical genesis."""
    listen: str
    """Address for peers, `host:port`."""
    operator: str
    """Address for /healthz and /metrics; keep it on loopback or an operator's network."""
    api: str = ""
    """Address for users, `host:port`; empty: none."""
    api_host: str = ""
    """Authority that users dial, where it is not `api` (behind a proxy); it stands in what they sign."""
    api_threads: int = 16
    """Threads for blocking calls of the API."""
    api_queue: int = 2048
    """Calls that may wait for a thread; above it the answer is `XL-BUSY`."""
    api_console: bool = True
    """Serve the console beside the API."""
    data: str = "data"
    keys: str = "keys"
    log_level: str = "info"
    """error, warn, info or debug."""
    peers: tuple[tuple[str, str], ...] = ()
    """(identity key in hex, `host:port`) of the other nodes."""

    def write(self, folder: Path) -> None:
        """Writes `node.toml`."""
        values: dict[str, Any] = {name: value for name, value in asdict(self).items() if name != "peers"}
        values["peers"] = [{"key": key, "address": address} for key, address in self.peers]
        text = toml.dump(
            values, head="Node configuration; every key is explained in docs/reference/node_configuration.md"
        )
        write_atomic(folder / NODE_FILE, text.encode())

    @classmethod
    def read(cls, folder: Path) -> NodeConfiguration:
        """Reads `node.toml`. Raises `InvalidConfiguration` naming the key."""
        path = folder / NODE_FILE
        values = _read_toml(path)
        peers = values.pop("peers", [])
        known = {item.name: item.type for item in fields(cls)}
        for key, value in values.items():
            expected = {"str": str, "int": int, "bool": bool}.get(str(known.get(key)))
            if expected is None:
                raise InvalidConfiguration(f"{path}: unknown key {key!r}", path=str(path), key=key)
            if type(value) is not expected:
                reason = f"{path}: {key} must be {expected.__name__}, got {value!r}"
                raise InvalidConfiguration(reason, path=str(path), key=key)
        try:
            return cls(**values, peers=tuple((str(peer["key"]), str(peer["address"])) for peer in peers))
        except (TypeError, KeyError) as error:
            raise InvalidConfiguration(f"{path}: {error}", path=str(path)) from error


@dataclass(frozen=True, slots=True)
class NetworkFolder:
    """A network folder, read."""

    path: Path
    name: str
    chain_id: str
    development: bool
    nodes: tuple[NodeEntry, ...]

    @classmethod
    def read(cls, path: Path) -> NetworkFolder:
        """Raises `NoNetwork` where there is none, `InvalidConfiguration` where it is not readable as one."""
        path = path.absolute()
        file = path / NETWORK_FILE
        if not file.exists():
            raise NoNetwork(f"{path} holds no network: make one with `xl network new {path}`", path=str(path))
        values = _read_toml(file)
        try:
            return cls(
                path=path,
                name=str(values["name"]),
                chain_id=str(values["chain_id"]),
                development=bool(values["development"]),
                nodes=tuple(NodeEntry(**row) for row in values["nodes"]),
            )
        except (TypeError, KeyError) as error:
            raise InvalidConfiguration(f"{file}: {error}", path=str(file)) from error

    def write(self) -> None:
        """Writes `network.toml`."""
        text = toml.dump(
            {
                "name": self.name,
                "chain_id": self.chain_id,
                "development": self.development,
                "nodes": [asdict(node) for node in self.nodes],
            }
        )
        write_atomic(self.path / NETWORK_FILE, text.encode())

    def node(self, name: str) -> NodeEntry:
        """Raises `InvalidConfiguration` naming those that there are."""
        for node in self.nodes:
            if node.name == name:
                return node
        names = [node.name for node in self.nodes]
        raise InvalidConfiguration(f"no node {name!r}; there are: {', '.join(names)}", node=name, known=names)

    def node_folder(self, name: str) -> Path:
        """`D/nodes/<name>`."""
        return self.path / "nodes" / name

    @property
    def profiles(self) -> Path:
        """`D/profiles`."""
        return self.path / "profiles"

    @property
    def genesis(self) -> bytes:
        """Canonical genesis bytes."""
        return (self.path / GENESIS_FILE).read_bytes()

    @property
    def validators(self) -> tuple[NodeEntry, ...]:
        """The nodes with a vote."""
        return tuple(node for node in self.nodes if node.kind != ACCESS)

    @property
    def access(self) -> NodeEntry:
        """The node that serves users. Raises `InvalidConfiguration`."""
        for node in self.nodes:
            if node.api:
                return node
        raise InvalidConfiguration("this network has no access node", path=str(self.path))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise InvalidConfiguration(f"{path} is missing", path=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidConfiguration(f"{path}: {error}", path=str(path)) from error
