import subprocess
import sys
from pathlib import Path

import pytest

from xianglian.deployment.lock import FolderLock, holder
from xianglian.errors import FolderInUse

HOLD = """
import sys, time
from pathlib import Path
from xianglian.deployment.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_killed_holder_leaves_the_folder_free(tmp_path: Path) -> None:
    path = tmp_path / "node.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert holder(path) == other.pid
        with pytest.raises(FolderInUse) as refused:
            FolderLock(path)
        assert refused.value.facts["pid"] == other.pid
        other.kill()
    assert holder(path) is None  # though the file still names the dead process
    FolderLock(path).release()


def test_nobody_holds_a_lock_that_was_never_made(tmp_path: Path) -> None:
    assert holder(tmp_path / "none") is None
