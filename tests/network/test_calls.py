"""Contracts that call each other, compiled from Python, on a network of real processes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

from xianglian.cli.root import run
from xianglian.compiler import build
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import TransactionFailed
from xianglian.sdk import Client

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]
CONTRACTS = Path(__file__).parents[1] / "unit" / "compiler" / "contracts"


@pytest.fixture(scope="module")
def network() -> Iterator[NetworkFolder]:
    with harness.network() as found:
        yield found


def test_a_call_goes_through_a_failure_comes_back(
    network: NetworkFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with Client.connect(network.path) as client:
        at: dict[str, str] = {}
        for name in ("token", "market"):
            made = build(CONTRACTS / f"{name}.py")
            client.deploy(name, made.wasm, made.interface_json)
            at[name] = known(client, name)["address"]
        me = client.account
        client.call("token", "mint", target=at["market"], amount=100)

        paid = client.call("market", "pay", token=at["token"], target=me, amount=30)
        (moved,) = paid.events
        assert (moved.contract, moved.name) == (at["token"], "Moved")
        assert client.query("token", "balance_of", owner=me) == 30
        assert client.query("market", "seen", token=at["token"], owner=at["market"], count=0) == 70

        # Caught: the callee's writes are gone, the caller's stay.
        client.call("market", "try_pay", token=at["token"], target=me, amount=71)
        assert client.query("token", "balance_of", owner=at["market"]) == 70

        with pytest.raises(TransactionFailed) as failed:
            client.call("market", "pay", token=at["token"], target=me, amount=71)
        assert failed.value.code == "Poor"
        assert client.query("token", "balance_of", owner=me) == 30
        tx_hash = str(failed.value.facts["tx_id"])

        with pytest.raises(TransactionFailed) as unknown:
            client.call("market", "pay", token=me, target=me, amount=1)
        assert unknown.value.code == "XL-CONTRACT-UNKNOWN"

    capsys.readouterr()
    assert run(["tx", "explain", tx_hash, "--network", str(network.path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["named_path"] == ["Market.pay", "Token.transfer"]
    assert told["source"]["file"].endswith("token.py")
    assert harness.roots_agree(network)


def known(client: Client, name: str) -> dict[str, Any]:
    """A contract's record."""
    found = client.contract(name)
    assert found is not None
    return found
