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


def test_where_nobody_deploys_alone_a_vote_deploys(network: NetworkFolder) -> None:
    def voted(number: int) -> list[str]:
        ballots = ("admin-org1", "admin-org2", "admin-org3")
        return [xl(network, "gov", "vote", str(number), "yes", "--as", each)["status"] for each in ballots]

    rules = xl(network, "gov", "propose", "policy", "--deploy", "governance")
    assert voted(rules["proposal"])[-1] == "enacted"
    token = ["contract", "deploy", str(SOLIDITY / "Token.json"), "--name", "rice", "--as", "admin-org2"]
    token += ["--arg", "name_=Rice", "--arg", "symbol_=RCE"]
    with Client.connect(network.path) as client, Client.connect(network.path, profile="admin-org2") as owner:
        artefact = solidity.read_artefact(SOLIDITY / "Token.json")
        wanted = {"name_": "Rice", "symbol_": "RCE", "supply": 500}
        with pytest.raises(TransactionFailed) as refused:
            owner.deploy_solidity("rice", artefact, **wanted)
        assert refused.value.code == "XL-RIGHT-GOVERNANCE"
        made = xl(network, *token, "--arg", "supply=500", "--propose", "--title", "for the harvest")
        code_hash = made["action"]["code_hash"]
        # Who votes sees for whom and with what.
        staged = client.code(code_hash)["staged"]
        assert (staged["machine"], staged["owner"]) == ("evm", owner.account)
        assert bytes.fromhex(staged["arguments"]) == artefact.constructor_arguments(wanted)
        # The same again is what is there; other arguments are other code to vote on.
        again = xl(network, *token, "--arg", "supply=500", "--propose")
        assert again["action"]["code_hash"] == code_hash
        xl(network, *token, "--arg", "supply=501", "--propose", code=1)

        assert voted(made["proposal"]) == ["open", "open", "enacted"]
        assert client.query("rice", "name") == "Rice"
        assert client.query("rice", "balanceOf", arg0=owner.account) == 500
        assert client.contract("rice")["owner"] == owner.account
        assert client.versions("rice")["versions"][0]["proposal"] == made["proposal"]
        assert client.code(code_hash)["staged"] is None
    assert harness.roots_agree(network)
