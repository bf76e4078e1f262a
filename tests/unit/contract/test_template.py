"""A new contract builds, and its own tests pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xianglian.compiler import build
from xianglian.contract.template import KINDS, write_template


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_contract_builds_and_passes_its_tests(kind: str, tmp_path: Path) -> None:
    written = write_template(tmp_path / "notes", "Ledger", kind)
    assert {file.name for file in written} == {"contract.py", "test_contract.py", "README.md"}
    result = build(tmp_path / "notes")
    assert result.name == "Ledger"
    run = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "xianglian.contract.fixtures",
        "-p",
        "no:randomly",
        str(tmp_path / "notes"),
    ]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, env=_environment())
    assert done.returncode == 0, done.stdout + done.stderr


def _environment() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "HOME": "/tmp"}


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    write_template(tmp_path, "Ledger")
    with pytest.raises(FileExistsError):
        write_template(tmp_path, "Ledger")


@pytest.mark.parametrize("name", ["", "ledger", "Led ger", "记账", "Ledger()"])
def test_a_name_must_be_a_class_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="class name"):
        write_template(tmp_path, name)


def test_an_unknown_kind_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=", ".join(KINDS)):
        write_template(tmp_path, "Ledger", "casino")
