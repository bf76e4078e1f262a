import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from xianglian.deployment.health import serve_health
from xianglian.deployment.operations import quorum
from xianglian.deployment.ports import free_ports

STATUS = {
    "name": "validator-1",
    "org": "org1",
    "kind": "application",
    "height": "7",
    "validators": 4,
    "epoch": "0",
    "view": "9",
    "peers": [{"name": "a", "connected": True}, {"name": "b", "connected": False}],
    "pool": {"transactions": 3, "bytes": 900},
    "healthy": True,
    "fault": None,
    "metrics": {"blocks_executed": "12"},
}


def test_a_validator_loads_neither_gateway_nor_console_nor_compiler() -> None:
    code = "import sys, xianglian.deployment.run_node; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    for name in (
        "fastapi",
        "nicegui",
        "uvicorn",
        "httpx",
        "xianglian.gateway.app",
        "xianglian.compiler",
        "xianglian.sdk",
    ):
        assert name not in modules


def test_the_operators_port_answers_health_and_metrics_only() -> None:
    (port,) = free_ports(1)
    server = serve_health(f"127.0.0.1:{port}", lambda: json.dumps(STATUS))
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert json.load(answer)["height"] == "7"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
        label = '{node="validator-1",org="org1",kind="application"}'
        assert f"xl_height{label} 7" in text
        assert f"xl_peers_connected{label} 1" in text
        assert f"xl_blocks_executed{label} 12.0" in text
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/status")
    finally:
        server.shutdown()


def test_the_quorum_of_n_validators() -> None:
    assert [quorum(n) for n in (1, 2, 3, 4, 5, 6, 7, 10)] == [1, 2, 3, 3, 4, 5, 5, 7]
