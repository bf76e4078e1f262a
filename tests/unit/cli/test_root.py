import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from xianglian.cli import output
from xianglian.cli.root import COMMANDS, run


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XL_LANG", "en")
    monkeypatch.delenv("XL_NETWORK", raising=False)


def test_every_command_loads_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        run([name, "--help"])
        assert f"xl {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["network", "new"], ["node", "start"], ["tx", "show"], ["bench", "--seconds", "x"]],
)
def test_misuse_is_exit_2_and_one_document(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--json"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["code"] == "XL-CLI-USAGE"
    assert told.err


def test_a_missing_network_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["network", "status", str(tmp_path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "XL-NO-NETWORK" in told.err
    assert "xl network new" in told.err
    assert run(["network", "status", str(tmp_path), "--lang", "zh"]) == 2
    assert "此目录中没有网络" in capsys.readouterr().err


def test_help_speaks_one_language(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])
    assert not any(ord(letter) > 0x2E7F for letter in capsys.readouterr().out.replace("享链", ""))
    run(["--help", "--lang=zh"])
    assert "检查本机" in capsys.readouterr().out


def test_nothing_heavy_loads_before_a_command_needs_it() -> None:
    code = (
        "import sys; from xianglian.cli.root import run; run(['key', '--help']); "
        "print(*sys.modules, file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stderr.split()
    for heavy in ("httpx", "fastapi", "nicegui", "rich", "xianglian.compiler", "xianglian.sdk", "uvicorn"):
        assert heavy not in modules
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert used.ru_utime - before.ru_utime < 5  # of processor time, far above the usual 0.2 s


@pytest.mark.parametrize(
    ("line", "rest", "as_json", "language"),
    [
        ("a --json b", "a b", True, "en"),
        ("--lang zh a", "a", False, "zh"),
        ("a --lang=zh_CN", "a", False, "zh"),
        ("a -- --json", "a -- --json", False, "en"),
    ],
)
def test_global_options_stand_anywhere(line: str, rest: str, as_json: bool, language: str) -> None:
    assert output.take_global_options(line.split()) == rest.split()
    assert (as_json, language) == (output.AS_JSON, output.LANGUAGE)


def test_tables_line_up_with_chinese() -> None:
    text = output.table(["名称", "n"], [["积分", 1], ["ab", None]])
    assert text.splitlines() == ["名称  n", "积分  1", "ab    -"]


def test_a_contract_is_started_built_and_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "counter"
    assert run(["contract", "new", str(folder), "--json"]) == 0
    capsys.readouterr()
    assert run(["contract", "build", str(folder), "-o", str(tmp_path / "out"), "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert built["methods"] == {"count": "entry", "reset": "entry", "current": "view"}
    assert all(Path(file).exists() for file in built["files"])
    source = folder / "contract.py"
    source.write_text(source.read_text().replace("self.current_total += step", "self.current_total += 1.5"))
    assert run(["contract", "build", str(folder), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["facts"]["diagnostics"][0]["line"] > 0


@pytest.mark.parametrize("command", ["build", "test", "check", "repl", "client"])
def test_what_the_compiler_refuses_is_not_imported(tmp_path: Path, command: str) -> None:
    mark = tmp_path / "ran"
    (tmp_path / "contract.py").write_text(f"open({str(mark)!r}, 'w')\n")
    assert run(["contract", command, str(tmp_path)]) == 2
    assert not mark.exists()
