"""The checks can fail: each of them finds what it is there to find."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


def tool(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", True),
        ("(MIT OR AGPL-3.0) AND LGPL-3.0", False),
        ("Apache-2.0 WITH LLVM-exception OR MIT", True),
        ("MIT/Apache-2.0", True),
        ("", False),
    ],
)
def test_licence_expressions(expression: str, allowed: bool) -> None:
    assert tool("licences").permitted(expression) == allowed


def package(name: str, *dependencies: str, kind: str | None = None) -> dict[str, object]:
    return {"name": name, "dependencies": [{"name": each, "kind": kind} for each in dependencies]}


def test_layers_name_the_import_that_breaks_them() -> None:
    broken = tool("layers").broken
    assert broken([package("xl-light", "xl-primitives", "borsh"), package("xl-node", "tokio")]) == []
    assert broken([package("xl-light", "xl-state")]) == ["light may not import state"]
    assert broken([package("xl-state", "commonware-runtime")])[0].startswith(
        "state may not name commonware-runtime"
    )
    assert broken([package("xl-light", "xl-node", kind="dev")]) == []
    assert broken([package("xl-new")]) == ["crate new is not in the table of tools/layers.py"]


def test_every_crate_of_the_workspace_is_in_the_table() -> None:
    crates = {path.parent.name for path in (ROOT / "crates").glob("*/Cargo.toml")}
    assert crates == set(tool("layers").MAY_IMPORT)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("see /home/someone/project", "a machine's path"),
        ("index-url = https://pypi.org/simple", "a registry's host"),
        ("mirror https://mirrors.aliyun.com/pypi", "a registry's host"),
        ("# TODO: later", "an unfinished part"),
        ("    todo!()", "an unfinished part"),
    ],
)
def test_tidy_finds(line: str, what: str) -> None:
    assert tool("tidy").FORBIDDEN[what].search(line)


@pytest.mark.parametrize("line", ["src/xianglian/work/file", "$HOME/.cargo", "the root/leaf", "Todo lists"])
def test_tidy_lets_pass(line: str) -> None:
    assert not any(pattern.search(line) for pattern in tool("tidy").FORBIDDEN.values())


def preflight(folder: Path, *programs: str, **scripts: str) -> subprocess.CompletedProcess[str]:
    """Runs the preflight where only these programs and scripts can be found."""
    for program in ("sh", "sed", "cut", "id", "dirname", "df", "awk", "head", *programs):
        found = shutil.which(program)
        assert found, program
        (folder / program).symlink_to(found)
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    environment = {"PATH": str(folder), "CARGO_TARGET_DIR": os.fspath(folder / "no-target")}
    command = [str(folder / "sh"), str(ROOT / "tools" / "preflight.sh")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_preflight_names_everything_that_is_missing_with_its_command(tmp_path: Path) -> None:
    told = preflight(tmp_path, **{"apt-get": ""})
    assert told.returncode == 1
    assert "Python 3.11" in told.stderr
    assert "apt-get install -y python3 python3-venv" in told.stderr
    assert "a Rust toolchain" in told.stderr
    assert "rustup.rs" in told.stderr
    assert "a C compiler" in told.stderr
    assert "apt-get install -y build-essential" in told.stderr


def test_preflight_tells_an_old_compiler_and_a_full_disk(tmp_path: Path) -> None:
    full = "echo 'Filesystem 1M-blocks Used Available Use% Mounted on'; echo 'disk 9000 8900 100 99% /'"
    told = preflight(tmp_path, rustc="echo 'rustc 1.80.1 (x)'", cargo="", rustup="", cc="", python3="exit 1")
    assert "rustc 1.95 or newer (this is 1.80.1)" in told.stderr
    assert "rustup update stable" in told.stderr
    assert "C compiler" not in told.stderr
    (tmp_path / "df").unlink()
    (tmp_path / "df").write_text(f"#!/bin/sh\n{full}\n")
    (tmp_path / "df").chmod(0o755)
    environment = {"PATH": str(tmp_path), "CARGO_TARGET_DIR": str(tmp_path / "no-target")}
    command = [str(tmp_path / "sh"), str(ROOT / "tools" / "preflight.sh")]
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "disk space: 100 MB free" in again.stderr


def test_preflight_is_content_with_a_machine_that_builds(tmp_path: Path) -> None:
    environment = {**os.environ, "CARGO_TARGET_DIR": str(tmp_path)}
    (tmp_path / "debug" / "deps").mkdir(parents=True)
    command = ["sh", str(ROOT / "tools" / "preflight.sh")]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
