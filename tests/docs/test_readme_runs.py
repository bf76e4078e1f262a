"""The README and the tutorial, typed as they stand: every `xl` line and the program, on their own network."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LONG = ("xl bench", "xl solution accept", "xl console")
"""Measured, accepted and looked at by tests of their own."""
FAILS = {"--arg amount=1000"}
"""The tutorial shows a refusal; exit 1 is what it promises."""

pytestmark = [pytest.mark.network, pytest.mark.timeout(400), pytest.mark.xdist_group("network")]


class Reader:
    """Somebody in a fresh folder who types what a page says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.last_hash = ""
        (folder / "examples").symlink_to(ROOT / "examples")
        # What the tutorial leaves to its reader: a copy with one state field more.
        source = (ROOT / "examples" / "points" / "contract.py").read_text(encoding="utf-8")
        assert "    issued: u128\n" in source
        (folder / "points-v2").mkdir()
        changed = source.replace("    issued: u128\n", "    issued: u128\n    burnt: u128\n", 1)
        (folder / "points-v2" / "contract.py").write_text(changed, encoding="utf-8")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "XL_LANG": "en"}
        self.environment.pop("XL_NETWORK", None)

    def types(self, line: str) -> None:
        line = line.replace("HASH", self.last_hash)
        told = subprocess.run(
            ["bash", "-ec", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        expected = int(any(part in line for part in FAILS))
        output = told.stdout + told.stderr
        assert told.returncode == expected, f"{line}\n{output}"
        for digest in re.findall(r"\b(?:tx|tx_hash)\W+([0-9a-f]{64})\b", output):
            self.last_hash = digest

    def runs(self, program: str) -> None:
        told = subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr

    def follows(self, page: str) -> None:
        for language, block in FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
            if language == "python":
                self.runs(block)
                continue
            for line in block.splitlines():
                command = line.split("  #")[0].strip()
                if command.startswith("xl ") and not command.startswith(LONG):
                    self.types(command)


@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md"])
def test_the_page_can_be_followed(page: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        reader.follows(page)
    finally:
        subprocess.run(
            ["xl", "network", "down", "xl-network"],
            cwd=tmp_path,
            env=reader.environment,
            capture_output=True,
            check=False,
        )
