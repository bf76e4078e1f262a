"""`cargo_py.py COMMAND...`: cargo with the environment in which maturin builds the extension.

PyO3's build scripts read it; with another one they and all that follows them would be built again, in both
directions.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """What maturin sets for PyO3 (an abi3 module of a 64-bit CPython)."""
    python = str(ROOT / ".venv/bin/python")
    found = {
        "PYO3_BUILD_EXTENSION_MODULE": "1",
        "PYO3_ENVIRONMENT_SIGNATURE": f"cpython-{sys.version_info.major}.{sys.version_info.minor}-64bit",
        "PYO3_PYTHON": python,
        "PYTHON_SYS_EXECUTABLE": python,
    }
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
    configuration = sorted((target / "maturin").glob("pyo3-config-*.txt"))
    if configuration:
        found["PYO3_CONFIG_FILE"] = str(configuration[0])
    return found


if __name__ == "__main__":
    sys.exit(
        subprocess.run(
            ["cargo", *sys.argv[1:]], cwd=ROOT, env={**os.environ, **environment()}, check=False
        ).returncode
    )
