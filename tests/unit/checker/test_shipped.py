"""Every contract that we ship passes its own check, in seconds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from xianglian.checker.report import check_contract
from xianglian.contract.template import KINDS, write_template

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    path
    for folder in ("examples", "src/xianglian/solutions", "src/xianglian/contract/lib")
    for path in (ROOT / folder).rglob("*.py")
    if "\n@contract\n" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_passes(path: Path) -> None:
    """No open finding but low ones, no invariant that a call breaks; what is not proved says why."""
    started = time.monotonic()
    result = check_contract(path, seconds=5)
    weighty = [each for each in result.open if each.about.severity != "low"]
    assert [f"{each.lint} {each.file.name}:{each.line} {each.what}" for each in weighty] == []
    assert result.verdict == "positive"
    assert all(each.detail for each in result.proofs if each.verdict in ("undecided", "not-covered"))
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_contract_passes(kind: str, tmp_path: Path) -> None:
    write_template(tmp_path, "Ledger", kind)
    result = check_contract(tmp_path)
    assert result.verdict == "positive"
    assert {each.verdict for each in result.proofs} == {"proved"}
