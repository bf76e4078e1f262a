"""The supervisor over stand-in processes that take the node's lock and sleep: restarts, backing off,
adoption.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xianglian.deployment import supervisor
from xianglian.deployment.run_node import HALTED, LOCK_FILE
from xianglian.deployment.supervisor import QUICK_DEATHS, Charge

SLEEP = f"""
import sys, time
from pathlib import Path
from xianglian.deployment.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]) / "{LOCK_FILE}")
time.sleep(60)
"""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def set_script(script: str) -> None:
        monkeypatch.setattr(
            supervisor, "node_command", lambda folder: [sys.executable, "-c", script, str(folder)]
        )

    set_script(SLEEP)
    return set_script


async def until(condition: Callable[[], bool], seconds: float = 10) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "did not happen"
        await asyncio.sleep(0.01)
    return time.monotonic() - start


@pytest.mark.usefixtures("runs")
async def test_a_killed_node_is_started_again_within_half_a_second(tmp_path: Path) -> None:
    charge = Charge("n", tmp_path, None)
    charge.start()
    first = charge.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    took_s = await until(lambda: charge.pid not in (first, None))
    assert took_s <= 0.5
    assert charge.restarts == 1
    await charge.stop()


@pytest.mark.usefixtures("runs")
async def test_starting_is_idempotent_and_a_stopped_node_stays_down(tmp_path: Path) -> None:
    charge = Charge("n", tmp_path, None)
    charge.start()
    pid = charge.pid
    charge.start()
    assert charge.pid == pid
    await charge.stop()
    await asyncio.sleep(0.4)
    assert (charge.state, charge.pid) == ("stopped", None)


async def test_a_halted_node_is_not_started_again(tmp_path: Path, runs: Callable[[str], None]) -> None:
    runs(f"import sys; sys.exit({HALTED})")
    charge = Charge("n", tmp_path, None)
    charge.start()
    await until(lambda: charge.state == "halted")
    await asyncio.sleep(0.4)
    assert (charge.state, charge.restarts, charge.exit_code) == ("halted", 0, HALTED)


async def test_quick_deaths_make_it_back_off(
    tmp_path: Path, runs: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "RESTART_S", 0.01)
    runs("import sys; sys.exit(1)")
    charge = Charge("n", tmp_path, None)
    charge.start()
    await until(lambda: charge.state == "backoff", 20)
    assert charge.restarts == QUICK_DEATHS
    await charge.stop()


@pytest.mark.usefixtures("runs")
async def test_a_node_that_outlived_its_supervisor_is_adopted(tmp_path: Path) -> None:
    before = Charge("n", tmp_path, None)
    before.start()
    running = before.pid
    assert running is not None
    await until(lambda: supervisor.holder(tmp_path / LOCK_FILE) == running)
    after = Charge("n", tmp_path, None)
    after.start()
    assert after.pid == running
    await before.stop()
    await until(lambda: after.pid not in (running, None))  # and looked after
    await after.stop()


async def test_a_large_log_is_rotated(
    tmp_path: Path, runs: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LOG_BYTES_MAX", 10)
    runs("print('x' * 100)")
    for _ in range(4):
        charge = Charge("n", tmp_path, None)
        charge.start()
        await until(lambda charge=charge: charge.pid is None)  # type: ignore[misc]
        await charge.stop()
    logs = await asyncio.to_thread(lambda: sorted(path.name for path in tmp_path.glob("node.log*")))
    assert logs == ["node.log", "node.log.1", "node.log.2"]
