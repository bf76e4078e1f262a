"""Every `file::name` in the documents is a definition there; the walkthrough takes nine words in order."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["submit", "accept", "admit", "execute", "decide", "commit", "receipt", "event", "show"]
PLACE = re.compile(r"`((?:crates|src|tests|examples|tools)/[\w./-]+)::(\w+)`")


def places() -> list[tuple[str, str, str]]:
    pages = [ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")]
    return [
        (page.name, file, name)
        for page in pages
        for file, name in PLACE.findall(page.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("page", "file", "name"), places(), ids=lambda value: value)
def test_the_place_is_there(page: str, file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    rust = rf"\b(?:fn|struct|enum|trait|const|static|type|mod)\s+{name}\b|func_wrap\(\s*\"env\",\s*\"{name}\""
    python = rf"^\s*(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\b"
    pattern = rust if file.endswith(".rs") else python
    assert re.search(pattern, source, re.MULTILINE), f"{page}: no definition of {name} in {file}"


def test_nine_words() -> None:
    body = (ROOT / "docs" / "walkthrough.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \d (\w+)$", body, re.MULTILINE) == WORDS
    for chapter in re.split(r"^## ", body, flags=re.MULTILINE)[1:]:
        assert PLACE.search(chapter), chapter[:20]
    told = re.findall(
        r"\*\*(\w+)\*\*", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The path")[1]
    )
    assert told == WORDS
