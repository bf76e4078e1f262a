"""A stranger's node and an unsigned read are refused.

.venv/bin/python tests/network/stranger.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import network, report, rows

from xianglian import Key, _core
from xianglian.deployment.layout import NetworkFolder, NodeConfiguration
from xianglian.deployment.ports import free_ports
from xianglian.deployment.run_node import HALTED
from xianglian.errors import LoginRefused, XianglianError
from xianglian.keys import KeyStore
from xianglian.keys.passphrase import development_passphrase
from xianglian.sdk import Client
from xianglian.sdk.connection import find_connection

DIAL_S = 6.0
"""How long a stranger may try."""


def run(found: NetworkFolder) -> dict[str, Any]:
    """Every attempt and what came of it."""
    unsigned = {
        "GET /v1/status": _answer(f"{found.access.api_url}/v1/status"),
        "GET /v1/accounts": _answer(f"{found.access.api_url}/v1/accounts"),
        "GET /v1/events": _answer(f"{found.access.api_url}/v1/events"),
        "POST query": _answer(f"{found.access.api_url}/v1/contracts/points/query", b"{}"),
        "validator /v1/status": _answer(f"http://{found.validators[0].operator}/v1/status"),
    }
    login = _foreign_login(found)
    halted = _not_in_genesis(found)
    own_genesis = _own_genesis(found)
    healthy = all(row["healthy"] for row in rows(found).values())
    good = all(status == 401 for name, status in unsigned.items() if not name.startswith("validator"))
    return {
        "unsigned_reads": unsigned,
        "login_with_a_strangers_key": login,
        "node_without_admission": halted,
        "node_with_its_own_genesis": own_genesis,
        "network_healthy": healthy,
        "ok": good
        and unsigned["validator /v1/status"] == 404
        and login == LoginRefused.code
        and halted == HALTED
        and own_genesis["connected"] == 0
        and healthy,
    }


def _answer(url: str, body: bytes | None = None) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, data=body), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _foreign_login(found: NetworkFolder) -> str:
    """An admitted account's name with a key that is not its own."""
    connection = replace(find_connection(found.path, "admin"), key=Key.generate())
    with Client(connection) as client:
        try:
            client.status()
        except XianglianError as error:
            return error.code
    return "served"


def _folder(home: Path, found: NetworkFolder, key: Key, genesis: bytes) -> Path:
    home.mkdir()
    (home / "genesis.xlg").write_bytes(genesis)
    KeyStore.create(home / "keys", development_passphrase(home), fast=True).put("identity", key)
    listen, operator = free_ports(2)
    NodeConfiguration(
        name="stranger",
        genesis="genesis.xlg",
        listen=f"127.0.0.1:{listen}",
        operator=f"127.0.0.1:{operator}",
        peers=tuple((node.key, node.listen) for node in found.nodes),
    ).write(home)
    return home


def _start(folder: Path) -> subprocess.Popen[bytes]:
    log = (folder / "node.log").open("ab")
    command = [sys.executable, "-m", "xianglian.deployment.run_node", str(folder)]
    return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)


def _not_in_genesis(found: NetworkFolder) -> int:
    """The network's own genesis, and a key that is not in it: the node refuses to run."""
    folder = _folder(found.path / "stranger-1", found, Key.generate(), found.genesis)
    return _start(folder).wait(timeout=30)


def _own_genesis(found: NetworkFolder) -> dict[str, Any]:
    """A genesis of its own that admits it beside the real nodes: it dials them, and nobody talks to it."""
    key, admin = Key.generate(), Key.generate()
    document = json.loads(_core.genesis_json(found.genesis))
    document.pop("chain_id")
    document["accounts"] = [
        {"organisation": item["id"], "key": Key.generate().public_key.hex(), "roles": ["admin"]}
        for item in document["organisations"]
    ]
    document["accounts"][0]["key"] = admin.public_key.hex()
    stranger = {
        "name": "stranger",
        "organisation": "org1",
        "kind": "application",
        "key": key.public_key.hex(),
    }
    document["nodes"].append(stranger)
    folder = _folder(found.path / "stranger-2", found, key, _core.build_genesis(json.dumps(document)))
    operator = NodeConfiguration.read(folder).operator
    process = _start(folder)
    connected = 0
    try:
        deadline = time.monotonic() + DIAL_S
        asked = 0
        while time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.3)
            try:
                with urllib.request.urlopen(f"http://{operator}/healthz", timeout=2) as answer:
                    peers = json.load(answer)["peers"]
            except OSError:
                continue
            asked += 1
            connected = max(connected, sum(1 for peer in peers if peer["connected"]))
    finally:
        process.terminate()
        process.wait(timeout=20)
    return {"asked": asked, "connected": connected}


def main() -> int:
    """The script."""
    with network() as found:
        document = run(found)
    report(document)
    return 0 if document["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
