"""The error catalogue: for each stable code, what it means and what to do, in Chinese and English.

`catalogue.json` is its only source; a code that ends in `*` stands for all that begin so. The reference page
of errors is made from it, and a test fails for a code of the platform that is missing here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code means (`zh`, `en`) and what to do about it (`do_zh`, `do_en`)."""

    zh: str
    en: str
    do_zh: str
    do_en: str


@cache
def entries() -> dict[str, Entry]:
    """All entries, by code or by beginning."""
    text = resources.files("xianglian").joinpath("catalogue.json").read_text(encoding="utf-8")
    return {code: Entry(**words) for code, words in json.loads(text).items()}


def key_of(code: str) -> str | None:
    """The key under which `code` is described: its own, else the longest beginning."""
    known = entries()
    if code in known:
        return code
    beginnings = [key for key in known if key.endswith("*") and code.startswith(key[:-1])]
    return max(beginnings, key=len, default=None)


def entry(code: str) -> Entry | None:
    """The words for `code`; None for a contract's own codes."""
    key = key_of(code)
    return entries()[key] if key is not None else None
