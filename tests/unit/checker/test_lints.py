"""Lints over a seeded set: at least 60 contracts with one known weakness each, and 60 without, near misses.

The set was written by the authors of the lints: the figures say that a change has not lost what was found
before, not how many weaknesses of strangers' contracts would be found.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from xianglian.checker.lints import LINTS, Finding, lint
from xianglian.compiler.frontend import check

SEEDED = Path(__file__).parent / "seeded"
VULNERABLE, CLEAN = (sorted((SEEDED / kind).glob("*.py")) for kind in ("vulnerable", "clean"))
ROOT = Path(__file__).parents[3]


def named(path: Path) -> str:
    """The lint that the first line of a seeded contract names."""
    found = re.search(r"XL-LINT-\d\d", path.read_text().splitlines()[0])
    assert found is not None
    return found[0]


def open_findings(path: Path) -> list[Finding]:
    return [each for each in lint(check(path)) if each.accepted is None]


def test_recall_and_false_alarms(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(VULNERABLE) >= 60
    assert len(CLEAN) >= 60
    seeded, found, alarms = Counter(map(named, VULNERABLE)), Counter[str](), Counter[str]()
    for path in VULNERABLE:
        found[named(path)] += any(each.lint == named(path) for each in open_findings(path))
    alarmed = 0
    for path in CLEAN:
        wrong = {each.lint for each in open_findings(path)}
        alarms.update(wrong)
        alarmed += bool(wrong)
    with capsys.disabled():
        print("\nlint        seeded found alarms")
        for name in sorted({*seeded, *alarms}):
            print(f"{name} {seeded[name]:7} {found[name]:5} {alarms[name]:6}")
        print(f"recall {sum(found.values())}/{len(VULNERABLE)}, false alarms {alarmed}/{len(CLEAN)}")
    assert sum(found.values()) >= 0.9 * len(VULNERABLE)
    assert alarmed <= 0.1 * len(CLEAN)


def test_every_lint_is_seeded_and_has_its_words() -> None:
    """All but the one about acceptances and the one about proofs are in the set."""
    assert set(LINTS) - set(map(named, VULNERABLE)) == {"XL-LINT-00", "XL-LINT-33"}
    for about in LINTS.values():
        assert all(about)
        assert about.severity in ("high", "medium", "low")


@pytest.mark.parametrize("path", VULNERABLE, ids=lambda path: path.stem)
def test_a_finding_names_its_place(path: Path) -> None:
    source = path.read_text().splitlines()
    for each in open_findings(path):
        assert each.file == path.resolve()
        assert source[each.line - 1].strip()


def test_an_acceptance_needs_a_reason_and_a_finding(tmp_path: Path) -> None:
    source = (SEEDED / "vulnerable" / "delete_balance.py").read_text()
    path = tmp_path / "contract.py"

    def findings(text: str) -> dict[str, str | None]:
        path.write_text(text)
        return {each.lint: each.accepted for each in lint(check(path))}

    line = "        del self.held[owner]"
    assert findings(source) == {"XL-LINT-28": None}
    assert findings(source.replace(line, f"{line}  # accept XL-LINT-28: a game")) == {"XL-LINT-28": "a game"}
    above = f"        # accept XL-LINT-28: a game\n{line}"
    assert findings(source.replace(line, above)) == {"XL-LINT-28": "a game"}
    assert findings(source.replace(line, f"{line}  # accept XL-LINT-28")) == {
        "XL-LINT-28": None,
        "XL-LINT-00": None,
    }
    assert findings(source.replace(line, f"{line}  # accept XL-LINT-01: no")) == {
        "XL-LINT-28": None,
        "XL-LINT-00": None,
    }
