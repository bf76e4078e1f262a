"""The promises of a running network, in short; the scripts beside this file are the long form."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness
import idle
import kill_validators
import stranger

from xianglian import Client
from xianglian.deployment import operations
from xianglian.deployment.control import SUPERVISOR_LOCK
from xianglian.deployment.layout import NetworkFolder
from xianglian.deployment.lock import holder
from xianglian.errors import TransactionFailed

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]


@pytest.fixture(scope="module")
def network() -> Iterator[NetworkFolder]:
    with harness.network() as found:
        yield found


def test_a_transaction_is_final_as_soon_as_up_returns(network: NetworkFolder) -> None:
    from xianglian.compiler import build
    from xianglian.sdk.sources import points_folder

    built = build(points_folder())
    with Client.connect(network.path) as client:
        client.deploy("points", built.wasm, built.interface_json)
        receipt = client.call("points", "issue", target=client.account, amount=7)
        assert [event.name for event in receipt.events] == ["Issued"]
        assert client.query("points", "balance", owner=client.account) == 7
        with pytest.raises(TransactionFailed) as refused:
            client.call("points", "transfer", target=client.account, amount=8)
        assert refused.value.code == "InsufficientBalance"
        assert client.query("points", "supply") == 7


def test_a_stranger_gets_nothing(network: NetworkFolder) -> None:
    document = stranger.run(network)
    assert document["ok"], document


def test_an_idle_network_rests(network: NetworkFolder) -> None:
    document = idle.run(network, 10)
    assert document["blocks"] == 0, document
    assert document["cores"] <= 0.1, document  # the long form measures 0.05 on a quiet machine


def test_killed_validators_lose_nothing(network: NetworkFolder) -> None:
    document = asyncio.run(kill_validators.run(network, rounds=2, rate=50))
    assert document["ok"], document


def test_starting_a_node_is_idempotent_and_a_stopped_one_stays_down(network: NetworkFolder) -> None:
    name = network.validators[-1].name
    pid = operations.start_node(network, name)["pid"]
    assert operations.start_node(network, name)["pid"] == pid
    operations.stop_node(network, name)
    assert harness.rows(network)[name]["pid"] is None
    with Client.connect(network.path) as client:  # three of four are a quorum
        client.call("points", "issue", target=client.account, amount=1)
    operations.start_node(network, name)
    assert harness.roots_agree(network)


def test_nodes_outlive_a_killed_supervisor_and_the_next_one_adopts_them(network: NetworkFolder) -> None:
    before = {name: row["pid"] for name, row in harness.rows(network).items()}
    pid = holder(network.path / SUPERVISOR_LOCK)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    harness.until(lambda: holder(network.path / SUPERVISOR_LOCK) is None, 5, "the supervisor is gone")
    operations.up(network)
    assert {name: row["pid"] for name, row in harness.rows(network).items()} == before


def test_down_leaves_no_process(network: NetworkFolder) -> None:
    pids = harness.processes(network)
    operations.down(network)
    assert not any(harness.alive(pid) for pid in pids)
    assert all(row["height"] is None and not row["healthy"] for row in harness.rows(network).values())
    operations.down(network)  # idempotent
    operations.up(network)
    assert harness.roots_agree(network)
