"""What a solution says about itself: one declaration that forms, console pages, rights and docs are read
from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """The same in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role that accounts hold on the chain, under this name."""

    name: str
    title: Words
    does: Words
    """What such a person is here for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act: who calls which entry. Arguments, labels and validators come from the contract's interface."""

    entry: str
    by: Role
    title: Words
    asks: tuple[str, ...] = ()
    """Arguments that a person fills in, in the order of the form; the rest is computed (digests, roots)."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that supervision wants to see: true where an event of the contract shows it."""

    name: str
    title: Words
    event: str
    """Name of the event that it looks at."""
    raised: Callable[[Mapping[str, Any]], bool]
    """Over the event's fields."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A declared solution. `folder` holds `contract.py`."""

    name: str
    title: Words
    about: Words
    sources: tuple[str, ...]
    """The rule texts it follows, by number."""
    folder: Path
    contract: type
    roles: tuple[Role, ...]
    steps: tuple[Step, ...]
    alarms: tuple[Alarm, ...] = ()
    sample: Path | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    """Attribute or argument -> validator, where the interface names none (values that never reach the chain).
    """
