"""The story of electronic licences on a real network of four organisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.deployment import operations
from xianglian.deployment.create import new_network
from xianglian.deployment.plan import Plan
from xianglian.solutions.elicence.story import Progress, run


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_story_holds_twice_on_one_network(tmp_path: Path) -> None:
    network = new_network(tmp_path / "network", Plan.of_size(4))
    told: list[Progress] = []
    try:
        operations.up(network)
        first = run(network.path, progress=told.append)
        failed = [check for check in first.checks if not check.ok]
        assert not failed, failed
        assert first.issued >= 100
        assert first.presented == first.answers_right >= 200
        assert (first.changed, first.suspended, first.revoked) == (10, 5, 5)
        assert first.refused >= 30
        assert {each.stage for each in told} >= {
            "issue",
            "authorise",
            "present",
            "change",
            "refuse",
            "verify",
        }
        again = run(network.path, licences=40, presentations=60, seed=2)
        assert again.ok, [check for check in again.checks if not check.ok]
        rows = operations.status(network)["nodes"]
        assert len({row["state_root"] for row in rows if row["height"] == rows[0]["height"]}) == 1
        wallet = next((network.path / "elicence").glob("*.json"))
        assert wallet.stat().st_mode & 0o077 == 0, "holders' secrets are theirs alone"
    finally:
        operations.down(network)
