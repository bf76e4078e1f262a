"""What an operator does with a network: up, down, status, and one node at a time."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from xianglian.deployment.control import SUPERVISOR_LOCK, ask
from xianglian.deployment.layout import NetworkFolder, NodeEntry
from xianglian.deployment.lock import holder
from xianglian.deployment.run_node import LOCK_FILE
from xianglian.errors import NetworkDown, NodeFault
from xianglian.keys.passphrase import DEVELOPMENT_FILE, configured_passphrase, find_passphrase

UP_S = 60.0
"""How long `up` waits until a transaction can be finalised."""
START_S = 30.0
"""How long `node start` waits for the node's health."""
POLL_S = 0.05
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Health is asked without any proxy that the environment names."""


def up(network: NetworkFolder, *, timeout_s: float = UP_S) -> None:
    """Starts the supervisor where none runs and returns when a transaction can be finalised.

    That is: a quorum of validators and every access node are healthy. Raises `NetworkDown`, `NodeFault`,
    `NoPassphrase`.
    """
    if holder(network.path / SUPERVISOR_LOCK) is None:
        _launch_supervisor(network)
    for name, report in ask(network.path, "status")["nodes"].items():
        if report["state"] in ("stopped", "halted"):
            ask(network.path, "start", name=name)
    deadline = time.monotonic() + timeout_s
    while True:
        found = {row["name"]: row for row in status(network)["nodes"]}
        voting = sum(1 for node in network.validators if found[node.name]["healthy"])
        serving = all(found[node.name]["healthy"] for node in network.nodes if node.api)
        if voting >= quorum(len(network.validators)) and serving:
            return
        _refuse_halted(network)
        if time.monotonic() > deadline:
            down_names = [name for name, row in found.items() if not row["healthy"]]
            logs = f"{network.path}/nodes/*/node.log"
            reason = f"not healthy after {timeout_s:.0f} s: {', '.join(down_names)}; see {logs}"
            raise NetworkDown(reason, path=str(network.path), nodes=down_names)
        time.sleep(POLL_S)


def quorum(validators: int) -> int:
    """Votes that decide a block: n - f with f = (n - 1) // 3 (promise 1)."""
    return validators - (validators - 1) // 3


def down(network: NetworkFolder) -> None:
    """Stops every node and the supervisor; also nodes whose supervisor was killed. Idempotent."""
    with contextlib.suppress(NetworkDown):
        ask(network.path, "down")
    deadline = time.monotonic() + 40
    while (pid := holder(network.path / SUPERVISOR_LOCK)) is not None:
        if time.monotonic() > deadline:
            raise NetworkDown(f"the supervisor (process {pid}) does not stop", pid=pid)
        time.sleep(POLL_S)
    orphans = {pid for node in network.nodes if (pid := _process(network, node)) is not None}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + 15
        while any(_process(network, node) for node in network.nodes) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        if not any(_process(network, node) for node in network.nodes):
            return


def status(network: NetworkFolder) -> dict[str, Any]:
    """The document of `network status --json` (design section 5); nodes that are down have nulls."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        rows = list(pool.map(lambda node: _row(network, node), network.nodes))
    return {"chain": network.chain_id, "nodes": rows}


def start_node(network: NetworkFolder, name: str) -> dict[str, Any]:
    """Starts a node through the supervisor (which is started where none runs) and waits for its health to
    answer.

    Starting a node that runs or is being restarted is not an error. Does not wait for a quorum.
    """
    node = network.node(name)
    if holder(network.path / SUPERVISOR_LOCK) is None:
        _launch_supervisor(network)
    ask(network.path, "start", name=name)
    deadline = time.monotonic() + START_S
    while (row := _row(network, node))["pid"] is None or row["height"] is None:
        _refuse_halted(network, name)
        if time.monotonic() > deadline:
            log = network.node_folder(name) / "node.log"
            raise NetworkDown(
                f"{name} does not answer after {START_S:.0f} s; see {log}", node=name, log=str(log)
            )
        time.sleep(POLL_S)
    return row


def stop_node(network: NetworkFolder, name: str) -> None:
    """Stops a node and tells the supervisor to leave it down. Idempotent."""
    node = network.node(name)
    try:
        ask(network.path, "stop", name=name)
    except NetworkDown:
        if (pid := _process(network, node)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            while _process(network, node) == pid:
                time.sleep(POLL_S)


def _launch_supervisor(network: NetworkFolder) -> None:
    by_prompt = configured_passphrase() is None and not (network.path / DEVELOPMENT_FILE).exists()
    passphrase = find_passphrase(network.path) if by_prompt else None
    with (network.path / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "xianglian.deployment.supervisor", str(network.path)]
            + ["--passphrase-stdin"] * by_prompt,
            stdin=subprocess.PIPE if by_prompt else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    if passphrase is not None and process.stdin is not None:
        process.stdin.write(passphrase)
        process.stdin.close()
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(NetworkDown):
            ask(network.path, "status")
            return
        if process.poll() not in (None, 0) or time.monotonic() > deadline:
            log_path = network.path / "supervisor.log"
            raise NetworkDown(f"the supervisor did not start; see {log_path}", log=str(log_path))
        time.sleep(POLL_S)


def _refuse_halted(network: NetworkFolder, only: str | None = None) -> None:
    with contextlib.suppress(NetworkDown):
        for name, report in ask(network.path, "status")["nodes"].items():
            if report["state"] == "halted" and only in (None, name):
                log = network.node_folder(name) / "node.log"
                raise NodeFault(
                    f"{name} halted and stays down until somebody has looked; see {log}", node=name
                )


def _process(network: NetworkFolder, node: NodeEntry) -> int | None:
    return holder(network.node_folder(node.name) / LOCK_FILE)


def _row(network: NetworkFolder, node: NodeEntry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": node.name,
        "org": node.org,
        "kind": node.kind,
        "pid": _process(network, node),
        "api": node.api_url,
        "height": None,
        "block_hash": None,
        "state_root": None,
        "peers": None,
        "healthy": False,
    }
    if row["pid"] is not None and (health := _health(node)) is not None:
        row.update(
            height=int(health["height"]),
            block_hash=health["block_hash"],
            state_root=health["state_root"],
            peers=sum(1 for peer in health["peers"] if peer["connected"]),
            healthy=bool(health["healthy"]) and (not node.api or _serves(node.api)),
        )
    return row


def _health(node: NodeEntry) -> dict[str, Any] | None:
    try:
        with _DIRECT.open(f"http://{node.operator}/healthz", timeout=3) as answer:
            document: dict[str, Any] = json.load(answer)
            return document
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError, OSError):
            document = json.load(error)
            return document  # noqa: RET504 - typed by the first assignment
        return None
    except (OSError, ValueError):
        return None


def _serves(api: str) -> bool:
    try:
        with _DIRECT.open(f"http://{api}/healthz", timeout=3) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def log_files(network: NetworkFolder) -> list[Path]:
    """Every log of the network."""
    return [
        network.path / "supervisor.log",
        *(network.node_folder(node.name) / "node.log" for node in network.nodes),
    ]
