"""A Solidity contract on a running network: deployed, called, refused and explained by the commands."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

from xianglian import Client
from xianglian.contract import solidity
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import TransactionFailed

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]
SOLIDITY = Path(__file__).parents[2] / "examples" / "solidity"


@pytest.fixture(scope="module")
def network() -> Iterator[NetworkFolder]:
    with harness.network() as found:
        yield found


def xl(network: NetworkFolder, *arguments: str, code: int = 0) -> Any:
    command = [sys.executable, "-m", "xianglian.cli", "--json", *arguments, "--network", str(network.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return json.loads(done.stdout)


def test_the_standard_token_by_the_commands(network: NetworkFolder) -> None:
    made = xl(
        network, "contract", "deploy", str(SOLIDITY / "Token.json"), "--name", "grain",
        "--arg", "name_=Grain", "--arg", "symbol_=GRN", "--arg", "supply=1000",
    )  # fmt: skip
    with Client.connect(network.path) as client, Client.connect(network.path, profile="admin-org2") as other:
        assert client.contract("grain")["machine"] == "evm"
        assert client.contract("grain")["address"] == made["address"]
        deployed = client.receipt(made["tx_hash"])
        assert [event.name for event in deployed.events] == ["Transfer", "ContractDeployed"]
        sent = xl(network, "call", "grain", "transfer", "--arg", f"to={other.account}", "--arg", "value=30")
        assert sent["result"] is True
        fields = {"from": client.account, "to": other.account, "value": 30}
        assert sent["events"] == [{"contract": made["address"], "name": "Transfer", "fields": fields}]
        asked = xl(network, "query", "grain", "balanceOf", "--arg", f"arg0={other.account}")
        assert asked["result"] == 30
        assert client.query("grain", "name") == "Grain"
        explained = xl(network, "tx", "explain", sent["tx_hash"])
        assert explained["method"] == "transfer(address,uint256)"
        assert explained["arguments"] == {"to": other.account, "value": "30"}
        assert explained["replay"]["same_as_receipt"] is True

        with pytest.raises(TransactionFailed) as refused:
            other.call("grain", "transfer", to=client.account, value=31)
        assert refused.value.code == "XL-EVM-REVERT"
        assert str(refused.value.reason) == "InsufficientBalance (held 30, wanted 31)"
        explained = xl(network, "tx", "explain", refused.value.facts["tx_id"])
        assert explained["reason"]["en"] == "InsufficientBalance (held 30, wanted 31)"
        assert explained["facts"] == {"held": "30", "wanted": "31"}
        with pytest.raises(TransactionFailed, match="the target is the zero address"):
            client.call("grain", "transfer", to=bytes(20), value=1)
        with pytest.raises(TransactionFailed) as view:
            client.query("grain", "transfer", to=client.account, value=0)
        assert view.value.code == "XL-EVM-READ_ONLY"
    assert harness.roots_agree(network)


def test_native_functions_and_the_chains_facts(network: NetworkFolder) -> None:
    from xianglian.crypto import sm3

    with Client.connect(network.path) as client:
        client.deploy_solidity("probe", solidity.read_artefact(SOLIDITY / "Probe.json"))
        assert client.query("probe", "sm3", data=b"grain") == sm3(b"grain").hex()
        facts = client.query("probe", "facts")
        assert facts["caller"] == facts["origin"] == client.account
        assert facts["height"] > 0
        with pytest.raises(TransactionFailed) as spent:
            client.call("probe", "spin", gas_limit=5_000_000)
        assert (spent.value.code, spent.value.facts["gas_used"]) == ("XL-EVM-OUT_OF_GAS", 5_000_000)
    assert harness.roots_agree(network)
