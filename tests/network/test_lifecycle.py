"""A contract's life on a network of real processes: rehearsed, voted in, refused where state would be
misread, frozen, thawed, destroyed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

from xianglian import _core
from xianglian.cli.root import run
from xianglian.compiler import BuildResult, build
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import TransactionFailed
from xianglian.sdk import Client, actions
from xianglian.sdk.sources import points_folder
from xianglian.sdk.statekeys import state_key

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]


@pytest.fixture(scope="module")
def network() -> Iterator[NetworkFolder]:
    with harness.network() as found:
        yield found


MIGRATES = ("    init,\n", "    init,\n    migrate,\n")
"""What a version with `@migrate` imports besides."""


def migrating(statement: str) -> tuple[str, str]:
    """A change of Points: a method with `@migrate` before the first entry."""
    entry = "    @entry\n    def issue"
    return entry, f"    @migrate\n    def carry_over(self) -> None:\n        {statement}\n\n{entry}"


def points(folder: Path, name: str, *changes: tuple[str, str]) -> BuildResult:
    """Points with changes of its source."""
    source = (points_folder() / "contract.py").read_text()
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    (folder / name).mkdir()
    (folder / name / "contract.py").write_text(source)
    return build(folder / name)


def code_of(act: Callable[[], object]) -> str:
    """The code with which something is refused."""
    with pytest.raises(TransactionFailed) as refused:
        act()
    return str(refused.value.code)


def test_a_contract_lives_by_the_votes_of_its_organisations(network: NetworkFolder, tmp_path: Path) -> None:
    first = points(tmp_path, "first")
    counted = points(
        tmp_path,
        "counted",
        MIGRATES,
        ("    issued: u128\n", "    issued: u128\n    transfers: u128\n"),
        migrating("self.transfers = 1000"),
        ("        source = ctx.caller\n", "        source = ctx.caller\n        self.transfers += 1\n"),
        ("        return self.issued\n", "        return self.issued + self.transfers\n"),
        ("Transferred", "Moved"),
    )
    narrow = points(tmp_path, "narrow", ("u128", "u64"))
    organisations = sorted({node.org for node in network.nodes})
    clients = [Client.connect(network.path, f"admin-{each}") for each in organisations]
    owner, other = clients[0], clients[1]

    def decide(proposal: int) -> str:
        return [client.vote(proposal, yes=True) for client in clients[:3]][-1]

    def change(kind: str) -> int:
        version = owner.contract("points")["version"]
        return other.propose({"kind": kind, "name": "points", "version": version}, title=f"{kind} it")

    try:
        owner.deploy("points", first.wasm, first.interface_json)
        owner.call("points", "issue", target=owner.account, amount=100)
        before = owner.call("points", "transfer", target=other.account, amount=1)

        # Rehearsed before it is on the chain, staged, proposed by another, carried out by the third vote.
        told = other.dry_run_upgrade("points", code=counted.wasm, interface=counted.interface_json)
        assert (told["status"], told["version"], told["audit"]) == ("success", 2, None)
        assert told["writes"] == 1, "what migrate writes"
        staged = owner.stage(counted.wasm, counted.interface_json)
        upgrade = {"kind": "upgrade", "name": "points", "version": 1, "code_hash": staged, "migrated": []}
        assert code_of(lambda: owner.upgrade("points", staged, version=1)) == "XL-RIGHT-GOVERNANCE"
        proposal = other.propose(upgrade, title="count transfers")
        assert [client.vote(proposal, yes=True) for client in clients[:3]] == ["open", "open", "enacted"]
        after = owner.call("points", "transfer", target=other.account, amount=2)
        assert owner.query("points", "supply") == 1101, (
            "old state under new code, and what migrate made of it"
        )
        read = [owner.receipt(each.tx_hash).events[0] for each in (before, after)]
        assert [event.name for event in read] == ["Transferred", "Moved"]
        assert [(event.fields or {})["amount"] for event in read] == [1, 2], "each by its own interface"
        assert owner.query("points", "balance", owner=other.account) == 3
        versions = other.versions("points")["versions"]
        assert [(v["version"], v["code_hash"], v["proposal"]) for v in versions] == [
            (1, first.code_hash, None),
            (2, counted.code_hash, proposal),
        ]
        assert owner.interface("points", 1) == first.interface_json
        assert owner.interface("points") == counted.interface_json
        assert [ballot["organisation"] for ballot in owner.proposal(proposal)["votes"]] == organisations[:3]

        # A field that the new code would misread: told before, refused by name, nothing changed.
        staged = owner.stage(narrow.wasm, narrow.interface_json)
        told = owner.dry_run_upgrade("points", staged)
        assert told["reason"] == "XL-UPGRADE-LAYOUT: issued"
        refused = owner.propose({**upgrade, "version": 2, "code_hash": staged})
        assert [client.vote(refused, yes=True) for client in clients[:2]] == ["open", "open"]
        with pytest.raises(TransactionFailed, match="issued"):
            clients[2].vote(refused, yes=True)
        assert owner.proposal(refused)["status"] == "open"
        assert owner.contract("points")["version"] == 2
        assert owner.query("points", "supply") == 1101

        # Its owner freezes at once; a vote thaws it.
        assert code_of(lambda: other.freeze("points")) == "XL-RIGHT-OWNER"
        owner.freeze("points")
        transfer = lambda: owner.call("points", "transfer", target=other.account, amount=1)  # noqa: E731
        assert code_of(transfer) == "XL-CONTRACT-FROZEN"
        assert owner.query("points", "supply") == 1101
        assert decide(change("unfreeze")) == "enacted"
        transfer()

        # Destroyed: nobody answers, the name is taken, the state is provable.
        assert decide(change("destroy")) == "enacted"
        assert code_of(transfer) == "XL-CONTRACT-DESTROYED"
        assert code_of(lambda: owner.query("points", "supply")) == "XL-CONTRACT-DESTROYED"
        assert (
            code_of(lambda: owner.deploy("points", first.wasm, first.interface_json)) == "XL-CONTRACT-EXISTS"
        )
        key = state_key(counted.interface_json, "points", "balances", other.account)
        proven = _core.verify_proof(owner.proof(key=key), network.genesis)
        assert (4).to_bytes(16, "little").hex() in proven
        proven = _core.verify_proof(owner.proof(key=actions.proposal_key(proposal)), network.genesis)
        assert actions.action(upgrade).hex() in proven, "what was decided is provable"
        assert harness.roots_agree(network)
    finally:
        for client in clients:
            client.close()


class Commands:
    """`xl ... --json` on a network: exit code and document."""

    def __init__(self, network: NetworkFolder, told: pytest.CaptureFixture[str]) -> None:
        self.network = network
        self.told = told

    def __call__(self, *words: str | Path, code: int = 0) -> Any:
        self.told.readouterr()
        given = [*map(str, words), "--network", str(self.network.path), "--json"]
        assert run(given) == code, self.told.readouterr()
        return json.loads(self.told.readouterr().out)


def test_the_same_is_done_by_commands(
    network: NetworkFolder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XL_LANG", "en")
    points(tmp_path, "one")
    noted = ("    issued: u128\n", "    issued: u128\n    notes: Map[Address, u128]\n")
    points(tmp_path, "two", noted)
    bad = points(tmp_path, "bad", ("u128", "u64"))
    xl = Commands(network, capsys)
    organisations = sorted({node.org for node in network.nodes})

    def decide(proposal: int) -> list[str]:
        number = str(proposal)
        return [
            xl("gov", "vote", number, "yes", "--as", f"admin-{each}")["status"] for each in organisations[:3]
        ]

    # First by vote, where nobody deploys alone; then the rule is taken back.
    assert decide(xl("gov", "propose", "policy", "--deploy", "governance")["proposal"])[-1] == "enacted"
    alone = xl("contract", "deploy", tmp_path / "one", "--name", "bonus", code=1)
    assert alone["error"]["code"] == "XL-RIGHT-GOVERNANCE"
    deployment = xl("contract", "deploy", tmp_path / "one", "--name", "bonus", "--propose")
    assert decide(deployment["proposal"])[-1] == "enacted"
    assert decide(xl("gov", "propose", "policy", "--deploy", "developers")["proposal"])[-1] == "enacted"

    rehearsed = xl("contract", "upgrade", "bonus", tmp_path / "two", "--dry-run")
    assert (rehearsed["status"], rehearsed["version"]) == ("success", 2)
    assert [(each["field"], each["old"]) for each in rehearsed["fields"]] == [("notes", None)]
    rehearsed = xl("contract", "upgrade", "bonus", tmp_path / "bad", "--dry-run", code=1)
    assert rehearsed["code"] == "XL-UPGRADE-LAYOUT"
    assert {each["field"] for each in rehearsed["fields"]} == {"issued", "balances"}
    alone = xl("contract", "upgrade", "bonus", tmp_path / "two", code=1)
    assert alone["error"]["code"] == "XL-RIGHT-GOVERNANCE"
    # Code stays staged until it runs or its account removes it.
    xl("contract", "upgrade", "bonus", tmp_path / "bad", "--propose")
    by_another = xl("contract", "unstage", bad.code_hash, "--as", "admin-org2", code=1)
    assert by_another["error"]["code"] == "XL-RIGHT-OWNER"
    assert xl("contract", "unstage", bad.code_hash)["code_hash"] == bad.code_hash
    assert xl("contract", "unstage", bad.code_hash, code=1)["error"]["code"] == "XL-CODE-UNKNOWN"
    xl("contract", "unstage", "abc", code=2)
    proposed = xl("contract", "upgrade", "bonus", tmp_path / "two", "--propose", "--title", "notes")
    assert (proposed["needed"], proposed["organisations"]) == (3, 4)
    assert decide(proposed["proposal"]) == ["open", "open", "enacted"]
    twice = xl("gov", "vote", str(proposed["proposal"]), "no", "--as", "admin-org4", code=1)
    assert twice["error"]["code"] == "XL-PROPOSAL-CLOSED"
    listed = xl("gov", "list")["proposals"][0]
    assert (listed["id"], listed["status"], listed["title"]) == (proposed["proposal"], "enacted", "notes")
    assert xl("gov", "show", str(listed["id"])) == listed
    versions = xl("contract", "versions", "bonus", "--source", tmp_path / "two")
    assert (versions["version"], versions["source"]["version"]) == (2, 2)
    assert xl("contract", "versions", "bonus", "--source", tmp_path / "bad")["source"]["version"] is None

    # The rules themselves are voted on: from now on owners upgrade alone.
    assert decide(xl("gov", "propose", "policy", "--upgrade", "owner")["proposal"])[-1] == "enacted"
    assert xl("gov", "policy")["policy"]["upgrade"] == "owner"
    points(
        tmp_path,
        "three",
        MIGRATES,
        migrating("self.issued += 0"),
    )
    dropped = xl("contract", "upgrade", "bonus", tmp_path / "three", code=1)
    assert dropped["error"]["code"] == "XL-UPGRADE-LAYOUT"
    upgraded = xl("contract", "upgrade", "bonus", tmp_path / "three", "--migrated", "notes")
    assert upgraded["version"] == 3
    assert xl("contract", "freeze", "bonus")["status"] == "frozen"
    frozen = xl("call", "bonus", "issue", "--arg", "target=@admin", "--arg", "amount=1", code=1)
    assert frozen["error"]["code"] == "XL-CONTRACT-FROZEN"
    assert decide(xl("contract", "unfreeze", "bonus")["proposal"])[-1] == "enacted"
    xl("call", "bonus", "issue", "--arg", "target=@admin", "--arg", "amount=1")
    assert decide(xl("contract", "destroy", "bonus")["proposal"])[-1] == "enacted"
    rows = {each["name"]: (each["status"], each["version"]) for each in xl("contract", "list")}
    assert rows["bonus"] == ("destroyed", 3)
