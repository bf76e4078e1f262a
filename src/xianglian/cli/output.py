"""What commands say: results on stdout (text, or one JSON document), everything else on stderr."""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xianglian.types import plain

AS_JSON = False
LANGUAGE = "en"
"""`zh` or `en`."""


def take_global_options(arguments: list[str]) -> list[str]:
    """Reads `--json` and `--lang` wherever they stand before `--`; what remains."""
    global AS_JSON, LANGUAGE  # noqa: PLW0603 - one command line per process
    AS_JSON, LANGUAGE = False, _default_language()
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return [*rest, argument, *waiting]
        if argument == "--json":
            AS_JSON = True
        elif argument == "--lang" or argument.startswith("--lang="):
            value = argument.partition("=")[2] or next(waiting, "")
            LANGUAGE = "zh" if value.lower().startswith("zh") else "en"
        else:
            rest.append(argument)
    return rest


def say(zh: str, en: str) -> str:
    """The text in the operator's language."""
    return zh if LANGUAGE == "zh" else en


def in_language(pair: str) -> str:
    """One side of `"中文 / English"`."""
    zh, slash, en = pair.partition(" / ")
    return say(zh, en) if slash else pair


def note(zh: str, en: str) -> None:
    """Progress, for people, on stderr."""
    sys.stderr.write(say(zh, en) + "\n")
    sys.stderr.flush()


def show(document: Any, text: str | None = None) -> None:
    """A command's result: `document` under --json, else `text` (or the document, laid out)."""
    if AS_JSON:
        sys.stdout.write(json.dumps(plain(document), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write((text if text is not None else facts(document)).rstrip("\n") + "\n")
    sys.stdout.flush()


def fail(error: dict[str, Any], text: str) -> None:
    """An error: words on stderr, and under --json the one document on stdout."""
    if AS_JSON:
        sys.stdout.write(json.dumps({"error": plain(error)}, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    sys.stderr.write(text + "\n")


def facts(document: Any, indent: int = 0) -> str:
    """Nested values as aligned lines."""
    pad = "  " * indent
    if isinstance(document, dict):
        width = max((len(str(key)) for key in document), default=0)
        lines = []
        for key, value in document.items():
            if isinstance(value, dict | list) and value:
                lines.append(f"{pad}{key}")
                lines.append(facts(value, indent + 1))
            else:
                lines.append(f"{pad}{key!s:<{width}}  {scalar(value)}")
        return "\n".join(lines)
    if isinstance(document, list | tuple):
        return "\n".join(f"{pad}- {facts(item, indent + 1).lstrip()}" for item in document)
    return pad + scalar(document)


def scalar(value: Any) -> str:
    """One value as text."""
    value = plain(value)
    if value is None or (isinstance(value, str | list | dict) and not value):
        return "-"
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    return str(value)


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns that line up, Chinese characters counted as two."""
    texts = [[scalar(cell) for cell in row] for row in rows]
    lines = [list(head), *texts]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def program() -> str:
    """How this program was called, for commands to copy: `.venv/bin/xl` in a fresh clone."""
    called = Path(sys.argv[0])
    if called.name != "xl":
        return "xl"
    return os.path.relpath(called) if called.is_absolute() and Path.cwd() in called.parents else str(called)


def short(digest: str | None) -> str:
    """The first digits of a hash, for people."""
    return "-" if not digest else digest[:12] + "…"


def _width(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _default_language() -> str:
    named = os.environ.get("XL_LANG") or locale.getlocale()[0] or os.environ.get("LANG", "")
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
