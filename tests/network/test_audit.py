"""A chain that demands audits: no deployment without a report, none after a negative one, and the report that
counts is the one on disk.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import harness

from xianglian.checker.report import report_hash, verify_report
from xianglian.cli import root
from xianglian.compiler import build
from xianglian.deployment.layout import NetworkFolder
from xianglian.sdk import Client
from xianglian.sdk.sources import points_folder

pytestmark = [pytest.mark.network, pytest.mark.timeout(300), pytest.mark.xdist_group("network")]


@pytest.fixture
def network() -> Iterator[NetworkFolder]:
    with harness.network() as found:
        yield found


def test_code_comes_in_by_its_report(
    network: NetworkFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def xl(*words: object) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        code = root.run([*map(str, words), "--network", str(network.path), "--json"])
        return code, json.loads(capsys.readouterr().out)

    source, broken = points_folder(), tmp_path / "contract.py"
    broken.write_text((source / "contract.py").read_text().replace("        self.issued += amount\n", ""))
    organisations = sorted({node.org for node in network.nodes})
    assert xl("account", "add", "auditor", "--role", "auditor")[0] == 0
    proposal = xl("gov", "propose", "policy", "--audit")[1]["proposal"]
    for each in organisations[:3]:
        assert xl("gov", "vote", proposal, "yes", "--as", f"admin-{each}")[0] == 0

    refused = xl("contract", "deploy", source, "--name", "points")[1]["error"]
    assert refused["code"] == "XL-CONTRACT-AUDIT-MISSING"  # type: ignore[index]
    file = tmp_path / "report.json"
    code, told = xl("contract", "check", source, "--record", "-o", file)
    assert (code, told["verdict"]) == (0, "positive")
    assert told["report_hash"] == report_hash(file.read_bytes())
    with Client.connect(network.path, "auditor") as client:
        key = client.connection.key.public_key
        audits = client.code(build(source).code_hash)["audits"]
    assert [(each["report_hash"], each["verdict"]) for each in audits] == [(told["report_hash"], "positive")]
    report = verify_report(file.read_bytes(), code_hash=build(source).code_hash, public_key=key)
    assert report["verdict"] == "positive"
    assert xl("contract", "deploy", source, "--name", "points")[0] == 0

    code, told = xl("contract", "check", broken, "--record", "-o", tmp_path / "broken.json")
    assert (code, told["verdict"]) == (1, "negative")
    refused = xl("contract", "deploy", broken, "--name", "broken")[1]["error"]
    assert refused["code"] == "XL-CONTRACT-AUDIT-NEGATIVE"  # type: ignore[index]
