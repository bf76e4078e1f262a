"""Imports from files of the contract's folder, and from nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from xianglian.compiler import CompileError, build
from xianglian.contract.abi import Interface
from xianglian.contract.errors import ContractError
from xianglian.contract.testing import Chain, Engine, load_contract

FILES = {
    "contract.py": """
from xianglian.contract import contract, u64, view

from .lib.rates import interest
from .types import Loan


@contract
class Bank:
    loans: u64

    @view
    def owed(self, amount: u64, days: u64) -> u64:
        return interest(Loan(amount=amount, days=days))
""",
    "types.py": """
from xianglian.contract import record, u64


@record
class Loan:
    amount: u64
    days: u64
""",
    "lib/rates.py": """
from xianglian.contract import ContractError, u64

from ..types import Loan
from .more.limits import DAYS_MAX


class TooLate(ContractError):
    \"\"\"逾期过久 / Too late\"\"\"


def interest(loan: Loan) -> u64:
    if loan.days > DAYS_MAX:
        raise TooLate
    return loan.amount * loan.days // 365
""",
    "lib/more/limits.py": "DAYS_MAX = 730\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_files_in_sub_folders_are_one_program(tmp_path: Path, machine: Engine) -> None:
    write(tmp_path, FILES)
    contract = load_contract(tmp_path / "contract.py").Bank
    for chain in (Chain(), Chain(machine)):
        bank = chain.deploy(contract, by=chain.account("ann"))
        assert bank.owed(1000, 73) == 200
        with pytest.raises(ContractError) as refused:
            bank.owed(1000, 731)
        assert refused.value.code == "TooLate"


def test_receipts_name_the_file_from_the_folder_on(tmp_path: Path) -> None:
    made = build(write(tmp_path, FILES))
    files = made.interface["source"]["files"]
    assert files == ["contract.py", "lib/rates.py", "types.py", "lib/more/limits.py"]
    line = made.source_map["functions"]["rates.interest#1"]
    assert Interface(made.interface).place(line) == ("lib/rates.py", 12)


OUTSIDE = [
    "from ..other import x",
    "from ...other import x",
    "from . import types",
    "from .lib import rates",
    "from .missing.file import x",
    "from os.path import join",
    "from xianglian.contract.lib.missing import x",
    "from xianglian.contract.lib.deep.missing import x",
    "from xianglian.compiler import build",
]


@pytest.mark.parametrize("line", OUTSIDE)
def test_nothing_else_is_imported(tmp_path: Path, line: str) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    project = write(tmp_path / "project", FILES)
    (project / "contract.py").write_text(f"{line}\n{FILES['contract.py']}")
    with pytest.raises(CompileError, match="import from"):
        build(project)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x = 1\n")
    project = write(tmp_path / "project", FILES)
    (project / "here.py").symlink_to(tmp_path / "secret.py")
    (project / "contract.py").write_text(f"from .here import x\n{FILES['contract.py']}")
    with pytest.raises(CompileError, match=r"import from `\.here`"):
        build(project)


def test_a_sub_folder_cannot_climb_out(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("x = 1\n")
    files = {**FILES, "lib/rates.py": f"from ...other import x\n{FILES['lib/rates.py']}"}
    with pytest.raises(CompileError, match=r"import from `\.\.\.other`"):
        build(write(tmp_path / "project", files))


def test_a_circle_is_named(tmp_path: Path) -> None:
    files = {**FILES, "types.py": f"from .lib.rates import interest\n{FILES['types.py']}"}
    with pytest.raises(CompileError, match="imports this file in turn"):
        build(write(tmp_path, files))
