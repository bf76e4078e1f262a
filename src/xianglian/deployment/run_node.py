"""The process of one node: `python -m xianglian.deployment.run_node NODE_DIR`.

Validators load neither gateway, console nor compiler: they answer on the operator's port only. An access node
serves users from the same process. Exit codes: 0 stopped, 70 halted for good (the supervisor leaves it down),
else it failed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from xianglian._core import Node
from xianglian.deployment.health import serve_health
from xianglian.deployment.layout import NodeConfiguration
from xianglian.deployment.lock import FolderLock
from xianglian.errors import DamagedDatabase, InvalidConfiguration, StrangerNode, XianglianError
from xianglian.keys.passphrase import find_passphrase
from xianglian.keys.store import KeyStore

if TYPE_CHECKING:
    from xianglian.gateway.app import Gateway

LOCK_FILE = "node.lock"
HALTED = 70
"""Exit code of a node that must not be started again before somebody has looked."""
FAULT_POLL_S = 1.0


def main() -> int:
    """Runs the node until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="run_node", description="One node of a Xianglian network.")
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--passphrase-stdin", action="store_true", help="read the passphrase from standard input"
    )
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    try:
        lock = FolderLock(folder / LOCK_FILE)
        passphrase = sys.stdin.buffer.read().strip() if options.passphrase_stdin else None
        run(folder, passphrase)
        lock.release()
    except (StrangerNode, DamagedDatabase, InvalidConfiguration) as error:
        _say("halted", error)
        return HALTED
    except XianglianError as error:
        _say("failed", error)
        return error.exit_code
    return 0


def run(folder: Path, passphrase: bytes | None) -> None:
    """Starts the node of `folder` and serves until told to stop."""
    configuration = NodeConfiguration.read(folder)
    if configuration.api:  # the web framework loads while the node finds its peers
        threading.Thread(target=_preload, name="preload", daemon=True).start()
    try:
        genesis = (folder / configuration.genesis).read_bytes()
    except OSError as error:
        raise InvalidConfiguration(f"genesis: {error}", key="genesis") from error
    if passphrase is None:
        passphrase = find_passphrase(folder, folder.parent.parent, ask=False)
    identity = KeyStore.unlock(folder / configuration.keys, passphrase).get("identity")
    node = Node(core_configuration(folder, configuration, genesis), identity.secret)
    health = serve_health(configuration.operator, node.status)
    threading.Thread(target=_watch_for_faults, args=(node,), name="fault-watch", daemon=True).start()
    try:
        if configuration.api:
            _serve_users(folder, configuration, node, genesis, identity.public_key)
        else:
            _wait_for_signal()
    finally:
        health.shutdown()
        node.stop()


def _preload() -> None:
    with contextlib.suppress(ImportError):
        importlib.import_module("xianglian.gateway.app")


def core_configuration(folder: Path, configuration: NodeConfiguration, genesis: bytes) -> str:
    """The JSON that `Node` starts from."""
    return json.dumps(
        {
            "name": configuration.name,
            "data_dir": str(folder / configuration.data),
            "genesis": genesis.hex(),
            "listen": configuration.listen,
            "peers": [{"key": key, "address": address} for key, address in configuration.peers],
            "api_public": bool(configuration.api),
            "log_level": configuration.log_level,
        }
    )


def _serve_users(
    folder: Path, configuration: NodeConfiguration, node: Node, genesis: bytes, key: bytes
) -> None:
    from xianglian.gateway.app import Gateway, GatewaySettings
    from xianglian.gateway.server import serve

    gateway: Gateway = Gateway(
        node,
        GatewaySettings(
            authority=configuration.api_host or configuration.api,
            chain_id=bytes.fromhex(json.loads(node.status())["chain_id"]),
            node_key=key,
            genesis=genesis,
            folder=folder,
            threads=configuration.api_threads,
            queue=configuration.api_queue,
            console=configuration.api_console,
        ),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(
            number, lambda *_: None
        )  # the server raises them again when it has ended: the node ends next
    serve(gateway, configuration.api)


def _wait_for_signal() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def _watch_for_faults(node: Node) -> None:
    while True:
        time.sleep(FAULT_POLL_S)
        with contextlib.suppress(XianglianError):
            if fault := json.loads(node.status())["fault"]:
                sys.stderr.write(json.dumps({"event": "node.halt", "fault": fault}) + "\n")
                sys.stderr.flush()
                os._exit(HALTED)


def _say(event: str, error: XianglianError) -> None:
    sys.stderr.write(
        json.dumps({"event": f"node.{event}", "error": error.to_json()}, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
