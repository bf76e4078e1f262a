import json
from pathlib import Path

import pytest

from xianglian import _core
from xianglian.deployment.create import new_network
from xianglian.deployment.layout import NetworkFolder, NodeConfiguration
from xianglian.deployment.plan import Plan
from xianglian.errors import FolderExists, InvalidConfiguration, Misused, XianglianError
from xianglian.keys import KeyStore, Profiles, find_passphrase
from xianglian.keys.passphrase import VARIABLE


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> NetworkFolder:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE, raising=False)
        return new_network(tmp_path_factory.mktemp("n") / "network", Plan.of_size(4))


def test_four_organisations_make_four_validators_and_one_access_node(network: NetworkFolder) -> None:
    assert [(node.kind, node.org) for node in network.nodes] == [
        ("application", "org1"),
        ("application", "org2"),
        ("application", "org3"),
        ("application", "org4"),
        ("access", "org1"),
    ]
    assert NetworkFolder.read(network.path) == network
    assert network.development


def test_genesis_names_every_owner(network: NetworkFolder) -> None:
    genesis = json.loads(_core.genesis_json(network.genesis))
    assert genesis["chain_id"] == network.chain_id
    assert {item["id"] for item in genesis["organisations"]} == {"org1", "org2", "org3", "org4"}
    assert {node["key"] for node in genesis["nodes"]} == {node.key for node in network.nodes}
    assert all("admin" in account["roles"] for account in genesis["accounts"])


def test_every_node_finds_its_own_key_and_knows_the_others(network: NetworkFolder) -> None:
    passphrase = find_passphrase(network.path, ask=False)
    for node in network.nodes:
        folder = network.node_folder(node.name)
        configuration = NodeConfiguration.read(folder)
        assert KeyStore.unlock(folder / "keys", passphrase).get("identity").public_key.hex() == node.key
        assert {key for key, _ in configuration.peers} == {other.key for other in network.nodes} - {node.key}
        assert (folder / configuration.genesis).read_bytes() == network.genesis


def test_ports_are_all_different(network: NetworkFolder) -> None:
    ports = [
        address for node in network.nodes for address in (node.listen, node.operator, node.api) if address
    ]
    assert len(set(ports)) == len(ports) == 11


def test_admin_is_the_first_organisations_administrator(network: NetworkFolder) -> None:
    profiles = Profiles(network.profiles, lambda: find_passphrase(network.path, ask=False))
    assert profiles.names() == ["admin", "admin-org1", "admin-org2", "admin-org3", "admin-org4"]
    assert profiles.profile("admin").account == profiles.profile("admin-org1").account
    assert profiles.key("admin-org3").account("org3") == profiles.profile("admin-org3").account


def test_an_existing_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(FolderExists):
        new_network(tmp_path, Plan.of_size(1))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_refused_plan_leaves_nothing_behind(tmp_path: Path) -> None:
    plan = Plan.of_size(1)
    with pytest.raises(XianglianError):
        new_network(tmp_path / "n", Plan(plan.name, plan.organisations, {"epoch_blocks": 1}))
    assert not (tmp_path / "n").exists()


def test_a_given_passphrase_makes_no_development_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("correct horse")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "secret"))
    made = new_network(tmp_path / "n", Plan.of_size(1))
    assert not made.development
    assert not (made.path / "passphrase").exists()


def test_a_plan_file_says_who_founds(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        'name = "pilot"\n[[organisations]]\nid = "hall"\nname = "政务局"\n'
        'nodes = ["application", "access"]\n'
        "[parameters]\nheartbeat_ms = 60000\n"
    )
    plan = Plan.read(path)
    assert plan.organisations[0].nodes == ("application", "access")
    assert plan.parameters == {"heartbeat_ms": 60000}


@pytest.mark.parametrize(
    "text",
    ["", '[[organisations]]\nid = "Hall!"', '[[organisations]]\nid = "a"\nnodes = ["miner"]', "x ="],
)
def test_a_wrong_plan_is_refused_with_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(InvalidConfiguration, match=r"plan\.toml"):
        Plan.read(path)


@pytest.mark.parametrize("size", [0, 65])
def test_a_network_has_one_to_sixty_four_organisations(size: int) -> None:
    with pytest.raises(Misused):
        Plan.of_size(size)
