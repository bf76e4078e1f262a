"""An idle network makes no blocks and uses at most 0.05 of a core in all.

.venv/bin/python tests/network/idle.py [--seconds 60]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import network, processes, report, rows, until

from xianglian.deployment.control import SUPERVISOR_LOCK
from xianglian.deployment.layout import NetworkFolder
from xianglian.deployment.lock import holder
from xianglian.evaluation.bench.counters import cpu_s

CORES_MAX = 0.05
QUIET_S = 5.0


def run(found: NetworkFolder, seconds: float) -> dict[str, Any]:
    """Lets it settle, then looks away for `seconds`: asking for health would be work."""
    last: list[object] = []

    def quiet() -> bool:
        nonlocal last
        seen = [row["height"] for row in rows(found).values()]
        same, last = seen == last, seen
        time.sleep(QUIET_S)
        return same

    until(quiet, 60, "heights stand still")
    pids = [*processes(found), holder(found.path / SUPERVISOR_LOCK) or 0]
    before = [cpu_s(pid) for pid in pids]
    start = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - start
    used = sum(after - first for after, first in zip((cpu_s(pid) for pid in pids), before, strict=True))
    heights = [row["height"] for row in rows(found).values()]
    blocks = max(int(now) - int(str(then)) for now, then in zip(heights, last, strict=True))
    cores = used / passed
    return {
        "seconds": round(passed, 1),
        "blocks": blocks,
        "cores": round(cores, 4),
        "processes": len(pids),
        "ok": blocks == 0 and cores <= CORES_MAX,
    }


def main() -> int:
    """The script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with network() as found:
        document = run(found, options.seconds)
    report(document)
    return 0 if document["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
