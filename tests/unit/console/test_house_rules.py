"""Pages are made of the kit; nothing comes from elsewhere; public pages carry no inline code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import xianglian.console
from xianglian.console import kit
from xianglian.console.look import icons

HOME = Path(xianglian.console.__file__).parent
PAGES = sorted((HOME / "pages").rglob("*.py"))
FORBIDDEN = (
    "ui.html",
    "ui.markdown",
    "add_head_html",
    "add_body_html",
    "run_javascript",
    "import nicegui",
    "from nicegui",
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(HOME)))
def test_pages_do_not_touch_the_framework(path: Path) -> None:
    text = path.read_text()
    assert [word for word in FORBIDDEN if word in text] == []


def test_markup_is_written_from_fixed_texts() -> None:
    """`Markup(...)` takes a literal; values go through `format`, which escapes."""
    for path in HOME.rglob("*.py"):
        for match in re.finditer(r"\bMarkup\(\s*(.)(.)?", path.read_text()):
            line = path.read_text()[match.start() : match.start() + 120]
            allowed = (
                match[1] in "'\""
                or "noqa: S704" in line
                or line.startswith(("Markup(drawn", "Markup(LOGO_FILE"))
            )
            assert allowed, f"{path.name}: {line}"


def test_fifteen_components() -> None:
    assert len(kit.COMPONENTS) == len(set(kit.COMPONENTS)) == 15
    assert all(callable(getattr(kit, name)) for name in kit.COMPONENTS)


@pytest.mark.parametrize(
    "path", sorted((HOME / "public" / "templates").glob("*.html")), ids=lambda path: path.name
)
def test_public_pages_have_neither_inline_code_nor_foreign_addresses(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", text)
    assert not re.search(r"https?://|//[a-z]", text)
    assert all(re.search(r'\bsrc="/', script) for script in re.findall(r"<script[^>]*>", text))
    assert "|safe" not in text


def test_style_and_scripts_load_nothing_from_elsewhere() -> None:
    for path in [*HOME.rglob("*.css"), *HOME.rglob("*.js")]:
        assert not re.search(r"@import|url\(|https?://", path.read_text()), path


def test_every_icon_is_drawable() -> None:
    for name in icons.names():
        assert re.fullmatch(r"[MLHVAZmlhvaczsq0-9. ,\-]+", icons.icon(name).split('d="')[1].split('"')[0]), (
            name
        )
