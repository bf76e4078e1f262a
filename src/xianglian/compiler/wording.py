"""Refusals in Chinese: `wording.json` maps each English text, `{}` where names and types stand, to its
counterpart; `{0}`, `{1}` where the order differs. A test keeps the table as complete as the source.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("wording.json")


@cache
def table() -> dict[str, str]:
    """English text to Chinese."""
    known: dict[str, str] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return known


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The texts as patterns, the most specific first."""

    def pattern(text: str) -> re.Pattern[str]:
        return re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL)

    ordered = sorted(table().items(), key=lambda pair: (-len(pair[0].replace("{}", "")), pair[0]))
    return [(pattern(english), chinese) for english, chinese in ordered]


def in_chinese(text: str) -> str:
    """A refusal's text in Chinese, names and types as they are; the text itself where none is known."""
    if text in table():
        return table()[text]
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(text)
        if found and pattern.groups:
            return chinese.format(*map(in_chinese, found.groups()))
    return text
