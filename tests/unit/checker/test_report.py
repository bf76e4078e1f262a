"""The signed report: canonical, bound to code and signer; and the command that makes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xianglian.checker.errors import ReportInvalid
from xianglian.checker.report import (
    canonical,
    check_contract,
    describe,
    report_hash,
    sign,
    sources_of,
    tool,
    verify_report,
)
from xianglian.cli.contract import contract as commands
from xianglian.compiler import build
from xianglian.keys import Key

ROOT = Path(__file__).parents[3]
POINTS = ROOT / "examples" / "points" / "contract.py"
SEEDED = Path(__file__).parent / "seeded"


def test_a_report_is_the_same_on_every_machine_and_names_code_and_sources() -> None:
    result = check_contract(POINTS)
    report = describe(result)
    assert canonical(report) == canonical(describe(check_contract(POINTS)))
    assert report["code_hash"] == build(POINTS).code_hash
    assert report["sources"] == sources_of(result.checked)
    assert report["verdict"] == "positive"
    assert {each["verdict"] for each in report["proofs"]} == {"proved"}
    assert str(ROOT) not in canonical(report).decode()
    assert len(tool().encode()) <= 64


def test_a_signature_holds_for_this_report_only() -> None:
    key, other = Key.generate(), Key.generate()
    report = describe(check_contract(POINTS))
    data = sign(report, key)
    assert verify_report(data, code_hash=report["code_hash"], public_key=key.public_key) == report
    assert len(bytes.fromhex(report_hash(data))) == 32

    def refused(data: bytes, **expected: object) -> str:
        with pytest.raises(ReportInvalid) as caught:
            verify_report(data, **expected)  # type: ignore[arg-type]
        return str(caught.value.facts["why"])

    assert refused(data, code_hash="00" * 32) == "code"
    assert refused(data, public_key=other.public_key) == "signer"
    assert refused(data.replace(b'"verdict":"positive"', b'"verdict":"negative"')) == "signature"
    assert refused(data + b"\n") == "form"
    assert refused(json.dumps(json.loads(data)).encode()) == "form"
    assert refused(sign(report, None)) == "form"
    assert refused(b"{}") == "form"
    assert refused(sign({**report, "format": 2}, key)) == "form"


def test_a_broken_invariant_or_a_weighty_finding_makes_it_negative(tmp_path: Path) -> None:
    broken = tmp_path / "contract.py"
    broken.write_text(POINTS.read_text().replace("        self.issued += amount\n", ""))
    result = check_contract(broken)
    assert [each.method for each in result.violated] == ["issue"]
    assert result.verdict == "negative"
    assert check_contract(broken, prove=False).violated == []
    low = check_contract(SEEDED / "vulnerable" / "silent_withdrawal.py")
    assert [each.lint for each in low.open] == ["XL-LINT-21"]
    assert low.verdict == "positive"
    assert check_contract(SEEDED / "vulnerable" / "alias_swap.py").verdict == "negative"
    assert check_contract(SEEDED / "clean" / "accepted_with_reason.py").verdict == "positive"


def test_the_command_writes_the_report_and_the_failing_tests(tmp_path: Path) -> None:
    broken, run = tmp_path / "contract.py", CliRunner()
    broken.write_text(POINTS.read_text().replace("        self.issued += amount\n", ""))
    file, tests = tmp_path / "report.json", tmp_path / "broken"
    answer = run.invoke(commands, ["check", str(broken), "-o", str(file), "--tests", str(tests)])
    assert answer.exit_code == 1
    assert json.loads(file.read_bytes())["report"]["verdict"] == "negative"
    written = list(tests.glob("test_*.py"))
    assert [path.name for path in written] == ["test_issue_breaks_supply_is_what_is_held.py"]
    fine = run.invoke(commands, ["check", str(POINTS), "--lints"])
    assert fine.exit_code == 0
    assert "supply_is_what_is_held" not in fine.output


def test_the_command_verifies_a_report_against_its_source(tmp_path: Path) -> None:
    file, run = tmp_path / "report.json", CliRunner()
    file.write_bytes(sign(describe(check_contract(POINTS)), Key.generate()))
    assert run.invoke(commands, ["verify-report", str(file), str(POINTS)]).exit_code == 0
    other = run.invoke(commands, ["verify-report", str(file), str(SEEDED / "clean" / "public_counter.py")])
    assert isinstance(other.exception, ReportInvalid)


@pytest.mark.parametrize("data", [b"", b"5", b"null", b"[" * 200_000, b'{"report":' * 50_000, b"\x00\xff"])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ReportInvalid):
        verify_report(data)
