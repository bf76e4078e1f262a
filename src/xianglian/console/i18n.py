"""Words for people: one catalogue a page, Chinese and English side by side; the visitor's cookie chooses."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

LANGUAGES = ("zh", "en")
COOKIE = "xl_lang"
CHINA = datetime.timezone(datetime.timedelta(hours=8))

_asked: ContextVar[str] = ContextVar("language", default="zh")
_catalogues: list[Catalogue] = []


class Catalogue(Mapping[str, tuple[str, str]]):
    """Keys of one page with their two wordings; `catalogue("key", fact=...)` gives the visitor's."""

    def __init__(self, page: str, words: dict[str, tuple[str, str]]) -> None:
        self.page = page
        self._words = words
        _catalogues.append(self)

    def __call__(self, key: str, **facts: Any) -> str:
        """The text in the visitor's language; `{fact}` places are filled in."""
        text = self._words[key][LANGUAGES.index(language())]
        return text.format(**facts) if facts else text

    def __getitem__(self, key: str) -> tuple[str, str]:
        """(Chinese, English). Raises `KeyError`."""
        return self._words[key]

    def __iter__(self) -> Iterator[str]:
        """Keys."""
        return iter(self._words)

    def __len__(self) -> int:
        """How many keys."""
        return len(self._words)


def catalogues() -> tuple[Catalogue, ...]:
    """Every catalogue that has been loaded."""
    return tuple(_catalogues)


def language() -> str:
    """`zh` or `en`: of the open staff page, else of the public request that is being answered."""
    found = _language_of_page()
    return found if found is not None else _asked.get()


def ask(cookie: str | None) -> str:
    """Sets the language of a public request from its cookie; what it is then."""
    chosen = cookie if cookie in LANGUAGES else LANGUAGES[0]
    _asked.set(chosen)
    return chosen


def pick(words: Mapping[str, str] | Any) -> str:
    """The visitor's wording of `{"zh", "en"}` (interface labels) or of an object with `zh` and `en`."""
    if isinstance(words, Mapping):
        return str(words[language()])
    return str(getattr(words, language()))


def label(words: Mapping[str, str]) -> str:
    """A label of an interface description without the full stop of its docstring."""
    return pick(words).rstrip(".。")


def moment(time_ms: int | str | None, *, none: str = "—") -> str:
    """A time as people read it: China Standard Time, said so."""
    if time_ms is None or not int(time_ms):
        return none
    when = datetime.datetime.fromtimestamp(int(time_ms) / 1000, CHINA)
    return when.strftime("%Y-%m-%d %H:%M:%S") + (" 北京时间" if language() == "zh" else " UTC+8")


def number(value: int | str) -> str:
    """A whole number with groups of three."""
    return f"{int(value):,}"


def _language_of_page() -> str | None:
    from nicegui import context
    from nicegui.slot import Slot, get_task_id

    # Not `context.slot_stack`: it makes a stack, and outside a page a client, for whoever asks.
    if not Slot.stacks.get(get_task_id()):
        return None
    chosen = context.client.request.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]
