"""Values of contracts in words, by their type in the interface description."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from xianglian.console.i18n import Catalogue, label, moment, number
from xianglian.console.look import markup
from xianglian.console.words import FIELDS
from xianglian.contract import abi

W = Catalogue(
    "values",
    {
        "yes": ("是", "yes"),
        "no": ("否", "no"),
        "none": ("空", "empty"),
    },
)


def value(interface: abi.Interface, described: dict[str, Any], found: Any) -> Markup:
    """A value of the interface's JSON as people read it."""
    return _value(interface, described["type"], described.get("hint"), found)


def _value(interface: abi.Interface, kind: Any, hint: str | None, found: Any) -> Markup:
    if isinstance(kind, dict) and "option" in kind:
        return Markup('<span class="muted">{}</span>').format(W("none")) if found is None else _value(
            interface, kind["option"], hint, found
        )  # fmt: skip
    if isinstance(kind, dict) and "list" in kind:
        if not found:
            return Markup('<span class="muted">{}</span>').format(W("none"))
        return markup.join((_value(interface, kind["list"], hint, each) for each in found), ", ")
    if isinstance(kind, dict) and "tuple" in kind:
        parts = zip(kind["tuple"], found, strict=True)
        return markup.join((_value(interface, each, None, part) for each, part in parts), " · ")
    if isinstance(kind, dict) and "enum" in kind:
        members = next(
            each["members"] for each in interface.document["enums"] if each["name"] == kind["enum"]
        )
        return Markup("{}").format(next((label(m["label"]) for m in members if m["name"] == found), found))
    if isinstance(kind, dict) and "record" in kind:
        fields = next(
            each["fields"] for each in interface.document["records"] if each["name"] == kind["record"]
        )
        return markup.facts(
            [(field_label(each), value(interface, each, found[each["name"]])) for each in fields]
        )
    if hint == "time":
        return Markup("{}").format(moment(found))
    if kind == "bool":
        return Markup("{}").format(W("yes") if found else W("no"))
    if kind == "address":
        href = f"/console/accounts/{found}" if str(found).startswith("xl1") else None
        return markup.digest(str(found), href=href)
    if kind == "hash":
        return markup.digest(str(found))
    if isinstance(kind, str) and kind[0] in "ui" and kind[1:].isdigit():
        return Markup("{}").format(number(found))
    return Markup('<span class="brk">{}</span>').format(found)


def field_label(described: dict[str, Any]) -> str:
    """A field's label; fields of records and events have their own word list until their contract labels them."""
    own = label(described["label"])
    if own != described["name"]:
        return own
    return FIELDS(described["name"]) if described["name"] in FIELDS else own


def plain(interface: abi.Interface, described: dict[str, Any], found: Any) -> str:
    """The same without markup."""
    return str(value(interface, described, found).striptags())
