"""What changes while people look: one poller in this process, pages subscribe. It rests when nobody looks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from xianglian.console.sessions import StaffSessions
from xianglian.console.settings import ConsoleSettings, network_folder
from xianglian.deployment.layout import NetworkFolder, NodeEntry
from xianglian.errors import XianglianError

PERIOD_S = 1.0
BLOCKS = 24
NODE_TIMEOUT_S = 0.8


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as an operator sees it; None where it does not answer."""

    name: str
    org: str
    kind: str
    key: str
    height: int | None
    healthy: bool
    connected: bool
    fault: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The network at one moment."""

    status: dict[str, Any]
    nodes: tuple[NodeView, ...]
    blocks: tuple[dict[str, Any], ...]
    error: XianglianError | None = None

    @property
    def height(self) -> int:
        """Committed height of this node."""
        return int(self.status.get("height", 0))


class Live:
    """The poller."""

    def __init__(self, settings: ConsoleSettings, sessions: StaffSessions) -> None:
        self._sessions = sessions
        folder = network_folder(settings)
        self._entries: tuple[NodeEntry, ...] = NetworkFolder.read(folder).nodes if folder is not None else ()
        self._subscribers: set[Callable[[Snapshot], None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._http: httpx.AsyncClient | None = None
        self._blocks: tuple[dict[str, Any], ...] = ()
        self.latest: Snapshot | None = None

    def subscribe(self, tell: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Calls `tell` with every change from now on; what it returns ends that."""
        self._subscribers.add(tell)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())
        return lambda: self._subscribers.discard(tell)

    async def close(self) -> None:
        """Stops."""
        self._subscribers.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._http is not None:
            await self._http.aclose()

    async def look(self) -> Snapshot:
        """The network now. Errors of the node stand in the snapshot."""
        session = self._sessions.any_live()
        nodes = await self._nodes()
        if session is None:
            return Snapshot({}, nodes, self._blocks)
        try:
            status = await session.client.status()
            newest = int(self._blocks[0]["height"]) if self._blocks else -1
            if int(status["height"]) != newest:
                self._blocks = tuple(await session.client.blocks(limit=BLOCKS))
        except XianglianError as error:
            before = self.latest.status if self.latest else {}
            return Snapshot(before, nodes, self._blocks, error)
        return Snapshot(status, nodes or _by_peers(status), self._blocks)

    async def _run(self) -> None:
        while self._subscribers:
            found = await self.look()
            if found != self.latest:
                self.latest = found
                for tell in list(self._subscribers):
                    tell(found)
            await asyncio.sleep(PERIOD_S)

    async def _nodes(self) -> tuple[NodeView, ...]:
        if self._http is None:
            self._http = httpx.AsyncClient(trust_env=False, timeout=NODE_TIMEOUT_S)
        return tuple(await asyncio.gather(*(self._node(self._http, entry) for entry in self._entries)))

    async def _node(self, http: httpx.AsyncClient, entry: NodeEntry) -> NodeView:
        document: dict[str, Any] | None = None
        with contextlib.suppress(httpx.HTTPError, ValueError):
            document = (await http.get(f"http://{entry.operator}/healthz")).json()
        return NodeView(
            name=entry.name,
            org=entry.org,
            kind=entry.kind,
            key=entry.key,
            height=int(document["height"]) if document else None,
            healthy=bool(document and document["healthy"]),
            connected=document is not None,
            fault=document["fault"] if document else None,
        )


def _by_peers(status: dict[str, Any]) -> tuple[NodeView, ...]:
    """What this node knows of its peers, where no network folder names their operators' ports."""
    own = NodeView(
        status["name"], status["org"], status["kind"], status["key"], int(status["height"]),
        bool(status["healthy"]), connected=True, fault=status["fault"],
    )  # fmt: skip
    others = (
        NodeView(
            peer["name"], peer["org"], peer["kind"], "", None, peer["connected"], peer["connected"], None
        )
        for peer in status["peers"]
    )
    return tuple(sorted((own, *others), key=lambda node: (node.kind == "access", node.name)))
