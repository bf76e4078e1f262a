"""The prompt over a contract: what a developer types and sees."""

from pathlib import Path

import pytest

from xianglian.contract.repl import NoContract, Prompt
from xianglian.contract.template import write_template


@pytest.fixture
def prompt(tmp_path: Path) -> Prompt:
    write_template(tmp_path, "Tally")
    return Prompt(tmp_path / "contract.py")


def typed(prompt: Prompt, *lines: str) -> None:
    for line in lines:
        assert not prompt.push(line), line


def test_calls_show_their_result_and_events(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    typed(prompt, "c.count(5, by=bob)", "c.current()")
    told = capsys.readouterr()
    assert "event Counted(" in told.err
    assert told.out == "u64(5)\n"


def test_a_refusal_names_code_reason_and_line(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    typed(prompt, "c.reset(by=carol)")
    told = capsys.readouterr().err
    assert "refused: NotOwner()" in told
    assert "contract.py:" in told
    assert "require(ctx.caller == self.owner, NotOwner)" in told
    assert "Traceback" not in told


def test_a_mistake_is_shown_as_python_shows_it(prompt: Prompt, capsys: pytest.CaptureFixture[str]) -> None:
    typed(prompt, "c.nothing()")
    assert "AttributeError" in capsys.readouterr().err


def test_snapshots_go_back_and_events_are_not_told_twice(
    prompt: Prompt, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(prompt, "c.count(1, by=bob)", "s = chain.snapshot()", "c.count(1, by=bob)", "chain.restore(s)")
    capsys.readouterr()
    typed(prompt, "c.count(9, by=dave)", "c.current()")
    told = capsys.readouterr()
    assert told.err.count("event Counted") == 1
    assert told.out == "u64(10)\n"


def test_a_file_without_a_contract_is_told(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text("LIMIT = 1\n")
    with pytest.raises(NoContract, match="no @contract class"):
        Prompt(tmp_path / "library.py")
