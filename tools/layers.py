"""Which crate may import which: the architecture's table, held against cargo's own dependency lists.

The Python half of the table is `tool.importlinter` in pyproject.toml.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

CORE = {"crypto", "primitives", "light", "state", "vm", "evm", "execution", "mempool"}
MAY_IMPORT: dict[str, set[str]] = {
    "crypto": set(),
    "primitives": {"crypto"},
    "light": {"crypto", "primitives"},
    "state": {"crypto", "primitives"},
    "vm": {"crypto", "primitives"},
    "evm": {"crypto", "primitives"},
    "execution": {"crypto", "primitives", "light", "state", "vm", "evm"},
    "mempool": {"crypto", "primitives"},
    "network": {"crypto", "primitives"},
    "consensus": (CORE - {"vm", "evm"}) | {"network"},
    "node": CORE | {"consensus", "network"},
    "sim": CORE | {"consensus", "network"},
    "py": (CORE - {"mempool"}) | {"consensus", "node"},
}
"""Machines work on bytes, `py` converts what `node` and pure crates offer, `sim` runs what `node` wires."""

ONLY_IN = {
    "commonware-": {"consensus", "network", "node", "sim"},
    "wasmtime": {"vm"},
    "wasmparser": {"vm"},
    "wasm-encoder": {"vm"},
    "revm": {"evm"},
    "fjall": {"state"},
    "pyo3": {"py"},
    "tokio": {"node"},
    "sm2": {"crypto"},
    "sm3": {"crypto"},
    "sm4": {"crypto"},
    "rustls": {"crypto", "network"},
}
"""Third-party crates that only these crates may name: the wall around what may have to be replaced."""


def packages() -> list[dict[str, Any]]:
    """The workspace's crates as cargo knows them."""
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1", "--offline"]
    found: list[dict[str, Any]] = json.loads(
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    )["packages"]
    return found


def broken(found: list[dict[str, Any]]) -> list[str]:
    """One line for each import that the table does not have. Development dependencies of tests are free."""
    lines = []
    for package in found:
        crate = package["name"].removeprefix("xl-")
        if crate not in MAY_IMPORT:
            lines.append(f"crate {crate} is not in the table of tools/layers.py")
            continue
        for dependency in package["dependencies"]:
            name, kind = dependency["name"], dependency["kind"]
            if kind == "dev":
                continue
            if name.startswith("xl-") and name.removeprefix("xl-") not in MAY_IMPORT[crate]:
                lines.append(f"{crate} may not import {name.removeprefix('xl-')}")
            for wall, inside in ONLY_IN.items():
                named = name.startswith(wall) if wall.endswith("-") else name == wall
                if named and crate not in inside:
                    lines.append(f"{crate} may not name {name}: only {', '.join(sorted(inside))} may")
    return lines


if __name__ == "__main__":
    problems = broken(packages())
    print("\n".join(problems) or f"layers: {len(MAY_IMPORT)} crates import what they may")
    sys.exit(bool(problems))
