"""The tests and the extension must be made of the same third-party crates, or the engine is built twice.

Cargo joins the features of the crates that are selected together, so a development dependency of one crate
can change what another is built from. This asks cargo for its plan (the unit graph) of every build that the
Makefile does and compares: nothing is compiled. Exit 1 names what differs.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = ["build", "-p", "xl-py"]
OTHERS = {
    "make test-rust": ["test", "--workspace", "--exclude", "xl-py", "--exclude", "xl-sim", "--no-run"],
    "its planted bugs": ["test", "-p", "xl-sim", "--features", "planted", "--no-run"],
    "make sim": ["build", "--workspace", "--exclude", "xl-py", "--bins"],
}
PYTHON_ONLY = "pyo3"
"""Crates of the binding are in the extension only."""


def plan(command: list[str]) -> list[dict[str, Any]]:
    """Cargo's units for a command. The flag is unstable, so the compiler is told that this is allowed."""
    graph = subprocess.run(
        ["cargo", *command, "--locked", "-Z", "unstable-options", "--unit-graph"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "RUSTC_BOOTSTRAP": "1"},
    ).stdout
    units: list[dict[str, Any]] = json.loads(graph)["units"]
    return units


def third_party(units: list[dict[str, Any]]) -> dict[str, str]:
    """Identity of each third-party unit, with all that it is made of -> its name, version and features."""
    known: dict[int, str] = {}

    def identity(at: int) -> str:
        if at not in known:
            unit = units[at]
            profile = {name: value for name, value in unit["profile"].items() if name != "name"}
            parts = sorted(identity(dependency["index"]) for dependency in unit["dependencies"])
            whole = [unit["pkg_id"], unit["target"]["kind"], unit["mode"], unit["features"], profile, parts]
            known[at] = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
        return known[at]

    return {
        identity(at): f"{unit['pkg_id'].split('#')[-1]} [{' '.join(unit['features'])}]"
        for at, unit in enumerate(units)
        if not unit["pkg_id"].startswith("path+")
    }


def main() -> int:
    """Compares every other build with the extension's."""
    extension = third_party(plan(EXTENSION))
    failed = False
    for name, command in OTHERS.items():
        other = third_party(plan(command))
        differing = {
            extension[at] for at in extension.keys() - other.keys() if PYTHON_ONLY not in extension[at]
        }
        if not differing:
            continue
        failed = True
        versions = {text.split(" [")[0] for text in differing}
        print(f"{name} builds {len(versions)} third-party crates that the extension builds otherwise:")
        for text in sorted(differing):
            crate = text.split(" [")[0]
            counterpart = sorted({found for found in other.values() if found.split(" [")[0] == crate})
            if counterpart and text not in counterpart:
                print(f"  {text}\n    there: {'; '.join(counterpart)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
