"""What the solver says of the pattern library: proved, but for what is named here (and in the reference)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from xianglian.checker.symbolic import prove
from xianglian.compiler.frontend import check

FOLDERS = [Path(__file__).parents[3] / "examples" / name for name in ("patterns", "standards")]
EXAMPLES = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))
OPEN = {
    ("building_permit", "running_cases_are_due"),
    ("kinds_of_units", "kinds_add_up"),
    ("procurement", "the_best_opened_bid_leads"),
    ("procurement", "only_enough_bids_award"),
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_invariants_are_proved(path: Path) -> None:
    proofs = prove(check(path))
    assert proofs, "no invariant"
    verdicts = Counter(each.verdict for each in proofs)
    assert verdicts["violated"] == 0
    left = {(path.stem, each.invariant) for each in proofs if each.verdict not in ("proved", "bounded")}
    assert left <= OPEN, [(each.method, each.invariant, each.verdict) for each in proofs]
