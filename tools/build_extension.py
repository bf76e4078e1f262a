"""Builds `xianglian._core` into the source tree and installs the `xl` command, showing crates n/N.

`--expect-third-party-fresh` fails where this build compiles a third-party crate: the tests and the extension
must share every one of them, or all that is heavy is compiled twice.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILING = re.compile(r"^\s*Compiling (\S+) v\S+(?P<own> \(.*\))?$")
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
STEP = 20
"""A line of progress for so many crates, where there is no terminal."""


def crates() -> int:
    """How many crates the extension consists of: what a first build compiles."""
    tree = ["cargo", "tree", "--locked", "-p", "xl-py", "--edges", "normal,build", "--prefix", "none"]
    lines = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return len({line.removesuffix(" (*)") for line in lines if line})


def build() -> tuple[int, list[str]]:
    """Runs the build; its exit code and the third-party crates that it compiled."""
    command = [ROOT / ".venv/bin/maturin", "develop", "--uv", "--locked"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=sys.stderr, text=True)
    assert process.stderr is not None
    total = 0 if (TARGET / "debug" / ".fingerprint").exists() else crates()
    done, third_party = 0, []
    on_terminal = sys.stderr.isatty()
    for line in process.stderr:
        found = COMPILING.match(line)
        if found is None:
            sys.stderr.write(line)
            continue
        done += 1
        if found["own"] is None:
            third_party.append(found[1])
        text = f"  crates {done}{f'/{max(total, done)}' if total else ''}  {found[1]}"
        if on_terminal:
            sys.stderr.write(f"\r\033[K{text}")
        elif done % STEP == 0 or found["own"]:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    if on_terminal and done:
        sys.stderr.write("\n")
    return process.wait(), third_party


def main() -> int:
    """Exit 0 built, 1 a third-party crate was compiled though none should be, else the builder's code."""
    code, third_party = build()
    if code == 0 and "--expect-third-party-fresh" in sys.argv and third_party:
        sys.stderr.write(f"compiled again after the tests: {', '.join(third_party)}\n")
        sys.stderr.write("their features differ between tests and extension: see tools/one_build.py\n")
        return 1
    return code


if __name__ == "__main__":
    os.environ.setdefault("VIRTUAL_ENV", str(ROOT / ".venv"))
    sys.exit(main())
