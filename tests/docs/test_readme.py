"""What README and the other pages promise exists: commands, options, targets, files; in both languages."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "README.zh.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    *sorted(
        str(path.relative_to(ROOT))
        for folder in ("docs", "decisions", "spec")
        for path in (ROOT / folder).rglob("*.md")
    ),
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_comments(block: str) -> list[str]:
    return [line.split("  #")[0].rstrip() for line in block.splitlines() if line.split("#")[0].strip()]


def shell_lines() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for language, block in FENCE.findall(text(page)):
            if language == "sh":
                found += [(page, line) for line in without_comments(block)]
    return found


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def command_tree() -> Any:
    from xianglian.cli import root

    return root._tree()


def resolve(words: list[str]) -> None:
    """Walks `xl` words down the command tree; raises `AssertionError` at the first that is not there."""
    command, context = command_tree(), None
    rest = words
    while hasattr(command, "get_command"):
        name = rest[0]
        child = command.get_command(context, name)
        assert child is not None, f"no command {name}"
        command, rest = child, rest[1:]
    options = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    options |= {"--help", "--json", "--lang"}
    for word in rest:
        if word.startswith("-"):
            assert word.split("=")[0] in options, f"{command.name} has no {word}"
    arguments = [p for p in command.params if p.param_type_name == "argument" and p.required]
    assert len([w for w in rest if not w.startswith("-")]) >= len(arguments)


@pytest.mark.parametrize(("page", "line"), shell_lines(), ids=lambda value: value[:60])
def test_every_shell_line_of_the_pages_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        assert {word for word in words[1:] if "=" not in word} <= targets()
    elif words[0] in {"xl", ".venv/bin/xl"}:
        resolve(words[1:])
    else:
        assert words[0] == "export", f"{page}: {line}"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    words = re.sub(r"`[^`\n]*`", "``", FENCE.sub("", text(page)))  # code has brackets of its own
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", words):
        if not target.startswith(("http", "mailto:")):
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES)
def test_named_files_and_targets_exist(page: str) -> None:
    body = text(page)
    for name in re.findall(r"`make ([a-z-]+)", body):
        assert name in targets(), f"{page}: make {name}"
    for name in re.findall(r"`((?:crates|src|tests|spec|docs|tools|examples)/[\w./-]+)(?:::[\w:]+)?`", body):
        assert (ROOT / name).exists(), f"{page} names {name}"


def test_both_readmes_say_the_same() -> None:
    english, chinese = text("README.md"), text("README.zh.md")
    shape = lambda body: [len(level) for level in re.findall(r"^(#+) ", body, re.MULTILINE)]  # noqa: E731
    assert shape(english) == shape(chinese)
    blocks = [
        [(lang, without_comments(block)) for lang, block in FENCE.findall(body)]
        for body in (english, chinese)
    ]
    assert blocks[0] == blocks[1]
    links = [re.findall(r"\]\(([^)]+)\)", body)[1:] for body in (english, chinese)]
    assert links[0] == links[1]
    assert english.count("\n| ") == chinese.count("\n| ")


def test_make_help_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text()
    promised = {"demo", "test", "check", "bench", "sim", "docs", "wheel", "interop", "clean", "help"}
    described = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert promised <= described
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split())
    assert targets() <= phony


def test_ci_runs_nothing_that_the_readme_does_not_tell() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^\s*make (.*)$", script, re.MULTILINE) == ["check", "test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_architecture_fits_two_pages() -> None:
    assert len(text("ARCHITECTURE.md").splitlines()) <= 110


def test_requirements_are_those_of_the_build() -> None:
    cargo, project = (ROOT / "Cargo.toml").read_text(), (ROOT / "pyproject.toml").read_text()
    rust = re.search(r'^rust-version = "([\d.]+)"', cargo, re.MULTILINE)
    python = re.search(r'^requires-python = ">=([\d.]+)"', project, re.MULTILINE)
    assert rust
    assert python
    for page in ("README.md", "README.zh.md"):
        assert f"Rust {rust[1]}" in text(page)
        assert f"Python {python[1]}" in text(page)
